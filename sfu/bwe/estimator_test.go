package bwe

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// sane holds an estimator against what is always true.
func sane(t *testing.T, e *Estimator, want int) {
	t.Helper()
	if v := e.Estimate(); v < e.c.Min || v > e.c.Max {
		t.Fatalf("estimate %d, want %d to %d", v, e.c.Min, e.c.Max)
	}
	if math.IsNaN(e.control.rate) || math.IsInf(e.control.rate, 0) {
		t.Fatalf("rate %v", e.control.rate)
	}
	if p := e.Loss(); !(p >= 0 && p <= 1) {
		t.Fatalf("loss %v", p)
	}
	if i := e.losses.inherent; !(i >= 0 && i <= inherentMost) {
		t.Fatalf("inherent loss %v", i)
	}
	if p, ok := e.Probe(simEpoch.Add(e.now)); ok && (p.Rate > want || p.Rate > e.c.Max || p.Rate <= 0 || p.Bytes <= 0 || p.Bytes > 1<<18) {
		t.Fatalf("probe %+v, want no more than %d bit/s", p, want)
	}
}

func FuzzEvents(f *testing.F) {
	for i := range uint64(20) {
		f.Add(i, 2000)
	}
	f.Fuzz(func(t *testing.T, seed uint64, n int) {
		r := rand.New(rand.NewPCG(seed, 0))
		e := New(Config{Start: r.IntN(1 << 22), Min: r.IntN(1 << 17), Max: r.IntN(1 << 24)}, simEpoch)
		now, seq, want := simEpoch, r.IntN(1<<16), 0
		got := map[int64]time.Duration{}
		viewer := time.Duration(r.Int64N(int64(300 * time.Hour)))
		for range min(max(n, 0), 5000) {
			now = now.Add(time.Duration(r.Int64N(int64(30 * time.Millisecond))))
			switch r.IntN(40) {
			case 0:
				now = now.Add(time.Duration(r.Int64N(int64(time.Minute))))
			case 1:
				now = now.Add(-time.Second) // a clock set back
			case 2:
				viewer += time.Duration(r.Int64N(int64(time.Hour)) - int64(30*time.Minute))
			case 3:
				e.REMB(r.IntN(1<<24)-100, now)
			case 4:
				e.RTT(time.Duration(r.Int64N(int64(20*time.Second))) - time.Second)
			case 5:
				want = r.IntN(1 << 23)
				e.Want(want)
			case 6:
				seq += r.IntN(1 << 16)
			case 7, 8, 9, 10:
				from := int64(seq - r.IntN(300))
				at := viewer + now.Sub(simEpoch)
				for s := from; s < from+200; s++ {
					delete(got, s)
					if r.IntN(3) > 0 {
						got[s] = max(0, at+time.Duration(r.Int64N(int64(time.Second))))
					}
				}
				_ = e.Feedback(encode(from, from+int64(r.IntN(200)), got), now)
			case 11:
				e.Resent(uint16(seq-r.IntN(300)), now)
			case 12:
				e.Repeated(uint16(seq-r.IntN(300)), now)
			default:
				e.Sent(uint16(seq), r.IntN(1400), now)
				seq++
			}
			sane(t, e, want)
		}
	})
}

func TestNothingIsProbedThatNobodyWants(t *testing.T) {
	w := newWorld(1, path{rate: 3000 * kbit, delay: ms(20)})
	f := w.flow(Config{}, 0)
	f.app = 300 * kbit
	w.run(30*time.Second, nil)
	if f.probe.Bytes != 0 {
		t.Errorf("probed %+v with nothing wanted", f.probe)
	}
	f.e.Want(900 * kbit)
	w.run(30*time.Second, func() {
		if f.probe.Rate > 900*kbit {
			t.Fatalf("probed %+v with 900 kbit/s wanted", f.probe)
		}
	})
	if v := f.e.Estimate(); v < 800*kbit {
		t.Errorf("estimate %d, want what is wanted", v)
	}
}

func TestTheViewersOwnEstimateCountsWithoutFeedback(t *testing.T) {
	e := New(Config{}, simEpoch)
	e.REMB(300*kbit, simEpoch)
	if got := e.Estimate(); got != 300*kbit {
		t.Errorf("got %d, want the viewer's 300 kbit/s", got)
	}
	e.REMB(1500*kbit, simEpoch.Add(time.Second))
	if got := e.Estimate(); got != 1500*kbit {
		t.Errorf("got %d, want the viewer's 1.5 Mbit/s", got)
	}
	e.Sent(1, 100, simEpoch.Add(20*time.Second))
	if got := e.Estimate(); got != 300*kbit {
		t.Errorf("got %d, want the start: what the viewer said is old", got)
	}

	w := newWorld(1, path{rate: 1000 * kbit, delay: ms(20)})
	f := w.flow(Config{}, wanted)
	w.run(10*time.Second, nil)
	f.e.REMB(100*kbit, simEpoch.Add(w.now))
	if got := f.e.Estimate(); got < 700*kbit {
		t.Errorf("got %d: with feedback the viewer's estimate does not count", got)
	}
}

func TestAnotherClockAtTheViewerIsNoQueue(t *testing.T) {
	w := newWorld(1, path{rate: 1000 * kbit, delay: ms(20)})
	f := w.flow(Config{}, wanted)
	w.run(10*time.Second, nil)
	for _, skew := range []time.Duration{5 * time.Minute, -5 * time.Second} {
		w.skew = skew
		w.run(2*time.Second, nil)
	}
	if got := f.e.Estimate(); got < 500*kbit {
		t.Errorf("estimate %d, want it to stay", got)
	}
}

