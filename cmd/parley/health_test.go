package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheckAsksTheConfiguredListener(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asked %s, want /healthz", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	listen := strings.TrimPrefix(server.URL, "http://")
	t.Setenv("PARLEY_HTTP_LISTEN", listen)
	if code, stdout, _ := run(t, "healthcheck"); code != exitOK || stdout != "alive\n" {
		t.Errorf("alive: got %d and %q", code, stdout)
	}
	status = http.StatusServiceUnavailable
	if code, _, stderr := run(t, "healthcheck"); code != exitFailed || !strings.Contains(stderr, "503") {
		t.Errorf("failing: got %d and %q, want 1 and the status", code, stderr)
	}
	server.Close()
	if code, _, stderr := run(t, "healthcheck"); code != exitFailed || !strings.HasPrefix(stderr, "parley: no answer: ") {
		t.Errorf("gone: got %d and %q, want 1 and no answer", code, stderr)
	}
}

func TestHealthcheckReachesAListenerOnAllAddresses(t *testing.T) {
	for _, test := range []struct{ listen, want string }{
		{":8080", "http://127.0.0.1:8080/healthz"},
		{"0.0.0.0:80", "http://127.0.0.1:80/healthz"},
		{"[::]:80", "http://127.0.0.1:80/healthz"},
		{"[::1]:80", "http://[::1]:80/healthz"},
		{"192.0.2.1:80", "http://192.0.2.1:80/healthz"},
	} {
		c := defaultConfig()
		c.HTTP.Listen = test.listen
		if got, err := healthURL(c); err != nil || got != test.want {
			t.Errorf("%s: got %s (%v), want %s", test.listen, got, err, test.want)
		}
	}
}
