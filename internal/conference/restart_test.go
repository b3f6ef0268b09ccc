package conference

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestRestartKeepsInterviewsAndPeople(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		h.join(iv, clara, 1)
		f := h.join(iv, femi, 1)
		h.close()
		h.later(3 * time.Second)
		h.open()
		if got := h.rooms.Stats(); got.Rooms != 1 {
			t.Errorf("rooms after the restart: %+v", got)
		}
		// The page comes back with a secret that nobody knows any more.
		back, err := h.try(Attach{Interview: iv.ID, Participant: femi, Resume: f.Snapshot.Resume})
		if err != nil {
			t.Fatal(err)
		}
		if s := back.Snapshot; s.Resumed || !s.Entered || s.Interview.State != interview.StateLive {
			t.Errorf("snapshot: %+v", s)
		}
		back.offer(offer(1, 2))
		back.want(Seated{Place: PlaceSeat, Seat: 0, Participant: clara.ID})
		if p := back.Snapshot.Participants; len(p) != 2 || !p[0].Reconnecting || p[1].Reconnecting {
			t.Errorf("participants: %+v", p)
		}
		h.later(31 * time.Second) // Clara does not come
		back.want(Left{Participant: clara.ID, Cause: interview.CauseLost}, Seated{Place: PlaceSeat, Seat: 0})
		if got := h.stored(iv.ID); len(got.Stays) != 2 || got.State != interview.StateLive {
			t.Errorf("interview: %+v", got)
		}
	})
}

func TestRingingEndsOnTimeAfterARestart(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		h.close()
		h.later(10 * time.Minute)
		h.open()
		h.wantState(iv.ID, interview.StateMissed)
		if got := h.stored(iv.ID); !got.EndedAt.Equal(iv.RingsUntil) {
			t.Errorf("missed at %v, want %v", got.EndedAt, iv.RingsUntil)
		}
	})
}

func TestShutdownInMidCall(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		waiting := h.lobby(iv, olga)
		for _, who := range []*caller{c, f, waiting} {
			who.news()
		}
		if err := h.rooms.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := h.rooms.Close(t.Context()); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		for _, who := range []*caller{c, f, waiting} {
			who.want(GoingAway{})
		}
		wantCode(t, f.Leave(t.Context()), CodeGoingAway)
		f.Detach(Dropped)
		_, err := h.try(Attach{Interview: iv.ID, Participant: femi})
		wantCode(t, err, CodeGoingAway)
		_, err = h.try(Attach{Thread: thread.ID, Participant: femi})
		wantCode(t, err, CodeGoingAway)
		_, _, err = h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeVideo})
		wantCode(t, err, CodeGoingAway)
		_, err = h.rooms.End(t.Context(), iv.ID, "", "")
		wantCode(t, err, CodeGoingAway)
		h.wantState(iv.ID, interview.StateLive) // it goes on after the restart
		if got := h.cfg.Engine.Stats(); got.Peers != 0 || got.Rooms != 0 {
			t.Errorf("media left behind: %d peers, %d rooms", got.Peers, got.Rooms)
		}
		if got := h.rooms.Stats(); got.Rooms != 0 || got.Sessions != 0 || got.Participants != 0 {
			t.Errorf("stats: %+v", got)
		}
	})
}
