package interview

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	pol  = DefaultPolicy()

	clara  = Participant{ID: "client", Name: "Clara", Role: RoleInterviewer}
	femi   = Participant{ID: "freelancer", Name: "Femi", Role: RoleInterviewee}
	ingrid = Participant{ID: "watcher", Name: "Ingrid", Role: RoleObserver}
)

func thread() Thread {
	return Thread{ID: "t1", Title: "Logo for a bakery", Participants: []Participant{clara, femi, ingrid}}
}

// A story follows one interview and writes down what it says.
type story struct {
	t *testing.T
	*Interview
	now    time.Time
	events []Event
}

func called(t *testing.T) *story {
	t.Helper()
	i, events, err := Ring("iv_1", thread(), ModeVideo, clara.ID, noon, pol)
	s := &story{t: t, Interview: i, now: noon}
	s.did(events, err)
	return s
}

func scheduled(t *testing.T, in time.Duration) *story {
	t.Helper()
	i, events, err := Schedule("iv_1", thread(), ModeVideo, clara.ID, Appointment{StartsAt: noon.Add(in)}, noon)
	s := &story{t: t, Interview: i, now: noon}
	s.did(events, err)
	return s
}

func (s *story) did(events []Event, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.events = append(s.events, events...)
}

func (s *story) wait(d time.Duration) { s.now = s.now.Add(d) }
func (s *story) tick()                { s.events = append(s.events, s.Tick(s.now, pol)...) }
func (s *story) join(p Participant)   { s.t.Helper(); s.did(s.Join(p, s.now, pol)) }
func (s *story) leave(p Participant, cause LeaveCause) {
	s.t.Helper()
	s.did(s.Leave(p.ID, cause, s.now))
}

// want checks the state and everything that was told since the last call.
func (s *story) want(state State, told ...string) {
	s.t.Helper()
	if s.State != state {
		s.t.Errorf("the interview is %s, want %s", s.State, state)
	}
	var got []string
	for _, e := range s.events {
		if e.Interview != s.ID || e.Thread != s.Thread || e.At.IsZero() {
			s.t.Errorf("event %+v does not say of what and when", e)
		}
		words := []string{string(e.Kind)}
		for _, w := range []string{string(e.Participant.ID), string(e.Cause), e.Reason} {
			if w != "" {
				words = append(words, w)
			}
		}
		got = append(got, strings.Join(words, " "))
	}
	if s.events = nil; !reflect.DeepEqual(got, told) {
		s.t.Errorf("got %q, want %q", got, told)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != code {
		t.Errorf("got %v, want %s", err, code)
	} else if !strings.HasSuffix(e.Message, ".") || e.Error() != e.Message {
		t.Errorf("%q is no sentence", e.Message)
	}
}

func TestTwoPeopleMeetAndLeave(t *testing.T) {
	s := called(t)
	s.want(StateRinging, "interview.ringing client")
	s.join(clara)
	s.want(StateRinging, "participant.joined client")
	s.wait(20 * time.Second)
	s.join(femi)
	s.want(StateLive, "participant.joined freelancer", "interview.started freelancer")
	if !s.StartedAt.Equal(s.now) {
		t.Errorf("started at %v, want %v", s.StartedAt, s.now)
	}
	s.wait(3 * time.Minute)
	s.leave(clara, CauseLeft)
	s.want(StateLive, "participant.left client left")
	s.leave(femi, CauseLeft)
	s.want(StateEnded, "participant.left freelancer left", "interview.ended freelancer left")
	if s.Duration() != 3*time.Minute || s.EndReason != ReasonLeft || len(s.Present()) != 0 {
		t.Errorf("got %v, %q, %v inside", s.Duration(), s.EndReason, s.Present())
	}
}

func TestNobodyAnswers(t *testing.T) {
	s := called(t)
	if at, ok := s.Deadline(pol); !ok || !at.Equal(noon.Add(pol.RingFor)) {
		t.Errorf("deadline %v, %v", at, ok)
	}
	s.wait(pol.RingFor - 1)
	s.tick()
	s.want(StateRinging, "interview.ringing client")
	s.wait(1)
	s.tick()
	s.want(StateMissed, "interview.missed no_answer")
	if s.Duration() != 0 || s.EndReason != ReasonNoAnswer {
		t.Errorf("got %v, %q", s.Duration(), s.EndReason)
	}
}

func TestACallerWhoWaitsInsideIsNotSentAway(t *testing.T) {
	s := called(t)
	s.join(clara)
	s.wait(time.Hour)
	s.tick()
	if _, ok := s.Deadline(pol); ok {
		t.Error("there is a deadline while somebody waits")
	}
	s.want(StateRinging, "interview.ringing client", "participant.joined client")
	s.leave(clara, CauseLost)
	s.tick()
	s.want(StateMissed, "participant.left client lost", "interview.missed no_answer")
	if !s.EndedAt.Equal(s.now) {
		t.Errorf("ended at %v, want when the caller was lost, %v", s.EndedAt, s.now)
	}
}

func TestWhoLeavesARingingInterview(t *testing.T) {
	for name, c := range map[string]struct {
		who   Participant
		cause LeaveCause
		want  State
	}{
		"the caller hangs up":            {clara, CauseLeft, StateCancelled},
		"the caller is taken out":        {clara, CauseRemoved, StateCancelled},
		"the caller is lost":             {clara, CauseLost, StateRinging},
		"the caller closes the tab":      {clara, CauseClosed, StateRinging},
		"the called one only looks in":   {femi, CauseLeft, StateRinging},
		"the called one loses the net":   {femi, CauseLost, StateRinging},
		"an observer does not wait long": {ingrid, CauseLeft, StateRinging},
	} {
		s := called(t)
		s.join(c.who)
		s.leave(c.who, c.cause)
		if s.State != c.want {
			t.Errorf("%s: %s, want %s", name, s.State, c.want)
		}
	}
}

func TestWithoutACreatorTheFirstToComeIsTheCaller(t *testing.T) {
	i, _, err := Ring("iv_1", thread(), ModeAudio, "", noon, pol)
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, Interview: i, now: noon}
	s.join(femi)
	_, err = s.Decline(femi.ID, "", s.now)
	wantCode(t, err, CodeNotAllowed)
	s.leave(femi, CauseLeft)
	s.want(StateCancelled, "participant.joined freelancer", "participant.left freelancer left", "interview.cancelled freelancer cancelled")
}

