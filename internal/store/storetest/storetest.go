// Package storetest spares tests the making of a database: migrating an empty one
// is most of what a short test would do, and the race detector makes it slower still.
package storetest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parley/internal/store"
)

// file is the database in a data directory.
const file = "parley.db"

// empty is a database that was migrated and has nothing in it, made once in a process.
// A store that is closed leaves everything in the one file.
var empty = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "storetest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(context.Background(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, file))
})

// Dir returns a data directory of the test's own, with the database that store.Open
// would make in it.
func Dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	Put(t, dir)
	return dir
}

// Put puts that database in a directory that has none yet.
func Put(t testing.TB, dir string) {
	t.Helper()
	db, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), db, 0o600); err != nil {
		t.Fatal(err)
	}
}
