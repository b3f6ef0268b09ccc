package conference

import (
	"testing"
	"time"

	"parley/internal/interview"
)

// appointment plans an interview of the thread that begins after d.
func (h *house) appointment(d time.Duration) interview.Interview {
	h.t.Helper()
	if err := h.store.PutThread(h.t.Context(), thread, time.Now()); err != nil {
		h.t.Fatal(err)
	}
	iv, _, err := h.rooms.Create(h.t.Context(), Create{Thread: thread.ID, Mode: interview.ModeVideo, StartsAt: time.Now().Add(d)})
	if err != nil {
		h.t.Fatal(err)
	}
	return iv
}

// wait is Wait of somebody, and what they hear.
func (h *house) wait(iv interview.Interview, p interview.Participant) (*Session, Timing, func() []Notice) {
	h.t.Helper()
	heard := make(chan Notice, 16)
	s, timing, err := h.rooms.Wait(h.t.Context(), Attach{Interview: iv.ID, Participant: p, Deliver: func(n Notice) { heard <- n }})
	if err != nil {
		h.t.Fatal(err)
	}
	return s, timing, func() (news []Notice) {
		h.later(0)
		for len(heard) > 0 {
			news = append(news, <-heard)
		}
		return news
	}
}

func TestWhoComesTooEarlyHearsOfTheNewTime(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.appointment(48 * time.Hour)
		_, timing, news := h.wait(iv, femi)
		if !timing.Interview.StartsAt.Equal(iv.StartsAt) || len(timing.People) != len(thread.Participants) {
			t.Errorf("got %+v, want the interview and its people", timing)
		}
		moved, err := h.rooms.Reschedule(t.Context(), iv.ID, clara.ID, interview.Appointment{StartsAt: iv.StartsAt.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		got := news()
		if len(got) != 1 {
			t.Fatalf("heard %v, want the new time alone", got)
		}
		if change, ok := got[0].(StateChanged); !ok || !change.Interview.StartsAt.Equal(moved.StartsAt) {
			t.Errorf("heard %+v, want that it is at %v", got[0], moved.StartsAt)
		}
		if _, err := h.rooms.Cancel(t.Context(), iv.ID, clara.ID); err != nil {
			t.Fatal(err)
		}
		if got = news(); len(got) != 1 {
			t.Fatalf("heard %v, want that it is over", got)
		}
		if over, ok := got[0].(Over); !ok || over.Interview.State != interview.StateCancelled {
			t.Errorf("heard %+v, want that it was cancelled", got[0])
		}
		timing, err = h.rooms.Timing(t.Context(), iv.ID)
		if err != nil || timing.Interview.State != interview.StateCancelled || len(timing.People) == 0 {
			t.Errorf("afterwards: %+v, %v", timing, err)
		}
	})
}

func TestWhoWaitsElsewhereOrHasGoneHearsNothing(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.appointment(48 * time.Hour)
		_, _, first := h.wait(iv, femi)
		second, _, news := h.wait(iv, femi)
		if got := first(); len(got) != 1 || got[0] != (Replaced{}) {
			t.Errorf("the first page heard %v, want that it was replaced", got)
		}
		second.Detach(Dropped)
		if _, err := h.rooms.Reschedule(t.Context(), iv.ID, "", interview.Appointment{StartsAt: iv.StartsAt.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		if a, b := first(), news(); len(a)+len(b) != 0 {
			t.Errorf("heard %v and %v, want nothing", a, b)
		}
		h.inspect(iv.ID, func(r *room) {
			if len(r.early) != 0 {
				t.Errorf("%d are waiting, want none", len(r.early))
			}
		})
		wantCode(t, second.Enter(t.Context()), CodeSessionOver)
	})
}

func TestWaitingHasALimitAndEndsWithTheServer(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.close()
		h.cfg.Policy.MaxParticipants = 1
		h.open()
		iv := h.appointment(48 * time.Hour)
		_, _, news := h.wait(iv, femi)
		_, _, err := h.rooms.Wait(t.Context(), Attach{Interview: iv.ID, Participant: clara, Deliver: func(Notice) {}})
		wantCode(t, err, CodeRoomFull)
		h.close()
		if got := news(); len(got) != 1 || got[0] != (GoingAway{}) {
			t.Errorf("heard %v, want that the server goes", got)
		}
		h.open()
	})
}
