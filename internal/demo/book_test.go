package demo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBookIsReadBackAsItWas(t *testing.T) {
	dir := t.TempDir()
	b, err := openBook(dir)
	fatal(t, err)
	now := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	_, err = b.open("pr_mateo", []Item{message(theClient(), "Hello\u2028<b>", now)}, now)
	fatal(t, err)
	again, err := openBook(dir)
	fatal(t, err)
	got := again.all()
	if len(got) != 1 || got[0].Proposal != "pr_mateo" || got[0].OpenedAt != now || got[0].Items[0] != b.all()[0].Items[0] {
		t.Errorf("got %+v, want %+v", got, b.all())
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "app.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v (%v), want a file nobody else can read", info, err)
	}
}

func TestChangeThatCannotBeWrittenIsNotSeen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	fatal(t, os.Mkdir(dir, 0o700))
	b, err := openBook(dir)
	fatal(t, err)
	fatal(t, os.RemoveAll(dir))
	if _, err := b.open("pr_mateo", nil, time.Now()); err == nil {
		t.Error("got no error without the directory")
	}
	if got := b.all(); len(got) != 0 {
		t.Errorf("got %+v, want nothing", got)
	}
}

func TestThreadHoldsSoMuch(t *testing.T) {
	b, err := openBook(t.TempDir())
	fatal(t, err)
	items := make([]Item, maxItems)
	for n := range items {
		items[n] = message(theClient(), "x", time.Now())
	}
	_, err = b.open("pr_mateo", items, time.Now())
	fatal(t, err)
	_, err = b.change("pr_mateo", func(c conversation) []Item { return append(c.Items[:maxItems:maxItems], c.Items[0]) })
	if full, ok := errors.AsType[*refusal](err); !ok || full.code != codeThreadFull {
		t.Errorf("got %v, want a full thread", err)
	}
}

func TestFileThatIsNotTheAppsIsNotTouched(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"not JSON":         {`{"version":1,`, "cannot be read"},
		"newer":            {`{"version":2,"threads":[]}`, "version 2"},
		"no version":       {`{}`, "version 0"},
		"unknown proposal": {`{"version":1,"threads":[{"proposal":"pr_x","items":[]}]}`, "thread 1"},
		"twice":            {`{"version":1,"threads":[{"proposal":"pr_femi"},{"proposal":"pr_femi"}]}`, "thread 2"},
		"unknown item":     {`{"version":1,"threads":[{"proposal":"pr_femi","items":[{"kind":"poll"}]}]}`, "thread 1"},
		"times of nothing": {`{"version":1,"threads":[{"proposal":"pr_femi","items":[{"kind":"times"}]}]}`, "thread 1"},
		"card of nothing":  {`{"version":1,"threads":[{"proposal":"pr_femi","items":[{"kind":"card"}]}]}`, "thread 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "app.json")
			fatal(t, os.WriteFile(path, []byte(c.text), 0o600))
			if _, err := openBook(dir); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want an error that names the file and says %q", err, c.says)
			}
			if raw, err := os.ReadFile(path); err != nil || string(raw) != c.text {
				t.Errorf("the file is now %q (%v)", raw, err)
			}
		})
	}
}

func TestDirectoryThatCannotBeWrittenIsFoundOutAtOnce(t *testing.T) {
	if _, err := openBook(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("got no error for a directory that does not exist")
	}
}

func FuzzBookFile(f *testing.F) {
	f.Add([]byte(`{"version":1,"threads":[{"proposal":"pr_femi","opened_at":"2026-03-02T10:00:00Z","items":[{"id":"it_1","kind":"message","from":"client","text":"x","at":"2026-03-02T10:00:00Z"}]}]}`))
	f.Add([]byte(`{"version":1,"threads":[{"proposal":"pr_femi","items":[{"kind":"card","interview":{"state":"live"}}]}]}`))
	f.Add([]byte(`{"version":1,"threads":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		fatal(t, os.WriteFile(filepath.Join(dir, "app.json"), raw, 0o600))
		b, err := openBook(dir)
		if err != nil {
			return
		}
		for _, p := range people() {
			view(p, b.all(), nil, b.zone)
		}
		fatal(t, b.save(b.all(), b.zones))
		if again, err := openBook(dir); err != nil || len(again.all()) != len(b.all()) {
			t.Errorf("written and read again: %v", err)
		}
	})
}
