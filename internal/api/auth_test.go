package api_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/api"
)

func TestRequestWithoutAGoodKeyIsRefused(t *testing.T) {
	h := newHost(t)
	id, secret, _ := strings.Cut(strings.TrimPrefix(h.key, "pk_"), "_")
	other := "a" + secret[1:]
	if other == secret {
		other = "b" + secret[1:]
	}
	for name, header := range map[string]string{
		"no header":        "",
		"another scheme":   "Basic " + h.key,
		"no key":           "Bearer ",
		"not a key":        "Bearer hello",
		"wrong secret":     "Bearer pk_" + id + "_" + other,
		"unknown id":       "Bearer pk_" + strings.Repeat("a", len(id)) + "_" + secret,
		"key and a little": "Bearer " + h.key + "a",
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/v1/provider", "/v1/events", "/v1/interviews/iv_1"} {
				got := h.send("GET", path, "", "Authorization", header)
				got.problem(http.StatusUnauthorized, api.CodeUnauthorized)
				if got.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s: the answer names no scheme", path)
				}
				if strings.Contains(string(got.body), secret) {
					t.Errorf("%s: the answer repeats the key", path)
				}
			}
		})
	}
}

func TestSchemeIsReadInAnyCase(t *testing.T) {
	h := newHost(t)
	if got := h.send("GET", "/v1/provider", "", "Authorization", "bearer "+h.key); got.status != http.StatusOK {
		t.Errorf("got status %d, want 200", got.status)
	}
}

func TestPathOrMethodThatDoesNotExistIsAProblem(t *testing.T) {
	h := newHost(t)
	h.send("GET", "/v1/nothing", "").problem(http.StatusNotFound, api.CodeNotFound)
	h.send("GET", "/v1/interviews/", "").problem(http.StatusNotFound, api.CodeNotFound)
	got := h.send("DELETE", "/v1/threads/th_1", "")
	got.problem(http.StatusMethodNotAllowed, api.CodeMethodNotAllowed)
	if allow := got.header.Get("Allow"); allow != "GET, HEAD, PUT" {
		t.Errorf("got Allow %q, want GET, HEAD, PUT", allow)
	}
}

func TestRequestIDIsTakenWhenHarmless(t *testing.T) {
	h := newHost(t)
	for given, taken := range map[string]bool{
		"trace-42": true, "a b": false, strings.Repeat("x", 65): false, "<script>": false,
	} {
		got := h.send("GET", "/v1/provider", "", "X-Request-Id", given).header.Get("X-Request-Id")
		if (got == given) != taken || got == "" {
			t.Errorf("request id %.20q came back as %q", given, got)
		}
	}
}

func TestAnswersAreNotKeptByCaches(t *testing.T) {
	h := newHost(t)
	for _, path := range []string{"/v1/provider", "/v1/nothing", "/v1/openapi.json"} {
		if got := h.send("GET", path, "").header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: got Cache-Control %q, want no-store", path, got)
		}
	}
}

func TestKeyThatAsksTooOftenIsToldToWait(t *testing.T) {
	h := newHost(t)
	var limited *answer
	for range 400 {
		if got := h.send("GET", "/v1/provider", ""); got.status != http.StatusOK {
			limited = &got
			break
		}
	}
	if limited == nil {
		t.Skip("this machine is too slow to reach the limit over loopback; limit_test.go covers it")
	}
	limited.problem(http.StatusTooManyRequests, api.CodeRateLimited)
	if limited.header.Get("Retry-After") != "1" {
		t.Errorf("got Retry-After %q, want 1", limited.header.Get("Retry-After"))
	}
	h.key = h.newKey()
	if got := h.send("GET", "/v1/provider", ""); got.status != http.StatusOK {
		t.Errorf("another key got status %d, want 200", got.status)
	}
}
