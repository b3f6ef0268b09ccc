package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
)

func TestStreamThatIsTooFarBehindIsClosedAndOthersAreNot(t *testing.T) {
	h := newHub()
	slow, err := h.subscribe("a")
	if err != nil {
		t.Fatal(err)
	}
	quick, err := h.subscribe("a")
	if err != nil {
		t.Fatal(err)
	}
	for range streamQueue + 1 {
		h.publish(interview.Event{Kind: interview.EventRinging})
		<-quick.events
	}
	read := 0
	for range slow.events {
		read++
	}
	if read != streamQueue {
		t.Errorf("the slow stream got %d events before its end, want %d", read, streamQueue)
	}
	h.publish(interview.Event{Kind: interview.EventEnded})
	if got := <-quick.events; got.event.Kind != interview.EventEnded {
		t.Errorf("the quick stream got %s, want %s", got.event.Kind, interview.EventEnded)
	}
	h.leave(slow)
	h.leave(quick)
	if err := h.close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCloseWaitsForStreamsUntilItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		st, err := h.subscribe("a")
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.close(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v while a stream is open, want the deadline", err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(time.Second)
			h.leave(st)
		})
		if err := h.close(t.Context()); err != nil {
			t.Errorf("got %v after the stream was given back, want nil", err)
		}
		wg.Wait()
	})
}

func TestQuietStreamIsKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{cfg: Config{Logger: slog.New(slog.DiscardHandler)}, hub: newHub()}
		recorder := httptest.NewRecorder()
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.streamEvents(recorder, httptest.NewRequest(http.MethodGet, "/v1/events", nil)); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(4*streamKeepAlive + time.Second)
		if err := s.hub.close(t.Context()); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if got := strings.Count(recorder.Body.String(), ": keep-alive\n\n"); got != 4 {
			t.Errorf("got %d comments in a minute, want 4", got)
		}
	})
}
