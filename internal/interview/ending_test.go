package interview

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestWhatCanBeDoneInWhichState(t *testing.T) {
	const early = time.Hour
	states := map[State]func(t *testing.T) *story{
		StateScheduled: func(t *testing.T) *story { return scheduled(t, early) },
		StateRinging:   called,
		StateLive:      live,
		StateEnded:     func(t *testing.T) *story { s := live(t); s.did(s.End("", "", s.now)); return s },
		StateMissed:    func(t *testing.T) *story { s := called(t); s.wait(pol.RingFor); s.tick(); return s },
		StateDeclined:  func(t *testing.T) *story { s := called(t); s.did(s.Decline(femi.ID, "", s.now)); return s },
		StateCancelled: func(t *testing.T) *story { s := called(t); s.did(s.Cancel(clara.ID, s.now)); return s },
	}
	type outcome struct {
		state State
		code  string
	}
	ops := map[string]struct {
		do   func(s *story) ([]Event, error)
		want map[State]outcome
	}{
		"join": {func(s *story) ([]Event, error) { return s.Join(ingrid, s.now, pol) }, map[State]outcome{
			StateScheduled: {StateScheduled, CodeTooEarly},
			StateRinging:   {StateRinging, ""}, StateLive: {StateLive, ""},
			StateEnded: {StateEnded, CodeOver}, StateMissed: {StateMissed, CodeOver},
			StateDeclined: {StateDeclined, CodeOver}, StateCancelled: {StateCancelled, CodeOver},
		}},
		"decline": {func(s *story) ([]Event, error) { return s.Decline(femi.ID, "busy", s.now) }, map[State]outcome{
			StateScheduled: {StateDeclined, ""}, StateRinging: {StateDeclined, ""},
			StateLive:  {StateLive, CodeAlreadyLive},
			StateEnded: {StateEnded, CodeOver}, StateMissed: {StateMissed, CodeOver},
			StateDeclined: {StateDeclined, ""}, StateCancelled: {StateCancelled, CodeOver},
		}},
		"cancel": {func(s *story) ([]Event, error) { return s.Cancel(clara.ID, s.now) }, map[State]outcome{
			StateScheduled: {StateCancelled, ""}, StateRinging: {StateCancelled, ""},
			StateLive:  {StateLive, CodeAlreadyLive},
			StateEnded: {StateEnded, CodeOver}, StateMissed: {StateMissed, CodeOver},
			StateDeclined: {StateDeclined, CodeOver}, StateCancelled: {StateCancelled, ""},
		}},
		"end": {func(s *story) ([]Event, error) { return s.End(clara.ID, ReasonEndedByHost, s.now) }, map[State]outcome{
			StateScheduled: {StateCancelled, ""}, StateRinging: {StateCancelled, ""}, StateLive: {StateEnded, ""},
			StateEnded: {StateEnded, ""}, StateMissed: {StateMissed, ""},
			StateDeclined: {StateDeclined, ""}, StateCancelled: {StateCancelled, ""},
		}},
	}
	for name, op := range ops {
		for state, make := range states {
			t.Run(name+" when "+string(state), func(t *testing.T) {
				s := make(t)
				before, want := s.Clone(), op.want[state]
				events, err := op.do(s)
				if s.State != want.state {
					t.Errorf("it is %s, want %s", s.State, want.state)
				}
				if want.code != "" {
					wantCode(t, err, want.code)
				} else if err != nil {
					t.Error(err)
				}
				if (want.code != "" || state.Final()) && (events != nil || !reflect.DeepEqual(before, *s.Interview)) {
					t.Errorf("nothing should have happened: %v", events)
				}
				if s.State.Final() && (s.EndReason == "" || s.EndedAt.IsZero()) {
					t.Errorf("it is over without reason or time: %+v", *s.Interview)
				}
			})
		}
	}
}

func TestEndingALiveInterviewTakesEverybodyOut(t *testing.T) {
	s := live(t)
	s.join(ingrid)
	s.wait(time.Minute)
	s.events = nil
	s.did(s.End(clara.ID, "", s.now))
	s.want(StateEnded, "participant.left client ended", "participant.left freelancer ended",
		"participant.left watcher ended", "interview.ended client ended_by_host")
	if s.Duration() != time.Minute {
		t.Errorf("it lasted %v", s.Duration())
	}
	s.leave(clara, CauseLeft) // the sessions follow
	s.want(StateEnded)
}

func TestTheReasonsForWhichAnInterviewCanBeEnded(t *testing.T) {
	for reason, want := range map[string]string{
		"": ReasonEndedByHost, ReasonEndedByHost: ReasonEndedByHost, ReasonShutdown: ReasonShutdown, ReasonFailed: ReasonFailed,
	} {
		s := live(t)
		s.did(s.End("", reason, s.now))
		if s.EndReason != want {
			t.Errorf("%q: got %q, want %q", reason, s.EndReason, want)
		}
	}
	for _, reason := range []string{"bored", ReasonEmpty, ReasonDeclined, "ended_by_host ", strings.Repeat("x", 1000)} {
		_, err := live(t).End("", reason, noon)
		wantCode(t, err, CodeInvalidReason)
	}
	s := called(t)
	s.did(s.End("", ReasonShutdown, s.now))
	if s.State != StateCancelled || s.EndReason != ReasonShutdown {
		t.Errorf("got %s, %q", s.State, s.EndReason)
	}
}

func TestDecliningSaysWhoAndWhy(t *testing.T) {
	s := called(t)
	s.join(clara)
	s.events = nil
	s.did(s.Decline(femi.ID, "I am on a train", s.now))
	s.want(StateDeclined, "participant.left client ended", "interview.declined freelancer I am on a train")
	if s.EndReason != ReasonDeclined {
		t.Errorf("the words were kept: %q", s.EndReason)
	}
	s.did(s.Decline(femi.ID, "again", s.now))
	s.want(StateDeclined)
}

func TestWhoCannotDecline(t *testing.T) {
	s := called(t)
	_, err := s.Decline(clara.ID, "", s.now)
	wantCode(t, err, CodeNotAllowed)
	for _, words := range []string{"a\nb", "\xff", "\u202egnorw", strings.Repeat("x", MaxReasonLength+1)} {
		_, err := s.Decline(femi.ID, words, s.now)
		wantCode(t, err, CodeInvalidReason)
	}
	s.want(StateRinging, "interview.ringing client")
}
