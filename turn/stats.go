package turn

import "sync/atomic"

// Stats is what a relay has done since it started, and what it holds now.
type Stats struct {
	UDP, TCP, TLS TransportStats
	// Denied counts what was refused, by reason. It has all of the reasons.
	Denied map[DenyReason]uint64
	// AuthFailures counts requests with a wrong, expired or foreign credential.
	AuthFailures uint64
	// Junk counts messages that are no well-formed requests of this protocol.
	Junk uint64
}

// TransportStats is what came by one transport.
type TransportStats struct {
	Allocations int    // open now
	Allocated   uint64 // since the start
	Connections int    // open now; none for UDP
	FromClients Traffic
	ToClients   Traffic
}

// Traffic counts what was relayed one way, without TURN's own bytes.
type Traffic struct{ Packets, Bytes uint64 }

// DenyReason is why something was refused, from a closed set.
type DenyReason string

// The reasons for refusing.
const (
	DenyPeer        DenyReason = "peer"        // an address that nobody may reach
	DenyGone        DenyReason = "gone"        // of somebody who may not be in the room
	DenyOwner       DenyReason = "owner"       // somebody else's allocation
	DenyQuota       DenyReason = "quota"       // too many allocations, channels or permissions
	DenyRate        DenyReason = "rate"        // more bytes than an allocation may carry
	DenyFlood       DenyReason = "flood"       // more messages than a source may send
	DenyFamily      DenyReason = "family"      // IPv6 behind the relay
	DenyUnsupported DenyReason = "unsupported" // what this relay does not do
	DenyConnections DenyReason = "connections" // too many of them
	DenyChannel     DenyReason = "channel"     // data without allocation, channel or permission
	DenyBacklog     DenyReason = "backlog"     // came faster than it was handled
	DenyTimeout     DenyReason = "timeout"     // a connection that took too long
)

var denyReasons = [...]DenyReason{
	DenyPeer, DenyGone, DenyOwner, DenyQuota, DenyRate, DenyFlood, DenyFamily,
	DenyUnsupported, DenyConnections, DenyChannel, DenyBacklog, DenyTimeout,
}

// Indices into tally.denied, in the order of denyReasons.
const (
	peer = iota
	gone
	owner
	quota
	rate
	flood
	family
	unsupported
	connections
	channelless
	backlog
	timeout
)

type traffic struct{ packets, bytes atomic.Uint64 }

func (t *traffic) add(n int) {
	t.packets.Add(1)
	t.bytes.Add(uint64(n))
}

func (t *traffic) read() Traffic { return Traffic{t.packets.Load(), t.bytes.Load()} }

// tally is the server's counters.
type tally struct {
	allocations, connections [transports]atomic.Int64
	allocated                [transports]atomic.Uint64
	up, down                 [transports]traffic
	denied                   [len(denyReasons)]atomic.Uint64
	authFailures, junk       atomic.Uint64
}

func (t *tally) deny(reason int) { t.denied[reason].Add(1) }

func (t *tally) transport(i transport) TransportStats {
	return TransportStats{
		Allocations: int(t.allocations[i].Load()), Allocated: t.allocated[i].Load(),
		Connections: int(t.connections[i].Load()),
		FromClients: t.up[i].read(), ToClients: t.down[i].read(),
	}
}

// Stats reads the counters. It does not wait.
func (s *Server) Stats() Stats {
	t := &s.tally
	st := Stats{
		UDP: t.transport(overUDP), TCP: t.transport(overTCP), TLS: t.transport(overTLS),
		Denied:       make(map[DenyReason]uint64, len(denyReasons)),
		AuthFailures: t.authFailures.Load(), Junk: t.junk.Load(),
	}
	for i, reason := range denyReasons {
		st.Denied[reason] = t.denied[i].Load()
	}
	return st
}
