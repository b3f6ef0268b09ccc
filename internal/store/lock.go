package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lockName is the lock's name in the data directory. The file stays when the
// lock is released: removing it would let two processes lock two files.
const lockName = "parley.lock"

// A dirLock keeps other processes out of a data directory. The system gives it
// free when the process ends, however it ends.
type dirLock struct{ file *os.File }

// lockDir takes the directory, or returns ErrInUse with the owner's process id.
func lockDir(dir string) (*dirLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		if errors.Is(err, ErrInUse) {
			err = fmt.Errorf("%w%s", err, owner(f))
		}
		return nil, errors.Join(err, f.Close())
	}
	if err := writeOwner(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &dirLock{file: f}, nil
}

func (l *dirLock) release() error { return l.file.Close() }

// writeOwner leaves the process id for whoever finds the directory taken.
func writeOwner(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func owner(f *os.File) string {
	b := make([]byte, 32)
	n, _ := f.ReadAt(b, 0) // a short file is the usual case, not an error
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}
