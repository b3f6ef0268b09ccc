package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"parley/internal/interview"
)

// refuse opens dir, which must fail with one sentence that holds every part.
func refuse(t *testing.T, dir string, parts ...string) error {
	t.Helper()
	s, err := Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err == nil {
		s.Close()
		t.Fatalf("%s was opened", dir)
	}
	for _, part := range append(parts, dir) {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	return err
}

func TestWhatWasSavedIsThereAfterReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet there?#%20")
	s, err := Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	th := putThread(t, s, "t1")
	iv := ringing(t, th, "iv_1")
	save(t, s, iv)
	for range 2 { // closing twice is no error
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}

	s = openIn(t, dir)
	got, err := s.OpenInterview(t.Context(), "t1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, iv)
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAClosedStoreAnswersWithErrors(t *testing.T) {
	s := open(t)
	putThread(t, s, "t1")
	s.Close()
	if s.Ping(t.Context()) == nil {
		t.Error("a closed store answers a ping")
	}
	if s.PutThread(t.Context(), thread("t2"), noon) == nil {
		t.Error("a closed store takes a thread")
	}
}

func TestOnlyThisUserCanReadTheFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not modes here")
	}
	dir := filepath.Join(t.TempDir(), "data")
	s := openIn(t, dir)
	putThread(t, s, "t1")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("got %v, %v; want the lock, the database and its log", files, err)
	}
	for _, path := range append(files, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
}

func TestTheConnectionsAreDurableAndCheckReferences(t *testing.T) {
	s := open(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := s.writes.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", pragma, got, err, want)
		}
	}
	if _, err := s.reads.Exec("DELETE FROM threads"); err == nil {
		t.Error("a reading connection can write")
	}
}

func TestASecondOpenerIsToldWhoHasTheDirectory(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	wantError(t, refuse(t, dir, "another Parley process", "process "), ErrInUse)
	putThread(t, s, "t1") // and the first is not disturbed
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openIn(t, dir)
}

func TestADirectoryThatCannotBeMadeIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuse(t, filepath.Join(file, "data"), "cannot be made", "not a directory")
}

func TestADirectoryThatIsNotWritableIsNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		dir = "/sys" // where not even root can make a file
		if runtime.GOOS != "linux" {
			t.Skip("root can write everywhere")
		}
	}
	refuse(t, dir, "not writable", "permi") // EACCES and EPERM differ in their words
}

func TestAFileThatIsNoDatabaseIsNamedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, fileName)
	text := strings.Repeat("this is a letter, not a database\n", 1000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, refuse(t, dir, "damaged"), ErrDamaged)
	if got, _ := os.ReadFile(path); string(got) != text {
		t.Error("the file was changed")
	}
}

func TestATornDatabaseIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	th := putThread(t, s, "t1")
	for _, id := range []interview.ID{"iv_1", "iv_2", "iv_3"} {
		iv := ringing(t, th, id)
		iv.State = interview.StateEnded
		save(t, s, iv)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(b) / 3; n < len(b)*2/3; n++ {
		b[n] ^= 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, refuse(t, dir, "damaged"), ErrDamaged)
}

func TestADatabaseOfANewerVersionIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir)
	newer := fstest.MapFS{"99999_later.sql": {Data: []byte("-- +goose Up\nCREATE TABLE later (n INTEGER);\n")}}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.writes, newer, goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, refuse(t, dir, "newer version of Parley", "99999"), ErrNewer)
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	s := open(t)
	provider, err := newProvider(s.writes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	putThread(t, s, "t1")
}

func TestACancelledCallChangesNothing(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, s.PutThread(ctx, thread("t1"), noon), context.Canceled)
	_, err := s.Thread(t.Context(), "t1")
	wantError(t, err, ErrNotFound)
	putThread(t, s, "t1") // and the connection is still good
}

func TestManyWritersAndReadersGetOn(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	iv := ringing(t, th, "iv_1")
	save(t, s, iv)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			mine := thread(interview.ThreadID("w" + string(rune('a'+n))))
			for range 4 {
				if err := s.PutThread(t.Context(), mine, noon); err != nil {
					t.Error(err)
				}
				if got, err := s.Interview(t.Context(), iv.ID); err != nil || got.ID != iv.ID {
					t.Error(got, err)
				}
			}
		})
	}
	wg.Wait()
}

// Two requests race to call in one thread: one wins, the other is told so.
func TestOfTwoInterviewsThatRaceOneOpens(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	results := make(chan error, 2)
	var wg sync.WaitGroup
	for _, id := range []interview.ID{"iv_1", "iv_2"} {
		iv := ringing(t, th, id)
		wg.Go(func() { results <- s.SaveInterview(t.Context(), iv) })
	}
	wg.Wait()
	a, b := <-results, <-results
	if (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), ErrConflict) {
		t.Errorf("got %v and %v, want one ErrConflict", a, b)
	}
}

func TestTimesKeepTheirMicroseconds(t *testing.T) {
	for _, want := range []time.Time{{}, noon, time.UnixMicro(0).UTC(), time.UnixMicro(-1).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)} {
		var got time.Time
		if err := (timeColumn{&got}).Scan(timeValue(want)); err != nil || got != want {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	var got time.Time
	if (timeColumn{&got}).Scan("yesterday") == nil {
		t.Error("text was read as a time")
	}
}
