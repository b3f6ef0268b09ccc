package recorder

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/frames"
)

// made makes a small recording and returns its directory.
func made(t *testing.T) (string, Manifest) {
	t.Helper()
	clip(t, frames.VP8)
	clip(t, frames.Opus)
	dir := t.TempDir()
	var m Manifest
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{Interview: "iv_1"})
		agree(t, rec, "ann")
		sound, pictures, lines := publish(t, rec, "ann")
		feed(t, sound, pictures, lines, time.Second)
		ok(t, rec.Mark("Question 1", "ann"))
		m = stop(t, r, rec)
	})
	return filepath.Join(dir, "rec"), m
}

func TestWhateverIsChangedShows(t *testing.T) {
	dir, m := made(t)
	verified(t, dir, m)
	edit := func(name string, f func(b []byte) []byte) func(dir string) error {
		return func(dir string) error {
			name := filepath.Join(dir, name)
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			return os.WriteFile(name, f(b), 0o600)
		}
	}
	replace := func(old, with string) func([]byte) []byte {
		return func(b []byte) []byte {
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("there is no %s to change", old)
			}
			return bytes.Replace(b, []byte(old), []byte(with), 1)
		}
	}
	lines := func(f func(all []string) []string) func([]byte) []byte {
		return func(b []byte) []byte { return []byte(strings.Join(f(strings.SplitAfter(string(b), "\n")), "")) }
	}
	for _, c := range []struct {
		name string
		do   func(dir string) error
		want string
	}{
		{"a byte of a file", edit("001-mic.webm", func(b []byte) []byte { b[len(b)/2]++; return b }), "has been changed"},
		{"a byte more", edit("002-camera.webm", func(b []byte) []byte { return append(b, 0) }), "bytes instead of"},
		{"a missing file", func(dir string) error { return os.Remove(filepath.Join(dir, "001-mic.webm")) }, "cannot be read"},
		{"another file", func(dir string) error { return os.WriteFile(filepath.Join(dir, "x"), nil, 0o600) }, "does not belong"},
		{"an answer", edit(journalName, replace(`"granted"`, `"declined"`)), "chain"},
		{"a time", edit(journalName, replace(`"at":"2`, `"at":"1`)), "chain"},
		{"a line less", edit(journalName, lines(func(l []string) []string { return append(l[:2], l[3:]...) })), "chain"},
		{"the last line less", edit(journalName, lines(func(l []string) []string { return l[:len(l)-2] })), "not closed"},
		{"half a line", edit(journalName, func(b []byte) []byte { return b[:len(b)-9] }), "middle of a line"},
		{"two lines exchanged", edit(journalName, lines(func(l []string) []string { l[2], l[3] = l[3], l[2]; return l })), "chain"},
		{"the manifest", edit(manifestName, replace("Question 1", "Question 2")), "does not say"},
		{"no manifest", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }, "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "rec")
			ok(t, os.CopyFS(copied, os.DirFS(dir)))
			ok(t, c.do(copied))
			report, err := Verify(copied, m.Head)
			ok(t, err)
			if all := strings.Join(report.Problems, "\n"); !strings.Contains(all, c.want) {
				t.Errorf("got %q, want %q", all, c.want)
			}
		})
	}
}

func TestALinkLeadsNowhere(t *testing.T) {
	dir, m := made(t)
	name := filepath.Join(dir, "001-mic.webm")
	outside := filepath.Join(t.TempDir(), "outside")
	ok(t, os.Rename(name, outside))
	ok(t, os.Symlink(outside, name))
	report, err := Verify(dir, m.Head)
	ok(t, err)
	if len(report.Problems) == 0 {
		t.Error("a file outside was taken for one of the recording")
	}
}

func TestOnlyTheServersUserReadsWhatIsRecorded(t *testing.T) {
	dir, _ := made(t)
	ok(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(path), info.Mode())
		}
		return err
	}))
}

