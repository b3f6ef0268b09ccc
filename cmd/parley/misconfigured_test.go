package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/transcript/transcripttest"
	"parley/internal/webhook"
)

// misconfigured are mistakes that operators make, each made in an installation
// that has nothing else wrong: the check that finds it, and words of the way out.
var misconfigured = map[string]struct {
	make       func(p *patient)
	check, fix string
}{
	"the data directory is a file": {func(p *patient) {
		p.settings["data"] = p.settings["tls-key"]
	}, "data", "name another one in data"},
	"another program has the HTTP port": {func(p *patient) {
		l, err := net.Listen("tcp", p.settings["listen"])
		p.must(err)
		p.t.Cleanup(func() { l.Close() })
	}, "ports", "choose another port in http.listen"},
	"another program has the media port": {func(p *patient) {
		c, err := net.ListenPacket("udp", "127.0.0.1:"+p.settings["media-port"])
		p.must(err)
		p.t.Cleanup(func() { c.Close() })
	}, "ports", "choose another port in media.port"},
	"the relay's secret is an example's": {func(p *patient) {
		p.must(os.WriteFile(filepath.Join(p.settings["data"], relaySecretFile), []byte("changeme-changeme-0123456789abcdef\n"), 0o600))
	}, "secret", "openssl rand -hex 32"},
	"the name is unknown": {func(p *patient) {
		p.called("calls.example.com", "")
	}, "name", "make an A record (and AAAA, with IPv6) for calls.example.com"},
	"a private address behind a public name": {func(p *patient) {
		p.called("calls.example.com", "203.0.113.7")
		p.settings["media-announce"] = "10.0.0.5"
		delete(p.settings, "media-listen")
	}, "address", "write media.announce: [203.0.113.7]"},
	"the certificate is for another name": {func(p *patient) {
		p.certificate("other.example.com", time.Now().AddDate(1, 0, 0))
	}, "certificate", "get one for localhost"},
	"the certificate has expired": {func(p *patient) {
		p.certificate("localhost", time.Now().AddDate(0, 0, -3))
	}, "certificate", "put another file in its place"},
	"nobody has signed the certificate": {func(p *patient) {
		p.settings["tls-certificate"], p.settings["tls-key"] = selfSigned(p.t, p.t.TempDir())
		p.serve()
	}, "page", "use one of a public authority with its whole chain"},
	"the server is another's": {func(p *patient) {
		p.serve()
		p.settings["data"] = p.t.TempDir()
	}, "server", "run this with the configuration of the server that runs"},
	"the proxy leads nowhere": {func(p *patient) {
		p.behind(func(r *http.Request) { r.URL.Host = fmt.Sprintf("127.0.0.1:%d", freePort(p.t, "tcp")) }, nil)
	}, "page", "pass requests on to the address in http.listen"},
	"the proxy passes no WebSockets on": {func(p *patient) {
		p.behind(func(r *http.Request) { r.Header.Del("Upgrade"); r.Header.Del("Connection") }, nil)
	}, "websocket", "proxy_set_header Upgrade $http_upgrade"},
	"the proxy passes another address on": {func(p *patient) {
		p.behind(func(r *http.Request) { r.Header.Set("Origin", "http://backend") }, nil)
	}, "websocket", "pass Host and Origin on unchanged"},
	"the clock is wrong": {func(p *patient) {
		p.behind(nil, func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(-10*time.Minute).UTC().Format(http.TimeFormat))
			return nil
		})
	}, "clock", "let a time service set the clocks"},
	"UDP does not arrive": {func(p *patient) {
		p.settings["media-announce"] = "127.0.0.2" // where nobody listens
		p.serve()
	}, "udp", "let UDP through to that port and those after it"},
	"the relay's terminator is gone": {func(p *patient) {
		p.settings["turn-urls"] = fmt.Sprintf("turns:localhost:%d?transport=tcp", freePort(p.t, "tcp"))
		p.behind(nil, nil)
	}, "call-turn-tls", "name a TLS terminator that passes plain TCP to http.listen in turn.urls"},
	"recordings are to be kept in a file": {func(p *patient) {
		p.settings["recording-dir"] = p.settings["tls-key"]
	}, "recordings", "name another one in recording.dir"},
	"Zoom does not answer": {func(p *patient) {
		secret := filepath.Join(p.t.TempDir(), "secret")
		p.must(os.WriteFile(secret, []byte("s3cret"), 0o600))
		nowhere := fmt.Sprintf("http://127.0.0.1:%d", freePort(p.t, "tcp"))
		for name, value := range map[string]string{"account-id": "a", "client-id": "c", "client-secret-file": secret, "hosts": "u1", "oauth-url": nowhere, "api-url": nowhere} {
			p.settings["zoom-"+name] = value
		}
	}, "zoom", "docs/zoom.md shows where it is set"},
	"the key for transcripts is another": {func(p *patient) {
		service := httptest.NewServer(&transcripttest.Service{})
		p.t.Cleanup(service.Close)
		key := filepath.Join(p.t.TempDir(), "key")
		p.must(os.WriteFile(key, []byte("sk-of-somebody-else"), 0o600))
		p.settings["transcripts-url"], p.settings["transcripts-key-file"] = service.URL+"/v1", key
	}, "transcripts", "see recording.transcripts in docs/config.md"},
	"the webhook believes anybody": {func(p *patient) {
		p.receiver(func(string) http.Handler { return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) })
	}, "webhook", "verify webhook-signature"},
	"the webhook has another secret": {func(p *patient) {
		p.receiver(func(string) http.Handler { return listener(p.t, webhook.NewSecret()) })
	}, "webhook", "give the receiver this webhook's secret"},
	"the webhook has moved": {func(p *patient) {
		p.receiver(func(string) http.Handler { return http.RedirectHandler("/elsewhere", http.StatusMovedPermanently) })
	}, "webhook", "register the address it leads to"},
}

