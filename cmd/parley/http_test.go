package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// testSite is a site whose API is the given handler.
func testSite(t *testing.T, c Config, api http.HandlerFunc) (*site, *bytes.Buffer) {
	t.Helper()
	p, err := newPages(fstest.MapFS{
		"room.html":          {Data: []byte("<!doctype html>room")},
		"recording.html":     {Data: []byte("<!doctype html>recording")},
		"check.html":         {Data: []byte("<!doctype html>check")},
		"app.html":           {Data: []byte("<!doctype html>app")},
		"embed/v1.js":        {Data: []byte("button")},
		"embed/thread.js":    {Data: []byte("thread")},
		"assets/a-1234.js":   {Data: []byte("script")},
		"assets/f-12.woff2":  {Data: []byte("font")},
		"assets/sub/b-1.css": {Data: []byte("style")},
	})
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	nothing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})
	if api == nil {
		api = nothing
	}
	return &site{
		pages: p, headers: newHeaders(c), api: api, signaling: nothing, app: nothing, metrics: nothing, allow: c.Metrics.Allow,
		ping: func(context.Context) error { return nil }, log: slog.New(slog.NewTextHandler(log, nil)),
	}, log
}

func ask(s *site, method, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	for _, c := range change {
		c(r)
	}
	s.handler().ServeHTTP(w, r)
	return w
}

func TestEveryPageHasThePolicyItNeeds(t *testing.T) {
	c := defaultConfig()
	c.HTTP.FrameAncestors = []string{"https://app.example"}
	c.HTTP.TLSCertificate = "cert.pem"
	c.Files.UploadOrigins = []string{"self", "https://files.example"}
	s, _ := testSite(t, c, nil)
	for _, test := range []struct{ path, header, want string }{
		{"/r/iv_1", "Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)"},
		{"/r/iv_1", "Cache-Control", "no-store"},
		{"/r/iv_1", "Content-Security-Policy", "default-src 'none'; script-src 'self'; "},
		{"/r/iv_1", "Content-Security-Policy", "; connect-src 'self' https://files.example ws://example.com wss://example.com; "},
		{"/check", "Content-Security-Policy", "; connect-src 'self' ws://example.com wss://example.com; "},
		{"/r/iv_1", "Content-Security-Policy", "; frame-ancestors 'self' https://app.example"},
		{"/r/iv_1", "Content-Security-Policy", "require-trusted-types-for 'script'"},
		{"/r/iv_1", "Strict-Transport-Security", "max-age=31536000"},
		{"/check", "Permissions-Policy", "camera=(self), microphone=(self), display-capture=()"},
		{"/check", "Content-Security-Policy", "; frame-ancestors 'none'"},
		{"/check", "Cache-Control", "no-store"},
		{"/", "Permissions-Policy", "camera=(), microphone=(), display-capture=()"},
		{"/", "Content-Security-Policy", "; frame-ancestors 'none'"},
		{"/", "Cache-Control", "no-store"},
		{"/assets/a-1234.js", "Cache-Control", "public, max-age=31536000, immutable"},
		{"/assets/a-1234.js", "Content-Type", "text/javascript; charset=utf-8"},
		{"/assets/f-12.woff2", "Content-Type", "font/woff2"},
		{"/assets/sub/b-1.css", "Content-Type", "text/css; charset=utf-8"},
		{"/embed/v1.js", "Cache-Control", "public, max-age=300"},
		{"/embed/v1.js", "Cross-Origin-Resource-Policy", "cross-origin"},
		{"/embed/thread.js", "Access-Control-Allow-Origin", "*"},
		{"/embed/v1.js", "Access-Control-Allow-Origin", "*"},
		{"/v1/provider", "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
		{"/v1/provider", "X-Content-Type-Options", "nosniff"},
		{"/healthz", "Cache-Control", "no-store"},
		{"/nowhere", "Referrer-Policy", "no-referrer"},
	} {
		if got := ask(s, "GET", test.path).Header().Get(test.header); !strings.Contains(got, test.want) {
			t.Errorf("%s %s: got %q, want %q", test.path, test.header, got, test.want)
		}
	}
}

func TestAHostNameThatIsNoneStaysOutOfThePolicy(t *testing.T) {
	s, _ := testSite(t, defaultConfig(), nil)
	w := ask(s, "GET", "/r/iv_1", func(r *http.Request) { r.Host = "a;script-src *" })
	if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "*") {
		t.Errorf("the Host header is in the policy: %s", policy)
	}
}

func TestMissingPathsAreNotFoundAndNeverKept(t *testing.T) {
	s, _ := testSite(t, defaultConfig(), nil)
	for _, path := range []string{"/nowhere", "/assets/", "/assets/gone.js", "/assets/sub", "/embed/v2.js", "/r/", "/r/a/b", "/room.html"} {
		w := ask(s, "GET", path)
		if w.Code != http.StatusNotFound || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: got %d with %q, want 404", path, w.Code, w.Header().Get("Cache-Control"))
		}
	}
	if w := ask(s, "POST", "/r/iv_1"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST /r/iv_1: got %d, want 405", w.Code)
	}
}

