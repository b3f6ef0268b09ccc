package sfu

import "time"

// Bounds of a cache. A viewer's request for a lost packet comes within a few
// round trips: what is older than cacheSpan is of no use to a live picture.
const (
	cacheSpan   = 600 * time.Millisecond
	cacheStart  = 64 << 10
	cacheMax    = 1 << 20
	cachedSlots = 512
)

// cache keeps the newest packets of an up track as they were decrypted, once for
// all viewers. Payloads lie one after another in a ring of bytes that grows until
// it holds cacheSpan of the stream; an index by sequence number finds them.
type cache struct {
	index []slot
	ring  []byte
	at    int    // where the next payload goes
	lap   uint32 // how often the ring has been filled
	since time.Time
}

type slot struct {
	ts     uint32
	at     uint32
	lap    uint32
	size   uint16 // of the payload, which follows the descriptor
	seq    uint16
	codec  codec
	marker bool
	used   bool

	descriptor uint8 // its size
}

// put keeps a packet.
func (c *cache) put(p *packet, now time.Time) {
	if c.ring == nil {
		c.index, c.ring, c.since = make([]slot, cachedSlots), make([]byte, cacheStart), now
	}
	if c.at+len(p.descriptor)+len(p.payload) > len(c.ring) {
		c.turn(now)
	}
	copy(c.ring[c.at:], p.descriptor)
	copy(c.ring[c.at+len(p.descriptor):], p.payload)
	c.index[p.seq%cachedSlots] = slot{
		ts: p.ts, at: uint32(c.at), lap: c.lap, size: uint16(len(p.payload)),
		seq: p.seq, codec: p.codec, marker: p.marker, used: true, descriptor: uint8(len(p.descriptor)),
	}
	c.at += len(p.descriptor) + len(p.payload)
}

// turn makes room at the end of the ring: by growing it while it holds too
// little, otherwise by starting over from the beginning.
func (c *cache) turn(now time.Time) {
	if now.Sub(c.since) < cacheSpan && len(c.ring) < cacheMax {
		c.ring = append(c.ring, make([]byte, len(c.ring))...)
		return
	}
	c.at, c.since = 0, now
	c.lap++
}

// get finds a packet. Its payload is the cache's: it is valid until the next put.
func (c *cache) get(seq uint16) (p packet, ok bool) {
	if c.ring == nil {
		return p, false
	}
	s := &c.index[seq%cachedSlots]
	if !s.used || s.seq != seq {
		return p, false
	}
	// One lap behind is still there if the writer has not come past it.
	whole := s.lap == c.lap || s.lap+1 == c.lap && int(s.at) >= c.at
	if !whole {
		return p, false
	}
	from := s.at + uint32(s.descriptor)
	p = packet{
		descriptor: c.ring[s.at:from], payload: c.ring[from : from+uint32(s.size)],
		ts: s.ts, seq: seq, codec: s.codec, marker: s.marker, late: true,
	}
	return p, true
}

// clear forgets everything, as when the stream's numbering begins anew.
func (c *cache) clear() {
	clear(c.index)
}
