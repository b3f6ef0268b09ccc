package conference

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestFirstJoinRingsOnSecondMakesLive(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.join(iv, clara, 2)
		c.want(Entered{
			Interview:    interview.Interview{State: interview.StateRinging},
			Participants: []Presence{{Participant: clara}},
			Seating:      []Seated{{Place: PlaceSeat, Seat: 0}, {Place: PlaceSeat, Seat: 1}, {Place: PlaceScreen}},
		})
		h.wantState(iv.ID, interview.StateRinging)

		f := h.join(iv, femi, 2)
		f.want(live(), Entered{
			Interview:    interview.Interview{State: interview.StateLive},
			Participants: []Presence{{Participant: clara}, {Participant: femi}},
			Seating:      []Seated{{Place: PlaceSeat, Seat: 0, Participant: clara.ID}, {Place: PlaceSeat, Seat: 1}, {Place: PlaceScreen}},
		})
		c.want(Joined{Presence{Participant: femi}}, live(), Seated{Place: PlaceSeat, Seat: 0, Participant: femi.ID})
		h.wantState(iv.ID, interview.StateLive)
		h.wantSeen(interview.EventRinging, interview.EventJoined, interview.EventJoined, interview.EventStarted)
	})
}

func TestLobbySeesWhoWaitsAndIsSeatedByNobody(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.join(iv, clara, 2)
		f := h.lobby(iv, femi)
		f.offer(offer(2, 1))
		if got := f.Snapshot.Participants; len(got) != 1 || got[0].Participant != clara {
			t.Errorf("participants in the snapshot: %+v", got)
		}
		if f.Snapshot.Entered || len(f.Snapshot.Seating) != 0 {
			t.Errorf("a lobby session has entered %v, seating %v", f.Snapshot.Entered, f.Snapshot.Seating)
		}
		f.publish(interview.SourceCamera, true) // a wish: nobody hears of it yet
		f.want()
		c.news()
		c.publish(interview.SourceMic, true)
		f.want(Published{Participant: clara.ID, Source: interview.SourceMic, On: true})
		c.want()

		f.enter()
		c.want(Joined{Presence{Participant: femi, Publishing: []interview.Source{interview.SourceCamera}}}, live(),
			Seated{Place: PlaceSeat, Seat: 0, Participant: femi.ID})
	})
}

func TestLeaveOfLastEnds(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 2), h.join(iv, femi, 2)
		h.later(3 * time.Minute)
		c.news()
		if err := f.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.want(Left{Participant: femi.ID, Cause: interview.CauseLeft}, Seated{Place: PlaceSeat, Seat: 0})
		h.wantState(iv.ID, interview.StateLive)
		wantCode(t, f.Enter(t.Context()), CodeSessionOver)

		if err := c.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.want(over(interview.StateEnded))
		ended := h.stored(iv.ID)
		if ended.EndReason != interview.ReasonLeft || ended.Duration() != 3*time.Minute {
			t.Errorf("got reason %s, duration %v", ended.EndReason, ended.Duration())
		}
		_, err := h.try(Attach{Interview: iv.ID, Participant: femi})
		wantCode(t, err, CodeInterviewOver)
		if got := h.rooms.Stats(); got.Rooms != 0 || got.Sessions != 0 || got.Participants != 0 || got.Entered != 2 {
			t.Errorf("stats: %+v", got)
		}
	})
}

func TestNobodyAnswersAndItIsMissed(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		f := h.lobby(iv, femi)
		h.later(5*time.Minute - time.Second)
		h.wantState(iv.ID, interview.StateRinging)
		h.later(2 * time.Second)
		h.wantState(iv.ID, interview.StateMissed)
		f.want(over(interview.StateMissed))
		h.wantSeen(interview.EventRinging, interview.EventMissed)
	})
}

func TestDeclineReachesWhoWaits(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeAudio)
		c := h.join(iv, clara, 1)
		c.news()
		got, err := h.rooms.Decline(t.Context(), iv.ID, femi.ID, "Tomorrow, please")
		if err != nil || got.State != interview.StateDeclined {
			t.Fatalf("decline: %s, %v", got.State, err)
		}
		c.want(over(interview.StateDeclined))
		if got, err := h.rooms.Decline(t.Context(), iv.ID, femi.ID, ""); err != nil || got.State != interview.StateDeclined {
			t.Errorf("declining twice: %s, %v", got.State, err)
		}
		got, err = h.rooms.Cancel(t.Context(), iv.ID, clara.ID)
		wantCode(t, err, CodeInterviewOver)
		if got.State != interview.StateDeclined {
			t.Errorf("after a refused cancel: %s", got.State)
		}
	})
}

func TestHostEndsALiveInterview(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		c.news()
		f.news()
		_, err := h.rooms.Decline(t.Context(), iv.ID, femi.ID, "")
		wantCode(t, err, interview.CodeAlreadyLive)
		got, err := h.rooms.End(t.Context(), iv.ID, "", "")
		if err != nil || got.EndReason != interview.ReasonEndedByHost {
			t.Errorf("end: %+v, %v", got, err)
		}
		c.want(over(interview.StateEnded))
		f.want(over(interview.StateEnded))
		_, err = h.rooms.End(t.Context(), "iv_unknown", "", "")
		wantCode(t, err, CodeNotFound)
	})
}

func TestRoomFull(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.close()
		h.cfg.Policy.MaxParticipants = 2
		h.open()
		iv := h.ring(interview.ModeVideo)
		h.lobby(iv, clara)
		h.lobby(iv, femi)
		_, err := h.try(Attach{Interview: iv.ID, Participant: ines})
		wantCode(t, err, CodeRoomFull)
		h.lobby(iv, femi) // who is known may come again
	})
}

func TestAppointmentOpensFifteenMinutesBefore(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		if err := h.store.PutThread(t.Context(), thread, time.Now()); err != nil {
			t.Fatal(err)
		}
		iv, created, err := h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeVideo, StartsAt: time.Now().Add(time.Hour)})
		if err != nil || !created || iv.State != interview.StateScheduled {
			t.Fatalf("schedule: %+v, %v, %v", iv, created, err)
		}
		_, err = h.try(Attach{Interview: iv.ID, Participant: clara})
		wantCode(t, err, CodeTooEarly)
		h.later(50 * time.Minute)
		// A token may be bound to the thread only.
		c, err := h.try(Attach{Thread: thread.ID, Participant: clara})
		if err != nil {
			t.Fatal(err)
		}
		c.enter()
		h.wantState(iv.ID, interview.StateRinging)
		_, err = h.try(Attach{Thread: "thread-2", Participant: clara})
		wantCode(t, err, CodeNotFound)
		_, err = h.try(Attach{Thread: "thread-2", Interview: iv.ID, Participant: clara})
		wantCode(t, err, CodeNotFound)
	})
}
