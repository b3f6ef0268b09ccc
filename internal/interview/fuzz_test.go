package interview

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// FuzzAnyOrderOfOperations does to an interview whatever the input says, three
// bytes an operation: what, who, and how much later.
func FuzzAnyOrderOfOperations(f *testing.F) {
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 1, 0, 90, 1, 1, 2})          // two meet and leave
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 2, 0, 1, 2, 1, 1, 8, 0, 60}) // both are lost
	f.Add(false, []byte{8, 0, 255, 8, 0, 255})                         // nobody comes
	f.Add(true, []byte{0, 0, 1, 8, 0, 255, 0, 1, 250, 0, 2, 200})      // an appointment
	f.Add(true, []byte{9, 0, 1, 8, 0, 140, 9, 1, 20, 8, 0, 170, 0, 0, 1, 9, 0, 1})
	f.Add(true, []byte{5, 1, 1, 6, 0, 1, 7, 0, 1})
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 7, 2, 3, 1, 0, 1, 0, 0, 1})
	f.Fuzz(func(t *testing.T, appointment bool, ops []byte) {
		people := []Participant{clara, femi, ingrid}
		p := Policy{RingFor: time.Minute, EmptyFor: 20 * time.Second, MaxParticipants: 2}
		now := noon
		i, events, err := Ring("iv_1", thread(), ModeVideo, clara.ID, now, p)
		if appointment {
			i, events, err = Schedule("iv_1", thread(), ModeVideo, clara.ID, Appointment{StartsAt: now.Add(20 * time.Minute)}, now)
		}
		if err != nil {
			t.Fatal(err)
		}
		checkStep(t, Interview{}, i, events, nil, p)
		for ops = ops[:min(len(ops), 900)]; len(ops) >= 3; ops = ops[3:] {
			before := i.Clone()
			who := people[int(ops[1])%len(people)]
			now = now.Add(step(ops[2]))
			events, err := operate(i, ops[0], who, now, p)
			checkStep(t, before, i, events, err, p)
		}
	})
}

// step turns a byte into a wait: mostly seconds, sometimes minutes, and now
// and then a clock that steps back.
func step(b byte) time.Duration {
	switch {
	case b < 128:
		return time.Duration(b) * time.Second
	case b < 240:
		return time.Duration(b-127) * time.Minute
	default:
		return -time.Duration(b-239) * time.Minute
	}
}

func operate(i *Interview, what byte, who Participant, now time.Time, p Policy) ([]Event, error) {
	switch what % 10 {
	case 0:
		return i.Join(who, now, p)
	case 1:
		return i.Leave(who.ID, CauseLeft, now)
	case 2:
		return i.Leave(who.ID, CauseLost, now)
	case 3:
		return i.Leave(who.ID, CauseClosed, now)
	case 4:
		return i.Leave(who.ID, CauseRemoved, now)
	case 5:
		return i.Decline(who.ID, "", now)
	case 6:
		return i.Cancel(who.ID, now)
	case 7:
		return i.End(who.ID, "", now)
	case 8:
		return i.Tick(now, p), nil
	default:
		return i.Reschedule(who.ID, Appointment{StartsAt: now.Add(45 * time.Minute), Length: 15 * time.Minute}, now)
	}
}

// moves are the states that can follow each state in one operation.
var moves = map[State][]State{
	"":             {StateScheduled, StateRinging},
	StateScheduled: {StateScheduled, StateRinging, StateMissed, StateDeclined, StateCancelled},
	StateRinging:   {StateRinging, StateLive, StateMissed, StateDeclined, StateCancelled},
	StateLive:      {StateLive, StateEnded},
	StateEnded:     {StateEnded},
	StateMissed:    {StateMissed},
	StateDeclined:  {StateDeclined},
	StateCancelled: {StateCancelled},
}

// checkStep holds what is true of every operation on every interview.
func checkStep(t *testing.T, before Interview, i *Interview, events []Event, err error, p Policy) {
	t.Helper()
	unchanged := reflect.DeepEqual(before, *i)
	if (err != nil || before.State.Final()) && (!unchanged || events != nil) {
		t.Fatalf("refused or over, and yet something happened: %v\n%+v\n%+v", events, before, *i)
	}
	if unchanged != (len(events) == 0) {
		t.Fatalf("%d events, unchanged %v:\n%+v\n%+v", len(events), unchanged, before, *i)
	}
	if !slices.Contains(moves[before.State], i.State) {
		t.Fatalf("%s became %s", before.State, i.State)
	}
	checkEvents(t, before, i, events)
	checkStays(t, i, p)
	checkTimes(t, i)
	checkDeadline(t, i, p)
}

