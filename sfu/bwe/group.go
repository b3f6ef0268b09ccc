package bwe

import "time"

// burstTime joins packets sent this close together, and packets that a queue or
// a radio let go together (draft-ietf-rmcat-gcc-02 §5.2: a burst lasts 5 ms).
const burstTime = 5 * time.Millisecond

// longestBurst bounds how long packets let go together may go on; as in libwebrtc.
const longestBurst = 100 * time.Millisecond

// group is packets that count as one.
type group struct {
	firstSent, lastSent       time.Duration
	firstArrived, lastArrived time.Duration
}

// groups turns single arrivals into differences between groups of them.
type groups struct {
	now, before group
	n           int // groups begun, up to 2
}

// add takes a packet, in the order of sending. When it begins a new group, ok is
// true and delay is by how much the one before it took longer than its
// predecessor; at is when that one was sent.
func (g *groups) add(sent, at time.Duration) (delay, when time.Duration, ok bool) {
	if g.n == 0 {
		g.n, g.now = 1, group{sent, sent, at, at}
		return 0, 0, false
	}
	if sent < g.now.firstSent {
		return 0, 0, false // of an older group: a report that came late
	}
	if g.joins(sent, at) {
		g.now.lastSent = max(g.now.lastSent, sent)
		g.now.lastArrived = max(g.now.lastArrived, at)
		return 0, 0, false
	}
	if g.n > 1 {
		ok, when = true, g.now.lastSent
		delay = (g.now.lastArrived - g.before.lastArrived) - (g.now.lastSent - g.before.lastSent)
	}
	g.n, g.before = 2, g.now
	g.now = group{sent, sent, at, at}
	return delay, when, ok
}

// joins reports whether a packet belongs to the group at hand.
func (g *groups) joins(sent, at time.Duration) bool {
	if sent-g.now.firstSent <= burstTime {
		return true
	}
	gap := at - g.now.lastArrived
	faster := gap < sent-g.now.lastSent
	return faster && gap >= 0 && gap <= burstTime && at-g.now.firstArrived < longestBurst
}
