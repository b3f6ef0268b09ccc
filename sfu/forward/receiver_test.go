package forward

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(d time.Duration) time.Time { return epoch.Add(d) }

func TestArrivals(t *testing.T) {
	for _, base := range awkward {
		t.Run(fmt.Sprintf("%#x", base), func(t *testing.T) {
			var r Receiver
			steps := []struct {
				seq  uint16
				want Arrival
			}{
				{base, Next}, {base + 1, Next}, {base + 1, Duplicate}, {base + 5, Next},
				{base + 3, Late}, {base + 3, Duplicate}, {base - 1, Duplicate}, {base + 2, Late},
				{base + 4, Late}, {base + 6, Next}, {base + 20000, Restarted}, {base + 20001, Next}, {base + 6, Restarted},
			}
			for i, s := range steps {
				if got := r.Arrive(s.seq, epoch, true); got != s.want {
					t.Errorf("step %d, packet base+%d: %d, want %d", i, s.seq-base, got, s.want)
				}
			}
		})
	}
}

func TestMissingPacketsAreAskedForUntilGivenUp(t *testing.T) {
	var r Receiver
	r.Arrive(10, epoch, true)
	r.Arrive(13, epoch, true)
	ask := func(d, rtt time.Duration) []uint16 { return r.Ask(nil, at(d), rtt) }
	if got := ask(0, 0); !slices.Equal(got, []uint16{11, 12}) {
		t.Fatalf("at once: %v, want 11 and 12", got)
	}
	if got := ask(10*time.Millisecond, 0); len(got) != 0 {
		t.Errorf("again after 10 ms: %v", got)
	}
	r.Arrive(11, at(20*time.Millisecond), true)
	if got := ask(30*time.Millisecond, 100*time.Millisecond); len(got) != 0 {
		t.Errorf("again before a round trip: %v", got)
	}
	if got := ask(130*time.Millisecond, 100*time.Millisecond); !slices.Equal(got, []uint16{12}) {
		t.Errorf("after a round trip: %v, want 12", got)
	}
	if r.GaveUp() {
		t.Error("gave up too early")
	}
	ask(2*time.Second, 100*time.Millisecond)
	if !r.GaveUp() || r.Missing() {
		t.Error("still waiting after two seconds")
	}
	if r.GaveUp() {
		t.Error("giving up was reported twice")
	}
}

func TestAnOutageIsNotAskedForPacketByPacket(t *testing.T) {
	var r Receiver
	r.Arrive(10, epoch, true)
	r.Arrive(10+1000, epoch, true)
	if got := len(r.Ask(nil, epoch, 0)); got > maxMissing {
		t.Errorf("asked for %d packets", got)
	}
	if !r.GaveUp() {
		t.Error("no keyframe would be asked for")
	}
}

func TestRequestsAreMadeTwiceWhereMuchIsLost(t *testing.T) {
	var r Receiver
	for i := range uint16(100) {
		if i%4 != 3 {
			r.Arrive(i, epoch, false)
		}
	}
	r.Report() // a quarter is lost
	r.Arrive(101, epoch, true)
	rtt := 100 * time.Millisecond
	var asked []time.Duration
	for d := time.Duration(0); d < 2*rtt; d += 5 * time.Millisecond {
		if len(r.Ask(nil, at(d), rtt)) > 0 {
			asked = append(asked, d)
		}
	}
	again := rtt + rtt/4
	if want := []time.Duration{0, minAskSpacing, again, again + minAskSpacing}; !slices.Equal(asked, want) {
		t.Errorf("asked after %v, want %v", asked, want)
	}
}

// A narrow way drops nearly everything. What is asked for then comes through it beside the
// sound.
func TestLittleIsAskedForOfAStreamOfWhichLittleArrives(t *testing.T) {
	for _, lossy := range []bool{false, true} {
		r := Receiver{lossy: lossy}
		seq, now := uint16(0), time.Duration(0)
		asked := map[uint16]bool{}
		// after lets one packet come so many numbers on, and counts what is asked for the first time.
		after := func(n uint16) int {
			seq += n
			now += minAskSpacing
			r.Arrive(seq, at(now), true)
			before := len(asked)
			for _, s := range r.Ask(nil, at(now), time.Second) {
				asked[s] = true
			}
			return len(asked) - before
		}
		for range 2 * maxEarned {
			after(1)
		}
		if got := after(12); got != 11 {
			t.Errorf("lossy %v: asked for %d of a burst of 11", lossy, got)
		}
		for range 20 {
			after(12)
		}
		if most := 21*earns + maxEarned; len(asked) < 20*earns || len(asked) > most {
			t.Errorf("lossy %v: asked for %d packets while 21 came, want %d at the most", lossy, len(asked), most)
		}
		if got := after(1); got != earns {
			t.Errorf("lossy %v: asked for %d when one more had come, want %d", lossy, got, earns)
		}
	}
}

