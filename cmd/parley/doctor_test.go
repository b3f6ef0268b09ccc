package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"parley/internal/doctor"
)

// patient is an installation that the doctor looks at, all of it on loopback.
type patient struct {
	t        *testing.T
	settings map[string]string // by flag
	resolver *net.Resolver
	port     int    // of http.listen
	url      string // the server's own, on loopback
}

// healthy is an installation with a certificate of its own and nothing wrong.
// Nothing runs yet.
func healthy(t *testing.T) *patient {
	t.Helper()
	port := freePort(t, "tcp")
	cert, key := trusted.sign(t, "localhost", time.Now().AddDate(0, 6, 0))
	return &patient{t: t, port: port, url: fmt.Sprintf("https://localhost:%d", port), settings: map[string]string{
		"public-url": fmt.Sprintf("https://localhost:%d", port), "listen": fmt.Sprintf("127.0.0.1:%d", port), "data": t.TempDir(),
		"tls-certificate": cert, "tls-key": key, "media-listen": "127.0.0.1", "media-port": fmt.Sprint(freePort(t, "udp")), "media-shards": "1",
	}}
}

// nextPort is below the ports that systems give to connections that go out, so
// that a port stays free until it is listened on.
var nextPort atomic.Uint32

// freePort is a port of loopback that nobody listens on.
func freePort(t *testing.T, network string) int {
	t.Helper()
	for range 1000 {
		port := 20000 + (uint32(os.Getpid())*61+nextPort.Add(1))%12000
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		if network == "udp" {
			if c, err := net.ListenPacket("udp", addr); err == nil {
				c.Close()
				return int(port)
			}
		} else if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return int(port)
		}
	}
	t.Fatal("no port of 1,000 is free")
	return 0
}

func (p *patient) args(command string, more ...string) []string {
	args := []string{command}
	for name, value := range p.settings {
		args = append(args, "--"+name, value)
	}
	return append(args, more...)
}

// serve starts the installation's server.
func (p *patient) serve() {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var stdout, stderr buffer
	var wg sync.WaitGroup
	var ended atomic.Bool
	wg.Go(func() { Main(ctx, p.args("serve"), &stdout, &stderr); ended.Store(true) })
	p.t.Cleanup(func() { cancel(); wg.Wait() })
	eventually(p.t, "serve is ready", func() bool { return ended.Load() || strings.Contains(stderr.String(), "msg=ready") })
	if ended.Load() {
		p.t.Fatalf("serve did not start:\n%s", stderr.String())
	}
}

// ask calls the API of the running server.
func (p *patient) ask(method, path string, body, answer any) {
	p.t.Helper()
	key, err := os.ReadFile(filepath.Join(p.settings["data"], apiKeyFile))
	if err != nil {
		p.t.Fatal(err)
	}
	host := hostApp{url: p.url, key: strings.TrimSpace(string(key))}
	if err := host.call(p.t.Context(), method, path, body, answer); err != nil {
		p.t.Fatal(err)
	}
}

// diagnosis is what the doctor says.
type diagnosis struct {
	URL      string
	Level    doctor.Level
	Findings []doctor.Finding
	code     int
	text     string
}

func (p *patient) examine(more ...string) diagnosis {
	p.t.Helper()
	var stdout, stderr buffer
	program := &program{stdout: &stdout, stderr: &stderr, resolver: p.resolver}
	d := diagnosis{code: report(&stderr, runDoctor(p.t.Context(), program, p.args("doctor", append(more, "--json")...)[1:]))}
	d.text = stdout.String() + stderr.String()
	if err := json.Unmarshal([]byte(stdout.String()), &d); err != nil {
		p.t.Fatalf("%v in %s", err, d.text)
	}
	return d
}

func (d diagnosis) of(check string) doctor.Finding {
	for _, f := range d.Findings {
		if f.Check == check {
			return f
		}
	}
	return doctor.Finding{}
}

// fails are the checks that failed.
func (d diagnosis) fails() []string {
	var names []string
	for _, f := range d.Findings {
		if f.Level == doctor.Fail {
			names = append(names, f.Check)
		}
	}
	return names
}