func TestTheManifestIsWhatItsPageSays(t *testing.T) {
	dir, m := made(t)
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	ok(t, err)
	var read Manifest
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	ok(t, dec.Decode(&read))
	if !reflect.DeepEqual(read, m) {
		t.Errorf("read %+v\nwant %+v", read, m)
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "recording.md"))
	ok(t, err)
	for _, of := range []reflect.Type{reflect.TypeFor[Manifest](), reflect.TypeFor[File](), reflect.TypeFor[Pause](), reflect.TypeFor[Receipt](), reflect.TypeFor[Consent](), reflect.TypeFor[Chapter](), reflect.TypeFor[Gone]()} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name != "" && !bytes.Contains(page, []byte("`"+name)) {
				t.Errorf("docs/recording.md does not tell of %s of a %s", name, of.Name())
			}
		}
	}
}

func TestRecoverLeavesAloneWhatItCannotClose(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		ok(t, os.MkdirAll(filepath.Dir(name), 0o700))
		ok(t, os.WriteFile(name, []byte(text), 0o600))
	}
	write("empty/journal.jsonl", "")
	write("half/journal.jsonl", `{"n":1,"prev":"","at":"2026-11-24T12:00:00Z","type":"opened"`)
	write("lost/journal.jsonl", "")
	write("lost/001-mic.webm", "sound")
	write("foreign/journal.jsonl", "hello\n")
	write("done/manifest.json", "{}")
	write("no recording.d/journal.jsonl", "hello\n")
	write("other/file", "")
	recovered, err := Recover(dir, nil)
	ok(t, err)
	for _, r := range recovered {
		if r.Err == nil {
			t.Errorf("%s was recovered: %+v", r.ID, r.Manifest)
		}
	}
	if len(recovered) != 2 {
		t.Errorf("%d were tried", len(recovered))
	}
	for name, stays := range map[string]bool{"empty": false, "half": false, "lost": true, "foreign": true, "done": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != stays {
			t.Errorf("%s is there: %v; what never began goes, and nothing else", name, err == nil)
		}
	}
	if none, err := Recover(filepath.Join(dir, "not there"), nil); err != nil || none != nil {
		t.Errorf("a directory that is not there: %v, %v", none, err)
	}
}

// FuzzJournal reads arbitrary journals, and makes manifests of what it takes.
func FuzzJournal(f *testing.F) {
	j := journal{out: &nowhere{}}
	var text []byte
	for _, e := range []entry{
		{Type: entryOpened, Opened: &opened{1, "r", "i", ModeAll}},
		{Type: entryJoined, Person: &Person{ID: "a"}},
		{Type: entryConsent, Consent: &Consent{Participant: "a", Answer: Granted}},
		{Type: entryRunning}, {Type: entryHalted, Reason: "paused"}, {Type: entryRunning},
		{Type: entryMuted, Participant: "a", Source: Mic},
		{Type: entryFileOpened, File: &File{Name: "x", Participant: "a", Source: Mic}},
		{Type: entryAligned, File: &File{Name: "x", StartMS: -3}},
		{Type: entryFile, File: &File{Name: "x", Frames: 1, Gaps: []Span{{1, 2}}}},
		{Type: entryMark, PositionMS: 4}, {Type: entryClosed},
	} {
		e.At = time.Unix(1764000000, 0)
		if err := j.append(e, true); err != nil {
			f.Fatal(err)
		}
	}
	text = j.out.(*nowhere).b
	f.Add(text)
	f.Add(text[:len(text)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		j, whole, err := readJournal(bytes.NewReader(b))
		if whole > int64(len(b)) {
			t.Fatalf("%d bytes of %d are whole", whole, len(b))
		}
		again, _, _ := readJournal(bytes.NewReader(b[:whole]))
		if err == nil && again.head != j.head {
			t.Error("what is whole reads otherwise alone")
		}
		if _, err := j.manifest().encode(); err != nil && !strings.Contains(err.Error(), "year") {
			t.Error(err)
		}
	})
}

// nowhere is a file in memory.
type nowhere struct {
	file
	b []byte
}

func (n *nowhere) Write(b []byte) (int, error) {
	n.b = append(n.b, b...)
	return len(b), nil
}

func (n *nowhere) Sync() error { return nil }
