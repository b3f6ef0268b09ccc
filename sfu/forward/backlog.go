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

	reported bool
	relation uint32 // the sender's clock less RTP time, in ticks, of the first report
	slipped  int64  // by how much that has grown
}

const (
	backlogWindow = 20 * time.Second
	backlogJump   = 30 // seconds: the stream's clock is another
	backlogSlip   = 60 * time.Millisecond
)

// Observe takes a new packet's RTP time and arrival, on a clock of rate Hz.
func (b *Backlog) Observe(ts uint32, arrival time.Time, rate uint32) {
	transit := int64(int32(ticksOf(arrival, rate) - ts))
	d := int64(int32(transit-b.first)) - b.slipped
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

// Report takes a sender report: ts is the RTP time of a moment on the sender's clock.
// RTP time that has fallen behind that clock is no queue. A browser that is short of
// time loses sound, and the RTP time of sound counts samples: all that it says from
// then on seems to come late.
func (b *Backlog) Report(moment time.Time, ts uint32, rate uint32) {
	relation := ticksOf(moment, rate) - ts
	slipped := int64(int32(relation - b.relation))
	jump := backlogJump * int64(rate)
	switch {
	case !b.started:
	case !b.reported || slipped > jump || slipped < -jump:
		b.reported, b.relation = true, relation-uint32(b.slipped)
	case slipped > b.slipped+int64(rate)*int64(backlogSlip)/int64(time.Second):
		b.slipped = slipped // which the next packet is seen with
	}
}

// ticksOf is a time on a clock of rate Hz, which wraps as RTP time does.
func ticksOf(t time.Time, rate uint32) uint32 {
	return uint32(t.UnixNano() / 1000 * int64(rate) / 1e6)
}

// Wait is how long the last packet stood in a queue, on a clock of rate Hz.
func (b *Backlog) Wait(rate uint32) time.Duration {
	if !b.started || rate == 0 {
		return 0
	}
	return time.Duration(b.now-min(b.before, b.least)) * time.Second / time.Duration(rate)
}
