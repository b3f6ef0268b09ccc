package frames

import (
	"encoding/binary"
	"sync"
	"time"
)

// MaxPacket is the longest packet that is taken.
const MaxPacket = 2048

// Packet is one RTP packet in a buffer of its own.
type Packet struct {
	Arrived time.Time
	Mark    uint32 // the owner's; frames do not look at it

	buf  [MaxPacket]byte
	size int // of the whole

	seq     uint16
	ts      uint32
	marker  bool
	payload []byte // inside buf
	before  bool   // a packet before this one is missing
}

var pool = sync.Pool{New: func() any { return new(Packet) }}

// Take copies a packet into a buffer from the pool. It returns nil for one that is
// no RTP, or too long. Whoever has a Packet gives it to Push, or to Free.
func Take(arrived time.Time, raw []byte) *Packet {
	if len(raw) > MaxPacket || len(raw) < 12 {
		return nil
	}
	p := pool.Get().(*Packet)
	p.Arrived, p.before, p.Mark = arrived, false, 0
	p.size = copy(p.buf[:], raw)
	if !p.parse() {
		p.Free()
		return nil
	}
	return p
}

// Free gives the buffer back.
func (p *Packet) Free() {
	p.payload = nil
	pool.Put(p)
}

// Size is how long the packet is.
func (p *Packet) Size() int { return p.size }

// Seq is the packet's sequence number.
func (p *Packet) Seq() uint16 { return p.seq }

// parse reads the header (RFC 3550 §5.1).
func (p *Packet) parse() bool {
	b := p.buf[:p.size]
	if b[0]>>6 != 2 {
		return false
	}
	p.marker = b[1]&0x80 != 0
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.ts = binary.BigEndian.Uint32(b[4:])
	at := 12 + 4*int(b[0]&0x0F)
	if b[0]&0x10 != 0 { // an extension
		if at+4 > len(b) {
			return false
		}
		at += 4 + 4*int(binary.BigEndian.Uint16(b[at+2:]))
	}
	end := len(b)
	if b[0]&0x20 != 0 { // padding
		end -= int(b[len(b)-1])
	}
	if at > len(b) || end < at {
		return false
	}
	p.payload = b[at:end]
	return true
}
