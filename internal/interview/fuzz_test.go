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
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 9, 0, 1, 10, 1, 1, 8, 0, 5, 0, 2, 1, 10, 2, 1, 11, 1, 1}) // recorded, somebody comes, somebody withdraws
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 9, 0, 1, 8, 0, 5, 13, 0, 1, 2, 0, 1, 0, 0, 1, 14, 0, 1, 15, 1, 1, 0})
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 9, 0, 1, 10, 1, 1, 25, 1, 1, 25, 0, 1, 8, 0, 5, 26, 0, 1, 11, 1, 1}) // put into writing, and both taken back
	f.Add(false, []byte{20, 0, 1, 21, 0, 1, 23, 0, 1, 24, 0, 60})                                              // the whole of it in Zoom
	f.Add(false, []byte{0, 0, 1, 0, 1, 1, 19, 1, 1, 20, 0, 1, 1, 0, 1, 1, 1, 1, 21, 0, 1, 23, 0, 1, 24, 0, 1})
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
		i.Recording.Mode, i.Recording.Transcripts = RecordingAll, len(ops)%5 != 4
		if len(ops)%2 == 1 {
			i.Recording.Mode = RecordingPerTrack
		}
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
	const id = "rec_1"
	c := Consent{Participant: who.ID, State: ConsentGranted, Text: "1", Language: "en"}
	switch what % 28 {
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
	case 18:
		return i.Reschedule(who.ID, Appointment{StartsAt: now.Add(45 * time.Minute), Length: 15 * time.Minute}, now)
	case 9:
		return i.AskRecording(id, c, now)
	case 10:
		return i.Answer(id, c, now)
	case 11:
		c.State = ConsentWithdrawn
		return i.Answer(id, c, now)
	case 12:
		c.State = ConsentDeclined
		return i.Answer(id, c, now)
	case 25:
		c.Kind = ConsentTranscription
		return i.Answer(id, c, now)
	case 26:
		c.Kind, c.State = ConsentTranscription, ConsentWithdrawn
		return i.Answer(id, c, now)
	case 27:
		c.Kind, c.State = ConsentTranscription, ConsentDeclined
		return i.Answer(id, c, now)
	case 13:
		return i.PauseRecording(who.ID, now)
	case 14:
		return i.ResumeRecording(who.ID, now)
	case 15:
		return i.StopRecording(who.ID, now)
	case 16:
		return i.MarkRecording(who.ID, "a good answer", now)
	case 19:
		return i.OfferZoom(who, ZoomCannotConnect, now)
	case 20:
		return i.ChooseZoom(who, ZoomChosen, now)
	case 21:
		return i.ZoomMade(now)
	case 22:
		return i.ZoomNotMade(ZoomQuota, now)
	case 23:
		return i.ZoomBegan(now.Add(-time.Second), now)
	case 24:
		return i.ZoomOver(now.Add(-time.Minute), now.Add(-time.Second), now)
	default:
		return i.FailRecording(ReasonDiskFull, now), nil
	}
}

// moves are the states that can follow each state in one operation.
var moves = map[State][]State{
	"":             {StateScheduled, StateRinging},
	StateScheduled: {StateScheduled, StateRinging, StateMissed, StateDeclined, StateCancelled},
	StateRinging:   {StateRinging, StateLive, StateEnded /* in Zoom, told at once */, StateMissed, StateDeclined, StateCancelled},
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
	marked := len(events) == 1 && events[0].Kind == EventRecordingMarked // a mark is told, not kept
	if unchanged != (len(events) == 0) && !marked {
		t.Fatalf("%d events, unchanged %v:\n%+v\n%+v", len(events), unchanged, before, *i)
	}
	if !slices.Contains(moves[before.State], i.State) {
		t.Fatalf("%s became %s", before.State, i.State)
	}
	checkEvents(t, before, i, events)
	checkStays(t, i, p)
	checkTimes(t, i)
	checkDeadline(t, i, p)
	checkRecorded(t, before, i, events)
}

// checkRecorded holds that nobody is ever recorded who has not agreed, and in
// RecordingAll nobody as long as somebody present has not.
func checkRecorded(t *testing.T, before Interview, i *Interview, events []Event) {
	t.Helper()
	r := i.Recording
	for _, p := range i.Present() {
		agreed := r.Consent(p.ID).State == ConsentGranted
		if i.Recorded(p.ID) != (r.State == RecordingOn && agreed) {
			t.Fatalf("%s recorded %v in state %q having %s", p.ID, i.Recorded(p.ID), r.State, r.Consent(p.ID).State)
		}
		if r.Transcribed(p.ID).State == ConsentGranted && !(agreed && r.Transcripts) {
			t.Fatalf("what %s says is to be put into writing, having answered %s to being recorded, transcripts %v", p.ID, r.Consent(p.ID).State, r.Transcripts)
		}
		if !agreed && r.State == RecordingOn && r.Mode == RecordingAll {
			t.Fatalf("a recording runs before %s, who has not agreed", p.ID)
		}
	}
	if r.State != RecordingNone && i.State != StateLive || (r.State == RecordingStarting) != !r.StartsAt.IsZero() {
		t.Fatalf("a recording that is %q, starting at %v, of an interview that is %s", r.State, r.StartsAt, i.State)
	}
	state := before.Recording.State
	for _, e := range events {
		if e.Kind == EventConsentChanged && e.Consent.Kind == ConsentTranscription && len(events) == 1 && r.State != before.Recording.State {
			t.Fatalf("an answer to transcription led from %q to %q", before.Recording.State, r.State)
		}
		if next, ok := recordingStates[e.Kind]; ok {
			state = next
		}
		if e.Kind == EventRecordingPaused && e.Reason == ReasonAwaitingConsent {
			state = RecordingWaiting
		}
	}
	if state != r.State {
		t.Fatalf("the events %v lead from %q to %q, not to %q", events, before.Recording.State, state, r.State)
	}
}

var recordingStates = map[EventKind]RecordingState{
	EventRecordingAsked:    RecordingAsking,
	EventRecordingStarting: RecordingStarting,
	EventRecordingStarted:  RecordingOn,
	EventRecordingPaused:   RecordingPaused,
	EventRecordingResumed:  RecordingOn,
	EventRecordingStopped:  RecordingNone,
	EventRecordingFailed:   RecordingNone,
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
		case EventZoomOffered, EventZoomChosen, EventZoomReady, EventZoomStarted, EventZoomEnded, EventZoomFailed:
			if e.Reason == "" {
				t.Fatalf("Zoom without a reason: %v", e)
			}
		case EventConsentChanged, EventRecordingAsked, EventRecordingStarting, EventRecordingStarted, EventRecordingPaused,
			EventRecordingResumed, EventRecordingMarked, EventRecordingStopped, EventRecordingFailed:
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
	if !i.StartedAt.IsZero() && len(i.Stays) < 2 && i.Zoom.State == "" {
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
	if _, starting := i.countdown(); starting {
		if due.Tick(at, p); due.Recording.State != RecordingOn {
			t.Fatalf("recording %q when the countdown was over", due.Recording.State)
		}
		return
	}
	if events := due.Tick(at, p); !due.State.Final() && (len(events) != 1 || events[0].Kind != EventReminder) {
		t.Fatalf("still %s at the deadline, and no reminder: %v", due.State, events)
	}
}
