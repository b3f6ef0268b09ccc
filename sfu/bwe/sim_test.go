package bwe

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"
)

// path is a simulated connection; fields may be changed while it runs.
type path struct {
	rate    float64       // bit/s; 0 is no limit
	queue   time.Duration // held before the limit; more is dropped
	delay   time.Duration // each way
	jitter  time.Duration // up to this, each packet for itself, so that they overtake
	loss    float64
	burst   float64       // mean length of a run of losses; up to 1 is each for itself
	back    float64       // loss of reports
	doubled float64       // share of the reports that come twice
	late    float64       // share of the reports that come 150 ms late
	drift   float64       // of the viewer's clock, 1e-6 is 1 ppm
	skew    time.Duration // of the viewer's clock
	dark    bool
}

// world runs flows through one bottleneck, in steps of a millisecond.
type world struct {
	path
	rng   *rand.Rand
	now   time.Duration
	free  time.Duration // when the bottleneck has sent what it holds
	bad   bool
	flows []*flow
}

var simEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(seed uint64, p path) *world {
	if p.queue == 0 {
		p.queue = time.Second
	}
	return &world{path: p, rng: rand.New(rand.NewPCG(seed, 1))}
}

type inFlight struct {
	at  time.Duration
	seq int64
	n   int
}

type flow struct {
	e        *Estimator
	w        *world
	app      float64 // what the application has to send at most; 0 is no limit
	seq      int64
	video    int // bytes waiting to be paced
	budget   float64
	probe    Probe
	left     int // bytes of the probe
	wire     []inFlight
	reports  []report
	got      map[int64]time.Duration
	from, to int64 // to be reported, highest received
	bytes    int   // delivered
	sent     int
}

type report struct {
	at  time.Duration
	fci []byte
}

func (w *world) flow(c Config, want int) *flow {
	f := &flow{e: New(c, simEpoch.Add(w.now)), w: w, got: map[int64]time.Duration{}, to: -1}
	f.e.Want(want)
	w.flows = append(w.flows, f)
	return f
}

// wait is how long the bottleneck's queue is.
func (w *world) wait() time.Duration { return max(0, w.free-w.now) }

// run goes on for a time and calls each every 10 ms.
func (w *world) run(d time.Duration, each func()) {
	for end := w.now + d; w.now < end; w.now += time.Millisecond {
		for _, f := range w.flows {
			f.step()
		}
		if each != nil && w.now%(10*time.Millisecond) == 0 {
			each()
		}
	}
}

func (w *world) drops() bool {
	if w.dark {
		return true
	}
	if w.burst <= 1 {
		return w.rng.Float64() < w.loss
	}
	if w.bad {
		w.bad = w.rng.Float64() >= 1/w.burst
	} else {
		w.bad = w.rng.Float64() < w.loss/(w.burst*(1-w.loss))
	}
	return w.bad
}

func (f *flow) send(n int) {
	w := f.w
	seq := f.seq
	f.seq++
	f.sent += n
	f.e.Sent(uint16(seq), n, simEpoch.Add(w.now))
	at := w.now
	if w.rate > 0 {
		if w.wait() > w.queue {
			return
		}
		w.free = max(w.free, w.now) + time.Duration(float64(n*8)/w.rate*1e9)
		at = w.free
	}
	if w.drops() {
		return
	}
	at += w.delay
	if w.jitter > 0 {
		at += time.Duration(w.rng.Int64N(int64(w.jitter)))
	}
	f.wire = append(f.wire, inFlight{at, seq, n})
}

func (f *flow) step() {
	w, now := f.w, simEpoch.Add(f.w.now)
	est := float64(f.e.Estimate())
	target := est
	if f.app > 0 {
		target = min(target, f.app)
	}
	if w.now%(40*time.Millisecond) == 0 {
		frame := int((target - 48_000) / 25 / 8 * (0.8 + 0.4*w.rng.Float64()))
		if f.video < 3*frame {
			f.video += max(frame, 200)
		}
	}
	if w.now%(20*time.Millisecond) == 0 {
		f.send(120)
	}
	if p, ok := f.e.Probe(now); ok {
		f.probe, f.left, f.budget = p, p.Bytes, 0
	}
	f.pace(est)
	f.receive()
	for i := 0; i < len(f.reports); {
		if r := f.reports[i]; r.at <= w.now {
			f.reports = slices.Delete(f.reports, i, i+1)
			if err := f.e.Feedback(r.fci, now); err != nil {
				panic(err)
			}
			continue
		}
		i++
	}
}

// pace sends at one and a half times the estimate, or at a probe's rate with
// padding where there is no video.
func (f *flow) pace(est float64) {
	rate := 1.5 * est
	if f.left > 0 {
		rate = float64(f.probe.Rate)
	}
	f.budget = min(f.budget+rate/8/1000, 4*1200)
	for f.budget > 0 && (f.video > 0 || f.left > 0) {
		n := 1200
		switch {
		case f.left <= 0:
			n = min(n, f.video)
		case f.probe.Bytes < 4_000: // padding
			n = 270
		}
		f.send(n)
		f.video = max(0, f.video-n)
		f.left -= n
		f.budget -= float64(n)
	}
}

func (f *flow) receive() {
	w := f.w
	f.wire = slices.DeleteFunc(f.wire, func(p inFlight) bool {
		if p.at > w.now {
			return false
		}
		f.got[p.seq] = p.at + time.Duration(float64(p.at)*w.drift) + w.skew
		f.bytes += p.n
		f.to = max(f.to, p.seq)
		f.from = min(f.from, p.seq)
		return true
	})
	if w.now%(100*time.Millisecond) != 0 || f.to < f.from {
		return
	}
	fci := encode(f.from, f.to, f.got)
	f.from = f.to + 1
	for seq, at := range f.got {
		if seq < f.to-2000 || at < w.now+w.skew-time.Second {
			delete(f.got, seq)
		}
	}
	if w.dark || w.rng.Float64() < w.back {
		return
	}
	at := w.now + w.delay
	if w.rng.Float64() < w.late {
		at += 150 * time.Millisecond
	}
	f.reports = append(f.reports, report{at, fci})
	if w.rng.Float64() < w.doubled {
		f.reports = append(f.reports, report{at, fci})
	}
}

// encode writes a report as a browser would.
func encode(from, to int64, got map[int64]time.Duration) []byte {
	first := from
	for _, ok := got[first]; !ok && first < to; _, ok = got[first] {
		first++
	}
	ref := int64(got[first] / referenceUnit)
	b := binary.BigEndian.AppendUint16(nil, uint16(from))
	b = binary.BigEndian.AppendUint16(b, uint16(to-from+1))
	b = append(b, byte(ref>>16), byte(ref>>8), byte(ref), 0)
	at := int64(ref) * int64(referenceUnit/deltaUnit)
	var deltas []byte
	for s := from; s <= to; s += 7 {
		chunk := uint16(3) << 14
		for i := range int64(7) {
			arrival, ok := got[s+i]
			if !ok || s+i > to {
				continue
			}
			d := int64(arrival/deltaUnit) - at
			at += d
			if d >= 0 && d < 256 {
				chunk |= small << (12 - 2*i)
				deltas = append(deltas, byte(d))
			} else {
				chunk |= large << (12 - 2*i)
				deltas = binary.BigEndian.AppendUint16(deltas, uint16(int16(max(min(d, 32767), -32768))))
			}
		}
		b = binary.BigEndian.AppendUint16(b, chunk)
	}
	return append(b, deltas...)
}
