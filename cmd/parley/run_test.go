package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// asMain makes the test binary be parley itself, for tests of what only a
// process of its own can show.
const asMain = "RUN_AS_PARLEY"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	os.Exit(withAuthority(m.Run))
}

// buffer collects what a command writes while a test reads it.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// runningDemo is a demo under test, inside this process or in one of its own.
type runningDemo struct {
	demoAccess
	dir            string
	stdout, stderr buffer
	process        *exec.Cmd // nil inside this process
	stop           context.CancelFunc
	exit           chan int
}

// startDemo runs Main in this process.
func startDemo(t *testing.T, dir string, flags ...string) *runningDemo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &runningDemo{dir: dir, stop: cancel, exit: make(chan int, 1)}
	args := append([]string{"demo", "--listen", "127.0.0.1:0", "--data", dir, "--media-shards", "1"}, flags...)
	var wg sync.WaitGroup
	wg.Go(func() { d.exit <- Main(ctx, args, &d.stdout, &d.stderr) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	d.awaitReady(t)
	return d
}

// startProcess runs the demo in a process of its own. command makes it from the
// program's arguments; nil: this program.
func startProcess(t *testing.T, dir string, command func(args []string) *exec.Cmd) *runningDemo {
	t.Helper()
	d := &runningDemo{dir: dir, exit: make(chan int, 1)}
	if command == nil {
		command = func(args []string) *exec.Cmd { return exec.Command(os.Args[0], args...) }
	}
	d.process = command([]string{"demo", "--listen", "127.0.0.1:0", "--data", dir, "--media-shards", "1"})
	d.process.Env = append(os.Environ(), asMain+"=1")
	d.process.Stdout, d.process.Stderr = &d.stdout, &d.stderr
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { d.process.Wait(); d.exit <- d.process.ProcessState.ExitCode() })
	t.Cleanup(func() { d.process.Process.Kill(); wg.Wait() })
	d.awaitReady(t)
	return d
}

// awaitReady waits for the line that follows demo.json; the file alone may be
// what a killed demo has left.
func (d *runningDemo) awaitReady(t *testing.T) {
	t.Helper()
	eventually(t, "the demo is ready", func() bool {
		select {
		case code := <-d.exit:
			t.Fatalf("the demo ended with %d:\n%s", code, d.stderr.String())
		default:
		}
		return strings.Contains(d.stdout.String(), "Ctrl-C")
	})
	raw, err := os.ReadFile(filepath.Join(d.dir, demoFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &d.demoAccess); err != nil {
		t.Fatalf("%s is not whole: %v", demoFile, err)
	}
}

// eventually waits for what another process, or the kernel, will have done.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(20 * time.Second); !is(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("after 20 s it is still not so that %s", what)
		}
	}
}

func (d *runningDemo) awaitExit(t *testing.T, within time.Duration) int {
	t.Helper()
	select {
	case code := <-d.exit:
		return code
	case <-time.After(within):
		t.Fatalf("still running after %s:\n%s", within, d.stderr.String())
		return 0
	}
}

// call makes one API request and returns the status and the decoded answer.
func (d *runningDemo) call(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, d.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.APIKey)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s %s: %d, no JSON: %v", method, path, response.StatusCode, err)
	}
	return response.StatusCode, answer
}

// ring puts a thread of two and starts an interview in it.
func (d *runningDemo) ring(t *testing.T, thread string) (interviewID string) {
	t.Helper()
	status, answer := d.call(t, http.MethodPut, "/v1/threads/"+thread, `{"title": "A job", "participants": [
		{"id": "clara", "name": "Clara Novak", "role": "interviewer"}, {"id": "femi", "name": "Femi Adeyemi", "role": "interviewee"}]}`)
	if status != http.StatusOK {
		t.Fatalf("put thread: %d %v", status, answer)
	}
	status, answer = d.call(t, http.MethodPost, "/v1/threads/"+thread+"/interviews", `{"mode": "video", "created_by": "clara"}`)
	if status != http.StatusCreated {
		t.Fatalf("start interview: %d %v", status, answer)
	}
	return answer["id"].(string)
}

func (d *runningDemo) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// isListening reports whether anybody takes connections at the demo's address.
func (d *runningDemo) isListening() bool {
	c, err := net.DialTimeout("tcp", strings.Replace(strings.TrimPrefix(d.URL, "http://"), "localhost", "127.0.0.1", 1), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// run runs one command to its end.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs buffer
	code = Main(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}
