package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// fileName is the database's name in the data directory.
const fileName = "parley.db"

// Open opens the database in dir, and makes both if they are not there, for
// the eyes of this user only. It takes the directory for this process, checks
// that the file is sound and brings its schema up to date. It blocks while it
// does. The error is one sentence for the operator.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("the data directory cannot be found: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data directory %s cannot be made: %w", dir, cause(err))
	}
	lock, err := lockDir(dir)
	if errors.Is(err, ErrInUse) {
		return nil, fmt.Errorf("the data directory %s cannot be used: %w", dir, err)
	} else if err != nil {
		return nil, fmt.Errorf("the data directory %s is not writable: %w", dir, cause(err))
	}
	s := &Store{log: log, lock: lock}
	if err := s.open(ctx, filepath.Join(dir, fileName)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if err := createPrivate(path); err != nil {
		return fmt.Errorf("the database %s is not writable: %w", path, cause(err))
	}
	if s.writes, err = openWrites(path); err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	if s.reads, err = openReads(path); err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	if err := checkSound(ctx, s.writes); err != nil {
		return fmt.Errorf("the database %s cannot be used: %w", path, err)
	}
	if err := migrate(ctx, s.writes, s.log); err != nil {
		return fmt.Errorf("the database %s cannot be used: %w", path, err)
	}
	return nil
}

// createPrivate makes an empty file only this user can read. SQLite would make
// it readable for everyone, and gives the files beside it the same permissions.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// cause leaves out the operation and the path, which the sentence around it
// already names.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
