package link_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"parley/sfu/sfutest/link"
)

var epoch = time.Unix(1000, 0)

// fate sends n packets of a size at an interval and tells when each came out;
// -1 is never.
func fate(l *link.Link, n, size int, every time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	for i := range n {
		at, ok := l.Pass(epoch.Add(time.Duration(i)*every), size)
		if out[i] = at.Sub(epoch); !ok {
			out[i] = -1
		}
	}
	return out
}

func losses(fates []time.Duration) (lost, runs int) {
	before := time.Duration(0)
	for _, f := range fates {
		if f < 0 {
			lost++
			if before >= 0 {
				runs++
			}
		}
		before = f
	}
	return lost, runs
}

func TestLossesComeInRunsOfTheirMeanLength(t *testing.T) {
	const n = 200_000
	for _, tt := range []struct{ loss, burst float64 }{{0.1, 0}, {0.1, 5}, {0.02, 3}, {0.3, 10}} {
		l := link.New(1, "a")
		l.Set(link.Path{Loss: tt.loss, Burst: tt.burst})
		lost, runs := losses(fate(l, n, 100, time.Millisecond))
		share, mean := float64(lost)/n, float64(lost)/float64(runs)
		want := tt.burst
		if want == 0 {
			want = 1 / (1 - tt.loss) // chance makes runs of its own
		}
		if math.Abs(share-tt.loss) > 0.1*tt.loss || math.Abs(mean-want) > 0.1*want {
			t.Errorf("loss %v in runs of %v: %.3f in runs of %.2f", tt.loss, tt.burst, share, mean)
		}
		if s := l.Stats(); s.Packets != n || s.Lost != uint64(lost) {
			t.Errorf("stats %+v, want %d of %d lost", s, lost, n)
		}
	}
}

func TestOneSeedIsOneFate(t *testing.T) {
	p := link.Path{Delay: time.Millisecond, Jitter: 30 * time.Millisecond, Reorder: true, Loss: 0.1, Burst: 4}
	run := func(seed uint64, name string) []time.Duration {
		l := link.New(seed, name)
		l.Set(p)
		return fate(l, 500, 100, time.Millisecond)
	}
	if !slices.Equal(run(7, "a"), run(7, "a")) {
		t.Error("the same seed had another fate")
	}
	if slices.Equal(run(7, "a"), run(8, "a")) || slices.Equal(run(7, "a"), run(7, "b")) {
		t.Error("another seed, or another name, had the same fate")
	}
	lostWith := func(jitter time.Duration) (which []int) {
		l := link.New(7, "a")
		l.Set(link.Path{Loss: 0.1, Jitter: jitter})
		for i, f := range fate(l, 500, 100, time.Millisecond) {
			if f < 0 {
				which = append(which, i)
			}
		}
		return which
	}
	if !slices.Equal(lostWith(0), lostWith(time.Second)) {
		t.Error("jitter changes which packets are lost")
	}
}

func TestJitterReordersOnlyWhereItMay(t *testing.T) {
	for _, reorder := range []bool{false, true} {
		l := link.New(1, "a")
		l.Set(link.Path{Delay: 5 * time.Millisecond, Jitter: 50 * time.Millisecond, Reorder: reorder})
		out := fate(l, 1000, 100, time.Millisecond)
		if slices.IsSorted(out) == reorder {
			t.Errorf("reorder %v: the packets are in order: %v", reorder, !reorder)
		}
		for i, at := range out {
			if d := at - time.Duration(i)*time.Millisecond; d < 5*time.Millisecond || d > 55*time.Millisecond {
				t.Fatalf("reorder %v: packet %d took %v", reorder, i, d)
			}
		}
	}
}

func TestAFullQueueDropsItsTail(t *testing.T) {
	l := link.New(1, "a")
	l.Set(link.Path{Rate: 800_000, Queue: 100 * time.Millisecond, Delay: 20 * time.Millisecond})
	out := fate(l, 1000, 1000-28, 5*time.Millisecond) // 1.6 Mbit/s, 10 ms each
	lost, _ := losses(out)
	if lost < 480 || lost > 500 {
		t.Errorf("%d of 1000 dropped, want about half", lost)
	}
	last := time.Duration(0)
	for i, at := range out {
		if at < 0 {
			continue
		}
		if last > 0 && at-last < 10*time.Millisecond {
			t.Fatalf("packet %d came %v after the one before, want 10ms", i, at-last)
		}
		if wait := at - time.Duration(i)*5*time.Millisecond; wait > 130*time.Millisecond {
			t.Fatalf("packet %d took %v", i, wait)
		}
		last = at
	}
	s := l.Stats()
	if s.Dropped != uint64(lost) || s.MaxQueue < 90*time.Millisecond || s.MaxQueue > 100*time.Millisecond {
		t.Errorf("stats %+v, want %d dropped and a queue of 100ms", s, lost)
	}
	if q := l.Queued(epoch.Add(5 * time.Second)); q < 80*time.Millisecond || q > 110*time.Millisecond {
		t.Errorf("%v queued at the end", q)
	}
	if q := l.Queued(epoch.Add(time.Minute)); q != 0 {
		t.Errorf("%v queued long after", q)
	}
	l.ResetQueue()
	if s := l.Stats(); s.MaxQueue != 0 {
		t.Errorf("the longest wait is %v after its reset", s.MaxQueue)
	}
}

func TestABlackoutEndsByItself(t *testing.T) {
	l := link.New(1, "a")
	l.Blackout(epoch.Add(100 * time.Millisecond))
	l.LoseNext(1)
	out := fate(l, 200, 100, time.Millisecond)
	for i, at := range out {
		if dark := i < 100; dark != (at < 0) {
			t.Fatalf("packet %d: %v", i, at)
		}
	}
	l.LoseNext(2)
	if lost, _ := losses(fate(l, 300, 100, time.Millisecond)[150:]); lost != 0 {
		t.Errorf("%d packets lost after it", lost)
	}
	l.Set(link.Path{Loss: 1})
	if _, ok := l.Pass(epoch.Add(time.Hour), 1); ok || l.Path().Loss != 1 {
		t.Error("a packet passed where nothing does")
	}
}
