package sfutest

import "time"

const (
	// playoutSlack is how late sound may come after its time in the jitter
	// buffer before something else is played in its place: as long as a
	// browser's stretches what it has.
	playoutSlack = 120 * time.Millisecond
	// playoutLimit bounds the adaptive delay of a jitter buffer.
	playoutLimit = 500 * time.Millisecond
	// baseWindow is how long the quickest packet is remembered.
	baseWindow = 10 * time.Second
	// freezeFrames is how many intervals are averaged for the usual one.
	freezeFrames = 30
	// freezeMargin and freezeFactor are the definition of a freeze in "Identifiers
	// for WebRTC's Statistics API", freezeCount.
	freezeMargin = 150 * time.Millisecond
	freezeFactor = 3
)

// playout is an adaptive jitter buffer, reduced to its clock: everything is
// played as much later than it was captured as all but a few of the packets
// need.
type playout struct {
	base, next time.Duration // shortest way from capture to here, of the last window and of this
	since      time.Time     // this window began
	delay      time.Duration // beyond the base
}

// due takes an arrival and tells when what was captured then is played.
func (p *playout) due(captured, at time.Time) time.Time {
	transit := at.Sub(captured)
	if p.since.IsZero() || transit < p.base {
		p.base = transit
	}
	if p.since.IsZero() || at.Sub(p.since) > baseWindow {
		if !p.since.IsZero() {
			p.base = p.next
		}
		p.since, p.next = at, transit
	}
	p.next = min(p.next, transit)
	due := captured.Add(p.base + p.delay)
	// Follow the 95th percentile of the lateness: up by 19 parts where a packet
	// is later, down by one where it is not.
	const step = 400 * time.Microsecond
	if late := transit - p.base; late > p.delay {
		p.delay = min(p.delay+min(19*step, late-p.delay), playoutLimit)
	} else {
		p.delay = max(p.delay-step, 0)
	}
	return due
}

// screen finds the freezes in what is shown.
type screen struct {
	playout
	last      time.Time // a frame was shown
	intervals [freezeFrames]time.Duration
	filled    int
	next      int
}

// show takes a decoded frame and tells how long the one before was frozen.
// After a switch or a pause the interval is no freeze.
func (s *screen) show(captured, at time.Time, begins bool) (frozen time.Duration) {
	shown := s.due(captured, at)
	if shown.Before(at) {
		shown = at
	}
	if shown.Before(s.last) {
		shown = s.last
	}
	gap := shown.Sub(s.last)
	first := s.last.IsZero()
	s.last = shown
	if first || begins {
		return 0
	}
	if s.filled > 0 {
		var sum time.Duration
		for _, d := range s.intervals[:s.filled] {
			sum += d
		}
		if usual := sum / time.Duration(s.filled); gap >= max(freezeFactor*usual, usual+freezeMargin) {
			frozen = gap
		}
	}
	s.intervals[s.next] = gap
	s.next = (s.next + 1) % freezeFrames
	s.filled = min(s.filled+1, freezeFrames)
	return frozen
}
