package bwe

import (
	"math"
	"time"
)

// Config bounds an estimate, in bit/s. Zero fields take the defaults.
type Config struct {
	Start int // before anything is known; 300 kbit/s
	Min   int // never lower; 30 kbit/s
	Max   int // never higher; 6 Mbit/s
}

func (c Config) withDefaults() Config {
	if c.Start <= 0 {
		c.Start = 300_000
	}
	if c.Min <= 0 {
		c.Min = 30_000
	}
	if c.Max <= 0 {
		c.Max = 6_000_000
	}
	c.Max = max(c.Max, c.Min)
	c.Start = min(max(c.Start, c.Min), c.Max)
	return c
}

// Probe is a burst that shows whether the connection carries more.
type Probe struct {
	Bytes int // how much to send in all, media included; the rest is padding or RTX
	Rate  int // bit/s to send it at
}

const (
	silence = time.Second // and a round trip without a report: send half
	// However often they come, reports of a way without a queue come within this,
	// unless several are lost.
	reportsWithin = 300 * time.Millisecond

	openingFor = 1500 * time.Millisecond // the first probes come back in it, or not at all

	rembFor      = 10 * time.Second // how long a viewer's own estimate holds
	ackedLong    = 500 * time.Millisecond
	ackedShort   = 250 * time.Millisecond
	limitedBelow = 0.65 // of the estimate: the application sends too little to tell (libwebrtc's ALR)
	limitedUntil = 0.80

	// Above this wait less is sent than the connection carries, so that the queue
	// drains: half of it at half of drainTime above, and never less than drainMost.
	bearable  = 80 * time.Millisecond
	drainTime = 500 * time.Millisecond
	drainMost = 0.2
	tooLong   = 200 * time.Millisecond // a queue that must shrink, whatever its trend

	paceShare = 1.5

	carried = 0.95 // of what arrives, and makes no queue
	rising  = 1.15 // so much more than over ackedLong arrives over ackedShort

	emptyShare = 0.8 // of the estimate, while a short queue that stands is emptied
	emptyFor   = time.Second
	emptyEvery = 5 * time.Second

	clockJump = 15 * time.Second // in one-way delay: the viewer's clock is another
)

// Estimator is the estimate of one viewer's connection.
type Estimator struct {
	c     Config
	epoch time.Time
	now   time.Duration

	history           history
	reader            reader
	next              uint16        // the number after the last one reported
	heard             bool          // any report
	lastAt            time.Duration // the latest arrival
	offset            time.Duration // arrival less sending, of the last packet
	emptying, emptied time.Duration // a queue that has stood for long, until and since
	newest            time.Duration // sent when, of the packets that arrived
	missing           []uint16      // since the last report, see Missing
	groups            groups
	trend             trend
	queue             queue
	losses            losses

	repeated losses // of packets that were sent more than once
	trial    trial
	probes   probes
	control  control
	sent     meter
	acked    meter

	rtt      time.Duration
	want     float64
	limited  bool          // application-limited
	unheard  time.Duration // the first packet sent since the last report
	awaiting bool
	silent   bool
	reported time.Duration
	draining time.Duration // since when a second of draining is watched; 0 is not
	stood    time.Duration // when a queue was last seen
	drained  time.Duration // the wait it began with
	waited   time.Duration // the wait at the last report
	grew     int           // reports in a row in which it grew
	flat     int           // such seconds in a row in which the wait stayed

	remb   float64
	rembAt time.Duration
	opened time.Duration // when it was first asked for a probe; 0 until then
	tracer tracer
}

// New makes an Estimator that nothing has been sent to yet.
func New(c Config, now time.Time) *Estimator {
	e := &Estimator{c: c.withDefaults(), epoch: now, trend: newTrend(), rtt: 100 * time.Millisecond}
	e.control.rate = float64(e.c.Start)
	e.history.reset()
	return e
}

// clock turns a time into one since the beginning that never goes back.
func (e *Estimator) clock(now time.Time) time.Duration {
	e.now = max(e.now, now.Sub(e.epoch))
	return e.now
}

// Sent tells of a packet with a transport-wide number that leaves now, padding
// too. Size is what the caller reckons a packet takes, the same everywhere.
func (e *Estimator) Sent(seq uint16, size int, now time.Time) {
	t := e.clock(now)
	size = max(size, 0)
	e.tracer.note('s', t, int(seq), size)
	e.history.add(seq, size, t, e.probes.tag(size, t))
	e.sent.add(t, size)
	if !e.awaiting {
		e.awaiting, e.unheard = true, t
	}
	e.silent = e.heard && t-e.unheard > silence+min(e.rtt, silence)
}

// Missing is the numbers that the last report told to be missing, and those that no
// report spoke of. It is valid until the next Feedback.
func (e *Estimator) Missing() []uint16 { return e.missing }

// Resent tells that the packet with a number, which the viewer lacks, is sent again,
// the same: its arrival tells nothing of the path any more.
func (e *Estimator) Resent(seq uint16, now time.Time) {
	t := e.clock(now)
	e.tracer.note('a', t, int(seq))
	p := e.history.find(seq, t)
	if p == nil || p.fate == arrived || p.fate == settled {
		return
	}
	switch p.fate {
	case unknown:
		e.losses.add(p.sent, true)
	case twice:
		e.repeated.add(p.sent, true)
	}
	p.fate = settled
}

// Repeated tells that the packet with a number is sent again, the same, before
// anything is known of it.
func (e *Estimator) Repeated(seq uint16, now time.Time) {
	t := e.clock(now)
	e.tracer.note('t', t, int(seq))
	if p := e.history.find(seq, t); p != nil && p.fate == unknown {
		p.fate = twice
	}
}

