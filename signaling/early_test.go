package signaling_test

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/token"
	"parley/signaling/wire"
)

// plan makes an interview that begins after d.
func (w *world) plan(d time.Duration) interview.Interview {
	w.t.Helper()
	iv, _, err := w.rooms.Create(w.t.Context(), conference.Create{
		Thread: thread, Mode: interview.ModeVideo, By: clara.ID, StartsAt: time.Now().Add(d), Length: 45 * time.Minute, Zone: "Europe/Prague",
	})
	w.must(err)
	return iv
}

func TestWhoComesTooEarlyWaitsOnTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		lagos := femi
		lagos.Zone = "Africa/Lagos"
		w.must(w.store.PutThread(t.Context(), interview.Thread{ID: thread, Participants: []interview.Participant{clara, lagos}}, time.Now()))
		iv := w.plan(2 * time.Hour)
		p := w.connect()
		hello := wire.Hello{Token: w.token(femi, iv.ID, func(c *token.Claims) { c.ExpiresAt = time.Now().Add(20 * time.Hour) }), Device: "d1"}
		p.send(hello)
		early := await[wire.Error](p)
		if early.Code != wire.CodeTooEarly || early.Fatal || early.Re != "hello" || early.Timing == nil {
			t.Fatalf("got %+v, want when it is", early)
		}
		at := early.Timing
		switch {
		case !at.Interview.StartsAt.Equal(iv.StartsAt) || !at.Interview.OpensAt.Equal(iv.StartsAt.Add(-15*time.Minute)):
			t.Errorf("it is at %v and opens at %v", at.Interview.StartsAt, at.Interview.OpensAt)
		case at.Interview.Minutes != 45 || at.Interview.Zone != "Europe/Prague" || at.Interview.Sequence != 0:
			t.Errorf("got %+v", at.Interview)
		case len(at.People) != 2 || at.People[0].Zone != "" || at.People[1].Zone != "Africa/Lagos" || at.People[1].Name != "Femi Adeyemi":
			t.Errorf("the people are %+v", at.People)
		case at.You != (wire.Person{ID: "freelancer", Name: "Femi Adeyemi", Role: "interviewee"}):
			t.Errorf("it tells %+v", at.You)
		case !at.Now.Equal(time.Now().Truncate(time.Millisecond)):
			t.Errorf("now is %v, want %v", at.Now, time.Now())
		}

		time.Sleep(time.Hour) // the line stays open
		p.send(wire.Ping{N: 7})
		if pong := await[wire.Pong](p); pong.N != 7 {
			t.Errorf("got pong %d", pong.N)
		}
		moved, err := w.rooms.Reschedule(t.Context(), iv.ID, clara.ID, interview.Appointment{StartsAt: iv.StartsAt.Add(3 * time.Hour)})
		w.must(err)
		if news := await[wire.InterviewChanged](p); !news.Interview.StartsAt.Equal(moved.StartsAt) || news.Interview.Sequence != 1 {
			t.Errorf("heard %+v, want that it is at %v", news.Interview, moved.StartsAt)
		}
		p.send(hello)
		if again := await[wire.Error](p); again.Code != wire.CodeTooEarly || again.Fatal || again.Timing.Interview.Sequence != 1 {
			t.Errorf("hello again got %+v", again)
		}
		time.Sleep(time.Until(moved.OpensAt()))
		p.send(hello)
		if in := await[wire.Welcome](p); in.Entered || in.Interview.ID != string(iv.ID) {
			t.Errorf("got %+v, want the lobby", in)
		}
	})
}

// tooEarly has Femi wait on the line for an interview.
func (w *world) tooEarly() (interview.Interview, *page) {
	w.t.Helper()
	iv := w.plan(2 * time.Hour)
	p := w.connect()
	p.send(wire.Hello{Token: w.token(femi, iv.ID), Device: "d1"})
	if e := await[wire.Error](p); e.Code != wire.CodeTooEarly {
		w.t.Errorf("got %+v, want that it is too early", e)
	}
	return iv, p
}

func TestWhoWaitsHearsThatItIsCalledOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv, p := w.tooEarly()
		_, err := w.rooms.Cancel(t.Context(), iv.ID, clara.ID)
		w.must(err)
		if got := await[wire.Ended](p); got.Interview.State != "cancelled" {
			t.Errorf("got %+v", got)
		}
		late := w.connect()
		late.send(wire.Hello{Token: w.token(femi, iv.ID), Device: "d1"})
		if e := late.refused(wire.CodeInterviewOver); e.Timing == nil || e.Timing.Interview.State != "cancelled" || !e.Timing.Interview.StartsAt.Equal(iv.StartsAt) {
			t.Errorf("got %+v, want when it was to be", e)
		}
	})
}

func TestWhoWaitsCanAskForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		_, p := w.tooEarly()
		p.send(wire.Enter{})
		p.refused(wire.CodeHelloFirst)
	})
}
