package sfu

import (
	"encoding/binary"
	"time"
)

// How a viewer's packets are spread in time.
const (
	paceSlack   = 20 * time.Millisecond  // a shard may not look up for so long
	heldAtMost  = 250 * time.Millisecond // about as long as a packet is held, whatever the estimate
	paceEvery   = 5 * time.Millisecond   // a shard looks while it holds packets
	pacerStart  = 16 << 10               // bytes held
	pacerMost   = 256 << 10
	pacerPieces = 256
)

// pacer holds pictures back so that they leave as the connection carries them: a
// keyframe over a few frame intervals, with sound in between. Sound, repairs and probes
// do not wait, and are counted. It is a ring of packets as they will be encrypted, which
// takes memory when it first holds one. The zero value holds nothing. Owned by the shard.
type pacer struct {
	rate   int       // bit/s; 0 holds nothing
	haste  int       // bit/s that what is held needs, to leave in time
	free   time.Time // when the connection has carried what was sent
	listed bool      // among those that the shard releases

	pieces      []piece // a ring
	first, n    int
	bytes       []byte // a ring: a packet lies in one piece
	write, held int
}

// piece is a packet that is held; one that was dropped has no size.
type piece struct {
	at, size int
	ssrc     uint32
}

// busy reports whether a packet of a picture has to wait.
func (p *pacer) busy(now time.Time) bool {
	return p.rate > 0 && (p.n > 0 || p.free.Sub(now) > paceSlack)
}

// spend counts what is sent.
func (p *pacer) spend(size int, now time.Time) {
	if p.rate == 0 {
		return
	}
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(int64(size) * 8 * int64(time.Second) / int64(max(p.rate, p.haste))))
}

// fits reports whether there is room for a packet of so many bytes, and makes it by
// growing while it may.
func (p *pacer) fits(size int) bool {
	if p.pieces == nil {
		p.pieces, p.bytes = make([]piece, pacerPieces), make([]byte, pacerStart)
	}
	if p.n == len(p.pieces) {
		return false
	}
	_, ok := p.room(size)
	for !ok && len(p.bytes) < pacerMost {
		p.grow()
		_, ok = p.room(size)
	}
	return ok
}

// put keeps a copy of a packet that fits.
func (p *pacer) put(b []byte) {
	at, _ := p.room(len(b))
	copy(p.bytes[at:], b)
	p.pieces[(p.first+p.n)%len(p.pieces)] = piece{at: at, size: len(b), ssrc: binary.BigEndian.Uint32(b[8:])}
	p.n++
	p.write = at + len(b)
	p.held += len(b)
	p.haste = max(p.haste, rateOver(p.held, heldAtMost))
}

// room finds where a packet of so many bytes fits.
func (p *pacer) room(size int) (at int, ok bool) {
	if p.n == 0 {
		return 0, size <= len(p.bytes)
	}
	oldest := p.pieces[p.first].at
	switch {
	case p.write <= oldest: // the ring has come around
		return p.write, p.write+size <= oldest
	case p.write+size <= len(p.bytes):
		return p.write, true
	}
	return 0, size <= oldest
}

// grow doubles the ring, oldest first.
func (p *pacer) grow() {
	bytes, at := make([]byte, 2*len(p.bytes)), 0
	for i := range p.n {
		k := &p.pieces[(p.first+i)%len(p.pieces)]
		copy(bytes[at:], p.bytes[k.at:k.at+k.size])
		k.at = at
		at += k.size
	}
	p.bytes, p.write = bytes, at
}

// next takes out the packet that has waited longest, into b; 0 where there is none.
func (p *pacer) next(b []byte) (size int) {
	for p.n > 0 && size == 0 {
		k := p.pieces[p.first]
		p.first = (p.first + 1) % len(p.pieces)
		p.n--
		size = copy(b, p.bytes[k.at:k.at+k.size])
		p.held -= k.size
	}
	if p.n == 0 {
		p.haste = 0
	}
	return size
}

// drop forgets what is held of a stream.
func (p *pacer) drop(ssrc uint32) {
	for i := range p.n {
		if k := &p.pieces[(p.first+i)%len(p.pieces)]; k.ssrc == ssrc {
			p.held -= k.size
			k.size = 0
		}
	}
}

// waits reports whether a packet of a picture of so many bytes has to wait, and makes
// room for it.
func (t *transport) waits(size int) bool {
	if !t.pacer.busy(t.shard.now) {
		return false
	}
	for !t.pacer.fits(size) {
		t.sendHeld()
	}
	return true
}

// hold keeps a packet, for which there is room, until its time has come.
func (t *transport) hold(b []byte) {
	t.pacer.put(b)
	if !t.pacer.listed {
		t.pacer.listed = true
		t.shard.pacing = append(t.shard.pacing, t)
	}
}

// sendHeld sends the packet that has waited longest.
func (t *transport) sendHeld() {
	b := t.shard.conn.Slot()
	if n := t.pacer.next(b); n > 0 && t.ready() {
		if b[0]&0x10 != 0 { // putDescribed has written its extensions
			t.renumber(b)
		} else {
			t.putTWCC(b)
		}
		t.sendRTP(b, n)
	}
}

// release sends what is due of all that is held.
func (s *shard) release() {
	kept := s.pacing[:0]
	for _, t := range s.pacing {
		for p := &t.pacer; p.n > 0 && p.free.Sub(s.now) <= paceSlack; {
			t.sendHeld()
		}
		if t.pacer.listed = t.pacer.n > 0 && !t.closed; t.pacer.listed {
			kept = append(kept, t)
		}
	}
	clear(s.pacing[len(kept):])
	s.pacing = kept
}
