package sfu

import (
	"time"

	"github.com/pion/rtcp"
)

// budget is what a viewer's connection gives a publisher to send. Owned by the shard.
type budget struct {
	to      *transport // whose it is; nil is nobody's
	bitrate int        // as last said
	at      time.Time
	lowered int // times that it is said again, for it is less than before
}

// due takes what a budget is now, and reports whether it is to be said.
func (b *budget) due(bitrate int, now time.Time) bool {
	changed := bitrate < b.bitrate*97/100 || bitrate > b.bitrate*103/100
	switch {
	case bitrate < b.bitrate*lowerBy/100:
		b.lowered = lowerTold
	case b.lowered > 0 && !changed:
		b.lowered--
	case !changed && now.Sub(b.at) <= budgetEvery:
		return false
	}
	b.bitrate, b.at = bitrate, now
	return true
}

// tellBudget makes the viewer's estimate, less what repairs take, the send budget of the
// publisher, where all that the viewer is sent comes from one publisher whom nobody else
// watches: then the rate adapts from end to end, and one layer is enough.
func (t *transport) tellBudget(to *transport, mends int) {
	b := &t.down.budget
	if to != b.to {
		if b.to != nil && !b.to.closed {
			b.to.permit(unlimited)
		}
		*b = budget{to: to}
	}
	if to == nil {
		return
	}
	if bitrate := t.down.estimator.Estimate() - mends; b.due(bitrate, t.shard.now) {
		to.permit(bitrate)
	}
}

// How often a budget is said. One that falls is said again with the next choices: what is
// on its way to the publisher may be lost where a link has just become narrow for both.
const (
	budgetEvery = time.Second
	lowerBy     = 90 // of 100, and less, is a fall
	lowerTold   = 2
)

// permit makes what a publisher's only viewer can take its budget.
func (t *transport) permit(bitrate int) {
	t.jam.budget = bitrate
	t.sendBudget(t.jam.allows())
}

// sendBudget tells a publisher what its media may take together, as REMB: browsers
// heed it beside their own estimate.
func (t *transport) sendBudget(bitrate int) {
	remb := &rtcp.ReceiverEstimatedMaximumBitrate{SenderSSRC: t.ssrc, Bitrate: float32(bitrate)}
	for l := range t.layers() {
		if l.track.source.Video() {
			remb.SSRCs = append(remb.SSRCs, l.ssrc)
		}
	}
	if len(remb.SSRCs) > 0 {
		t.sendRTCP(remb)
	}
}

// leastVideo is what a camera can be told to make do with.
const leastVideo = 60_000

// unlimited lifts a budget.
const unlimited = 100_000_000

// onlyPublisher is the one that everything comes from which the viewer is sent, if
// its video goes to nobody else and has one layer.
func (t *transport) onlyPublisher() *transport {
	var only *transport
	alone := true
	t.places(func(_ int, s *seat) {
		d := s.video
		if d == nil || d.sits == nil || !d.sits.open {
			return
		}
		if u := d.sits; only != nil && only != u.transport || len(u.seats) != 1 || len(u.layers) != 1 {
			alone = false
		}
		only = d.sits.transport
	})
	if !alone {
		return nil
	}
	return only
}
