package recorder

import (
	"os"
	"syscall"
)

// space returns how many bytes a directory's disk has, and how many of them may
// still be written.
func space(dir *os.Root) (free, total uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir.Name(), &s); err != nil {
		return 0, 0, err
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
}
