package netbench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"parley/sfu/sfutest"
)

// dip measures how a call follows a link down and up again.
func dip(t *testing.T, seed uint64) (texts []string) {
	bubble(t, func(t *testing.T) {
		r, _, _ := couple(t, seed)
		defer r.close()
		r.impair(narrow(2_500_000))
		time.Sleep(10 * time.Second)
		before, _ := r.watch(5 * time.Second)
		r.impair(narrow(400_000))
		down, worst := never, time.Duration(0)
		for i := range 30 { // half seconds
			_, queue := r.watch(500 * time.Millisecond)
			switch {
			case queue > 300*time.Millisecond:
				down = never
			case down == never:
				down = time.Duration(i) * 500 * time.Millisecond
			}
			if i >= 4 {
				worst = max(worst, queue)
			}
		}
		low, _ := r.watch(5 * time.Second)
		r.impair(narrow(2_500_000))
		back := never
		for i := range 60 {
			if now, _ := r.watch(time.Second); now[0].kbits >= 0.9*before[0].kbits {
				back = time.Duration(i+1) * time.Second
				break
			}
		}
		texts = append(texts, fmt.Sprintf("%.0f → %.0f kbit/s; queue under 300 ms after %s, then at most %d ms; 90 %% after %s",
			before[0].kbits, low[0].kbits, took(down), worst.Milliseconds(), took(back)))
	})
	return texts
}

// never is longer than anything that is waited for.
const never = time.Hour

func took(d time.Duration) string {
	if d >= never {
		return "never"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// changing measures two people on a link whose rate is another every so often, drawn
// evenly over the logarithm between two.
func changing(least, most float64, every time.Duration) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r, _, _ := couple(t, seed)
			defer r.close()
			chance := rand.New(rand.NewPCG(seed, 3))
			_, down := r.router.Links()
			before, carried := down.Stats().Bytes, 0.0
			all, queue := r.watchWhile(2*measure, every, func() {
				bits := between(least, most, chance.Float64())
				carried += min(bits, 2*(rate+100_000)) * every.Seconds()
				r.impair(narrow(int(bits)))
			})
			used := float64(down.Stats().Bytes-before) * 8 / carried
			for _, f := range all {
				texts = append(texts, fmt.Sprintf("%s, %.0f %% of the link, queue %d ms", f.seen(), 100*used, queue.Milliseconds()))
			}
		})
		return texts
	}
}

// between is so far on the way from one to the other, by their logarithm.
func between(least, most, part float64) float64 { return least * math.Pow(most/least, part) }

// beside measures two people on a link that a download shares with them, as greedy as
// TCP is.
func beside(p sfutest.Path) func(*testing.T, uint64) []string {
	return func(t *testing.T, seed uint64) (texts []string) {
		bubble(t, func(t *testing.T) {
			r, _, _ := couple(t, seed)
			defer r.close()
			r.impair(p)
			_, down := r.router.Links()
			d := download{way: down, back: 2 * oneWay}
			r.pages.Go(func() { d.run(r.closed) })
			time.Sleep(settle)
			before := d.bytes.Load()
			all, queue := r.watch(measure)
			others := float64(d.bytes.Load()-before) * 8 / measure.Seconds() / 1000
			for _, f := range all {
				texts = append(texts, fmt.Sprintf("%s, %.0f kbit/s and the download %.0f, queue %d ms", f.seen(), f.kbits-others, others, queue.Milliseconds()))
			}
		})
		return texts
	}
}
