package signaling_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/sfu"
	"parley/signaling/wire"
)

// blank is a recorder, and a recording, that keeps nothing.
type blank struct{}

func (blank) Begin(interview.Interview, func(string)) (conference.Recording, error) {
	return blank{}, nil
}
func (blank) Discard(interview.RecordingID, interview.UserID) error        { return nil }
func (blank) Join(interview.Participant)                                   {}
func (blank) Leave(interview.UserID)                                       {}
func (blank) Answer(interview.Consent)                                     {}
func (blank) Forget(interview.UserID) error                                { return nil }
func (blank) Pause(bool, interview.UserID)                                 {}
func (blank) Mark(string, interview.UserID)                                {}
func (blank) Mute(interview.UserID, interview.Source, bool)                {}
func (blank) Tap(interview.UserID, interview.Source, func()) (tap sfu.Tap) { return tap }
func (blank) End(string)                                                   {}

// hears waits for news of the recording, which must be those.
func (p *page) hears(change, by, reason, state string) wire.Recording {
	p.t.Helper()
	got := await[wire.RecordingChanged](p)
	if got.Change != change || got.By != by || got.Reason != reason || got.Interview.Recording == nil || got.Interview.Recording.State != state {
		p.t.Fatalf("got %s by %q for %q with %+v, want %s by %q for %q, and it %s", got.Change, got.By, got.Reason, got.Interview.Recording, change, by, reason, state)
	}
	return *got.Interview.Recording
}

func TestARecordingIsAskedForAnsweredAndToldToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv, _, err := w.rooms.Create(t.Context(), conference.Create{Thread: thread, Mode: interview.ModeVideo, By: clara.ID, Recording: interview.RecordingPerTrack})
		w.must(err)
		c, _ := w.enter(clara, iv.ID, "d1")
		f, welcome := w.enter(femi, iv.ID, "d2")
		if r := welcome.Interview.Recording; r == nil || r.Mode != "per_track" || r.State != "none" {
			t.Errorf("at first: got %+v", r)
		}
		both := func(change, by, reason, state string) (r wire.Recording) {
			t.Helper()
			for _, p := range []*page{c, f} {
				r = p.hears(change, by, reason, state)
			}
			return r
		}
		c.send(wire.Record{Action: wire.ActionStart, Text: "2026-11", Language: "en"})
		asked := both("asked", "client", "", "starting")
		if asked.AskedBy != "client" || asked.StartsAt.IsZero() || !slices.Equal(asked.Awaited, []string{"freelancer"}) {
			t.Errorf("asked: got %+v", asked)
		}
		both("consent", "client", "", "starting")
		both("starting", "client", "", "starting")
		f.send(wire.Answered{Recording: asked.ID, State: "granted", Text: "2026-11", Language: "de"})
		agreed := both("consent", "freelancer", "", "starting")
		if got := agreed.Consents; len(got) != 2 || got[1].Participant != "freelancer" || got[1].State != "granted" || got[1].Text != "2026-11" || got[1].Language != "de" {
			t.Errorf("answers: got %+v", got)
		}
		time.Sleep(interview.Countdown)
		if r := both("started", "client", "", "recording"); r.StartedAt.IsZero() || len(r.Awaited) != 0 {
			t.Errorf("started: got %+v", r)
		}
		c.send(wire.Record{Action: wire.ActionPause})
		both("paused", "client", "paused", "paused")
		c.send(wire.Record{Action: wire.ActionResume})
		both("resumed", "client", "", "recording")
		c.send(wire.Record{Action: wire.ActionMark, Label: "Question 2"})
		both("marked", "client", "Question 2", "recording")
		f.send(wire.Record{Action: wire.ActionPause})
		if e := await[wire.Error](f); e.Code != wire.CodeNotAllowed || e.Re != "recording" || e.Fatal {
			t.Errorf("an interviewee who pauses: got %+v", e)
		}
		f.send(wire.Answered{Recording: asked.ID, State: "declined", Text: "2026-11", Language: "de"})
		if r := both("consent", "freelancer", "", "recording"); r.Consents[1].State != "withdrawn" {
			t.Errorf("taken back: got %+v", r.Consents)
		}
		f.send(wire.Record{Action: wire.ActionDelete}) // what is of them, while it goes on for Clara
		f.send(wire.Record{Action: wire.ActionStop})
		both("stopped", "freelancer", "stopped", "none")
		c.send(wire.Record{Action: wire.ActionDelete})
		if e := await[wire.Error](c); e.Code != wire.CodeNotAllowed {
			t.Errorf("who has not taken anything back has it destroyed: got %+v", e)
		}
		f.send(wire.Record{Action: wire.ActionDelete})
		f.send(wire.Ping{N: 7})
		if await[wire.Pong](f); strings.Count(f.raw.String(), `"type":"error"`) != 1 {
			t.Errorf("who has is refused: %s", f.raw.String())
		}
	})
}
