package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// The errors callers tell apart. They arrive wrapped: use errors.Is.
var (
	// ErrNotFound: there is no such thread, interview or key.
	ErrNotFound = errors.New("not found")
	// ErrNewer: the database was written by a newer version of Parley.
	ErrNewer = errors.New("the database was written by a newer version of Parley")
	// ErrInUse: another process has the data directory open.
	ErrInUse = errors.New("another Parley process is using it")
	// ErrDamaged: the database file is not, or no longer, a sound database.
	ErrDamaged = errors.New("the database is damaged")
	// ErrConflict: the thread already has an interview that rings or is live,
	// or the idempotency key was used for a different request.
	ErrConflict = errors.New("conflict")
)

// A Store is an open database. Make one with Open.
type Store struct {
	log    *slog.Logger
	lock   *dirLock
	writes *sql.DB // one connection, because SQLite has one writer at a time
	reads  *sql.DB

	closing  sync.Once
	closeErr error
}

// Ping reports whether the database still answers.
func (s *Store) Ping(ctx context.Context) error {
	var any bool
	if err := s.reads.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM threads)`).Scan(&any); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	return nil
}

// Close waits for what is under way, folds the write-ahead log into the
// database file and gives the data directory free. Closing twice is no error.
func (s *Store) Close() error {
	s.closing.Do(func() {
		for _, db := range []*sql.DB{s.reads, s.writes} {
			if db != nil { // nil when Open gave up halfway
				s.closeErr = errors.Join(s.closeErr, db.Close())
			}
		}
		s.closeErr = errors.Join(s.closeErr, s.lock.release())
	})
	return s.closeErr
}

// write runs f in a transaction that is committed, durably, if f returns nil.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		// The cause is what matters; a rollback that fails too changes nothing,
		// since SQLite drops an open transaction with its connection.
		_ = tx.Rollback()
		return constraint(err)
	}
	return constraint(tx.Commit())
}

// deleteOne runs a query that deletes one thing, and returns ErrNotFound when it
// was not there.
func (s *Store) deleteOne(ctx context.Context, query string, args ...any) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return nil
	})
}
