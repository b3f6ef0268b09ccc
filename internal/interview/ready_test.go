package interview

import (
	"testing"
	"time"
)

func TestSomebodyIsReadyUntilTheInterviewIsOver(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	clara := Participant{ID: "clara", Name: "Clara Novak", Role: RoleInterviewer}
	thread := Thread{ID: "t", Participants: []Participant{clara}, Contract: Contract{State: ContractNone}}
	iv, _, err := Schedule("iv", thread, ModeVideo, "clara", Appointment{StartsAt: at.Add(48 * time.Hour)}, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		told  bool
	}{{time.Hour, true}, {time.Hour + 30*time.Second, false}, {time.Hour + ReadyAgain, true}} {
		events, err := iv.Ready(clara, at.Add(step.after))
		if err != nil || (len(events) == 1) != step.told {
			t.Fatalf("after %v: got %v and %v, want told %t", step.after, events, err, step.told)
		}
		if step.told && (events[0].Kind != EventReady || events[0].Participant != clara || events[0].At != at.Add(step.after)) {
			t.Errorf("after %v: got the event %+v", step.after, events[0])
		}
	}
	if len(iv.Readies) != 1 || iv.Readies[0].At != at.Add(time.Hour+ReadyAgain) {
		t.Errorf("got %+v, want one entry with the last time", iv.Readies)
	}
	before := iv.Clone()
	if _, err := iv.Ready(Participant{ID: "femi", Role: RoleInterviewee}, at.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if len(before.Readies) != 1 || len(iv.Readies) != 2 {
		t.Errorf("a copy has %d entries and the original %d, want 1 and 2", len(before.Readies), len(iv.Readies))
	}
	if _, err := iv.Ready(Participant{ID: "", Role: RoleInterviewee}, at); err == nil {
		t.Error("nobody is ready")
	}
	if _, err := iv.Cancel("clara", at.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if events, err := iv.Ready(clara, at.Add(4*time.Hour)); err == nil {
		t.Errorf("got %v for an interview that is over, want an error", events)
	}
}

func TestAnInterviewRemembersSoManyWhoAreReady(t *testing.T) {
	iv := &Interview{ID: "iv", State: StateRinging}
	for n := range maxReady + 1 {
		_, err := iv.Ready(Participant{ID: UserID(rune('A'+n%26)) + UserID(rune('a'+n/26)), Role: RoleObserver}, time.Unix(1, 0))
		if (err != nil) != (n == maxReady) {
			t.Fatalf("person %d: got %v", n, err)
		}
	}
}
