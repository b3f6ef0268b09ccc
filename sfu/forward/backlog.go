package forward

import "time"

// Backlog tells how long the packets of a stream stand in a queue on their way to
// us: by how much they take longer, from their RTP time to their arrival, than the
// quickest of the last twenty seconds or more. The zero value is ready.
type Backlog struct {
	started bool
	first   int64 // arrival less RTP time, in ticks, of the first packet
	before  int64 // the least of the window before, relative to first
	least   int64 // and of this one
	since   time.Time
	now     int64
}

const (
	backlogWindow = 20 * time.Second
	backlogJump   = 30 // seconds: the stream's clock is another
)

// Observe takes a new packet's RTP time and arrival, on a clock of rate Hz.
func (b *Backlog) Observe(ts uint32, arrival time.Time, rate uint32) {
	ticks := arrival.UnixNano() / 1000 * int64(rate) / 1e6
	transit := int64(int32(uint32(ticks) - ts))
	d := int64(int32(transit - b.first))
	if !b.started || d > backlogJump*int64(rate) || d < -backlogJump*int64(rate) {
		*b = Backlog{started: true, first: transit, since: arrival}
		return
	}
	if arrival.Sub(b.since) > backlogWindow {
		b.before, b.least, b.since = b.least, d, arrival
	}
	b.least = min(b.least, d)
	b.now = d
}

// Wait is how long the last packet stood in a queue, on a clock of rate Hz.
func (b *Backlog) Wait(rate uint32) time.Duration {
	if !b.started || rate == 0 {
		return 0
	}
	return time.Duration(b.now-min(b.before, b.least)) * time.Second / time.Duration(rate)
}
