//go:build linux || darwin

package facts

import "syscall"

// Free is how many bytes a user without special rights can still write where dir
// is; ok is false where the system does not say.
func Free(dir string) (bytes uint64, ok bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
