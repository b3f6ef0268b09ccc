package conference

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestDroppedAndResumedKeepsSeatAndMedia(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 2), h.join(iv, femi, 2)
		f.publish(interview.SourceMic, true)
		c.news()
		f.Detach(Dropped)
		away := Presence{Participant: femi, Reconnecting: true, Publishing: []interview.Source{interview.SourceMic}}
		c.want(Changed{away})
		h.later(29 * time.Second)
		c.want() // still seated

		back, err := h.try(Attach{Interview: iv.ID, Participant: femi, Resume: f.Snapshot.Resume})
		if err != nil {
			t.Fatal(err)
		}
		s := back.Snapshot
		if !s.Resumed || !s.Entered || s.Session != f.Snapshot.Session || s.Resume != f.Snapshot.Resume {
			t.Errorf("snapshot: %+v", s)
		}
		if len(s.Seating) != 3 || s.Seating[0].Participant != clara.ID {
			t.Errorf("seating: %+v", s.Seating)
		}
		away.Reconnecting = false
		c.want(Changed{away})
		h.later(time.Hour)
		h.wantState(iv.ID, interview.StateLive)
		if err := back.Publish(t.Context(), interview.SourceMic, false); err != nil {
			t.Error(err)
		}
		if got := h.rooms.Stats(); got.Resumed != 1 || got.Replaced != 0 || got.Lost != 0 || got.Sessions != 2 {
			t.Errorf("stats: %+v", got)
		}
	})
}

func TestResumeTakesAHalfOpenConnectionOver(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		f.publish(interview.SourceCamera, true)
		c.news()
		f.news()
		back, err := h.try(Attach{Interview: iv.ID, Participant: femi, Resume: f.Snapshot.Resume})
		if err != nil || !back.Snapshot.Resumed {
			t.Fatalf("resumed %v, %v", back.Snapshot.Resumed, err)
		}
		f.want(Replaced{})
		wantCode(t, f.Publish(t.Context(), interview.SourceCamera, false), CodeSessionOver)
		f.Detach(Dropped) // the old socket is found dead later
		h.later(time.Minute)
		c.want() // nobody saw anything
	})
}

func TestDroppedForGoodLeavesAfterGrace(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		c.news()
		f.Detach(Dropped)
		h.later(31 * time.Second)
		c.want(Changed{Presence{Participant: femi, Reconnecting: true}},
			Left{Participant: femi.ID, Cause: interview.CauseLost}, Seated{Place: PlaceSeat, Seat: 0})
		// The old secret opens nothing any more: a fresh session, in the lobby.
		back, err := h.try(Attach{Interview: iv.ID, Participant: femi, Resume: f.Snapshot.Resume})
		if err != nil || back.Snapshot.Resumed || back.Snapshot.Entered {
			t.Errorf("after grace: %+v, %v", back.Snapshot, err)
		}
		c.Detach(Dropped)
		h.later(31 * time.Second)
		h.wantState(iv.ID, interview.StateLive) // empty, but somebody may come
		h.later(31 * time.Second)
		ended := h.stored(iv.ID)
		if ended.State != interview.StateEnded || ended.EndReason != interview.ReasonEmpty {
			t.Errorf("got %s, %s", ended.State, ended.EndReason)
		}
		back.want(Changed{Presence{Participant: clara, Reconnecting: true}}, Left{Participant: clara.ID, Cause: interview.CauseLost}, over(interview.StateEnded))
	})
}

func TestTabClosedThenBackWithinGrace(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		f.publish(interview.SourceCamera, true)
		c.news()
		f.Detach(TabClosed)
		h.later(4 * time.Second)
		c.want(Changed{Presence{Participant: femi, Reconnecting: true, Publishing: []interview.Source{interview.SourceCamera}}})

		// A reload knows no resume secret. The participant is still in, but shows
		// nothing before the new page says so.
		back := h.lobby(iv, femi)
		if s := back.Snapshot; s.Resumed || !s.Entered || s.Session == f.Snapshot.Session {
			t.Errorf("snapshot: %+v", s)
		}
		c.want(Published{Participant: femi.ID, Source: interview.SourceCamera}, Changed{Presence{Participant: femi}})
		back.offer(offer(1, 2))
		back.publish(interview.SourceCamera, true)
		c.want(Published{Participant: femi.ID, Source: interview.SourceCamera, On: true}) // same seat
		h.later(time.Minute)
		if got := h.stored(iv.ID); len(got.Stays) != 2 {
			t.Errorf("stays: %+v, want one of each", got.Stays)
		}

		back.Detach(TabClosed)
		h.later(6 * time.Second)
		c.want(Changed{Presence{Participant: femi, Reconnecting: true, Publishing: []interview.Source{interview.SourceCamera}}},
			Left{Participant: femi.ID, Cause: interview.CauseClosed}, Seated{Place: PlaceSeat, Seat: 0})
	})
}

func TestSecondSessionOfSameDeviceReplaces(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		f.publish(interview.SourceMic, true)
		c.news()
		f.news()
		again := h.lobby(iv, femi)
		f.want(Replaced{})
		wantCode(t, f.Enter(t.Context()), CodeSessionOver)
		_, err := f.Offer(t.Context(), offer(1, 1))
		wantCode(t, err, CodeSessionOver)
		if !again.Snapshot.Entered || again.Snapshot.Resumed {
			t.Errorf("snapshot: %+v", again.Snapshot)
		}
		c.want(Published{Participant: femi.ID, Source: interview.SourceMic})
		if got := h.rooms.Stats(); got.Replaced != 1 || got.Sessions != 2 || got.Participants != 2 {
			t.Errorf("stats: %+v", got)
		}
	})
}

func TestTokenReusedElsewhereIsRefusedWhileTheFirstIsAttached(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		f := h.lobby(iv, femi)
		elsewhere := Attach{Interview: iv.ID, Participant: femi, Device: "another"}
		_, err := h.try(elsewhere)
		wantCode(t, err, CodeTokenReused)
		f.want()
		f.enter()

		// A token of their own moves the same person to another device.
		elsewhere.TokenID = "another"
		moved, err := h.try(elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		if !moved.Snapshot.Entered {
			t.Error("who moved is no longer in the room")
		}
		moved.Detach(Dropped)
		if _, err := h.try(Attach{Interview: iv.ID, Participant: femi, Device: "third", TokenID: "another"}); err != nil {
			t.Errorf("once the first is gone: %v", err)
		}
	})
}
