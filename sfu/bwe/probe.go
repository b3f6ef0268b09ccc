package bwe

import "time"

// The sizes of probes. Libwebrtc starts with 3 and 6 times the start rate, for 15
// ms and five packets, and doubles while it succeeds; here the second cluster
// waits for the first, as both together are a 300 ms queue on 150 kbit/s.
const (
	probeTime       = 15 * time.Millisecond
	probeLongest    = 100 * time.Millisecond
	probeSmall      = 40 * time.Millisecond // up to probeEnough bytes
	probeEnough     = 5_000
	probeLeast      = 1_000
	probeFurther    = 0.7              // of the probe's rate: worth another, twice as fast
	probeFull       = 0.9              // less arrives than that: the capacity was met
	probeMargin     = 0.95             // of a capacity that was met
	probeFewest     = 3                // packets
	probeResolution = time.Millisecond // of reports, and of who reports
	probeAfter      = time.Second
	probeHealing    = 3 * time.Second
	probeEvery      = 5 * time.Second
	probeWorth      = 1.05 // what is wanted, over the estimate
	probePatience   = time.Second
	probeTries      = 2 // more, when a probe is lost
	probeSteep      = 6.0
	probeQueue      = 150 * time.Millisecond // at the estimate: the queue that a probe in vain leaves
)

// burst is the probe under way and what became of it.
type burst struct {
	id      uint8
	p       Probe
	sending bool
	waiting bool
	began   time.Duration
	ended   time.Duration

	sent, sentLast         int // bytes in all and of the last packet
	packets, told, came    int
	first, last            time.Duration // sent
	firstCame, lastCame    time.Duration
	arrived, arrivedAtOnce int // bytes, and those of the first to arrive
	toldBytes              int // of all reported, lost ones too
	firstTold, lastTold    int // toldBytes at the first and last to arrive
}

func (b *burst) begin(p Probe, now time.Duration) {
	id := b.id + 1
	if id == 0 {
		id = 1
	}
	*b = burst{id: id, p: p, sending: true, began: now}
}

// tag counts a packet being sent and returns the number of its probe.
func (b *burst) tag(size int, now time.Duration) uint8 {
	if !b.sending {
		return 0
	}
	if b.packets == 0 {
		b.first = now
	}
	b.packets++
	b.sent += size
	b.sentLast, b.last = size, now
	if b.sent >= b.p.Bytes {
		b.sending, b.waiting, b.ended = false, true, now
	}
	return b.id
}

// take counts what a report says of a packet of the probe.
func (b *burst) take(p *packet, got bool, at time.Duration) {
	if p.burst == 0 || p.burst != b.id || !(b.sending || b.waiting) {
		return
	}
	b.told++
	b.toldBytes += int(p.size)
	if !got {
		return
	}
	if b.came == 0 || at < b.firstCame {
		b.firstCame, b.arrivedAtOnce, b.firstTold = at, int(p.size), b.toldBytes
	}
	if b.came == 0 || at >= b.lastCame {
		b.lastCame, b.lastTold = at, b.toldBytes
	}
	b.came++
	b.arrived += int(p.size)
}

// over reports whether nothing more is to be expected of the probe; a probe that
// was not sent in time is given up.
func (b *burst) over(now, rtt time.Duration) bool {
	switch {
	case b.sending:
		planned := time.Duration(float64(b.p.Bytes*8) / float64(b.p.Rate) * float64(time.Second))
		if now-b.began > 3*planned+50*time.Millisecond {
			b.sending, b.waiting, b.ended = false, true, now
		}
		return false
	case b.waiting:
		return b.told >= b.packets || now-b.ended > min(rtt, 2*time.Second)+probePatience
	}
	return false
}

// few reports whether too little of the probe arrived to conclude anything.
func (b *burst) few() bool {
	fewest := probeFewest
	if b.came < b.packets {
		fewest++ // one gap in two says nothing of the rate
	}
	return b.came < fewest || 2*b.came < b.packets
}

// result is the rate that the probe shows, and whether it met the capacity;
// 0 when it shows nothing. Noise is by how much arrivals wander by themselves.
func (b *burst) result(inherent float64, noise time.Duration) (bps float64, full bool) {
	if b.few() {
		return 0, false
	}
	// Arrivals closer to each other than noise may be as far apart as that. A probe that
	// comes all at once, for something on its way gathers packets, took less than that.
	spread, gap := max(b.lastCame-b.firstCame, noise, probeResolution), b.last-b.first
	// What chance took had its place on the link: it counts, but for no more than
	// chance explains, or what a full link drops would seem to have passed.
	through := min(float64(b.lastTold-b.firstTold), float64(b.arrived-b.arrivedAtOnce)*(1+inherent)/(1-inherent))
	in := through * 8 / spread.Seconds()
	out := in
	if gap > 0 {
		out = float64(b.sent-b.sentLast) * 8 / gap.Seconds()
	}
	switch {
	case in >= probeFull*min(out, float64(b.p.Rate)):
		return min(in, out, float64(b.p.Rate)), false
	case b.lastCame-b.firstCame <= noise:
		return 0, false
	}
	return probeMargin * in, true
}

// probes decides when to probe.
type probes struct {
	burst
	stage  int // of the start: clusters at 3 and 6 times
	last   time.Duration
	again  float64       // a rate to go on with at once
	after  time.Duration // but not before
	raised bool          // more is wanted than before
	failed int           // in a row
	tries  int           // of a probe that was lost
}

var startFactors = [...]float64{3, 6}

// finished takes a probe's result: whether to go on, and how fast.
func (p *probes) finished(bps, want float64, now time.Duration) {
	p.waiting = false
	p.again, p.after = 0, 0
	if p.few() && p.tries < probeTries {
		p.tries++
		p.again, p.after = float64(p.p.Rate), now+probePatience/2
		return
	}
	p.tries = 0
	starting := p.stage < len(startFactors)
	if starting {
		p.stage++
	}
	if bps < probeFurther*float64(p.p.Rate) {
		p.failed = min(p.failed+1, 3)
		p.stage = len(startFactors)
		return
	}
	p.failed = 0
	if p.stage >= len(startFactors) && bps*probeWorth < want {
		p.again = 2 * bps
	}
}

// next is the rate of the probe that is due now; 0 when none is.
func (p *probes) next(now time.Duration, c *control, start float64, limited bool) float64 {
	pause := probeEvery
	if c.dropped() {
		pause = probeHealing
	}
	pause += time.Duration(p.failed) * 300 * time.Millisecond
	switch {
	case now < p.after:
		return 0
	case p.stage < len(startFactors):
		return startFactors[p.stage] * start
	case p.again > 0:
		return p.again
	case p.raised && limited:
		return 2 * c.rate
	case now-p.last >= pause:
		return 2 * c.rate
	}
	return 0
}

// probeBytes is how much a probe at a rate sends: long enough to stand out from
// noise and survive loss, short enough not to be a queue of its own.
func probeBytes(rate float64, noise time.Duration, loss float64) int {
	long := min(max(probeTime, 2*noise), probeLongest)
	n := max(rate/8*long.Seconds(), min(probeEnough, rate/8*probeSmall.Seconds()))
	return max(int(n*(1+4*min(loss, 0.5))), probeLeast)
}
