//go:build unix

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// TestTheHostAppsOfTheDocumentsRunAsTheyStandThere takes the two programs out of
// docs/integrate.md and has each let a person in and hear of it.
func TestTheHostAppsOfTheDocumentsRunAsTheyStandThere(t *testing.T) {
	page, err := os.ReadFile("../../docs/integrate.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		language, file string
		command        []string
	}{
		{"js", "host.mjs", []string{"node", "host.mjs"}},
		{"go", "host.go", []string{"go", "run", "host.go"}},
	} {
		t.Run(tt.language, func(t *testing.T) {
			program := regexp.MustCompile("(?s)```" + tt.language + "\n(.*?)```").FindSubmatch(page)
			if program == nil {
				t.Fatal("the page has no such program")
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, tt.file), program[1], 0o600); err != nil {
				t.Fatal(err)
			}
			demo := startDemo(t, t.TempDir())
			host := startHost(t, dir, tt.command, demo)
			eventually(t, "the host app answers", host.answers)
			if got := host.ask(t, http.MethodGet, "/?user=freelancer", ""); !strings.Contains(got, `<parley-call-button thread="th_1"`) {
				t.Errorf("the page is %s", got)
			}
			if got := host.ask(t, http.MethodPost, "/call?user=client", `{"mode":"video","thread":"th_1"}`); !strings.Contains(got, demo.URL+"/r/iv_") {
				t.Errorf("a call is answered with %s", got)
			}
			eventually(t, "the host app hears of the call", func() bool { return strings.Contains(host.said.String(), "interview.ringing") })
			if got := host.ask(t, http.MethodPost, "/hooks", `{"type":"forged"}`, "webhook-id", "m", "webhook-timestamp", "0", "webhook-signature", "v1,AA=="); !strings.Contains(got, "not signed") {
				t.Errorf("a forged message is answered with %s", got)
			}
		})
	}
}

// hostProgram is a host application in a process of its own.
type hostProgram struct {
	url  string
	said buffer
}

func startHost(t *testing.T, dir string, command []string, demo *runningDemo) *hostProgram {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	h := &hostProgram{url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	process := exec.Command(command[0], command[1:]...)
	process.Dir = dir
	process.Env = append(os.Environ(), "PARLEY="+demo.URL, "KEY="+demo.APIKey, fmt.Sprintf("PORT=%d", port), "GOWORK=off")
	process.Stdout, process.Stderr = &h.said, &h.said
	ownGroup(process)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = process.Wait() })
	t.Cleanup(func() {
		endGroup(process)
		wg.Wait()
		if t.Failed() {
			t.Log(h.said.String())
		}
	})
	return h
}

// answers reports whether the program listens by now.
func (h *hostProgram) answers() bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func (h *hostProgram) ask(t *testing.T, method, path, body string, headers ...string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
