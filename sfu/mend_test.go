package sfu

import (
	"testing"
	"time"
)

func TestRepairsTakeNoMoreThanTheirShareOfTheConnection(t *testing.T) {
	const estimate, size = 400_000, 1000
	var m mending
	now, sent := time.Now(), 0
	for range 10_000 { // asked for all the time
		now = now.Add(time.Millisecond)
		if m.allows(size, estimate, now) {
			sent += size
		}
	}
	want := int(mendShare*estimate/8*10) + estimate/8/4 // of ten seconds, and what was saved up
	if sent > want || sent < want*8/10 {
		t.Errorf("%d bytes were sent again in ten seconds, want %d", sent, want)
	}
}

func TestRepairsMayComeTogether(t *testing.T) {
	for _, tt := range []struct{ estimate, want int }{{2_000_000, 62}, {30_000, 6}} {
		var m mending
		now, n := time.Now(), 0
		for m.allows(1000, tt.estimate, now) {
			n++
		}
		if n != tt.want {
			t.Errorf("of %d bit/s %d kB are sent again at once, want %d", tt.estimate, n, tt.want)
		}
	}
}

func TestWhatRepairsTakeIsMeasured(t *testing.T) {
	var m mending
	now := time.Now()
	for range 20 {
		for range 10 {
			now = now.Add(100 * time.Millisecond)
			m.allows(1000, 2_000_000, now)
		}
		m.takes(now)
	}
	if got := m.takes(now); got < 75_000 || got > 85_000 {
		t.Errorf("repairs of 80 kbit/s are taken for %d", got)
	}
	for range 20 {
		now = now.Add(measureFor)
		m.takes(now)
	}
	if got := m.takes(now); got > 1_000 {
		t.Errorf("without repairs they are taken for %d bit/s", got)
	}
}