// checkEvents follows the events from the old state to the new one.
func checkEvents(t *testing.T, before Interview, i *Interview, events []Event) {
	t.Helper()
	inside := map[UserID]bool{}
	for _, p := range before.Present() {
		inside[p.ID] = true
	}
	state := before.State
	for n, e := range events {
		if n > 0 && e.At.Before(events[n-1].At) {
			t.Fatalf("events out of order: %v", events)
		}
		switch e.Kind {
		case EventJoined:
			inside[e.Participant.ID] = true
		case EventLeft:
			if delete(inside, e.Participant.ID); e.Cause == "" {
				t.Fatalf("left without a cause: %v", e)
			}
		case EventReminder, EventRescheduled:
			if i.StartsAt.IsZero() {
				t.Fatalf("%v without an appointment", e)
			}
		case EventScheduled:
			state = StateScheduled
		case EventRinging:
			state = StateRinging
		case EventStarted:
			state = StateLive
		default:
			if state = i.State; finalEvents[state] != e.Kind || n != len(events)-1 || e.Reason == "" {
				t.Fatalf("%v does not end a %s interview", events, i.State)
			}
		}
	}
	if state != i.State || len(inside) != i.inside() {
		t.Fatalf("the events lead to %s with %d inside, want %s with %d", state, len(inside), i.State, i.inside())
	}
}

func checkStays(t *testing.T, i *Interview, p Policy) {
	t.Helper()
	open := map[UserID]bool{}
	for _, s := range i.Stays {
		if s.JoinedAt.IsZero() || s.JoinedAt.Before(i.CreatedAt) || (!s.LeftAt.IsZero() && s.LeftAt.Before(s.JoinedAt)) {
			t.Fatalf("a stay outside time: %+v", s)
		}
		if s.LeftAt.IsZero() {
			if open[s.Participant.ID] {
				t.Fatalf("%s is inside twice", s.Participant.ID)
			}
			open[s.Participant.ID] = true
		}
	}
	if len(open) > p.MaxParticipants {
		t.Fatalf("%d inside, at most %d may be", len(open), p.MaxParticipants)
	}
	if len(open) > 0 && (i.State.Final() || i.State == StateScheduled) {
		t.Fatalf("somebody is inside a %s interview", i.State)
	}
	if i.State == StateRinging && len(open) > 1 {
		t.Fatal("two are inside and it still rings")
	}
	if !i.StartedAt.IsZero() && len(i.Stays) < 2 {
		t.Fatal("it became live with fewer than two people")
	}
}

func checkTimes(t *testing.T, i *Interview) {
	t.Helper()
	was := i.State == StateLive || i.State == StateEnded
	if was != !i.StartedAt.IsZero() {
		t.Fatalf("%s, started at %v", i.State, i.StartedAt)
	}
	if i.State.Final() != !i.EndedAt.IsZero() || i.State.Final() != (i.EndReason != "") {
		t.Fatalf("%s, ended at %v because %q", i.State, i.EndedAt, i.EndReason)
	}
	if i.State.Final() && (i.EndedAt.Before(i.StartedAt) || i.EndedAt.Before(i.CreatedAt) || i.Duration() < 0) {
		t.Fatalf("ended before it began: %+v", *i)
	}
	for _, s := range i.Stays {
		if i.State.Final() && i.EndedAt.Before(s.LeftAt) {
			t.Fatalf("ended at %v while %s was inside until %v", i.EndedAt, s.Participant.ID, s.LeftAt)
		}
	}
	if empty := i.State == StateLive && i.inside() == 0; empty != !i.EmptySince.IsZero() {
		t.Fatalf("%s with %d inside, empty since %v", i.State, i.inside(), i.EmptySince)
	}
}

// checkDeadline has Tick do nothing before the deadline and end the interview at it.
func checkDeadline(t *testing.T, i *Interview, p Policy) {
	t.Helper()
	at, ok := i.Deadline(p)
	early, due := i.Clone(), i.Clone()
	if !ok {
		if events := early.Tick(noon.AddDate(10, 0, 0), p); events != nil || !reflect.DeepEqual(early, *i) {
			t.Fatalf("Tick did something without a deadline: %v", events)
		}
		return
	}
	if events := early.Tick(at.Add(-1), p); events != nil || !reflect.DeepEqual(early, *i) {
		t.Fatalf("Tick did something before the deadline: %v", events)
	}
	if events := due.Tick(at, p); !due.State.Final() && (len(events) != 1 || events[0].Kind != EventReminder) {
		t.Fatalf("still %s at the deadline, and no reminder: %v", due.State, events)
	}
}