// REMB takes the estimate that a viewer made itself, in bit/s. It counts only
// while no transport-wide feedback comes, which knows more.
func (e *Estimator) REMB(bps int, now time.Time) {
	t := e.clock(now)
	e.tracer.note('m', t, bps)
	e.remb, e.rembAt = float64(max(bps, 0)), t
}

// RTT takes a measured round trip.
func (e *Estimator) RTT(d time.Duration) {
	e.tracer.note('r', e.now, int(d.Microseconds()))
	if d > 0 {
		e.rtt = min(d, 10*time.Second)
	}
}

// Want tells how much would be sent if the connection carried it, in bit/s,
// with whatever margin the caller needs before it sends more. Nothing is probed
// beyond it; 0 is nothing, so that nothing is probed.
func (e *Estimator) Want(bps int) {
	e.tracer.note('w', e.now, bps)
	w := float64(max(bps, 0))
	if w > 1.2*e.want && w > probeWorth*e.control.rate {
		e.probes.raised = true
	}
	e.want = w
}

// Loss is the share of packets lost over the last two seconds, 0 to 1. Where most are
// repeated it is that of these.
func (e *Estimator) Loss() float64 {
	p, n := e.losses.recent(lossWindow)
	if q, m := e.repeated.recent(lossWindow); m >= fewest && (n < m || e.losses.upTo < e.repeated.upTo-lossWindow) {
		if e.repeated.upTo < e.losses.upTo-lossWindow {
			return p
		}
		return q
	}
	return p
}

// Queue is how long packets wait on their way, as the last report tells it. Where
// that told of a queue and the next is overdue, it stands in one itself.
func (e *Estimator) Queue() time.Duration {
	if !e.queue.stands() {
		return 0
	}
	wait := e.queue.wait()
	if overdue := e.now - e.unheard - e.rtt; e.awaiting && overdue > reportsWithin {
		wait += overdue
	}
	return wait
}

// Opening reports whether the connection is unknown still: the probes that begin have not
// all come back, and may. They may for openingFor from when Probe is first asked, for
// then there is a connection.
func (e *Estimator) Opening(now time.Time) bool {
	t := e.clock(now)
	return e.probes.stage < len(startFactors) && (e.opened == 0 || t-e.opened < openingFor)
}

// Estimate is how much may be sent, in bit/s.
func (e *Estimator) Estimate() int {
	r := e.control.rate
	if e.remb > 0 && e.now-e.rembAt < rembFor && !(e.heard && e.now-e.reported < rembFor) {
		r = e.remb
		return e.bounded(r)
	}
	if x := e.queue.excess(bearable); x > 0 {
		r *= max(drainMost, 1-float64(x)/float64(drainTime))
	}
	if e.now < e.emptying {
		r *= emptyShare
	}
	if e.trial.on {
		r = min(r, e.trial.share*e.trial.sent)
	}
	if e.silent {
		r /= 2
	}
	return e.bounded(r)
}

// Pace is the rate beyond which a burst only makes a queue, in bit/s: somewhat more than
// the estimate, so that what is behind catches up. It is 0 while nothing is known.
func (e *Estimator) Pace() int {
	if !e.heard {
		return 0
	}
	return int(paceShare * float64(e.Estimate()))
}

func (e *Estimator) bounded(r float64) int {
	return min(max(int(r), e.c.Min), e.c.Max)
}

// Probe asks whether a burst should be sent now. Each probe is handed out once;
// it is cheap to ask often.
func (e *Estimator) Probe(now time.Time) (Probe, bool) {
	t := e.clock(now)
	e.tracer.note('p', t)
	if e.opened == 0 {
		e.opened = max(t, 1)
	}
	e.settleProbe(t)
	c := &e.control
	switch {
	case e.probes.sending, e.probes.waiting, e.silent, e.trial.on:
		return Probe{}, false
	case e.want < probeWorth*c.rate:
		return Probe{}, false
	case c.fell && t-c.decreased < probeAfter+e.rtt, e.trend.usage == overused, e.queue.excess(quietQueue) > 20*time.Millisecond:
		return Probe{}, false
	case !e.heard && e.probes.last > 0:
		return Probe{}, false // nobody answers
	}
	rate := e.probes.next(t, c, float64(e.c.Start), e.limited)
	rate = min(rate, probeSteep*c.rate, e.want, float64(e.c.Max))
	if rate < probeWorth*c.rate {
		if rate > 0 && e.probes.stage < len(startFactors) {
			e.probes.stage++
		}
		e.probes.again = 0
		return Probe{}, false
	}
	size := probeBytes(rate, e.queue.wander, e.Loss())
	size = max(min(size, int(c.rate/8*probeQueue.Seconds())), probeLeast)
	p := Probe{Bytes: size, Rate: int(rate)}
	e.probes.begin(p, t)
	e.probes.last = max(t, 1)
	e.probes.again, e.probes.raised = 0, false
	return p, true
}

// settleProbe draws the conclusion of a probe that is over.
func (e *Estimator) settleProbe(t time.Duration) {
	if !e.probes.over(t, e.rtt) {
		return
	}
	bps, full := e.probes.result(e.losses.inherent, e.queue.wander)
	e.probes.finished(bps, e.want, t)
	bps = min(bps, float64(e.c.Max))
	if full && bps > 0 {
		e.control.capacity.mean = 0
		e.control.capacity.add(bps)
	}
	if bps > e.control.rate {
		e.control.rate, e.control.grown = bps, t
		e.control.mark(t)
	}
}

// known is a rate, or not a number when there is none.
func known(v int, ok bool) float64 {
	if !ok {
		return math.NaN()
	}
	return float64(v)
}
