package sfu

import "time"

// Bounds on what repairs of pictures take of a viewer's connection. Of pictures nearly
// as much as they are themselves may have to be sent again where chance loses them. But
// what a full queue drops is asked for again as well, and it drops the more of it: sent
// whenever it is asked for, it keeps the queue full.
const (
	mendShare = 0.5                    // of the estimate
	mendSaved = 250 * time.Millisecond // of the estimate, that may be saved up
	mendLeast = 6_000                  // bytes saved up, however little the estimate is
	mendAware = 0.3                    // weight of a second in what repairs are expected to take
)

// mending is what is sent again to a viewer, and may be. Owned by the shard.
type mending struct {
	saved float64 // bytes
	at    time.Time

	sent    int // bytes since
	since   time.Time
	bitrate float64 // over the last seconds
}

// allows reports whether so many bytes may be sent again now, by a connection's
// estimate, and counts them if they may.
func (m *mending) allows(size, estimate int, now time.Time) bool {
	each := mendShare * float64(estimate) / 8
	if most := max(mendLeast, each*mendSaved.Seconds()/mendShare); m.at.IsZero() {
		m.saved = most
	} else {
		m.saved = min(m.saved+each*now.Sub(m.at).Seconds(), most)
	}
	m.at = now
	if m.saved < float64(size) {
		return false
	}
	m.saved -= float64(size)
	m.sent += size
	return true
}

// takes is what repairs have taken of late, in bit/s, and may be expected to.
func (m *mending) takes(now time.Time) int {
	span := now.Sub(m.since)
	if span < measureFor {
		return int(m.bitrate)
	}
	if m.since.IsZero() {
		span = measureFor
	}
	m.bitrate += mendAware * (float64(rateOver(m.sent, span)) - m.bitrate)
	m.sent, m.since = 0, now
	return int(m.bitrate)
}

// mends reports whether a packet of a picture may be sent again to the viewer.
func (t *transport) mends(size int) bool {
	if t.pacer.rate == 0 {
		return true // nothing is known of the connection
	}
	return t.down.mending.allows(size, t.down.estimator.Estimate(), t.shard.now)
}