func TestEachMisconfigurationIsFoundWithItsFixAndNothingElse(t *testing.T) {
	for name, test := range misconfigured {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := healthy(t)
			test.make(p)
			d := p.examine()
			if got := d.fails(); !slices.Equal(got, []string{test.check}) || d.code != exitFailed {
				t.Errorf("code %d, and %v failed, want 1 and %s alone:\n%s", d.code, got, test.check, d.text)
			}
			if f := d.of(test.check); !strings.Contains(f.Fix+" "+f.Command, test.fix) {
				t.Errorf("got the fix %q, want %q in it", f.Fix+" "+f.Command, test.fix)
			}
		})
	}
}

func TestAServerWithFewDescriptorsIsFound(t *testing.T) {
	p := healthy(t)
	args := append([]string{"-c", `ulimit -n 200 && exec "$0" "$@"`, os.Args[0]}, p.args("doctor", "--json")...)
	child := exec.CommandContext(t.Context(), "sh", args...)
	child.Env = append(os.Environ(), asMain+"=1")
	out, err := child.Output()
	if child.ProcessState == nil || child.ProcessState.ExitCode() != exitFailed {
		t.Fatalf("got %v:\n%s", err, out)
	}
	text := string(out)
	if n := strings.Count(text, `"level": "fail"`); n != 2 || !strings.Contains(text, "LimitNOFILE=65536") { // the finding's and the whole's
		t.Errorf("got %d times fail, want files alone:\n%s", n, text)
	}
}

func (p *patient) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// certificate gives the server a certificate for a name.
func (p *patient) certificate(name string, until time.Time) {
	p.settings["tls-certificate"], p.settings["tls-key"] = trusted.sign(p.t, name, until)
}

// called gives the server a name, with a certificate for it, that leads to an
// address; empty: nowhere.
func (p *patient) called(name, ip string) {
	p.certificate(name, time.Now().AddDate(1, 0, 0))
	p.settings["public-url"] = fmt.Sprintf("https://%s:%d", name, p.port)
	p.resolver = names(p.t, map[string]string{name: ip})
}

// behind starts the server behind a reverse proxy that ends TLS, and that change
// what passes through it.
func (p *patient) behind(request func(*http.Request), response func(*http.Response) error) {
	p.t.Helper()
	backend := &url.URL{Scheme: "http", Host: p.settings["listen"]}
	proxy := &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), ModifyResponse: response, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend)
		r.Out.Host = r.In.Host
		if request != nil {
			request(r.Out)
		}
	}}
	port := freePort(p.t, "tcp")
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	p.must(err)
	server := &http.Server{Handler: proxy, ErrorLog: log.New(io.Discard, "", 0)}
	cert, key := p.settings["tls-certificate"], p.settings["tls-key"]
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.ServeTLS(l, cert, key) })
	p.t.Cleanup(func() { server.Close(); wg.Wait() })
	delete(p.settings, "tls-certificate")
	delete(p.settings, "tls-key")
	p.settings["public-url"] = fmt.Sprintf("https://localhost:%d", port)
	p.url = backend.String()
	p.serve()
}

// receiver starts the server with a webhook, and what it is answered by.
func (p *patient) receiver(handler func(secret string) http.Handler) {
	p.t.Helper()
	var mu sync.Mutex
	var answers http.Handler
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		answers.ServeHTTP(w, r)
	}))
	p.t.Cleanup(web.Close)
	p.settings["webhook-allow"] = "127.0.0.0/8"
	p.serve()
	var made api.Webhook
	p.ask(http.MethodPost, "/v1/webhooks", map[string]any{"url": web.URL, "events": []string{"interview.ended"}}, &made)
	mu.Lock()
	defer mu.Unlock()
	answers = handler(made.Secret)
}

func listener(t *testing.T, secret string) http.Handler {
	t.Helper()
	l, err := webhook.NewListener(secret, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
