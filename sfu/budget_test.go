package sfu

import (
	"testing"
	"time"
)

// A budget is said when it changes, and every second. One that falls is said three times,
// since what falls with it may take the word along.
func TestABudgetThatFallsIsSaidAgain(t *testing.T) {
	var b budget
	now := time.Unix(0, 0)
	for i, step := range []struct {
		bitrate int
		said    bool
	}{
		{1_000_000, true}, {1_010_000, false}, {1_100_000, true}, {1_100_000, false},
		{400_000, true}, {401_000, true}, {401_000, true}, {401_000, false}, {401_000, false},
		{380_000, true}, {380_000, false}, // a little less may be missed
	} {
		now = now.Add(chooseEvery)
		if said := b.due(step.bitrate, now); said != step.said {
			t.Errorf("step %d: %d bit/s is said: %v, want %v", i, step.bitrate, said, step.said)
		}
	}
	if now = now.Add(budgetEvery + time.Millisecond); !b.due(380_000, now) {
		t.Error("a budget is not said again after a second")
	}
}
