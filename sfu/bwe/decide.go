package bwe

import (
	"math"
	"time"
)

// Feedback takes a report of arrivals: the body of a transport-wide feedback
// packet after the two SSRCs (draft-holmer-rmcat-transport-wide-cc-extensions-01
// §3.1). A malformed report changes nothing and is an error; one that is lost,
// late or doubled does no harm.
func (e *Estimator) Feedback(fci []byte, now time.Time) error {
	t := e.clock(now)
	e.tracer.report(t, fci)
	e.missing = e.missing[:0]
	if err := e.reader.read(fci); err != nil {
		return err
	}
	if !e.take(t) {
		return nil
	}
	e.heard, e.awaiting, e.silent, e.reported = true, false, false, t
	e.settleProbe(t)
	e.decide(t)
	return nil
}

// take books what a report says. It reports whether any of it was news.
func (e *Estimator) take(t time.Duration) bool {
	list := e.reader.list
	e.cover(list, t)
	news := false
	quickest := e.quickest(list, t)
	low := time.Duration(math.MaxInt64)
	for _, a := range list {
		p := e.history.find(a.seq, t)
		if p == nil || p.fate == arrived || p.fate == settled || !a.got && p.fate == lost {
			continue
		}
		news = true
		before := p.fate
		if before == twice {
			e.takeTwice(p, a, quickest)
			continue
		}
		if before != lost {
			e.losses.add(p.sent, !a.got)
			e.probes.take(p, a.got, a.at)
		}
		if !a.got {
			p.fate = lost
			e.missing = append(e.missing, a.seq)
			continue
		}
		if before == lost {
			e.losses.found(p.sent)
		}
		p.fate = arrived
		d := a.at - p.sent
		if e.heard && (d-e.offset).Abs() > clockJump {
			e.resetClock()
		}
		e.offset = d
		if p.sent >= e.newest { // an older report tells of a queue that was
			low, e.newest = min(low, d), p.sent
		}
		if before != assumed {
			e.acked.add(a.at, int(p.size))
		}
		e.lastAt = max(e.lastAt, a.at)
		if diff, when, ok := e.groups.add(p.sent, a.at); ok {
			e.trend.add(diff, when)
		}
	}
	if low != math.MaxInt64 {
		e.queue.add(low, t)
	}
	return news
}

// quickest is the shortest way that a report tells of, arrival less sending.
func (e *Estimator) quickest(list []arrival, t time.Duration) time.Duration {
	low := time.Duration(math.MaxInt64)
	for _, a := range list {
		if p := e.history.find(a.seq, t); a.got && p != nil && (p.fate == unknown || p.fate == twice) {
			low = min(low, a.at-p.sent)
		}
	}
	return low
}

// copyAfter is by how much a copy comes later than the packet itself would have.
const copyAfter = 15 * time.Millisecond

// takeTwice books a packet that was sent twice: what came is the first of both, or
// if it took longer than others the copy.
func (e *Estimator) takeTwice(p *packet, a arrival, quickest time.Duration) {
	if !a.got {
		p.fate = settled
		e.repeated.add(p.sent, true)
		e.missing = append(e.missing, a.seq)
		return
	}
	p.fate = arrived
	e.repeated.add(p.sent, a.at-p.sent > quickest+copyAfter)
	e.acked.add(a.at, int(p.size))
	e.lastAt = max(e.lastAt, a.at)
}

// cover assumes of packets that no report spoke of that they fared like their
// neighbours: the report is what was lost, and the rate that arrives must not
// seem to fall with it.
func (e *Estimator) cover(list []arrival, t time.Duration) {
	if len(list) == 0 {
		return
	}
	first, last := list[0].seq, list[len(list)-1].seq
	gap := int(int16(first - e.next))
	if e.heard && gap > 0 && gap < remembered/2 {
		e.assume(gap, list)
	}
	if !e.heard || int16(last+1-e.next) > 0 || gap > remembered/2 {
		e.next = last + 1
	}
}

func (e *Estimator) assume(gap int, list []arrival) {
	i := 0
	for i < len(list) && !list[i].got {
		i++
	}
	if i == len(list) {
		return
	}
	from, to := e.lastAt, list[i].at
	if to < from || to-from > blackoutTime {
		return // a blackout, or an old report
	}
	p, _ := e.losses.recent(lossWindow)
	for n := range gap {
		k := e.history.find(e.next+uint16(n), e.now)
		if k == nil || k.fate != unknown {
			continue
		}
		k.fate = assumed
		e.missing = append(e.missing, k.seq)
		at := from + (to-from)*time.Duration(n)/time.Duration(gap)
		e.acked.add(at, int(float64(k.size)*(1-p)))
	}
}

// resetClock forgets all that hangs on the viewer's clock.
func (e *Estimator) resetClock() {
	e.acked.reset()
	e.groups = groups{}
	e.trend = newTrend()
	e.queue = queue{}
	e.lastAt = 0
}

// decide moves the rate after a report.
func (e *Estimator) decide(t time.Duration) {
	c := &e.control
	e.losses.age(t)
	sent := known(e.sent.rateUntil(t, ackedLong))
	acked := known(e.acked.rate(ackedLong))
	e.alr(sent)
	if e.queue.stands() {
		e.stood = t
	}
	e.watchDrain(t, sent, acked)
	e.emptyQueue(t)
	// What arrives of what is sent at random loss is less than what the link carries.
	whole := 1 / (1 - e.losses.inherent)
	switch {
	case math.IsNaN(acked):
	case e.congested():
		if c.mayFall(t, e.rtt) {
			e.back(t, sent, acked*whole)
		}
	case e.lossy(t, sent, acked*whole):
	case e.trend.usage == normal && e.queue.excess(bearable) == 0:
		if !e.queue.stands() && !math.IsNaN(sent) {
			c.rate = max(c.rate, carried*min(sent, acked)) // nothing waits
		}
		c.grow(t, e.rtt, acked*whole)
	default:
		c.grown = t
	}
	c.rate = min(max(c.rate, float64(e.c.Min)), float64(e.c.Max))
	c.mark(t)
}