// A probe that comes all at once has met no limit: what carried it is fast, or gathers
// packets on their way, as Wi-Fi does.
func TestAProbeThatComesAllAtOnceShowsThatThereIsRoom(t *testing.T) {
	w := newWorld(1, path{delay: ms(20)})
	s := w.watch(w.flow(Config{}, wanted), 2*time.Second, 2500*kbit)
	s.log(t, "no limit")
	if s.reached < 0 || s.reached > time.Second {
		t.Errorf("2.5 Mbit/s after %v, want within a second", s.reached)
	}
}

func TestNothingIsPacedThatNobodyReportsOn(t *testing.T) {
	w := newWorld(1, path{rate: 1000 * kbit, delay: ms(20)})
	f := w.flow(Config{}, wanted)
	if got := f.e.Pace(); got != 0 {
		t.Errorf("a pace of %d before anything is known, want none", got)
	}
	w.run(5*time.Second, nil)
	if got, least := f.e.Pace(), f.e.Estimate(); got <= least || got > 2*least {
		t.Errorf("a pace of %d where %d is carried", got, least)
	}
}

// ICE and DTLS take a second and more on a long way, and none of it is of the opening.
func TestTheOpeningBeginsWithTheConnection(t *testing.T) {
	e := New(Config{}, simEpoch)
	e.Want(wanted)
	connected := simEpoch.Add(3 * time.Second)
	if !e.Opening(connected) {
		t.Error("not opening before anything could be sent")
	}
	e.Probe(connected)
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{{openingFor - time.Millisecond, true}, {openingFor, false}} {
		if got := e.Opening(connected.Add(tt.after)); got != tt.want {
			t.Errorf("%v after it was first asked for a probe: opening is %v, want %v", tt.after, got, tt.want)
		}
	}
}

func TestSentAndFeedbackDoNotAllocate(t *testing.T) {
	w := newWorld(1, path{rate: 2000 * kbit, delay: ms(20)})
	f := w.flow(Config{}, wanted)
	w.run(10*time.Second, nil)
	now, seq := simEpoch.Add(w.now), uint16(f.seq)
	if n := testing.AllocsPerRun(1000, func() {
		seq++
		now = now.Add(time.Millisecond)
		f.e.Sent(seq, 1200, now)
	}); n != 0 {
		t.Errorf("%v allocations per Sent, want 0", n)
	}
	got := map[int64]time.Duration{}
	for i := range int64(20) {
		got[int64(seq)-i] = now.Sub(simEpoch)
	}
	fci := encode(int64(seq)-19, int64(seq), got)
	if n := testing.AllocsPerRun(100, func() { _ = f.e.Feedback(fci, now) }); n != 0 {
		t.Errorf("%v allocations per Feedback, want 0", n)
	}
}

func BenchmarkSent(b *testing.B) {
	e, now := New(Config{}, simEpoch), simEpoch
	for i := 0; b.Loop(); i++ {
		now = now.Add(time.Millisecond)
		e.Sent(uint16(i), 1200, now)
	}
}

// BenchmarkFeedback reports 25 packets, as come in 100 ms at 2.5 Mbit/s.
func BenchmarkFeedback(b *testing.B) {
	e, now, seq := New(Config{}, simEpoch), simEpoch, int64(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		got := map[int64]time.Duration{}
		for range 25 {
			now = now.Add(4 * time.Millisecond)
			e.Sent(uint16(seq), 1200, now)
			got[seq] = now.Sub(simEpoch)
			seq++
		}
		fci := encode(seq-25, seq-1, got)
		b.StartTimer()
		_ = e.Feedback(fci, now)
	}
}

// Of packets that go twice, the first is what tells of the path.
func TestLossIsSeenThroughRepetition(t *testing.T) {
	for _, loss := range []int{0, 10, 30} { // of 100
		r := rand.New(rand.NewPCG(uint64(loss), 1))
		e := New(Config{}, simEpoch)
		got := map[int64]time.Duration{}
		now, missing, lost := simEpoch, 0, 0
		for seq := range int64(500) {
			now = now.Add(20 * time.Millisecond)
			e.Sent(uint16(seq), 100, now)
			e.Repeated(uint16(seq-1), now)
			at := now.Sub(simEpoch) + 50*time.Millisecond
			switch {
			case r.IntN(100) >= loss:
				got[seq] = at
			case r.IntN(100) >= loss: // the copy
				got[seq] = at + 20*time.Millisecond
			default:
				lost++
			}
			if seq%5 == 4 && seq >= 9 {
				if err := e.Feedback(encode(seq-9, seq-4, got), now); err != nil {
					t.Fatal(err)
				}
				missing += len(e.Missing())
				for _, m := range e.Missing() {
					e.Resent(m, now)
				}
			}
		}
		if p := e.Loss(); math.Abs(p-float64(loss)/100) > 0.1 {
			t.Errorf("%d %% lost: told %.0f %%", loss, 100*p)
		}
		if (missing-lost) > 0 || lost-missing > 5 { // the newest are not reported
			t.Errorf("%d %% lost: told of %d missing, %d never came", loss, missing, lost)
		}
	}
}
