// Package archive keeps the files of finished recordings: in the local
// directory, and when there is another storage, there as soon as they have
// safely arrived.
//
// A Storage is a directory, such as a mounted share, or a bucket of any service
// that speaks S3. The Archive moves recordings into it: each file is sent, read
// back and compared, and only then removed here. What is still to be moved is
// marked on the disk, so that a restart goes on; when the storage is away, or
// says that it has kept what it has not, it is tried again, later and later, up
// to every five minutes, for as long as it takes. Readers find a file wherever
// it is at the moment.
//
// The package knows nothing of what it keeps: recordings are sealed before
// (recorder/vault).
//
// An Archive has one goroutine, which Close waits for.
package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Storage keeps files under keys, which are an id and a name with a slash
// between them. Its methods may be called by many at a time. They return when
// the work is done or ctx is.
type Storage interface {
	// Put keeps what f holds from its beginning, in place of what was there.
	Put(ctx context.Context, key string, f *os.File) error
	// Open opens a file; ctx holds for all reading. Without such a file the error
	// is fs.ErrNotExist.
	Open(ctx context.Context, key string) (Object, error)
	// List returns the names under an id, with their sizes.
	List(ctx context.Context, id string) ([]Entry, error)
	// Remove removes a file. That there is none is no error.
	Remove(ctx context.Context, key string) error
}

// Object is a stored file that is open. ReadAt may be called by many at a time.
type Object interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Entry is a file of a recording.
type Entry struct {
	Name string
	Size int64
}

// Try finds out whether a storage keeps what it is given: it writes a small
// file, reads it, and removes it.
func Try(ctx context.Context, s Storage) (err error) {
	f, err := os.CreateTemp("", "parley-try-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	name := "try-" + strings.ToLower(rand.Text())
	if _, err := f.WriteString(name); err != nil {
		return err
	}
	key := "parley-doctor/" + name
	if err := s.Put(ctx, key, f); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := same(ctx, s, key, f); err != nil {
		return fmt.Errorf("read what was just written: %w", err)
	}
	if err := s.Remove(ctx, key); err != nil {
		return fmt.Errorf("remove what was just written: %w", err)
	}
	if o, err := s.Open(ctx, key); err == nil {
		return errors.Join(errors.New("what was removed is still there"), o.Close())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for what was removed: %w", err)
	}
	return nil
}

// checkKey refuses keys that could lead out of a storage.
func checkKey(key string) error {
	id, name, ok := strings.Cut(key, "/")
	if !ok || !plain(id) || !plain(name) {
		return fmt.Errorf("%q is no key of a recording's file", key)
	}
	return nil
}

func plain(s string) bool {
	if s == "" || len(s) > 160 || s[0] == '.' {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	}) < 0
}
