package signaling

import (
	"sync/atomic"

	"parley/signaling/wire"
)

// Reasons for which sockets end, beside the codes of package wire and its
// reasons left, ended and going_away.
const (
	reasonClient    = "client"     // the page closed it
	reasonTabClosed = "tab_closed" // the browser closed it with the page
	reasonLost      = "lost"       // the network did
	reasonDead      = "dead"       // silence for too long
	reasonAborted   = "aborted"    // the server could not wait any longer
	reasonOther     = "other"
)

// What becomes of requests for a WebSocket.
const (
	upgradeAccepted    = "accepted"
	upgradeNoWebSocket = "not_websocket"
	upgradeOrigin      = "origin"
	upgradeSubprotocol = "subprotocol"
	upgradeTooMany     = "too_many"
	upgradeClosing     = "closing"
	upgradeHandshake   = "handshake"
)

// Stats is what the server holds now and has done since it started. The keys
// of each map are a closed set, and all of them are always there.
type Stats struct {
	Waiting  int // sockets that have not been let in
	Sessions int // sockets that have

	Upgrades map[string]uint64 // requests for a WebSocket, by what became of them
	Received map[string]uint64 // messages by type; "refused" are those that could not be read
	Sent     map[string]uint64 // messages by type
	Refused  map[string]uint64 // errors sent, by code
	Closed   map[string]uint64 // sockets by the reason for which they ended
}

// receivedRefused counts messages that no type can be trusted of.
const receivedRefused = "refused"

// counts is a closed set of counters. What is not of the set counts as other.
type counts map[string]*atomic.Uint64

func newCounts(keys ...string) counts {
	c := make(counts, len(keys)+1)
	for _, k := range append(keys, reasonOther) {
		c[k] = new(atomic.Uint64)
	}
	return c
}

func (c counts) add(key string) {
	n, ok := c[key]
	if !ok {
		n = c[reasonOther]
	}
	n.Add(1)
}

func (c counts) values() map[string]uint64 {
	values := make(map[string]uint64, len(c))
	for k, n := range c {
		values[k] = n.Load()
	}
	return values
}

// stats is the server's counters.
type stats struct {
	waiting, sessions                         atomic.Int64
	upgrades, received, sent, refused, closed counts
}

func newStats() *stats {
	var codes []string
	for _, c := range wire.Codes() {
		codes = append(codes, string(c))
	}
	reasons := append([]string{
		wire.ReasonLeft, wire.ReasonEnded, wire.ReasonGoingAway,
		reasonClient, reasonTabClosed, reasonLost, reasonDead, reasonAborted,
	}, codes...)
	return &stats{
		upgrades: newCounts(upgradeAccepted, upgradeNoWebSocket, upgradeOrigin, upgradeSubprotocol,
			upgradeTooMany, upgradeClosing, upgradeHandshake),
		received: newCounts(append(wire.ClientTypes(), receivedRefused)...),
		sent:     newCounts(wire.ServerTypes()...),
		refused:  newCounts(codes...),
		closed:   newCounts(reasons...),
	}
}

// Stats returns the counters. It does not block.
func (s *Server) Stats() Stats {
	return Stats{
		Waiting:  int(s.stats.waiting.Load()),
		Sessions: int(s.stats.sessions.Load()),
		Upgrades: s.stats.upgrades.values(),
		Received: s.stats.received.values(),
		Sent:     s.stats.sent.values(),
		Refused:  s.stats.refused.values(),
		Closed:   s.stats.closed.values(),
	}
}
