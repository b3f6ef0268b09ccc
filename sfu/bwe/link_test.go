package bwe

import (
	"flag"
	"testing"
	"time"
)

// seen is what a run showed.
type seen struct {
	estimate  int           // at the end, bit/s
	mean      float64       // of the estimate
	low, high int           // of the estimate
	delivered float64       // bit/s
	wait      time.Duration // longest
	reached   time.Duration // until the estimate first was at the mark; -1 never
}

func (w *world) watch(f *flow, d time.Duration, mark int) seen {
	s := seen{low: f.e.Estimate(), reached: -1}
	begin, bytes, n := w.now, f.bytes, 0
	w.run(d, func() {
		v := f.e.Estimate()
		s.low, s.high, s.estimate = min(s.low, v), max(s.high, v), v
		s.mean += float64(v)
		n++
		s.wait = max(s.wait, w.wait())
		if v >= mark && s.reached < 0 {
			s.reached = w.now - begin
		}
	})
	s.mean /= float64(n)
	s.delivered = float64(f.bytes-bytes) * 8 / d.Seconds()
	return s
}

func (s seen) log(t *testing.T, what string) {
	t.Helper()
	t.Logf("%-34s estimate %5d (mean %5.0f, %d–%d) delivered %5.0f kbit/s, queue ≤ %v, reached %v",
		what, s.estimate/1000, s.mean/1000, s.low/1000, s.high/1000, s.delivered/1000, s.wait.Round(time.Millisecond), s.reached)
}

const (
	kbit   = 1_000
	wanted = 3_000 * kbit
)

var seeds = flag.Uint64("seeds", 6, "how many chances a story has")

