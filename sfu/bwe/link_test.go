package bwe

import (
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

func TestScratch(t *testing.T) {
	seeds := uint64(12)
	for seed := range seeds {
		w := newWorld(seed, path{rate: 1e6, delay: 20 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.watch(f, 5*time.Second, 800_000).log(t, "1M start")
		w.watch(f, 60*time.Second, 0).log(t, "1M steady")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 2.5e6, delay: 20 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.run(10*time.Second, nil)
		w.watch(f, 10*time.Second, 0).log(t, "2.5M")
		w.rate = 400e3
		w.watch(f, time.Second, 0).log(t, "drop 0-1s")
		w.watch(f, time.Second, 0).log(t, "drop 1-2s")
		w.watch(f, 3*time.Second, 0).log(t, "drop 2-5s")
		w.watch(f, 15*time.Second, 0).log(t, "400k")
		w.rate = 2.5e6
		w.watch(f, 10*time.Second, 2_150_000).log(t, "back")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 500e3, delay: 20 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.watch(f, 5*time.Second, 400_000).log(t, "500k start")
		w.watch(f, 60*time.Second, 0).log(t, "500k steady")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 150e3, delay: 200 * time.Millisecond, loss: 0.05})
		f := w.flow(Config{}, 3e6)
		f.e.RTT(400 * time.Millisecond)
		w.watch(f, 10*time.Second, 400_000).log(t, "150k start")
		w.watch(f, 60*time.Second, 0).log(t, "150k steady")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 2e6, delay: 20 * time.Millisecond, loss: 0.3, back: 0.3})
		f := w.flow(Config{}, 3e6)
		w.watch(f, 10*time.Second, 1_400_000).log(t, "30% start")
		w.watch(f, 60*time.Second, 0).log(t, "30% steady")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 2e6, delay: 20 * time.Millisecond, loss: 0.1, burst: 5})
		f := w.flow(Config{}, 3e6)
		w.watch(f, 10*time.Second, 1_400_000).log(t, "burst start")
		w.watch(f, 60*time.Second, 0).log(t, "burst steady")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 3e6, delay: 20 * time.Millisecond, jitter: 200 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.watch(f, 10*time.Second, 1_400_000).log(t, "jitter start")
		w.watch(f, 60*time.Second, 0).log(t, "jitter steady")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 3e6, delay: 20 * time.Millisecond})
		f := w.flow(Config{}, 300e3)
		f.app = 300e3
		w.watch(f, 60*time.Second, 1_400_000).log(t, "app-limited")
		f.app = 0
		f.e.Want(2e6)
		w.watch(f, 5*time.Second, 1_950_000).log(t, "asked for 2M")
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 2e6, delay: 20 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.run(5*time.Second, nil)
		g := w.flow(Config{}, 3e6)
		w.run(20*time.Second, nil)
		b := g.bytes
		w.watch(f, 60*time.Second, 0).log(t, "two flows")
		t.Logf("the other %d", (g.bytes-b)*8/60000)
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 1e6, delay: 20 * time.Millisecond, queue: 25 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.watch(f, 10*time.Second, 800_000).log(t, "policer")
		sent := f.sent
		w.watch(f, 60*time.Second, 0).log(t, "policer steady")
		t.Logf("sent %d loss %.2f", (f.sent-sent)*8/60000, f.e.Loss())
	}
	for seed := range seeds {
		w := newWorld(seed, path{rate: 2e6, delay: 20 * time.Millisecond})
		f := w.flow(Config{}, 3e6)
		w.run(10*time.Second, nil)
		w.dark = true
		w.watch(f, 5*time.Second, 0).log(t, "blackout")
		w.dark = false
		w.watch(f, 5*time.Second, 1_600_000).log(t, "after")
	}
}
