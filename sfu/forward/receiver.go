package forward

import "time"

// What bounds the asking for lost packets.
const (
	maxMissing    = 256                     // more is an outage, not a loss: a keyframe is cheaper
	maxAsks       = 8                       // requests for one packet
	missingFor    = 1200 * time.Millisecond // then a decoder has long given up
	minAskSpacing = 20 * time.Millisecond
	maxJump       = 3000 // a larger step of the sequence number is a restarted stream

	// Each packet that arrives by itself earns so many requests, which chance loses as well,
	// and some may be saved up for a burst. Where a way has become so narrow that it drops
	// nearly everything, repairs would fill it for seconds, with no room left for sound.
	earns     = 2
	maxEarned = 16

	lossyFrom = 26 // of 256 lost: requests are as well, and are made twice
)

// Arrival says what a packet is to a Receiver.
type Arrival uint8

// The kinds of Arrival.
const (
	Next      Arrival = iota // newer than all before
	Late                     // fills a gap
	Duplicate                // seen, or too old to know
	Restarted                // newer, and the stream's numbering began anew
)

// Receiver follows one incoming RTP stream: what has arrived, what is missing
// and when to ask for it (RFC 4585 §6.2.1), and the figures of a reception report
// (RFC 3550 §6.4.1, appendix A.3 and A.8). The zero value is ready.
type Receiver struct {
	started       bool
	highest       uint32 // extended sequence number
	base          uint32
	received      uint32
	priorExpected uint32
	priorReceived uint32

	transit int64
	jitter  float64 // in clock ticks

	recent  [16]uint64 // one bit for each of the last 1,024 numbers: arrived
	missing []missing  // oldest first
	earned  int        // requests that may be made
	gaveUp  bool
	lossy   bool // by the last report
}

type missing struct {
	seq   uint32
	since time.Time
	asked time.Time
	asks  uint8
	twice bool // asked for a second time after asked
}

// Arrive takes the packet seq. Gaps before it become missing if track is set.
func (r *Receiver) Arrive(seq uint16, now time.Time, track bool) Arrival {
	if !r.started {
		r.start(seq)
		return Next
	}
	ahead := int16(seq - uint16(r.highest))
	if ahead > maxJump || ahead < -maxJump {
		r.start(seq)
		return Restarted
	}
	ext := r.highest + uint32(int32(ahead))
	if ahead <= 0 {
		if r.highest-ext >= 1024 || r.seen(ext) || ext < r.base {
			return Duplicate
		}
		r.arrived(ext)
		r.forget(ext)
		return Late
	}
	for e := r.highest + 1; e != ext; e++ {
		r.clear(e)
		if track {
			r.miss(e, now)
		}
	}
	r.highest = ext
	r.arrived(ext)
	return Next
}

func (r *Receiver) arrived(ext uint32) {
	r.mark(ext)
	r.received++
	r.earned = min(r.earned+earns, maxEarned)
}

func (r *Receiver) start(seq uint16) {
	*r = Receiver{started: true, missing: r.missing[:0], jitter: r.jitter, earned: maxEarned, lossy: r.lossy}
	r.highest = 1<<16 + uint32(seq) // one cycle in hand, so that going back never wraps below zero
	r.base = r.highest
	r.mark(r.highest)
	r.received = 1
}

func (r *Receiver) mark(ext uint32)      { r.recent[ext/64%16] |= 1 << (ext % 64) }
func (r *Receiver) clear(ext uint32)     { r.recent[ext/64%16] &^= 1 << (ext % 64) }
func (r *Receiver) seen(ext uint32) bool { return r.recent[ext/64%16]&(1<<(ext%64)) != 0 }

func (r *Receiver) miss(ext uint32, now time.Time) {
	if len(r.missing) >= maxMissing {
		r.missing = r.missing[:0]
		r.gaveUp = true
	}
	r.missing = append(r.missing, missing{seq: ext, since: now})
}

func (r *Receiver) forget(ext uint32) {
	for i := range r.missing {
		if r.missing[i].seq == ext {
			r.missing = append(r.missing[:i], r.missing[i+1:]...)
			return
		}
	}
}

