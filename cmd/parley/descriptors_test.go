package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/doctor"
	"parley/signaling/guest"
	"parley/signaling/wire"
)

// descriptors is what the server of these tests may have open.
const descriptors = 128

// startPoor runs the demo in a process that may open few files.
func startPoor(t *testing.T) *runningDemo {
	t.Helper()
	return startProcess(t, t.TempDir(), func(args []string) *exec.Cmd {
		args = append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, descriptors), os.Args[0]}, args...)
		return exec.Command("sh", append(args, "--media-listen", "127.0.0.1")...)
	})
}

// line is a connection that stays open between requests.
type line struct {
	net.Conn
	in *bufio.Reader
}

// dialLine opens a connection and asks whether the server lives; nil: there was no
// answer.
func (d *runningDemo) dialLine(t *testing.T) *line {
	t.Helper()
	u, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.DialTimeout("tcp", "127.0.0.1:"+u.Port(), time.Second)
	if err != nil {
		return nil
	}
	l := &line{Conn: c, in: bufio.NewReader(c)}
	if status, _ := l.get("/healthz", 2*time.Second); status != http.StatusOK {
		c.Close()
		return nil
	}
	return l
}

// get asks for a page on the connection; 0: there was no answer in time.
func (l *line) get(path string, within time.Duration) (status int, body string) {
	_ = l.SetDeadline(time.Now().Add(within))
	fmt.Fprintf(l, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	response, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ""
	}
	return response.StatusCode, string(text)
}

// conversation is two people in the room who hear each other.
type conversation []*visit

func (d *runningDemo) converse(t *testing.T) conversation {
	t.Helper()
	id := d.ring(t, "t1")
	e := &examination{pages: d.URL, dialer: doctorDialer(net.DefaultResolver), announced: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	var people conversation
	for _, user := range []string{"clara", "femi"} {
		_, joined := d.call(t, http.MethodPost, "/v1/interviews/"+id+"/join", `{"user": {"id": "`+user+`"}}`)
		raw, err := json.Marshal(joined)
		if err != nil {
			t.Fatal(err)
		}
		var pass api.Pass
		if err := json.Unmarshal(raw, &pass); err != nil {
			t.Fatal(err)
		}
		v, err := e.visit(t.Context(), doctor.Call{}, pass, user)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(v.close)
		people = append(people, v)
	}
	return people
}

// goesOn checks that both hear each other now, and that their sockets answer.
func (c conversation) goesOn(t *testing.T, when string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for i, v := range c {
		for range 2 { // what was heard before is taken first
			if err := v.media.Hear(ctx); err != nil {
				t.Errorf("%s, person %d: %v", when, i+1, err)
			}
		}
		if err := v.session.Send(wire.Ping{N: 7}); err != nil {
			t.Errorf("%s, person %d: %v", when, i+1, err)
		}
		if _, err := guest.Await[wire.Pong](ctx, v.session); err != nil {
			t.Errorf("%s, person %d: %v", when, i+1, err)
		}
	}
}

func TestAServerWithoutDescriptorsGoesOnAndRecovers(t *testing.T) {
	d := startPoor(t)
	call := d.converse(t)
	call.goesOn(t, "at first")

	var lines []*line
	for len(lines) < 2*descriptors {
		l := d.dialLine(t)
		if l == nil {
			break
		}
		t.Cleanup(func() { l.Close() })
		lines = append(lines, l)
	}
	if len(lines) == 0 || len(lines) >= descriptors {
		t.Fatalf("%d connections were answered, which does not use up %d descriptors", len(lines), descriptors)
	}
	call.goesOn(t, "without descriptors")
	if status, body := lines[0].get("/healthz", 5*time.Second); status != http.StatusOK || strings.TrimSpace(body) != "alive" {
		t.Errorf("/healthz: got %d %q, want 200 and alive", status, body)
	}
	if l := d.dialLine(t); l != nil {
		l.Close()
		t.Error("a connection was answered that there was no descriptor for")
	}
	select {
	case code := <-d.exit:
		t.Fatalf("the server ended with %d:\n%s", code, d.stderr.String())
	default:
	}

	for _, l := range lines[1:] {
		l.Close()
	}
	eventually(t, "new connections are answered", func() bool {
		l := d.dialLine(t)
		if l == nil {
			return false
		}
		defer l.Close()
		status, _ := l.get("/readyz", 5*time.Second)
		return status == http.StatusOK
	})
	call.goesOn(t, "afterwards")
	if _, metrics := lines[0].get("/metrics", 5*time.Second); !strings.Contains(metrics, "parley_front_accept_errors_total") ||
		strings.Contains(metrics, "parley_front_accept_errors_total 0\n") {
		t.Errorf("no refusal was counted:\n%s", metrics)
	}
	status, answer := d.call(t, http.MethodGet, "/v1/threads/t1/interviews", "")
	if status != http.StatusOK {
		t.Errorf("the API: got %d %v", status, answer)
	}
}

func TestServeWarnsOfFewDescriptors(t *testing.T) {
	p := healthy(t)
	child := exec.Command("sh", append([]string{"-c", `ulimit -n 1000 && exec "$0" "$@"`, os.Args[0]}, p.args("serve")...)...)
	child.Env = append(os.Environ(), asMain+"=1")
	var stderr buffer
	child.Stderr = &stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { child.Wait() })
	t.Cleanup(func() { child.Process.Kill(); wg.Wait() })
	eventually(t, "serve is ready", func() bool { return strings.Contains(stderr.String(), "msg=ready") })
	for _, want := range []string{"level=WARN", "1000 files and sockets may be open", "check=files", "LimitNOFILE=65536"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in\n%s", want, stderr.String())
		}
	}
}
