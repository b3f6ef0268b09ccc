package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
)

// feed is an open event stream.
type feed struct {
	t      *testing.T
	events chan api.Event // closed when the stream ends
	close  func()
}

// listen opens an event stream with the host's key.
func (h *host) listen() *feed {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	request, err := http.NewRequestWithContext(ctx, "GET", h.url+"/v1/events", nil)
	fatal(h.t, err)
	request.Header.Set("Authorization", "Bearer "+h.key)
	response, err := http.DefaultClient.Do(request)
	fatal(h.t, err)
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		h.t.Fatalf("got status %d and Content-Type %q, want an event stream", response.StatusCode, got)
	}
	f := &feed{t: h.t, events: make(chan api.Event, 64), close: cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(f.events)
		defer response.Body.Close()
		f.read(bufio.NewScanner(response.Body))
	}()
	h.t.Cleanup(func() { cancel(); <-done })
	return f
}

func (f *feed) read(lines *bufio.Scanner) {
	name := ""
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = text
		}
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var event api.Event
			if err := json.Unmarshal([]byte(text), &event); err != nil || event.Type != name {
				f.t.Errorf("event %q has data %s (%v)", name, text, err)
			}
			f.events <- event
		}
	}
}

// next waits for the next event.
func (f *feed) next() api.Event {
	f.t.Helper()
	select {
	case event, ok := <-f.events:
		if !ok {
			f.t.Fatal("the stream ended")
		}
		return event
	case <-time.After(10 * time.Second):
		f.t.Fatal("no event came")
	}
	return api.Event{}
}

// ended waits for the end of the stream.
func (f *feed) ended() {
	f.t.Helper()
	for {
		select {
		case _, ok := <-f.events:
			if !ok {
				return
			}
		case <-time.After(10 * time.Second):
			f.t.Fatal("the stream did not end")
		}
	}
}

func TestStreamTellsAnInterviewFromItsRingToItsEnd(t *testing.T) {
	h := newHost(t)
	f := h.listen()
	iv, client, freelancer := h.live("th_1")
	fatal(t, freelancer.Leave(t.Context()))
	fatal(t, client.Leave(t.Context()))

	var got []string
	for len(got) == 0 || got[len(got)-1] != "interview.ended" {
		event := f.next()
		got = append(got, event.Type)
		if event.Data.Interview.ID != iv.ID || event.Data.Interview.Thread != "th_1" || event.Timestamp.IsZero() {
			t.Errorf("%s is about %+v at %v", event.Type, event.Data.Interview, event.Timestamp)
		}
		if event.Type == "participant.left" && event.Data.Cause != "left" {
			t.Errorf("got cause %q, want left", event.Data.Cause)
		}
		if strings.HasPrefix(event.Type, "participant.") && event.Data.Participant == nil {
			t.Errorf("%s names nobody", event.Type)
		}
		if event.Type == "interview.ended" && (event.Data.Reason != "left" || event.Data.Interview.State != "ended") {
			t.Errorf("got %+v, want it ended because everybody left", event.Data)
		}
	}
	want := []string{
		"interview.ringing", "participant.joined", "participant.joined", "interview.started",
		"participant.left", "participant.left", "interview.ended",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStreamTellsTheWordsOfWhoDeclines(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	f := h.listen()
	h.send("POST", "/v1/interviews/"+iv.ID+"/decline", `{"by":"freelancer","reason":"On a train – tomorrow?"}`).interview(http.StatusOK)
	event := f.next()
	if event.Type != "interview.declined" || event.Data.Reason != "On a train – tomorrow?" || event.Data.Participant == nil || event.Data.Participant.ID != "freelancer" {
		t.Errorf("got %+v, want declined by the freelancer in their words", event)
	}
}

func TestEveryStreamHearsEveryEvent(t *testing.T) {
	h := newHost(t)
	feeds := []*feed{h.listen(), h.listen(), h.listen()}
	h.ring("th_1")
	h.ring("th_2")
	for n, f := range feeds {
		if a, b := f.next(), f.next(); a.Data.Interview.Thread != "th_1" || b.Data.Interview.Thread != "th_2" {
			t.Errorf("stream %d got events of %s and %s, want th_1 and th_2", n, a.Data.Interview.Thread, b.Data.Interview.Thread)
		}
	}
}

func TestStreamsOfOneKeyAreLimited(t *testing.T) {
	h := newHost(t)
	first := h.listen()
	for range 15 {
		h.listen()
	}
	h.send("GET", "/v1/events", "").problem(http.StatusTooManyRequests, api.CodeTooManyStreams)

	mine := h.key
	h.key = h.newKey()
	h.listen()
	h.key = mine
	first.close()
	first.ended()
	for deadline := time.Now().Add(10 * time.Second); ; { // the server notices in its own time
		if got := h.status("/v1/events"); got == http.StatusOK {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("got status %d after a stream was given back, want 200", got)
		}
	}
}

// status opens a stream and hangs up.
func (h *host) status(path string) int {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", h.url+path, nil)
	fatal(h.t, err)
	request.Header.Set("Authorization", "Bearer "+h.key)
	response, err := http.DefaultClient.Do(request)
	fatal(h.t, err)
	defer response.Body.Close()
	return response.StatusCode
}

func TestClosingEndsStreamsAndRefusesNewOnes(t *testing.T) {
	h := newHost(t)
	f := h.listen()
	fatal(t, h.server.Close(t.Context()))
	f.ended()
	h.send("GET", "/v1/events", "").problem(http.StatusServiceUnavailable, api.CodeGoingAway)
	fatal(t, h.server.Close(t.Context()))
	if got := h.send("GET", "/v1/provider", ""); got.status != http.StatusOK {
		t.Errorf("other requests got status %d after the close, want 200", got.status)
	}
}

func TestRoomsThatCloseRefuseCalls(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	h.putThread("th_2")
	fatal(t, h.rooms.Close(t.Context()))
	h.send("POST", "/v1/threads/th_2/interviews", `{"mode":"video"}`).problem(http.StatusServiceUnavailable, api.CodeGoingAway)
	h.send("POST", "/v1/interviews/"+iv.ID+"/end", "").problem(http.StatusServiceUnavailable, api.CodeGoingAway)
	if got := h.send("GET", "/v1/interviews/"+iv.ID, "").interview(http.StatusOK); got.State != "ringing" {
		t.Errorf("got %s, want it ringing on for after the restart", got.State)
	}
}

func TestStoreThatIsGoneIsAnInternalError(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	fatal(t, h.rooms.Close(t.Context()))
	fatal(t, h.store.Close())
	p := h.send("GET", "/v1/provider", "").problem(http.StatusInternalServerError, api.CodeInternal)
	if strings.Contains(p.Detail, "sql") || strings.Contains(p.Detail, "database") {
		t.Errorf("the answer tells the cause: %q", p.Detail)
	}
}