// over runs a story with several chances.
func over(t *testing.T, story func(t *testing.T, seed uint64)) {
	t.Helper()
	for seed := range *seeds {
		story(t, seed)
	}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func TestSteadyLinks(t *testing.T) {
	for _, c := range []struct {
		name   string
		path   path
		rtt    time.Duration
		settle time.Duration
		share  float64       // of the link's rate that passes, lost packets not counted
		wait   time.Duration // of the queue, after settling
		most   float64       // mean of the estimate, of the link's rate
	}{
		{"1 Mbit/s", path{rate: 1000 * kbit, delay: ms(20)}, 0, 5 * time.Second, 0.85, ms(300), 1.05},
		{"500 kbit/s", path{rate: 500 * kbit, delay: ms(20)}, 0, 5 * time.Second, 0.80, ms(300), 1.05},
		{"150 kbit/s, 400 ms, 5 % loss", path{rate: 150 * kbit, delay: ms(200), loss: 0.05}, ms(400), 10 * time.Second, 0.65, ms(300), 1.05},
		{"4 Mbit/s", path{rate: 4000 * kbit, delay: ms(20)}, 0, 5 * time.Second, 0.6, ms(300), 1.05},
		{"2 Mbit/s, 30 % loss both ways", path{rate: 2000 * kbit, delay: ms(20), loss: 0.3, back: 0.3}, 0, 15 * time.Second, 0.70 * 0.70, ms(300), 1.05},
		{"2 Mbit/s, 10 % loss in bursts of 5", path{rate: 2000 * kbit, delay: ms(20), loss: 0.1, burst: 5}, 0, 10 * time.Second, 0.70 * 0.90, ms(300), 1.05},
		{"1 Mbit/s, a queue of 25 ms", path{rate: 1000 * kbit, delay: ms(20), queue: ms(25)}, 0, 10 * time.Second, 0.65, ms(40), 1.20},
		{"1 Mbit/s, reports lost, doubled and late", path{rate: 1000 * kbit, delay: ms(20), back: 0.2, doubled: 0.1, late: 0.1}, 0, 10 * time.Second, 0.75, ms(300), 1.05},
	} {
		t.Run(c.name, func(t *testing.T) {
			over(t, func(t *testing.T, seed uint64) {
				w := newWorld(seed, c.path)
				f := w.flow(Config{}, wanted)
				f.e.RTT(c.rtt)
				w.run(c.settle, nil)
				s := w.watch(f, time.Minute, 0)
				s.log(t, c.name)
				if s.delivered < c.share*c.path.rate {
					t.Errorf("%.0f bit/s arrive of %.0f, want at least %.0f %%", s.delivered, c.path.rate, 100*c.share)
				}
				if s.wait > c.wait {
					t.Errorf("queue of %v, want at most %v", s.wait, c.wait)
				}
				if s.mean > c.most*c.path.rate {
					t.Errorf("mean estimate %.0f bit/s of %.0f", s.mean, c.path.rate)
				}
			})
		})
	}
}

func TestTheStartReachesMostOfALinkSoon(t *testing.T) {
	for _, rate := range []float64{1000 * kbit, 2500 * kbit} {
		over(t, func(t *testing.T, seed uint64) {
			w := newWorld(seed, path{rate: rate, delay: ms(20)})
			s := w.watch(w.flow(Config{}, wanted), 5*time.Second, int(0.8*rate))
			s.log(t, "start")
			if s.reached < 0 || s.wait > ms(300) {
				t.Errorf("80 %% of %.0f bit/s after %v with a queue of %v, want within 5 s and 300 ms", rate, s.reached, s.wait)
			}
		})
	}
}

func TestADropAndItsHealing(t *testing.T) {
	for _, low := range []time.Duration{20 * time.Second, 4 * time.Second, 3 * time.Minute} {
		over(t, func(t *testing.T, seed uint64) {
			w := newWorld(seed, path{rate: 2500 * kbit, delay: ms(20), queue: ms(600)})
			f := w.flow(Config{}, wanted)
			w.run(10*time.Second, nil)
			before := w.watch(f, 10*time.Second, 0)
			before.log(t, "2.5 Mbit/s")

			w.rate = 400 * kbit
			w.watch(f, 2*time.Second, 0).log(t, "400 kbit/s, first 2 s")
			after := w.watch(f, low-2*time.Second, 0)
			after.log(t, "400 kbit/s, then")
			if after.high > 480*kbit || after.wait > ms(300) {
				t.Errorf("2 s after the drop: estimate up to %d bit/s, queue up to %v; want the link's and 300 ms", after.high, after.wait)
			}
			if low > 10*time.Second && after.delivered < 0.8*w.rate {
				t.Errorf("%.0f bit/s used of %.0f", after.delivered, w.rate)
			}

			w.rate = 2500 * kbit
			healed := w.watch(f, 10*time.Second, int(0.9*before.mean))
			healed.log(t, "2.5 Mbit/s again")
			if healed.reached < 0 {
				t.Errorf("90 %% of %.0f bit/s not reached within 10 s, highest %d", before.mean, healed.high)
			}
		})
	}
}

func TestJitterWithReorderingIsNoCollapse(t *testing.T) {
	over(t, func(t *testing.T, seed uint64) {
		w := newWorld(seed, path{rate: wanted, delay: ms(20), jitter: ms(200)})
		s := w.watch(w.flow(Config{Start: 600 * kbit}, wanted), 2*time.Minute, 0)
		s.log(t, "100 ± 100 ms")
		if s.low < 250*kbit || s.mean < 500*kbit {
			t.Errorf("estimate %.0f bit/s in the mean, %d at least; want 500 and 250 kbit/s", s.mean, s.low)
		}
	})
}

func TestAnApplicationThatAsksForMoreGetsItSoon(t *testing.T) {
	over(t, func(t *testing.T, seed uint64) {
		w := newWorld(seed, path{rate: wanted, delay: ms(20)})
		f := w.flow(Config{}, 300*kbit)
		f.app = 300 * kbit
		idle := w.watch(f, time.Minute, 0)
		if idle.high > 700*kbit {
			t.Errorf("with 300 kbit/s sent the estimate runs away to %d", idle.high)
		}
		f.app = 0
		f.e.Want(2000 * kbit)
		s := w.watch(f, 3*time.Second, 1900*kbit)
		s.log(t, "asked for 2 Mbit/s")
		if s.reached < 0 {
			t.Errorf("reached %d bit/s within 3 s, want 1.9 Mbit/s", s.high)
		}
	})
}

func TestTwoFlowsShare(t *testing.T) {
	over(t, func(t *testing.T, seed uint64) {
		w := newWorld(seed, path{rate: 2000 * kbit, delay: ms(20)})
		f := w.flow(Config{}, wanted)
		w.run(5*time.Second, nil)
		g := w.flow(Config{}, wanted)
		w.run(15*time.Second, nil)
		other := g.bytes
		s := w.watch(f, 3*time.Minute, 0)
		o := float64(g.bytes-other) * 8 / 180
		s.log(t, "two flows")
		t.Logf("the other delivered %.0f kbit/s", o/1000)
		for _, share := range []float64{s.delivered, o} {
			if fair := (s.delivered + o) / 2; share < 0.7*fair || share > 1.3*fair {
				t.Errorf("shares %.0f and %.0f bit/s, want within 30 %%", s.delivered, o)
			}
		}
		if s.delivered+o < 0.8*w.rate || s.wait > ms(300) {
			t.Errorf("%.0f bit/s used of %.0f with a queue of %v", s.delivered+o, w.rate, s.wait)
		}
	})
}

func TestABlackoutLeavesTheEstimate(t *testing.T) {
	for _, dark := range []time.Duration{time.Second, 5 * time.Second} {
		over(t, func(t *testing.T, seed uint64) {
			w := newWorld(seed, path{rate: 2000 * kbit, delay: ms(20)})
			f := w.flow(Config{}, wanted)
			w.run(10*time.Second, nil)
			w.dark = true
			d := w.watch(f, dark, 0)
			w.dark = false
			if dark > 2*time.Second && d.estimate > 1100*kbit {
				t.Errorf("after %v of silence the estimate is %d, want half", dark, d.estimate)
			}
			s := w.watch(f, 5*time.Second, 1500*kbit)
			s.log(t, "after a blackout")
			if s.reached < 0 || s.reached > 500*time.Millisecond || s.mean < 1400*kbit {
				t.Errorf("1.5 Mbit/s again after %v, mean %.0f; want 500 ms and 1.4 Mbit/s", s.reached, s.mean)
			}
		})
	}
}

func TestALongerPathIsNotAQueueForLong(t *testing.T) {
	w := newWorld(1, path{rate: 2000 * kbit, delay: ms(20)})
	f := w.flow(Config{}, wanted)
	w.run(10*time.Second, nil)
	w.delay = ms(250)
	w.watch(f, 8*time.Second, 0).log(t, "path longer by 230 ms")
	s := w.watch(f, 10*time.Second, 0)
	s.log(t, "8 s later")
	if s.mean < 1400*kbit {
		t.Errorf("mean estimate %.0f, want 1.4 Mbit/s", s.mean)
	}
}

func TestHoursWithADriftingClock(t *testing.T) {
	hours := 2 * time.Hour
	if testing.Short() {
		hours = 10 * time.Minute
	}
	for _, drift := range []float64{-200e-6, 200e-6} {
		w := newWorld(3, path{rate: 1000 * kbit, delay: ms(30), drift: drift, loss: 0.01, back: 0.05, doubled: 0.02, late: 0.02})
		f := w.flow(Config{}, wanted)
		w.run(10*time.Second, nil)
		s := w.watch(f, hours, 0)
		s.log(t, "hours")
		if s.delivered < 0.75*w.rate || s.low < 300*kbit || s.mean > 1.05*w.rate || s.wait > ms(500) {
			t.Errorf("with a drift of %v: delivered %.0f, estimate %d–%d, queue %v", drift, s.delivered, s.low, s.high, s.wait)
		}
	}
}
