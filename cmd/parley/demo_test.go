package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDemoSaysWhereItIsAndServesEverything(t *testing.T) {
	d := startDemo(t, t.TempDir())
	out := d.stdout.String()
	for _, want := range []string{d.URL, d.dir, "Ctrl-C"} {
		if !strings.Contains(out, want) {
			t.Errorf("the welcome does not name %s:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "\n"); n > 3 {
		t.Errorf("the welcome has %d lines, want at most 3:\n%s", n, out)
	}
	if !strings.HasPrefix(d.URL, "http://localhost:") {
		t.Errorf("address: got %s, want one on localhost", d.URL)
	}
	for path, want := range map[string]string{
		"/":            "<!doctype html",
		"/r/iv_1":      "<!doctype html",
		"/embed/v1.js": "parley",
		"/healthz":     "alive\n",
		"/readyz":      "ready\n",
		"/metrics":     "parley_build_info{version=",
	} {
		response, body := d.get(t, path)
		if response.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(body), want) {
			t.Errorf("%s: got %d and %.80q, want 200 and %q", path, response.StatusCode, body, want)
		}
	}
	for _, page := range []string{"/", "/r/iv_1"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+page, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "br, gzip")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Content-Encoding"); got != "br" {
			t.Errorf("%s travels packed as %q, want br", page, got)
		}
	}
	d.ring(t, "t1")
	if _, body := d.get(t, "/metrics"); !strings.Contains(body, "parley_conference_rooms 1\n") {
		t.Error("/metrics does not count the open interview")
	}
}

func TestDemoKeepsItsKeysAndInterviewsOverARestart(t *testing.T) {
	dir := t.TempDir()
	first := startDemo(t, dir)
	id := first.ring(t, "t1")
	_, joined := first.call(t, http.MethodPost, "/v1/interviews/"+id+"/join", `{"user": {"id": "femi"}}`)
	first.stop()
	if code := first.awaitExit(t, 10*time.Second); code != exitOK {
		t.Fatalf("exit code %d, want 0:\n%s", code, first.stderr.String())
	}
	if _, err := os.Stat(filepath.Join(dir, demoFile)); err == nil {
		t.Errorf("%s is still there after the stop", demoFile)
	}
	second := startDemo(t, dir)
	if second.APIKey != first.APIKey {
		t.Error("the restart made another API key")
	}
	if status, iv := second.call(t, http.MethodGet, "/v1/interviews/"+id, ""); status != http.StatusOK || iv["state"] != "ringing" {
		t.Errorf("after the restart the interview is %d %v, want it to ring", status, iv)
	}
	if joined["token"] == nil {
		t.Errorf("join: got %v, want a token", joined)
	}
}

func TestInterviewsSurviveAKilledProcess(t *testing.T) {
	dir := t.TempDir()
	killed := startProcess(t, dir, nil)
	id := killed.ring(t, "t1")
	if err := killed.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.awaitExit(t, 5*time.Second)
	if _, err := os.Stat(filepath.Join(dir, demoFile)); err != nil {
		t.Fatalf("the killed demo has left no %s, so this test cannot see it replaced: %v", demoFile, err)
	}
	again := startDemo(t, dir)
	if status, iv := again.call(t, http.MethodGet, "/v1/interviews/"+id, ""); status != http.StatusOK || iv["state"] != "ringing" {
		t.Errorf("after kill -9 the interview is %d %v, want it to ring", status, iv)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	d := startDemo(t, t.TempDir(), "--log-level", "debug")
	id := d.ring(t, "t1")
	_, joined := d.call(t, http.MethodPost, "/v1/interviews/"+id+"/join", `{"user": {"id": "femi"}}`)
	d.stop()
	d.awaitExit(t, 10*time.Second)
	logged := d.stdout.String() + d.stderr.String()
	for what, secret := range map[string]string{
		"API key": d.APIKey, "token": joined["token"].(string), "name": "Femi Adeyemi",
	} {
		if strings.Contains(logged, secret) {
			t.Errorf("the %s is in the output:\n%s", what, logged)
		}
	}
	if !strings.Contains(logged, "stopped") {
		t.Errorf("the debug log does not end with the stop, so this test has read nothing:\n%s", logged)
	}
}

func TestSecretFilesAreTheOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	startDemo(t, dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // a journal that has just gone
		}
		seen++
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has mode %o, want none for others", e.Name(), mode)
		}
	}
	if seen < 3 {
		t.Errorf("%d files in the data directory, want at least database, key and %s", seen, demoFile)
	}
}
