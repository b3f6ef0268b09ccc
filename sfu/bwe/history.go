package bwe

import "time"

// remembered is how many packets stay known after they are sent: three seconds
// at 6 Mbit/s, and 32 kB a viewer.
const remembered = 2048

// fate is what is known of a sent packet.
type fate uint8

const (
	unknown fate = iota
	arrived
	lost
	assumed // no report covered it: it fared like its neighbours
	twice   // sent twice with this number, whatever came of the first
	settled // lost, and sent again: what arrives now tells nothing
	none    // nothing was sent with this number
)

// packet is a sent packet, kept small: there are many.
type packet struct {
	sent  time.Duration
	seq   uint16
	size  uint16
	fate  fate
	burst uint8 // the number of the probe it belongs to; 0 is none
}

// history is what was sent of late, by transport-wide number.
type history struct {
	ring [remembered]packet
}

func (h *history) reset() {
	for i := range h.ring {
		h.ring[i].fate = none
	}
}

func (h *history) add(seq uint16, size int, now time.Duration, burst uint8) {
	h.ring[seq%remembered] = packet{sent: now, seq: seq, size: uint16(min(max(size, 0), 0xffff)), burst: burst}
}

// find returns the packet of a number, or nil when it was never sent, is
// forgotten, or is so old that the number has come round again.
func (h *history) find(seq uint16, now time.Duration) *packet {
	const oldest = 20 * time.Second
	p := &h.ring[seq%remembered]
	if p.seq != seq || p.fate == none || now-p.sent > oldest {
		return nil
	}
	return p
}
