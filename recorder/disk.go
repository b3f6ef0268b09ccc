package recorder

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// file is what a recording needs of an *os.File.
type file interface {
	io.Writer
	io.WriterAt
	io.ReaderAt
	Truncate(size int64) error
	Sync() error
	Close() error
}

// create makes a file that is not there yet, readable by nobody else.
func create(dir *os.Root, name string) (file, error) {
	return dir.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// sum returns the SHA-256 of a file's first size bytes.
func sum(r io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	n, err := io.CopyBuffer(h, io.NewSectionReader(r, 0, size), make([]byte, 64<<10))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

// writeManifest puts a manifest in its place, whole or not at all.
func writeManifest(dir *os.Root, m Manifest, create func(*os.Root, string) (file, error)) error {
	b, err := m.encode()
	if err != nil {
		return err
	}
	const fresh = manifestName + ".new"
	if err := dir.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := create(dir, fresh)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := dir.Rename(fresh, manifestName); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes sure that names which were made stay.
func syncDir(dir *os.Root) error {
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// failureOf finds what is wrong with a disk.
func failureOf(err error) Failure {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return DiskFull
	case errors.Is(err, errGone), errors.Is(err, os.ErrNotExist):
		return DirectoryGone
	}
	return DiskError
}

var errGone = errors.New("the recording's directory has been removed")

// stillThere reports whether the directory is still the one of that name.
func stillThere(parent *os.Root, name string, dir *os.Root) error {
	there, err := parent.Lstat(name)
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	here, err := dir.Stat(".")
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if !os.SameFile(there, here) {
		return errGone
	}
	return nil
}