// Missing reports whether anything is being waited for.
func (r *Receiver) Missing() bool { return len(r.missing) > 0 }

// Recover takes a retransmission of seq. It reports false for one that is not
// missing: a duplicate, or a probe for bandwidth. What had to be sent again still
// counts as lost in reports.
func (r *Receiver) Recover(seq uint16) bool {
	for i := range r.missing {
		if ext := r.missing[i].seq; uint16(ext) == seq {
			r.mark(ext)
			r.missing = append(r.missing[:i], r.missing[i+1:]...)
			return true
		}
	}
	return false
}

// Ask appends to dst the numbers to ask for now: each at once, then again after
// every round trip, until it arrives or is given up. Where much gets lost each request
// is made twice: requests get lost as well, and a sender that has sent a packet again does not do
// so once more within a round trip. Of a stream of which next to nothing arrives, little is
// asked for.
func (r *Receiver) Ask(dst []uint16, now time.Time, rtt time.Duration) []uint16 {
	spacing := max(rtt+rtt/4, minAskSpacing)
	keep := r.missing[:0]
	for _, m := range r.missing {
		if m.asks >= maxAsks || now.Sub(m.since) > missingFor {
			r.gaveUp = true
			continue
		}
		if r.earned > 0 && (m.asks == 0 || now.Sub(m.asked) >= spacing) {
			r.earned--
			m.asks++
			m.asked, m.twice = now, false
			dst = append(dst, uint16(m.seq))
		} else if r.lossy && m.asks > 0 && !m.twice && now.Sub(m.asked) >= minAskSpacing {
			m.twice = true
			dst = append(dst, uint16(m.seq))
		}
		keep = append(keep, m)
	}
	r.missing = keep
	return dst
}

// Expire waits no longer for what has been missing for so long.
func (r *Receiver) Expire(now time.Time, after time.Duration) {
	n := 0
	for n < len(r.missing) && now.Sub(r.missing[n].since) > after {
		n++
	}
	r.missing = append(r.missing[:0], r.missing[n:]...)
}

// GiveUp waits no longer for what is missing, if that is more than a few packets or
// was more than can be remembered, and reports whether it was.
func (r *Receiver) GiveUp(few int) bool {
	if len(r.missing) <= few && !r.gaveUp {
		return false
	}
	r.missing, r.gaveUp = r.missing[:0], false
	return true
}

// GaveUp reports, once, that packets were given up since it was last asked.
func (r *Receiver) GaveUp() bool {
	g := r.gaveUp
	r.gaveUp = false
	return g
}

// Jitter takes a packet's RTP time and its arrival in the same ticks.
func (r *Receiver) Jitter(ts uint32, arrival int64) {
	transit := int64(int32(uint32(arrival) - ts))
	if r.transit != 0 {
		d := transit - r.transit
		if d < 0 {
			d = -d
		}
		if d < 1<<20 {
			r.jitter += (float64(d) - r.jitter) / 16
		}
	}
	r.transit = transit
}

// Report is the figures of one reception report block.
type Report struct {
	Highest      uint32 // extended highest sequence number
	FractionLost uint8  // of 256, since the report before
	TotalLost    uint32 // 24 bits, not negative
	Jitter       uint32 // in ticks of the stream's clock
	Expected     uint32 // packets since the report before
	Lost         uint32 // of them
}

// Report closes the interval since the last one. It reports false before the
// first packet.
func (r *Receiver) Report() (Report, bool) {
	if !r.started {
		return Report{}, false
	}
	expected := r.highest - r.base + 1
	rep := Report{Highest: r.highest - 1<<16, Jitter: uint32(r.jitter)}
	if expected > r.received {
		rep.TotalLost = min(expected-r.received, 0x7fffff)
	}
	exp, rec := expected-r.priorExpected, r.received-r.priorReceived
	r.priorExpected, r.priorReceived = expected, r.received
	rep.Expected = exp
	if exp > rec && exp > 0 {
		rep.Lost = exp - rec
		rep.FractionLost = uint8(min(rep.Lost*256/exp, 255))
	}
	r.lossy = rep.FractionLost >= lossyFrom
	return rep, true
}
