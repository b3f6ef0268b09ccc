package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/*.sql
var migrations embed.FS

// readers is how many reads run at once. They are short, and more of them than
// this only wait for the same disk.
const readers = 4

// dataSource returns the name by which the driver opens the file at path.
// synchronous=FULL makes a commit in WAL mode survive a power cut as well.
func dataSource(path string, more ...string) string {
	q := url.Values{
		"_busy_timeout": {"5000"},
		"_foreign_keys": {"on"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// openWrites opens the one connection that writes. Its transactions take the
// write lock when they begin: one that read first and then had to wait would
// fail instead.
func openWrites(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path, "_txlock", "immediate"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// openReads opens the connections that cannot write.
func openReads(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dataSource(path, "_query_only", "on"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db, nil
}

// checkSound has SQLite look over the whole file. It tells a file that is no
// database, or a torn one, from one that can be trusted with new interviews.
func checkSound(ctx context.Context, db *sql.DB) error {
	var verdict string
	switch err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); {
	case damaged(err):
		return fmt.Errorf("%w (%v)", ErrDamaged, err)
	case err != nil:
		return err
	case verdict != "ok":
		return fmt.Errorf("%w (%s)", ErrDamaged, strings.ReplaceAll(verdict, "\n", " "))
	}
	return nil
}

// migrate brings the schema up to what this binary knows. A schema it does not
// know yet is left alone: ErrNewer.
func migrate(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	provider, err := newProvider(db)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, known, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if have > known {
		return fmt.Errorf("%w: its schema has version %d, and this one knows %d; start the newer version, or restore a backup", ErrNewer, have, known)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate schema: %w", err)
	}
	if len(results) > 0 {
		log.Info("database schema migrated", "from", have, "to", known)
	}
	return nil
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
}

// constraint puts ErrConflict or ErrNotFound on what the schema forbids.
func constraint(err error) error {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

func damaged(err error) bool {
	switch sqliteCode(err) & 0xff { // the low byte is the primary result code
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return true
	}
	return false
}

// sqliteCode returns the extended result code in err, or 0.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}
