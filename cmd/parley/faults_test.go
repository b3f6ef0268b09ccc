package main

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAFaultAtTheStartIsOneClearLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	udpPort := udp.LocalAddr().(*net.UDPAddr).Port
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"port taken": {[]string{"--listen", taken.Addr().String()},
			taken.Addr().String() + " is taken by another program; stop it, or choose another port with --listen"},
		"address of another machine": {[]string{"--listen", "203.0.113.7:8080"}, "203.0.113.7:8080 cannot be listened on"},
		"data is a file":             {[]string{"--data", file}, file},
		"newer database":             {[]string{"--data", newerDatabase(t)}, "newer version of Parley"},
		"data in use":                {[]string{"--data", startDemo(t, t.TempDir()).dir}, "another Parley process is using it"},
		"media port taken": {[]string{"--media-listen", "127.0.0.1", "--media-port", fmt.Sprint(udpPort), "--media-shards", "1"},
			fmt.Sprintf("the UDP ports from %d to %d are not all free", udpPort, udpPort)},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"demo", "--listen", "127.0.0.1:0", "--data", t.TempDir()}, test.args...)
			code, stdout, stderr := run(t, args...)
			if code != exitFailed || !strings.Contains(stderr, test.want) {
				t.Errorf("got code %d and %q, want 1 and %q", code, stderr, test.want)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "parley: ") {
				t.Errorf("want one line that begins with parley:, got %q", stderr)
			}
			if stdout != "" {
				t.Errorf("stdout: got %q, want nothing", stdout)
			}
		})
	}
}

// newerDatabase is a data directory that a later version has written.
func newerDatabase(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	d := startDemo(t, dir)
	d.stop()
	d.awaitExit(t, 10*time.Second)
	db, err := sql.Open("sqlite", filepath.Join(dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestADemoThatCannotStartLeavesTheRunningOneAlone(t *testing.T) {
	d := startDemo(t, t.TempDir())
	if code, _, _ := run(t, "demo", "--listen", "127.0.0.1:0", "--data", d.dir); code != exitFailed {
		t.Fatalf("a second demo on the same data: got code %d, want 1", code)
	}
	if _, err := os.Stat(filepath.Join(d.dir, demoFile)); err != nil {
		t.Errorf("%s of the running demo is gone: %v", demoFile, err)
	}
	if response, _ := d.get(t, "/readyz"); response.StatusCode != http.StatusOK {
		t.Errorf("/readyz of the running demo: got %d, want 200", response.StatusCode)
	}
}

func TestTheSecondSignalEndsTheProcessAtOnce(t *testing.T) {
	d := startProcess(t, t.TempDir(), nil)
	// A request whose body never comes keeps an orderly stop waiting.
	c, err := net.Dial("tcp", strings.Replace(strings.TrimPrefix(d.URL, "http://"), "localhost", "127.0.0.1", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "PUT /v1/threads/t1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n", d.APIKey)
	if _, err := io.ReadAtLeast(c, make([]byte, 64), 12); err != nil { // it reads the body now
		t.Fatal(err)
	}
	signal := func() {
		if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	signal()
	eventually(t, "the listener is closed", func() bool { return !d.isListening() })
	select {
	case code := <-d.exit:
		t.Fatalf("ended with %d though a request is under way", code)
	case <-time.After(200 * time.Millisecond):
	}
	signal()
	d.awaitExit(t, 2*time.Second)
	status := d.process.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("ended with %v, want by the second signal", status)
	}
}

func TestCommandLineMistakesAreExplained(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"serv"}, "parley: there is no command \"serv\"; see parley help\n"},
		{[]string{"serve"}, "parley: http.public_url: is missing; write the address people open, such as https://interviews.example.com\n"},
		{[]string{"demo", "--lissen", ":1"}, "parley: --lissen: is no flag of parley demo; did you mean --listen?\n"},
		{[]string{"demo", "--listen"}, "parley: --listen: has no value; write one behind it\n"},
		{[]string{"demo", "now"}, "parley: parley demo takes no \"now\"; see parley help demo\n"},
		{[]string{"demo", "--media-port", "x"}, "parley: --media-port: media.port: \"x\" is no whole number; write one from 0 to 65535\n"},
		{[]string{"demo", "--tls-certificate", "a", "--tls-key", "b"}, "parley: http.tls_certificate: cannot be used with http.tls_key: open a: no such file or directory\n" +
			"parley: http.tls_certificate: is not for the demo; use parley serve\n"},
		{[]string{"help", "serv"}, "parley: there is no command \"serv\"; see parley help\n"},
		{[]string{"token", "--user", "femi"}, "parley: --interview: is what a token opens, or --thread; write one of the two\n"},
		{[]string{"token", "--interview", "iv_1"}, "parley: --user: \"\" is no id of a person; write the one in the thread\n"},
		{[]string{"token", "--interview", "iv_1", "--user", "femi", "--lifetime", "48h"}, "parley: --lifetime: is out of range; write a length from 1m to 24h\n"},
	} {
		code, _, stderr := run(t, test.args...)
		if code != exitUsage || stderr != test.want {
			t.Errorf("parley %s: got %d and %q\nwant 2 and %q", strings.Join(test.args, " "), code, stderr, test.want)
		}
	}
}

func TestHelpExplainsEveryCommand(t *testing.T) {
	code, stdout, _ := run(t, "help")
	for _, c := range commands() {
		if code != exitOK || !strings.Contains(stdout, c.name) {
			t.Errorf("parley help does not name %s", c.name)
		}
		if code, stdout, stderr := run(t, "help", c.name); code != exitOK || !strings.Contains(stdout, "usage: parley "+c.name) {
			t.Errorf("parley help %s: got %d and %q, %q", c.name, code, stdout, stderr)
		}
	}
	_, stdout, _ = run(t, "serve", "--help")
	c := defaultConfig()
	for _, s := range c.settings() {
		if !strings.Contains(stdout, "--"+s.flag+" ") {
			t.Errorf("parley serve --help does not list --%s", s.flag)
		}
	}
	if code, stdout, _ := run(t, "--version"); code != exitOK || !strings.HasPrefix(stdout, "parley ") {
		t.Errorf("parley --version: got %d and %q", code, stdout)
	}
}