func TestAHealthyServerPasses(t *testing.T) {
	p := healthy(t)
	p.receiver(func(secret string) http.Handler { return listener(t, secret) })
	d := p.examine()
	if d.code != exitOK || len(d.fails()) > 0 || d.Level == doctor.Fail {
		t.Errorf("got %d and %v:\n%s", d.code, d.fails(), d.text)
	}
	for _, name := range []string{"data", "disk", "secret", "ports", "name", "address", "certificate", "server", "page", "clock", "websocket", "udp",
		"call-udp", "call-turn-udp", "call-turn-tcp", "call-turn-tls", "webhook"} {
		if f := d.of(name); f.Level != doctor.OK {
			t.Errorf("%s: got %+v, want ok", name, f)
		}
	}
	if f := d.of("webhook"); !strings.Contains(f.Message, "takes what is signed, and nothing else") {
		t.Errorf("got %+v", f)
	}
	if f := d.of("server"); !strings.Contains(f.Message, fmt.Sprint(os.Getpid())) {
		t.Errorf("the running server was not found: %+v", f)
	}
	var list struct {
		Interviews []struct{ State string }
	}
	p.ask(http.MethodGet, "/v1/threads/"+doctorThread+"/interviews", nil, &list)
	if len(list.Interviews) != 1 || list.Interviews[0].State != "ended" {
		t.Errorf("the doctor left %+v, want one interview that has ended", list.Interviews)
	}
}

func TestWithoutAServerOneIsStartedForTheExaminationAlone(t *testing.T) {
	p := healthy(t)
	first, err := strconv.Atoi(p.settings["media-port"])
	if err != nil {
		t.Fatal(err)
	}
	p.settings["media-shards"] = "3"
	d := p.examine()
	if d.code != exitOK || !strings.Contains(d.of("server").Message, "one was started for this") {
		t.Errorf("got %d:\n%s", d.code, d.text)
	}
	for _, path := range doctor.Paths() {
		if f := d.of(string(path)); f.Level != doctor.OK {
			t.Errorf("%s: got %+v, want ok", path, f)
		}
	}
	if f, want := d.of("call-udp"), fmt.Sprintf("port %d, %d, %d after", first, first+1, first+2); !strings.Contains(f.Message, want) {
		t.Errorf("got %+v, want a call on every media port: %q", f, want)
	}
	if left, err := os.ReadDir(p.settings["data"]); err != nil || len(left) > 0 {
		t.Errorf("the data directory holds %v (%v), want it left alone", left, err)
	}
	for network, addr := range map[string]string{"tcp": p.settings["listen"], "udp": "127.0.0.1:" + p.settings["media-port"]} {
		port := doctor.Port{Network: network, Addr: addr}
		if tryPort(t.Context(), &port); port.Taken {
			t.Errorf("%s %s was not given back: %+v", network, addr, port)
		}
	}
}

func TestACallGoesByTheNameAndItsSecondAddressIsTried(t *testing.T) {
	p := healthy(t)
	p.called("calls.example.com", "127.0.0.1 127.0.0.2")
	d := p.examine()
	if f := d.of("page"); f.Level != doctor.Warn || !strings.Contains(f.Fix, "take the A record with 127.0.0.2 out") {
		t.Errorf("page: got %+v, want a warning of the address where nobody listens", f)
	}
	for _, path := range doctor.Paths() {
		if f := d.of(string(path)); f.Level != doctor.OK {
			t.Errorf("%s: got %+v, want ok", path, f)
		}
	}
	if f := d.of("call-turn-tls"); !strings.Contains(f.Message, "turns:calls.example.com:") {
		t.Errorf("the relay was not called by its name: %+v", f)
	}
}

func TestTheMediaPortIsReadFromTheAnswer(t *testing.T) {
	for sdp, want := range map[string]uint16{
		"v=0\r\na=candidate:1 1 udp 2130706431 203.0.113.7 3479 typ host\r\n": 3479,
		"v=0\r\n": 0, "a=candidate:1 1 udp\r\n": 0, "a=candidate:1 1 udp 1 a 99999 typ host": 0, "": 0,
	} {
		if got := candidatePort(sdp); got != want {
			t.Errorf("%q: got %d, want %d", sdp, got, want)
		}
	}
}