func TestAnInterviewThatEverybodyLostWaitsForThem(t *testing.T) {
	s := live(t)
	s.leave(clara, CauseLost)
	s.wait(time.Second)
	lost := s.now
	s.leave(femi, CauseClosed)
	s.want(StateLive, "participant.left client lost", "participant.left freelancer closed")
	if at, ok := s.Deadline(pol); !ok || !at.Equal(lost.Add(pol.EmptyFor)) {
		t.Errorf("deadline %v, %v", at, ok)
	}

	s.wait(pol.EmptyFor - 1)
	s.tick()
	s.join(femi) // in the last moment
	s.want(StateLive, "participant.joined freelancer")
	if _, ok := s.Deadline(pol); ok || !s.EmptySince.IsZero() {
		t.Error("it is still going to end")
	}

	s.leave(femi, CauseLost)
	empty := s.now
	s.wait(time.Hour) // the server was down
	s.tick()
	s.want(StateEnded, "participant.left freelancer lost", "interview.ended empty")
	if !s.EndedAt.Equal(empty.Truncate(time.Microsecond)) {
		t.Errorf("ended at %v, want when it became empty, %v", s.EndedAt, empty)
	}
}

func TestTheLastOneWhoDecidesToGoEndsItAtOnce(t *testing.T) {
	for cause, want := range map[LeaveCause]State{
		CauseLeft: StateEnded, CauseRemoved: StateEnded, CauseLost: StateLive, CauseClosed: StateLive,
	} {
		s := live(t)
		s.leave(clara, CauseLost)
		s.leave(femi, cause)
		if s.State != want {
			t.Errorf("%s: %s, want %s", cause, s.State, want)
		}
	}
}

// live is an interview with two people in it, whose beginning was told.
func live(t *testing.T) *story {
	t.Helper()
	s := called(t)
	s.join(clara)
	s.join(femi)
	if s.events = nil; s.State != StateLive {
		t.Fatal(s.State)
	}
	return s
}

func TestJoiningWhilePresentChangesNothing(t *testing.T) {
	s := live(t)
	before := s.Clone()
	s.join(clara)
	s.want(StateLive)
	if !reflect.DeepEqual(*s.Interview, before) {
		t.Errorf("got %+v, want %+v", *s.Interview, before)
	}
}

