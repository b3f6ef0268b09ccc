package signaling_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/signaling/wire"
)

func TestTwoPeopleMeetTalkAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, hello := w.join(femi, iv.ID, "d2", "")
		if len(hello.Participants) != 1 || hello.Participants[0].Name != "Clara Novak" {
			t.Errorf("got %+v in the room, want clara", hello.Participants)
		}
		f.send(wire.Publish{Source: wire.SourceCamera, On: true})
		f.send(wire.Enter{})
		entered := await[wire.Entered](f)
		if len(entered.Participants) != 2 || entered.Interview.State != "live" || !slices.Equal(entered.Interview.Present, []string{"client", "freelancer"}) {
			t.Errorf("got %+v, want two people live", entered)
		}
		joined := await[wire.Participant](c)
		if joined.Change != wire.ChangeJoined || joined.Participant.ID != "freelancer" {
			t.Errorf("got %+v, want femi joined", joined)
		}
		if live := await[wire.InterviewChanged](c); live.Interview.State != "live" || live.Interview.StartedAt.IsZero() {
			t.Errorf("got %+v, want it live", live.Interview)
		}
		c.send(wire.Publish{Source: wire.SourceMic, On: true})
		if p := await[wire.Published](f); p != (wire.Published{Participant: "client", Source: wire.SourceMic, On: true}) {
			t.Errorf("got %+v, want clara's microphone on", p)
		}

		time.Sleep(3 * time.Minute)
		c.send(wire.Leave{})
		c.ends(wire.CloseNormal, wire.ReasonLeft)
		if left := await[wire.Participant](f); left.Change != wire.ChangeLeft || left.Cause != "left" {
			t.Errorf("got %+v, want clara left", left)
		}
		f.send(wire.Leave{})
		ended, ok := f.ends(wire.CloseNormal, wire.ReasonEnded).(wire.Ended)
		if !ok || ended.Interview.State != "ended" || ended.Interview.DurationS != 180 || ended.Interview.EndReason != "left" {
			t.Errorf("got %+v, want it ended after 180 s", ended)
		}
	})
}

func TestTheHostEndsAnInterviewForEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		lobby, _ := w.join(femi, iv.ID, "d2", "")
		_, err := w.rooms.End(t.Context(), iv.ID, clara.ID, "")
		w.must(err)
		for _, p := range []*page{c, lobby} {
			if ended, ok := p.ends(wire.CloseNormal, wire.ReasonEnded).(wire.Ended); !ok || ended.Interview.EndedAt.IsZero() {
				t.Errorf("got %+v, want ended", ended)
			}
		}
	})
}

func TestAMistakeAfterHelloRefusesOneMessageOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		p, _ := w.join(femi, iv.ID, "d1", "")
		for _, c := range []struct {
			text, re string
			want     wire.Code
			id       int64
		}{
			{`{"type":"agree","to":"recording"}`, "", wire.CodeUnknownMessage, 0},
			{`{"type":"publish","source":"window","on":true}`, "publish", wire.CodeInvalidValue, 0},
			{`{"type":"publish","source":"mic"}`, "publish", wire.CodeMissingField, 0},
			{`{"type":"offer","id":4,"sdp":"v=0","sources":{},"seats":[]}`, "offer", conference.CodeNoMedia, 4},
			{`{"type":"offer","id":5,"sdp":"v=0","sources":[],"seats":[]}`, "offer", wire.CodeWrongType, 5},
		} {
			p.text(c.text)
			e := await[wire.Error](p)
			if e.Code != c.want || e.Re != c.re || e.ID != c.id || e.Fatal || e.Message == "" {
				t.Errorf("%s: got %+v, want %s about %q %d", c.text, e, c.want, c.re, c.id)
			}
		}
		p.send(wire.Ping{N: 7})
		if got := await[wire.Pong](p); got.N != 7 {
			t.Errorf("got pong %d, want 7", got.N)
		}
	})
}

func TestAnAudioInterviewTakesNoCamera(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv, _, err := w.rooms.Create(t.Context(), conference.Create{Thread: thread, Mode: interview.ModeAudio})
		w.must(err)
		p, hello := w.join(femi, iv.ID, "d1", "")
		if !slices.Equal(hello.May, []wire.Source{wire.SourceMic}) {
			t.Errorf("got may %v, want mic", hello.May)
		}
		p.send(wire.Publish{Source: wire.SourceCamera, On: true})
		if e := await[wire.Error](p); e.Code != wire.CodeNotAllowed || e.Fatal || e.Re != "publish" {
			t.Errorf("got %+v, want not_allowed", e)
		}
	})
}
