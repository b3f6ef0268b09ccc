package render_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"parley/recorder"
	"parley/recorder/render"
)

// A program that complains without end, as ffmpeg does of a damaged file, costs no
// memory for it; what it said last is why it failed.
func TestWhatIsSaidWithoutEndIsNotKept(t *testing.T) {
	dir := spoken(t)
	manifest(t, dir, recorder.Manifest{
		Version: 1, DurationMS: 4000, People: []recorder.Member{{Person: recorder.Person{ID: "bob"}}},
		Files: []recorder.File{{Name: "004-mic.webm", Participant: "bob", Source: recorder.Mic, DurationMS: 4000}},
	})
	program := filepath.Join(t.TempDir(), "ffmpeg")
	script := "#!/bin/sh\nhead -c 64000000 /dev/zero | tr '\\0' x >&2\necho ' and this is why' >&2\nexit 1\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := render.Locate(program)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	for name, run := range map[string]func() error{
		"film": func() error {
			return f.Render(t.Context(), render.Job{Source: dir, Out: t.TempDir()}, render.Limits{}, nil)
		},
		"speech": func() error {
			return f.Speech(t.Context(), strings.NewReader(""), 16000, func(samples io.Reader) error { return nil })
		},
	} {
		runtime.ReadMemStats(&before)
		err := run()
		runtime.ReadMemStats(&after)
		if err == nil || !strings.HasSuffix(err.Error(), "x and this is why") || len(err.Error()) > 1000 {
			t.Errorf("%s: got the error %v", name, err)
		}
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 8 {
			t.Errorf("%s: 64 MB of complaints took %d MB of memory", name, took)
		}
	}
}
