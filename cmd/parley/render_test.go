package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/recorder"
	"parley/recorder/render"
)

func TestARecordingIsRenderedFromTheCommandLine(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "rec_1")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	mic := filepath.Join(directory, "001-mic.webm")
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "libopus", mic).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := json.Marshal(recorder.Manifest{Version: 1, DurationMS: 1000,
		People: []recorder.Member{{Person: recorder.Person{ID: "ann", Name: "Ann"}}},
		Files:  []recorder.File{{Name: "001-mic.webm", Participant: "ann", Source: recorder.Mic, DurationMS: 1000}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		code := Main(t.Context(), append([]string{"recordings", "render"}, args...), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	film := filepath.Join(directory+".rendered", render.Film)
	if code, out, errs := run(directory); code != exitOK || out != film+"\n" {
		t.Errorf("render: %d, %s%s", code, out, errs)
	}
	if info, err := os.Stat(film); err != nil || info.Size() == 0 {
		t.Errorf("the film: %v", err)
	}
	if code, _, errs := run(directory, "--ffmpeg", "/nowhere/ffmpeg"); code != exitFailed || !strings.Contains(errs, "install ffmpeg") {
		t.Errorf("without ffmpeg: %d, %s", code, errs)
	}
	if code, _, errs := run(t.TempDir()); code != exitFailed || !strings.Contains(errs, "no closed recording") {
		t.Errorf("without a recording: %d, %s", code, errs)
	}
}