func TestTheButtonIsLoadedAgainOnlyWhenItHasChanged(t *testing.T) {
	s, _ := testSite(t, defaultConfig(), nil)
	tag := ask(s, "GET", "/embed/v1.js").Header().Get("ETag")
	w := ask(s, "GET", "/embed/v1.js", func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
	if w.Code != http.StatusNotModified {
		t.Errorf("with its own tag %s: got %d, want 304", tag, w.Code)
	}
}

func TestAPanickingRequestEndsAlone(t *testing.T) {
	s, log := testSite(t, defaultConfig(), func(w http.ResponseWriter, r *http.Request) { panic("oh") })
	w := ask(s, "GET", "/v1/provider")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "oh") {
		t.Errorf("got %d %q, want 500 without the reason", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "request panicked") || !strings.Contains(log.String(), "http_test.go") {
		t.Errorf("the log has no stack: %s", log)
	}
	s, log = testSite(t, defaultConfig(), func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	defer func() {
		if reason := recover(); reason != http.ErrAbortHandler || log.Len() > 0 {
			t.Errorf("a request that ends its connection on purpose: got %v and log %q", reason, log)
		}
	}()
	ask(s, "GET", "/v1/provider")
}

func TestBodiesBeyondTheFuseAreCutOff(t *testing.T) {
	var got error
	s, _ := testSite(t, defaultConfig(), func(w http.ResponseWriter, r *http.Request) { _, got = io.ReadAll(r.Body) })
	ask(s, "POST", "/v1/threads", func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", maxBodyBytes+1)))
	})
	if _, ok := errors.AsType[*http.MaxBytesError](got); !ok {
		t.Errorf("reading a body of 1 MiB and a byte: got %v, want a MaxBytesError", got)
	}
}

func TestReadinessFollowsTheDatabaseAndTheStop(t *testing.T) {
	s, _ := testSite(t, defaultConfig(), nil)
	status := func() int { return ask(s, "GET", "/readyz").Code }
	if got := status(); got != http.StatusOK {
		t.Errorf("at rest: got %d, want 200", got)
	}
	s.ping = func(context.Context) error { return errors.New("gone") }
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("without a database: got %d, want 503", got)
	}
	s.ping = func(context.Context) error { return nil }
	s.draining.Store(true)
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("while stopping: got %d, want 503", got)
	}
	if got := ask(s, "GET", "/healthz").Code; got != http.StatusOK {
		t.Errorf("/healthz while stopping: got %d, want 200", got)
	}
}

func TestMetricsAreForTheMachineAndTheNetworksNamed(t *testing.T) {
	allow := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct {
		peer, header string
		want         int
	}{
		{"127.0.0.1:1234", "", 200},
		{"[::1]:1234", "", 200},
		{"[::ffff:127.0.0.1]:1234", "", 200},
		{"10.1.2.3:1234", "", 200},
		{"[::ffff:10.1.2.3]:1234", "", 200},
		{"192.0.2.1:1234", "", 403},
		{"[2001:db8::1]:1234", "", 403},
		{"127.0.0.1:1234", "X-Forwarded-For", 403},
		{"127.0.0.1:1234", "Forwarded", 403},
		{"10.1.2.3:1234", "X-Forwarded-For", 403},
		{"nonsense", "", 403},
	} {
		c := defaultConfig()
		c.Metrics.Allow = allow
		s, _ := testSite(t, c, nil)
		w := ask(s, "GET", "/metrics", func(r *http.Request) {
			r.RemoteAddr = test.peer
			if test.header != "" {
				r.Header.Set(test.header, "192.0.2.1")
			}
		})
		if w.Code != test.want {
			t.Errorf("%s %s: got %d, want %d", test.peer, test.header, w.Code, test.want)
		}
	}
}

func TestTheClientIsTheLastAddressThatIsNoProxy(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, test := range []struct{ peer, forwarded, want string }{
		{"192.0.2.1:1", "", "192.0.2.1"},
		{"192.0.2.1:1", "198.51.100.1", "192.0.2.1"},
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "203.0.113.9, 198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"[::ffff:10.0.0.1]:1", "2001:db8::1", "2001:db8::1"},
		{"10.0.0.1:1", "rubbish", "10.0.0.1"},
		{"10.0.0.1:1", "198.51.100.1, rubbish", "10.0.0.1"},
		{"10.0.0.1:1", "", "10.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.peer
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := clientAddr(r, proxies); got != netip.MustParseAddr(test.want) {
			t.Errorf("%s for %q: got %v, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}

// deadlineWriter notes the deadlines that are set on it.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (w *deadlineWriter) SetReadDeadline(t time.Time) error  { w.read = t; return nil }
func (w *deadlineWriter) SetWriteDeadline(t time.Time) error { w.write = t; return nil }

func TestOnlyWhoListensHasNoDeadline(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		method, path, body string
		read, write        time.Time
	}{
		{"GET", "/r/iv_1", "", time.Time{}, now.Add(writeTimeout)},
		{"POST", "/v1/interviews/iv_1/join", "{}", now.Add(readBodyTimeout), now.Add(writeTimeout)},
		{"GET", "/v1/signal", "", time.Time{}, time.Time{}},
		{"GET", "/v1/events", "", time.Time{}, time.Time{}},
		{"GET", "/app/events", "", time.Time{}, time.Time{}},
	} {
		w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
		deadlines(w, httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)), now)
		if w.read != test.read || w.write != test.write {
			t.Errorf("%s %s: got read %v, write %v; want %v, %v", test.method, test.path, w.read, w.write, test.read, test.write)
		}
	}
}