func TestLeavingWhileAbsentChangesNothing(t *testing.T) {
	s := live(t)
	s.leave(ingrid, CauseLeft)
	s.leave(Participant{ID: "nobody"}, CauseLost)
	s.want(StateLive)
}

func TestSomebodyWhoComesBackHasTwoStays(t *testing.T) {
	s := live(t)
	s.leave(femi, CauseLost)
	s.wait(time.Minute)
	s.join(Participant{ID: femi.ID, Name: "Femi A.", Role: femi.Role})
	if len(s.Stays) != 3 || s.Stays[1].LeftAt.IsZero() || s.Stays[2].Participant.Name != "Femi A." {
		t.Errorf("got %+v", s.Stays)
	}
	if got := s.Present(); len(got) != 2 || got[0].ID != clara.ID || got[1].ID != femi.ID {
		t.Errorf("present: %v", got)
	}
}

func TestAnInterviewDoesNotGrowForEver(t *testing.T) {
	s := live(t)
	for range 2 * maxStays {
		s.leave(femi, CauseLost)
		s.wait(time.Second)
		s.join(femi)
	}
	if len(s.Stays) != maxStays || s.inside() != 2 {
		t.Errorf("%d stays, %d inside", len(s.Stays), s.inside())
	}
	_, err := s.Join(ingrid, s.now, pol)
	wantCode(t, err, CodeFull)
}

func TestARoomHasAsManyPlacesAsThePolicySays(t *testing.T) {
	s := called(t)
	small := Policy{MaxParticipants: 2}
	for _, p := range []Participant{clara, femi} {
		s.did(s.Join(p, s.now, small))
	}
	_, err := s.Join(ingrid, s.now, small)
	wantCode(t, err, CodeFull)
	s.did(s.Join(femi, s.now, small)) // who is inside stays inside
	s.leave(clara, CauseLeft)
	s.did(s.Join(ingrid, s.now, small))
}

func TestAnUnusableParticipantDoesNotGetIn(t *testing.T) {
	s := called(t)
	for _, p := range []Participant{{}, {ID: "x"}, {ID: "x", Role: "candidate"}, {ID: "x/y", Role: RoleObserver}, {ID: "x", Role: RoleObserver, Name: "a\nb"}} {
		_, err := s.Join(p, s.now, pol)
		wantCode(t, err, CodeInvalidParticipant)
	}
}

func TestTimesAreKeptAsTheStoreKeepsThem(t *testing.T) {
	now := time.Date(2026, 3, 14, 13, 0, 0, 123456789, time.FixedZone("CET", 3600))
	i, events, err := Schedule("iv_1", thread(), ModeVideo, "", Appointment{StartsAt: now.Add(time.Minute)}, now)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 3, 14, 12, 0, 0, 123456000, time.UTC); i.CreatedAt != want || events[0].At != want || i.StartsAt != want.Add(time.Minute) {
		t.Errorf("got %v, %v, %v; want %v", i.CreatedAt, events[0].At, i.StartsAt, want)
	}
}

func TestAClockThatStepsBackTurnsNothingAround(t *testing.T) {
	s := live(t)
	s.wait(-time.Hour)
	s.leave(clara, CauseLeft)
	s.did(s.End("", "", s.now))
	if s.EndedAt.Before(s.StartedAt) || s.Stays[0].LeftAt.Before(s.Stays[0].JoinedAt) {
		t.Errorf("got %+v", *s.Interview)
	}
}

func TestACloneSharesNothing(t *testing.T) {
	s := live(t)
	before := s.Clone()
	again := before.Clone()
	s.leave(clara, CauseLeft)
	if !reflect.DeepEqual(before, again) {
		t.Error("leaving changed the clone")
	}
}

func ExampleInterview_Join() {
	t := Thread{ID: "job-7", Participants: []Participant{
		{ID: "clara", Role: RoleInterviewer}, {ID: "femi", Role: RoleInterviewee},
	}}
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	i, _, _ := Ring("iv_1", t, ModeVideo, "clara", now, DefaultPolicy())
	for _, p := range t.Participants {
		events, _ := i.Join(p, now, DefaultPolicy())
		for _, e := range events {
			fmt.Println(e.Kind, e.Participant.ID, i.State)
		}
	}
	// Output:
	// participant.joined clara ringing
	// participant.joined femi live
	// interview.started femi live
}
