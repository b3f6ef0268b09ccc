package conference

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
)

// days runs a story that lasts for days, and so has no media engine: that would
// look after its socket all the time.
func days(t *testing.T, tell func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, dir: storetest.Dir(t)}
		h.open()
		defer h.close()
		tell(t, h)
	})
}

func (h *house) knows(t interview.Thread) {
	h.t.Helper()
	if err := h.store.PutThread(h.t.Context(), t, time.Now()); err != nil {
		h.t.Fatal(err)
	}
}

// proposes proposes times of an interview, in hours from now.
func (h *house) proposes(id interview.ProposalID, moves interview.ID, in ...int) interview.Proposal {
	h.t.Helper()
	p := interview.Proposal{ID: id, By: clara.ID, Mode: interview.ModeVideo, Length: 45 * time.Minute, Zone: "Europe/Prague", Moves: moves}
	for _, hours := range in {
		p.Slots = append(p.Slots, time.Now().Add(time.Duration(hours)*time.Hour))
	}
	others, err := h.store.Scheduled(h.t.Context(), thread.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	if p, _, err = interview.Propose(p, thread, others, time.Now()); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.AddProposal(h.t.Context(), p, func(*interview.Proposal) ([]store.Message, error) { return nil, nil }); err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (h *house) accepts(p interview.Proposal, slot int) interview.Interview {
	h.t.Helper()
	iv, _, err := h.rooms.Accept(h.t.Context(), p.ID, femi, p.Slots[slot])
	if err != nil {
		h.t.Fatal(err)
	}
	return iv
}

func TestProposedAcceptedRemindedAndHeld(t *testing.T) {
	days(t, func(t *testing.T, h *house) {
		h.knows(thread)
		iv := h.accepts(h.proposes("ps_1", "", 30, 50), 1)
		if iv.State != interview.StateScheduled || iv.Length != 45*time.Minute || iv.CreatedBy != clara.ID {
			t.Fatalf("got %+v", iv)
		}
		h.later(25*time.Hour + time.Minute)
		h.later(23*time.Hour + time.Minute)
		h.close() // the second reminder is due while nobody is there
		h.later(time.Hour)
		h.open()
		h.later(time.Second)
		h.wantSeen(interview.EventAccepted, interview.EventScheduled, interview.EventReminder, interview.EventReminder)
		h.later(44 * time.Minute)
		c, f := h.lobby(iv, clara), h.lobby(iv, femi)
		c.enter()
		h.later(11 * time.Minute) // she waits, and Femi is reminded
		f.enter()
		h.later(time.Minute)
		if err := f.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.wantSeen(interview.EventAccepted, interview.EventScheduled, interview.EventReminder, interview.EventReminder,
			interview.EventRinging, interview.EventJoined, interview.EventReminder, interview.EventJoined, interview.EventStarted,
			interview.EventLeft, interview.EventLeft, interview.EventEnded)
	})
}

// noRecorder is a recorder that is there and is never asked to record.
type noRecorder struct{ Recorder }

func TestAnAcceptedProposalIsRecordedAsTheServerSays(t *testing.T) {
	days(t, func(t *testing.T, h *house) {
		h.close()
		h.cfg.Recorder, h.cfg.Recording = noRecorder{}, interview.RecordingAll
		h.open()
		h.knows(thread)
		iv := h.accepts(h.proposes("ps_1", "", 5), 0)
		if got := h.stored(iv.ID).Recording.Mode; got != interview.RecordingAll {
			t.Errorf("got mode %q, want %q as for one that was made at once", got, interview.RecordingAll)
		}
	})
}

func TestAnInterviewThatIsMovedKeepsItsIDAndItsPeople(t *testing.T) {
	days(t, func(t *testing.T, h *house) {
		h.knows(thread)
		iv := h.accepts(h.proposes("ps_1", "", 5), 0)
		moved := h.accepts(h.proposes("ps_2", iv.ID, 7, 29), 1)
		if moved.ID != iv.ID || moved.Sequence != 1 || !moved.StartsAt.Equal(iv.StartsAt.Add(24*time.Hour)) {
			t.Fatalf("got %+v, want %s moved by a day", moved, iv.ID)
		}
		again, _, err := h.rooms.Accept(t.Context(), "ps_2", femi, moved.StartsAt)
		if err != nil || again.ID != iv.ID || again.Sequence != 1 {
			t.Errorf("accepting it again: %+v, %v", again, err)
		}
		h.later(6 * time.Hour) // when it would have been missed
		h.wantState(iv.ID, interview.StateScheduled)
		h.later(22*time.Hour + 55*time.Minute)
		h.lobby(iv, femi).enter()
		h.wantState(iv.ID, interview.StateRinging)
	})
}

func TestAppointmentsOfAThreadDoNotTakeTheSameTime(t *testing.T) {
	days(t, func(t *testing.T, h *house) {
		h.knows(thread)
		first := h.accepts(h.proposes("ps_1", "", 5), 0)
		p := h.proposes("ps_2", "", 8)
		second, _, err := h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeAudio, StartsAt: first.StartsAt.Add(3 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = h.rooms.Accept(t.Context(), p.ID, femi, p.Slots[0])
		wantCode(t, err, interview.CodeOverlap)
		_, _, err = h.rooms.Create(t.Context(), Create{Thread: thread.ID, Mode: interview.ModeAudio, StartsAt: first.StartsAt.Add(20 * time.Minute)})
		wantCode(t, err, interview.CodeOverlap)
		_, err = h.rooms.Reschedule(t.Context(), first.ID, "", interview.Appointment{StartsAt: second.StartsAt})
		wantCode(t, err, interview.CodeOverlap)
		if _, err := h.rooms.Cancel(t.Context(), second.ID, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, _, err = h.rooms.Accept(t.Context(), p.ID, femi, p.Slots[0]); err != nil {
			t.Errorf("the time is free again, and yet %v", err)
		}
		_, _, err = h.rooms.Accept(t.Context(), "ps_9", femi, p.Slots[0])
		wantCode(t, err, CodeNotFound)
	})
}