// alr notes whether the application sends too little to tell what the connection carries.
func (e *Estimator) alr(sent float64) {
	switch {
	case math.IsNaN(sent):
	case sent < limitedBelow*e.control.rate:
		e.limited = true
	case sent > limitedUntil*e.control.rate:
		e.limited = false
	}
}

// congested reports whether delay says that too much is sent: its trend rises
// and there is a queue to show for it, or there is a long queue that grows. A long
// wait must grow twice in a row: one jump may be a longer path, for which sending
// less, to drain it, is enough until watchDrain knows.
func (e *Estimator) congested() bool {
	wait := e.queue.wait()
	if wait > e.waited+5*time.Millisecond {
		e.grew++
	} else {
		e.grew = 0
	}
	e.waited = wait
	if wait > bearable && e.grew < 2 {
		return false
	}
	if e.queue.excess(tooLong) > 0 {
		return true
	}
	if e.trend.usage != overused || !e.queue.stands() {
		return false
	}
	probing := e.probes.sending || e.probes.waiting
	return !probing || wait > 2*bearable // a probe makes a small queue of its own
}

// back lowers the rate below what arrives. When the application is what limits
// it, and most of what it sends arrives, what arrives says little of the
// connection, and the rate goes down by steps.
func (e *Estimator) back(t time.Duration, sent, acked float64) {
	c := &e.control
	e.probes.again = 0
	if v, ok := e.acked.rate(ackedShort); ok {
		short := float64(v) / (1 - e.losses.inherent)
		if short < acked || short > rising*acked {
			// More arrives than a moment ago, when there was less to send: a keyframe,
			// or a picture that has come back. What came before tells nothing.
			acked = short
		}
	}
	if e.limited && acked > 0.9*sent && e.queue.excess(tooLong) == 0 {
		c.rate = max(backOff*c.rate, min(c.rate, acked))
		c.grown, c.decreased, c.fell = t, t, true
		return
	}
	c.fall(t, acked)
}

// lossy deals with loss that delay does not explain, and reports whether the
// rate must not grow because of it.
func (e *Estimator) lossy(t time.Duration, sent, acked float64) bool {
	if math.IsNaN(sent) {
		return false
	}
	c := &e.control
	if e.trial.on {
		done, limit := e.trial.verdict(&e.losses, sent, t, e.rtt)
		if done && limit > 0 {
			c.lidUntil = t + lidTime
			c.rate = min(c.rate, limit)
			c.grown, c.decreased, c.fell = t, t, true
		}
		return !done || limit > 0
	}
	p, n := e.losses.recent(lossWindow)
	if n < fewest || e.losses.excess(p) <= lossBearable+2*math.Sqrt(e.losses.inherent*(1-e.losses.inherent)/float64(n)) {
		return false
	}
	p, n = e.losses.recent(testWindow)
	if n < fewest/2 || e.losses.excess(p) <= lossBearable {
		return false
	}
	if e.queue.excess(bearable) > 0 && e.queue.stands() {
		// A queue that drops at its end: its delay is flat, and it is full.
		if t-c.decreased > testWindow+settle+e.rtt || !c.fell {
			c.fall(t, acked)
		}
		return true
	}
	if t-e.stood < lossWindow+settle+e.rtt && e.stood > 0 {
		return false // delay sees to it; what was lost may be what the queue dropped
	}
	if t >= e.trial.next {
		e.trial.begin(t, p, n, sent, e.losses.inherent)
	}
	return true
}

// watchDrain notices a path that has become longer: when less is sent than the
// connection carries, and for a second of them clearly less, and all of it arrives, and
// for three seconds the wait stays where it is, it is no queue.
func (e *Estimator) watchDrain(t time.Duration, sent, acked float64) {
	wait := e.queue.wait()
	switch {
	case e.queue.excess(bearable) == 0:
		e.draining, e.flat = 0, 0
		return
	case e.draining != 0 && t-e.draining < time.Second:
		return
	case e.draining == 0 || math.Abs(float64(wait-e.drained)) > 0.15*float64(wait) || !even(sent, acked):
		e.flat = 0
	default:
		if e.flat++; e.flat == 1 {
			e.emptying, e.emptied = t+emptyFor+e.rtt, t // a queue would go
		}
	}
	e.draining, e.drained = t, wait
	if e.flat >= 3 {
		e.queue.rebase()
		e.draining, e.flat = 0, 0
	}
}

// emptyQueue has less sent for a while where a short queue has stood for so long that it
// would be taken for the path itself, and the next one come on top of it.
func (e *Estimator) emptyQueue(t time.Duration) {
	switch {
	case e.queue.wait() <= quietQueue:
		e.emptying = 0
	case t >= e.emptying && t-e.emptied > emptyEvery && e.queue.remains() > e.queue.noise():
		e.emptying, e.emptied = t+emptyFor+e.rtt, t
	}
}

// even reports whether as much arrives as is sent: a queue that fills or drains
// makes a difference.
func even(sent, acked float64) bool { return math.Abs(acked-sent) < 0.15*sent }