func TestReportCountsLoss(t *testing.T) {
	var r Receiver
	if _, ok := r.Report(); ok {
		t.Error("a report before the first packet")
	}
	for i := range 100 {
		if i%4 != 3 {
			r.Arrive(uint16(65500+i), epoch, false)
		}
	}
	rep, _ := r.Report()
	// 98 expected: the last one arrived is number 98; 24 of them lost.
	if rep.TotalLost != 24 || rep.FractionLost != 24*256/99 {
		t.Errorf("lost %d, fraction %d/256", rep.TotalLost, rep.FractionLost)
	}
	if rep.Highest != 65500+98 {
		t.Errorf("highest = %d, want %d with its cycle", rep.Highest, 65500+98)
	}
	last := uint16(99 + 65500 - 65536)
	r.Arrive(last, epoch, false)
	if rep, _ = r.Report(); rep.FractionLost != 0 {
		t.Errorf("fraction lost in a whole interval = %d", rep.FractionLost)
	}
}

// FuzzReceiver feeds random arrivals and checks against a set of all numbers.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte{1, 1, 5, 0xff, 0xfe, 1, 200})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var r Receiver
		seq := uint16(0xfff8)
		now := epoch
		r.Arrive(seq, now, true)
		seen := map[uint32]bool{r.highest: true}
		for _, s := range steps[:min(len(steps), 3000)] {
			seq += uint16(int16(int8(s))) // −128…127
			now = now.Add(time.Millisecond)
			before := r.highest
			ahead := int(int16(seq - uint16(before)))
			got := r.Arrive(seq, now, true)
			if ahead > maxJump || ahead < -maxJump {
				if got != Restarted {
					t.Fatalf("a step of %d is %d", ahead, got)
				}
				seen = map[uint32]bool{r.highest: true}
				continue
			}
			ext := before + uint32(int32(ahead))
			switch {
			case got == Next && ext <= before, got == Late && ext >= before:
				t.Fatalf("%d after %d is %d", ext, before, got)
			case got != Duplicate && seen[ext]:
				t.Fatalf("%d was taken twice", ext)
			case got == Restarted:
				t.Fatalf("a step of %d restarted the stream", ahead)
			}
			if got != Duplicate {
				seen[ext] = true
			}
			for _, m := range r.missing {
				if seen[m.seq] {
					t.Fatalf("%d is missing and has arrived", m.seq)
				}
			}
			r.Ask(nil, now, 0)
		}
	})
}

func TestALineIsExactForDays(t *testing.T) {
	l := Line{Epoch: epoch, Base: 0xfffffff0, Rate: 90000}
	if got := l.At(at(time.Second)); got != l.Base+90000 {
		t.Errorf("after a second: %d", got-l.Base)
	}
	week := 7 * 24 * time.Hour
	if got, want := l.At(at(week+time.Millisecond)), l.Base+uint32(int64(week/time.Second)*90000)+90; got != want {
		t.Errorf("after a week: %d, want %d", got, want)
	}
	if got := l.At(at(-time.Second)); got != l.Base-90000 {
		t.Errorf("a second before: %d", int32(got-l.Base))
	}
}

func TestAClockFollowsTheShortestWay(t *testing.T) {
	var c Clock
	if _, ok := c.Local(epoch); ok {
		t.Error("a clock that has seen nothing knows the time")
	}
	const skew = 37 * time.Second
	delays := []time.Duration{80, 50, 120, 55}
	for i, d := range delays {
		sent := at(time.Duration(i) * time.Second)
		c.Observe(sent.Add(skew), sent.Add(d*time.Millisecond))
	}
	got, ok := c.Local(epoch.Add(skew))
	if want := epoch.Add(50 * time.Millisecond); !ok || !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
	// A drifting clock is followed: the old minimum is forgotten after two windows.
	for i := range 80 {
		sent := at(time.Duration(10+i) * time.Second)
		c.Observe(sent.Add(skew-20*time.Millisecond), sent.Add(60*time.Millisecond))
	}
	if got, _ := c.Local(epoch.Add(skew)); got.Sub(epoch) != 80*time.Millisecond {
		t.Errorf("after the drift: %v, want 80 ms", got.Sub(epoch))
	}
}

func TestNTPGoesThereAndBack(t *testing.T) {
	for _, at := range []time.Time{epoch, epoch.Add(999_999_999), time.Unix(0, 0).UTC()} {
		if got := FromNTP(ToNTP(at)); got.Sub(at).Abs() > time.Nanosecond {
			t.Errorf("%v came back as %v", at, got)
		}
	}
}
