package demo

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestRequestsAreRefusedWithTheirReason(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	text := map[string]string{"text": "x"}
	client.refused(http.StatusNotFound, "not_found", "/app/proposals/pr_none/message", nil)
	client.is("freelancer").refused(http.StatusForbidden, "not_yours", "/app/proposals/pr_femi/message", nil)
	client.is("nobody").refused(http.StatusBadRequest, "unknown_person", "/app/proposals/pr_femi/message", nil)
	client.refused(http.StatusNotFound, "not_found", "/app/threads/th_none/messages", text)
	client.is("mateo").refused(http.StatusForbidden, "not_yours", "/app/threads/th_pr_femi/messages", text)
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"text": " \n "})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"text": strings.Repeat("é", 4001)})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"words": "x"})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"text": strings.Repeat("x", maxBody)})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/call", map[string]string{"mode": "zoom"})
	client.refused(http.StatusNotFound, "no_open_interview", "/app/threads/th_pr_femi/join", nil)
	client.refused(http.StatusNotFound, "no_open_interview", "/app/threads/th_pr_femi/decline", nil)
	for path, want := range map[string]int{"/app/state?as=nobody": 400, "/app/events?as=": 400, "/app/nothing": 404, "/nothing": 404} {
		if got, raw := client.do("GET", path, nil, ""); got != want || !bytes.Contains(raw, []byte(`"code"`)) {
			t.Errorf("%s: got status %d and %s, want %d and a problem", path, got, raw, want)
		}
	}
}

func TestPagesOfOtherSitesCannotWrite(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	body := []byte(`{"as":"client"}`)
	if got, _ := client.do("POST", "/app/proposals/pr_femi/message", body, "application/json", "Origin", "https://elsewhere.example"); got != http.StatusForbidden {
		t.Errorf("another site's page got status %d, want 403", got)
	}
	if got, _ := client.do("POST", "/app/proposals/pr_femi/message", body, "text/plain"); got != http.StatusBadRequest {
		t.Errorf("a form got status %d, want 400", got)
	}
	if len(client.state().Threads) != 0 {
		t.Error("a refused request opened the thread")
	}
}

func TestPersonWhoSendsTooMuchIsSlowedDown(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	for range 20 * requestBurst {
		if status, raw := client.post("/app/threads/th_pr_femi/join", nil); status == http.StatusTooManyRequests {
			if !bytes.Contains(raw, []byte("too_many_requests")) {
				t.Errorf("got %s", raw)
			}
			return
		}
	}
	t.Error("nothing was refused")
}

func TestPageIsServed(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	if status, raw := client.do("GET", "/?as=client", nil, ""); status != http.StatusOK || !bytes.Contains(raw, []byte("<title>Messages")) {
		t.Errorf("got status %d and %s", status, raw)
	}
	if status, raw := client.do("GET", "/app/people", nil, ""); status != http.StatusOK || !sameJSON(t, raw, golden(t, "people.json")) {
		t.Errorf("got status %d and %s, want people.json", status, raw)
	}
}

func TestClosingEndsThePages(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	states := client.watch()
	<-states
	fatal(t, client.app.Close(t.Context()))
	if _, open := <-states; open {
		t.Error("the stream goes on")
	}
	if status, _ := client.do("GET", "/app/events?as=client", nil, ""); status != http.StatusServiceUnavailable {
		t.Errorf("a new page got status %d, want 503", status)
	}
	fatal(t, client.app.Close(t.Context()))
}

func TestASiteWhoseNameIsPointedHereGetsNothing(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	for host, want := range map[string]int{
		"localhost:8080": 200, "LOCALHOST": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "parley.example.com": 200,
		"evil.example:8080": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example:8080": 421,
	} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", client.url+"/app/state?as=client", nil)
		fatal(t, err)
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		fatal(t, err)
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("as %s: got status %d, want %d", host, response.StatusCode, want)
		}
	}
}
