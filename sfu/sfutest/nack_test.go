package sfutest

import (
	"slices"
	"testing"
	"time"
)

func TestWhatIsMissingIsAskedForAtOnceAndEveryRoundTrip(t *testing.T) {
	var l nackList
	now := time.Unix(0, 0)
	const rtt = 50 * time.Millisecond
	l.received(65534, now)
	if got := l.received(2, now); !slices.Equal(got, []uint16{65535, 0, 1}) {
		t.Fatalf("asked for %v", got)
	}
	if got := l.received(65534, now); got != nil {
		t.Errorf("asked for %v after a packet that came twice", got)
	}
	if got := l.due(now.Add(rtt-1), rtt); got != nil {
		t.Errorf("asked again for %v before a round trip has passed", got)
	}
	l.received(0, now) // repaired
	asked := 1
	for i := range 20 {
		got := l.due(now.Add(time.Duration(i+1)*rtt), rtt)
		if len(got) > 0 {
			asked++
			if !slices.Equal(got, []uint16{65535, 1}) {
				t.Fatalf("asked again for %v, want what is still missing", got)
			}
		}
	}
	if asked != 10 {
		t.Errorf("asked %d times, want 10", asked)
	}
	if got := l.received(5000, now); got != nil {
		t.Errorf("asked for %d packets after a jump", len(got))
	}
}
