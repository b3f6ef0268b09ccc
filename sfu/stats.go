package sfu

// Stats is what an engine has done since it started, and what it holds now.
type Stats struct {
	Rooms, Peers int

	PacketsIn, BytesIn   uint64 // RTP from publishers, retransmissions included
	PacketsOut, BytesOut uint64 // RTP to viewers, retransmissions included
	Retransmitted        uint64 // packets sent again to a viewer
	Recovered            uint64 // lost packets that a publisher sent again

	NacksIn, NacksOut                       uint64 // packets asked for, by viewers and of publishers
	KeyframeRequestsIn, KeyframeRequestsOut uint64
	SeatSwitches                            uint64 // times another stream was spliced into a seat

	Dropped  map[DropReason]uint64
	Failures map[FailureReason]uint64
}

// DropReason is why a datagram or a packet went no further, from a closed set.
type DropReason string

// The reasons for dropping.
const (
	DropJunk        DropReason = "junk"         // neither STUN, DTLS nor RTP, or cut short
	DropStranger    DropReason = "stranger"     // from an address that ICE has not validated
	DropEarly       DropReason = "early"        // media before the keys
	DropForged      DropReason = "forged"       // did not decrypt, or replayed
	DropUnknownSSRC DropReason = "unknown_ssrc" // of no line of the offer
	DropRefused     DropReason = "refused"      // of a source that the peer may not publish
	DropDuplicate   DropReason = "duplicate"    // arrived before, or came too late to place
	DropCodec       DropReason = "codec"        // the viewer has no such codec
	DropMalformed   DropReason = "malformed"    // decrypted, and still not RTP or RTCP
	DropCongested   DropReason = "congested"    // the socket's buffer was full
	DropBacklog     DropReason = "backlog"      // a peer's STUN or DTLS came faster than it was handled
)

// dropReasons fixes the order of counters.drops.
var dropReasons = [...]DropReason{
	DropJunk, DropStranger, DropEarly, DropForged, DropUnknownSSRC, DropRefused,
	DropDuplicate, DropCodec, DropMalformed, DropCongested, DropBacklog,
}

// Indices into counters.drops, in the order of dropReasons.
const (
	junk = iota
	stranger
	early
	forged
	unknownSSRC
	refused
	duplicate
	noCodec
	malformed
	congested
	backlog
)

// counters is a shard's own tally: plain numbers that its goroutine adds to and
// publishes with every tick.
type counters struct {
	packetsIn, bytesIn, packetsOut, bytesOut uint64
	retransmitted, recovered                 uint64
	nacksIn, nacksOut                        uint64
	keyframesIn, keyframesOut                uint64
	switches                                 uint64
	drops                                    [len(dropReasons)]uint64
	pathLost, handshakeFailed                uint64
	hungUp, abused                           uint64
	peers                                    int
}

func (c *counters) failed(r FailureReason) {
	switch r {
	case PathLost:
		c.pathLost++
	case HandshakeFailed:
		c.handshakeFailed++
	case HungUp:
		c.hungUp++
	case Abused:
		c.abused++
	}
}

// add adds a shard's tally to s.
func (s *Stats) add(c counters) {
	if s.Dropped == nil {
		s.Dropped = map[DropReason]uint64{}
		s.Failures = map[FailureReason]uint64{}
	}
	s.Peers += c.peers
	s.PacketsIn += c.packetsIn
	s.BytesIn += c.bytesIn
	s.PacketsOut += c.packetsOut
	s.BytesOut += c.bytesOut
	s.Retransmitted += c.retransmitted
	s.Recovered += c.recovered
	s.NacksIn += c.nacksIn
	s.NacksOut += c.nacksOut
	s.KeyframeRequestsIn += c.keyframesIn
	s.KeyframeRequestsOut += c.keyframesOut
	s.SeatSwitches += c.switches
	for i, n := range c.drops {
		s.Dropped[dropReasons[i]] += n
	}
	s.Failures[PathLost] += c.pathLost
	s.Failures[HandshakeFailed] += c.handshakeFailed
	s.Failures[HungUp] += c.hungUp
	s.Failures[Abused] += c.abused
}