func TestTheDoctorLooksFromAnotherMachine(t *testing.T) {
	p := healthy(t)
	p.serve()
	outside := &patient{t: t, settings: map[string]string{"media-port": p.settings["media-port"], "outside": p.url}}
	d := outside.examine()
	if d.code != exitOK || d.URL != p.url {
		t.Errorf("got %d:\n%s", d.code, d.text)
	}
	for _, name := range []string{"name", "certificate", "page", "clock", "websocket", "udp"} {
		if f := d.of(name); f.Level != doctor.OK {
			t.Errorf("%s: got %+v, want ok", name, f)
		}
	}
	if f := d.of("call-udp"); f.Level != doctor.Skip || !strings.Contains(f.Message, "--api-key") {
		t.Errorf("a call without a key: got %+v", f)
	}
	if f := d.of("data"); f.Check != "" {
		t.Errorf("another machine's data were looked at: %+v", f)
	}
	outside.settings["api-key"] = filepath.Join(p.settings["data"], apiKeyFile)
	d = outside.examine()
	for _, path := range doctor.Paths() {
		if f := d.of(string(path)); f.Level != doctor.OK {
			t.Errorf("%s: got %+v, want ok", path, f)
		}
	}
}

func TestTheDoctorSpeaksToPeople(t *testing.T) {
	p := healthy(t)
	p.settings["data"] = filepath.Join(p.settings["tls-key"], "below")
	var stdout, stderr buffer
	err := runDoctor(t.Context(), &program{stdout: &stdout, stderr: &stderr}, p.args("doctor")[1:])
	if code := report(&stderr, err); code != exitFailed || !strings.HasSuffix(stderr.String(), "checks failed\n") {
		t.Errorf("got %d and %q", code, stderr.String())
	}
	for _, want := range []string{"\nfail  data ", "      fix            make it a directory", "      command        sudo install -d", "skip  server         put \"data\" right first\n"} {
		if !strings.Contains("\n"+stdout.String(), want) {
			t.Errorf("no %q in\n%s", want, stdout.String())
		}
	}
	for line := range strings.Lines(stdout.String()) {
		if strings.Contains(line, "\t") || strings.TrimSpace(line) == "" {
			t.Errorf("a line is out of form: %q", line)
		}
	}
}

func TestWhatTheDoctorCannotRunOnIsAMistakeOfUse(t *testing.T) {
	for _, args := range [][]string{
		{"doctor"}, {"doctor", "--outside", "nowhere"}, {"doctor", "--public-url", "https://a.example", "--config", "/nowhere.yaml"},
		{"doctor", "--public-url", "https://a.example", "--clock", "x"},
	} {
		if code, stdout, stderr := run(t, args...); code != exitUsage || stdout != "" || stderr == "" {
			t.Errorf("%v: got %d, %q, %q, want 2 and the reason", args, code, stdout, stderr)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr buffer
	if code := Main(ctx, []string{"doctor", "--public-url", "http://localhost:1"}, &stdout, &stderr); code != exitUsage {
		t.Errorf("stopped: got %d, want 2", code)
	}
}

// names is a name service that knows a few names, with their addresses separated
// by spaces, and nothing else.
func names(t *testing.T, known map[string]string) *net.Resolver {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	server := &dns.Server{Listener: l, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg).SetReply(q)
		ips := strings.Fields(known[strings.TrimSuffix(q.Question[0].Name, ".")])
		if len(ips) == 0 {
			answer.Rcode = dns.RcodeNameError
		}
		for _, ip := range ips {
			if q.Question[0].Qtype == dns.TypeA {
				header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}
				answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.ParseIP(ip)})
			}
		}
		_ = w.WriteMsg(answer)
	})}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.ActivateAndServe() })
	<-started // what has not started cannot be shut down
	t.Cleanup(func() { _ = server.Shutdown(); wg.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}}
}

func TestTheDoctorTriesTheFFmpegThatServeWouldUse(t *testing.T) {
	e := &examination{cfg: defaultConfig()}
	e.cfg.Recording.FFmpeg = "/nowhere/ffmpeg"
	if f := e.checkFFmpeg(t.Context())[0]; f.Level != doctor.Warn || !strings.Contains(f.Message, "/nowhere/ffmpeg") {
		t.Errorf("one that is not there: got %+v", f)
	}
	e.cfg.Recording.Film = false
	if f := e.checkFFmpeg(t.Context())[0]; f.Level != doctor.Skip {
		t.Errorf("without films: got %+v", f)
	}
}
