package conference

import (
	"sync"
	"testing"
	"time"

	"parley/internal/interview"
)

func TestCreateReturnsTheInterviewUnderWay(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		again, created, err := h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeAudio})
		if err != nil || created || again.ID != iv.ID {
			t.Errorf("second create: %s, created %v, %v; want %s", again.ID, created, err, iv.ID)
		}
		_, _, err = h.rooms.Create(t.Context(), Create{Thread: "nowhere", Mode: interview.ModeVideo})
		wantCode(t, err, CodeNotFound)
		_, err = h.rooms.Interview(t.Context(), "iv_nowhere")
		wantCode(t, err, CodeNotFound)
	})
}

func TestWhoActsOnTheNewsOfAnInterviewFindsItsRoom(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		var news []interview.EventKind
		stop := h.rooms.Watch(func(e interview.Event) {
			news = append(news, e.Kind)
			if h.rooms.room(e.Interview) == nil {
				t.Errorf("there is no room when %s is told", e.Kind)
			}
		})
		h.ring(interview.ModeVideo)
		stop()
		if len(news) == 0 {
			t.Error("nothing was told")
		}
	})
}

func TestDoubleClickCreatesOneInterview(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		if err := h.store.PutThread(t.Context(), thread, time.Now()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		made := map[interview.ID]int{}
		for range 8 {
			wg.Go(func() {
				iv, created, err := h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeVideo})
				if err != nil {
					t.Errorf("create: %v", err)
				}
				mu.Lock()
				defer mu.Unlock()
				made[iv.ID] += 0
				if created {
					made[iv.ID]++
				}
			})
		}
		wg.Wait()
		if len(made) != 1 {
			t.Errorf("interviews: %v, want one", made)
		}
		for id, times := range made {
			if times != 1 {
				t.Errorf("%s was created %d times", id, times)
			}
		}
	})
}

func TestIdempotencyKeyOutlivesTheInterview(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		if err := h.store.PutThread(t.Context(), thread, time.Now()); err != nil {
			t.Fatal(err)
		}
		ask := Create{Thread: thread.ID, Mode: interview.ModeVideo, IdempotencyScope: "key", IdempotencyKey: "1", RequestHash: []byte("a")}
		first, created, err := h.rooms.Create(t.Context(), ask)
		if err != nil || !created {
			t.Fatalf("create: %v, %v", created, err)
		}
		if _, err := h.rooms.End(t.Context(), first.ID, "", ""); err != nil {
			t.Fatal(err)
		}
		again, created, err := h.rooms.Create(t.Context(), ask)
		if err != nil || created || again.ID != first.ID || again.State != interview.StateCancelled {
			t.Errorf("repeated: %s %s, %v, %v", again.ID, again.State, created, err)
		}
		ask.IdempotencyKey = "2"
		other, created, err := h.rooms.Create(t.Context(), ask)
		if err != nil || !created || other.ID == first.ID {
			t.Errorf("another key: %s, %v, %v", other.ID, created, err)
		}
		ask.RequestHash = []byte("b")
		_, _, err = h.rooms.Create(t.Context(), ask)
		wantCode(t, err, CodeIdempotencyConflict)
	})
}
