package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile locks f for this handle, or returns ErrInUse at once. The byte it
// locks lies far behind the process id, which others must be able to read.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{Offset: 1 << 20})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrInUse
	}
	return err
}
