package recording

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/store"
	"parley/recorder"
)

// TestACutJournalShows: whoever has the disk and the key can make a journal that is
// whole in itself. The database remembers how it ended.
func TestACutJournalShows(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		h.record(c, f)
		time.Sleep(2 * time.Second)
		h.must(c.MarkRecording(t.Context(), "What must not be known"))
		time.Sleep(2 * time.Second)
		h.must(c.StopRecording(t.Context()))
		id := h.now().Recording.ID
		r := h.kept(id)
		report, err := h.library.Verify(t.Context(), id)
		h.must(err)
		if len(report.Problems) > 0 || len(report.Manifest.Files) != 4 || report.Manifest.Head != r.JournalHead {
			t.Fatalf("found %q in %d files, journal %s, %s on file", report.Problems, len(report.Manifest.Files), report.Manifest.Head, r.JournalHead)
		}

		forged := filepath.Join(t.TempDir(), string(id))
		h.must(os.Mkdir(forged, 0o700))
		for _, file := range report.Manifest.Files {
			h.must(os.WriteFile(filepath.Join(forged, file.Name), h.content(r, file.Name), 0o600))
		}
		lines := bytes.SplitAfter(h.content(r, "journal.jsonl"), []byte("\n"))
		cut := 0
		for i, line := range lines {
			if bytes.Contains(line, []byte("What must not be known")) {
				cut = i
			}
		}
		h.must(os.WriteFile(filepath.Join(forged, "journal.jsonl"), bytes.Join(lines[:cut], nil), 0o600))
		recovered, err := recorder.Recover(filepath.Dir(forged), nil)
		h.must(errors.Join(err, recovered[0].Err))
		if report, err := recorder.Verify(forged, ""); err != nil || len(report.Problems) > 0 {
			t.Fatalf("what was forged is not whole in itself: %q, %v", report.Problems, err)
		}
		for _, name := range []string{"journal.jsonl", "manifest.json"} {
			raw, err := os.ReadFile(filepath.Join(forged, name))
			h.must(err)
			h.must(os.Remove(filepath.Join(h.library.dir(id), name+".age")))
			h.must(os.WriteFile(filepath.Join(h.library.dir(id), name), raw, 0o600))
		}
		h.must(h.library.vault.Seal(t.Context(), string(id), h.library.dir(id)))
		report, err = h.library.Verify(t.Context(), id)
		h.must(err)
		if !strings.Contains(strings.Join(report.Problems, "\n"), "replaced or shortened") {
			t.Errorf("found %q", report.Problems)
		}
	})
}

// content is what a file of a recording holds.
func (h *house) content(r store.Recording, name string) []byte {
	h.t.Helper()
	f, err := h.library.open(h.t.Context(), r.ID, name)
	h.must(err)
	raw, err := io.ReadAll(f.Reader)
	h.must(errors.Join(err, f.Close()))
	return raw
}
