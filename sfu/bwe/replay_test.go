package bwe

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

const (
	beyond     = 1.3             // times what is carried: more than a queue bears for long
	downWithin = 2 * time.Second // to what is carried, once that is less
	below      = 0.7             // times what is carried: for as long as a trial takes, or a queue to drain
)

// span is how an estimate did while a path carried the same, in shares of that.
type span struct {
	capacity int
	most     float64       // after downWithin
	mean     float64       // once it had time to settle
	short    time.Duration // the longest below, then
	n        int
}

// held replays a trace and cuts it where the capacity changes. It fails where the
// estimate is beyond what is carried for longer than downWithin.
func held(t *testing.T, name string, settle []time.Duration) (spans []span) {
	t.Helper()
	var began, within, enough, next time.Duration
	e := New(Config{}, simEpoch)
	err := replay(tracedIn(t, name), e, func(v event) {
		if v.letter == 'k' {
			spans = append(spans, span{capacity: v.value})
			began, within = v.at, v.at
		}
		if len(spans) == 0 || len(spans) > len(settle) || v.at < next {
			return
		}
		next = v.at.Truncate(20*time.Millisecond) + 20*time.Millisecond // so that the mean is one over time
		s := &spans[len(spans)-1]
		share := float64(e.Estimate()) / float64(s.capacity)
		if share <= beyond {
			within = v.at
		} else if v.at-within > downWithin {
			t.Fatalf("at %v the estimate has been above %.1f times the capacity since %v, and is %.2f times", v.at, beyond, within, share)
		}
		if v.at-began >= downWithin {
			s.most = max(s.most, share)
		}
		if v.at-began < settle[len(spans)-1] || share >= below {
			enough = v.at
		}
		if v.at-began >= settle[len(spans)-1] {
			s.short = max(s.short, v.at-enough)
			s.mean = (s.mean*float64(s.n) + share) / float64(s.n+1)
			s.n++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(spans) != len(settle) {
		t.Fatalf("the trace has %d capacities, want %d", len(spans), len(settle))
	}
	return spans
}

// What estimators saw in calls through the real server, seen once more: see
// docs/network.md.
func TestTracesOfCalls(t *testing.T) {
	const most = 1.1
	type bounds struct {
		settle time.Duration
		least  float64       // of the mean, as a share of what is carried
		short  time.Duration // that the estimate may be below
	}
	for _, tt := range []struct {
		name  string
		spans []bounds
	}{
		{"500k", []bounds{{2 * time.Second, 0.75, time.Second}}},
		{"500k-shared", []bounds{{5 * time.Second, 0.30, time.Minute}}}, // with one who sends as much
		{"300k-start", []bounds{{3 * time.Second, 0.75, time.Second}}},
		{"10-percent-lost", []bounds{{4 * time.Second, 0.90, 2 * time.Second}}},
		{"dip", []bounds{
			{2 * time.Second, 0.90, 0},
			{5 * time.Second, 0.70, 2 * time.Second},
			{5 * time.Second, 0.90, 0},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var settle []time.Duration
			for _, b := range tt.spans {
				settle = append(settle, b.settle)
			}
			for i, s := range held(t, tt.name, settle) {
				b := tt.spans[i]
				t.Logf("%d bit/s: %.2f of it in the mean, %.2f at most, below %.1f for %v", s.capacity, s.mean, s.most, below, s.short)
				if s.mean < b.least || s.most > most {
					t.Errorf("of %d bit/s the estimate is %.2f times in the mean, %.2f at most, want %.2f and %.2f", s.capacity, s.mean, s.most, b.least, most)
				}
				if s.short > b.short {
					t.Errorf("of %d bit/s the estimate is below %.1f times for %v, want %v at most", s.capacity, below, s.short, b.short)
				}
			}
		})
	}
}

// A trace holds all that an estimate is made of.
func TestATraceComesToTheSameEstimate(t *testing.T) {
	for seed := range uint64(3) {
		var trace bytes.Buffer
		w := newWorld(seed, path{rate: 600 * kbit, delay: ms(30), jitter: ms(5), loss: 0.05, back: 0.05})
		f := w.flow(Config{}, wanted)
		f.e = New(Config{}, simEpoch)
		f.e.Trace(&trace)
		r := rand.New(rand.NewPCG(seed, 2))
		var estimates, losses []float64
		for range 200 {
			f.e.RTT(time.Duration(60+r.IntN(20)) * time.Millisecond)
			f.e.Want(300*kbit + r.IntN(1200*kbit))
			w.run(100*time.Millisecond, nil)
			now := simEpoch.Add(w.now)
			f.e.Resent(uint16(f.seq-int64(1+r.IntN(40))), now)
			f.e.Repeated(uint16(f.seq-1), now)
			f.e.REMB(r.IntN(1<<20), now)
			estimates, losses = append(estimates, float64(f.e.Estimate())), append(losses, f.e.Loss())
		}
		events, err := readTrace(&trace)
		if err != nil {
			t.Fatal(err)
		}
		e, n := New(Config{}, simEpoch), 0
		if err := replay(events, e, func(v event) {
			if v.letter != 'm' {
				return
			}
			if got := float64(e.Estimate()); got != estimates[n] || e.Loss() != losses[n] {
				t.Fatalf("after %v: %.0f bit/s and %.3f lost, were %.0f and %.3f", v.at, got, e.Loss(), estimates[n], losses[n])
			}
			n++
		}); err != nil {
			t.Fatal(err)
		}
		if n != len(estimates) {
			t.Errorf("%d moments were replayed of %d", n, len(estimates))
		}
	}
}

func TestWhatIsNoTraceIsRefused(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "line 1 is not"},
		{"parley trace 2\n", "line 1 is not"},
		{traceHead + "p 0\n\n", `line 3, "": a line begins with one letter`},
		{traceHead + "sent 0 1 2\n", "a line begins with one letter"},
		{traceHead + "x 0\n", "nothing is written as 'x'"},
		{traceHead + "s 0 1\n", "'s' has 2 fields, want 3"},
		{traceHead + "p  0\n", "'p' has 2 fields, want 1"},
		{traceHead + "p -1\n", "wait: -1 is not from 0"},
		{traceHead + "p 3600000001\n", "wait: 3600000001 is not"},
		{traceHead + "s 0 65536 100\n", "value: 65536 is not"},
		{traceHead + "s 0 1 70000\n", "size: 70000 is not"},
		{traceHead + "w 0 much\n", "value: "},
		{traceHead + "f 0 123\n", "report: "},
		{traceHead + "f 0 " + strings.Repeat("00", 40_000) + "\n", "line 2: "},
		{traceHead + strings.Repeat("p 0\n", traceMost), "no more than"},
	} {
		if _, err := readTrace(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: got %v, want %q", tt.text, err, tt.want)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add(traceHead + "r 0 100000\nw 1 250000\np 0\ns 5 65535 1200\nf 20000 fffe00020000010020020408\na 1 7\nt 1 65535\nm 0 5\nk 0 9\n")
	f.Add(traceHead + "s 0 1 2 3\n")
	f.Add("x")
	f.Fuzz(func(t *testing.T, text string) {
		events, err := readTrace(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("%v: does not say where", err)
			}
			return
		}
		e, want := New(Config{}, simEpoch), 0
		_ = replay(events, e, func(v event) { // a report may be malformed
			if v.letter == 'w' {
				want = v.value
			}
			sane(t, e, want)
		})
	})
}
