package sfutest

import (
	"encoding/binary"
	"time"

	"github.com/pion/rtp"
)

// svcPacket is a packet of a stream of several layers, as it came.
type svcPacket struct {
	is             bool
	key            bool // of a keyframe's smallest size
	start, end     bool // of a frame, by the codec or the descriptor
	hasPicture     bool
	picture        uint16
	tl0            uint8
	described      bool
	number         uint16 // by the descriptor
	size, temporal int
	frame          uint32 // as its publisher counts
	refers         uint32 // to the frame so many before; 0 is none
}

// parseSVC reads a packet of a codec that holds layers, and returns its contents.
func parseSVC(p *rtp.Packet) (s svcPacket, rest []byte, ok bool) {
	b := p.Payload
	s.is = true
	if p.PayloadType == av1Type {
		if len(b) < 2 {
			return s, nil, false
		}
		s.start, s.end, s.key = b[0]&0x80 == 0, b[0]&0x40 == 0, b[0]&0x08 != 0
		rest = b[2:]
	} else {
		if len(b) < 5 {
			return s, nil, false
		}
		s.start, s.end = b[0]&0x08 != 0, b[0]&0x04 != 0
		s.hasPicture, s.picture, s.tl0 = true, binary.BigEndian.Uint16(b[1:])&0x7fff, b[4]
		s.key = b[0]&0x40 == 0 && b[3]>>1&7 == 0
		rest = b[5:]
		if b[0]&0x02 != 0 {
			n := 1 + 4*(int(rest[0]>>5)+1)
			if len(rest) < n {
				return s, nil, false
			}
			rest = rest[n:]
		}
	}
	for _, id := range p.GetExtensionIDs() {
		if d := p.GetExtension(id); len(d) >= 3 { // the transport-wide number has two
			s.described, s.number = true, binary.BigEndian.Uint16(d[1:])
			if d[0]&0x80 != 0 != s.start || d[0]&0x40 != 0 != s.end {
				return s, nil, false
			}
		}
	}
	return s, rest, true
}

// contents reads what follows the stamp.
func (s *svcPacket) contents(b []byte, st stamp) bool {
	at := stampSize + len(st.publisher)
	if len(b) < at+5 {
		return false
	}
	s.size, s.temporal = int(st.layer>>2), int(st.layer&3)
	s.frame, s.refers = binary.BigEndian.Uint32(b[at:]), uint32(b[at+4])
	return true
}

// svcCheck decodes a stream of several layers: by what each frame refers to.
type svcCheck struct {
	decoded map[uint32]bool // of publisher
	of      string
	seen    bool
	based   bool
	offset  uint16 // of the descriptor's numbers
	picture uint16 // of the picture ids
	newest  uint16
	lossy   bool // something was lost since the last keyframe

	open    bool // a picture is
	at      uint32
	damaged bool // packets of it are missing
	shows   bool // its last frame can be decoded
	key     bool
	top     svcPacket
	stamp   stamp
	got     int
}

// svcNext takes a packet in order, of which some may be missing before it.
func (v *videoCheck) svcNext(a *arrival, missing int, now time.Time, sync *syncCheck) {
	c, p := &v.svc, &a.svc
	if c.of != a.stamp.publisher {
		c.decoded, c.of, c.based = map[uint32]bool{}, a.stamp.publisher, false
	}
	if missing > 0 {
		c.lossy, c.damaged = true, true
	}
	if c.open && a.timestamp != c.at {
		if !c.damaged && missing == 0 {
			v.violation("a picture of %s ended without a marker", c.of)
		}
		v.svcFinish(a, false, now, sync)
	}
	if !c.open {
		if int32(a.timestamp-c.at) <= 0 && c.seen {
			v.violation("timestamp went from %d to %d", c.at, a.timestamp)
		}
		c.open, c.at, c.damaged, c.got, c.key, c.shows = true, a.timestamp, missing > 0 && !p.start, 0, false, false
		c.seen, v.seen = true, false
	}
	if p.start {
		v.svcNumbers(p, a.stamp)
		c.got = 0
		c.key = c.key || p.key
	}
	c.got++
	c.top, c.stamp = *p, a.stamp
	if p.end {
		v.svcFrame(p, a.stamp)
	}
	if a.marker {
		v.svcFinish(a, true, now, sync)
	}
}

// svcNumbers checks a frame's numbers against its publisher's own.
func (v *videoCheck) svcNumbers(p *svcPacket, st stamp) {
	c := &v.svc
	picture := (p.picture - uint16(st.number)) & 0x7fff
	if p.key || !c.based {
		c.offset, c.picture, c.based = p.number-uint16(p.frame), picture, true
	}
	if p.hasPicture && picture != c.picture {
		v.violation("picture %d of %s has the id %d after an offset of %d", st.number, c.of, p.picture, c.picture)
	}
	if p.described && p.number-uint16(p.frame) != c.offset {
		v.violation("frame %d of %s has the number %d after an offset of %d", p.frame, c.of, p.number, c.offset)
	}
	if p.described && int16(p.number-c.newest) <= 0 && v.Frames > 0 {
		v.violation("frame number went from %d to %d", c.newest, p.number)
	}
	c.newest = p.number
}

// svcFrame decodes a frame whose last packet has come.
func (v *videoCheck) svcFrame(p *svcPacket, st stamp) {
	c := &v.svc
	whole := c.got == int(st.count)
	if !whole && !c.lossy {
		v.violation("frame %d of %s has %d of %d packets, and none is missing", p.frame, c.of, c.got, st.count)
	}
	if p.key && whole {
		clear(c.decoded)
		c.lossy = c.damaged
	}
	c.shows = whole && (p.refers == 0 || c.decoded[p.frame-p.refers])
	if whole && !c.shows && !c.lossy {
		v.violation("frame %d of %s (size %d, rate %d) refers to frame %d, which did not come", p.frame, c.of, p.size, p.temporal, p.frame-p.refers)
	}
	c.decoded[p.frame] = c.shows
}

// svcFinish ends a picture.
func (v *videoCheck) svcFinish(a *arrival, marked bool, now time.Time, sync *syncCheck) {
	c := &v.svc
	c.open = false
	if !marked || !c.shows {
		v.Broken++
		v.broken = true
		return
	}
	v.broken = false
	v.Temporal = c.top.temporal
	f := frame{key: c.key, timestamp: c.at, stamp: c.stamp}
	f.stamp.layer = uint8(c.top.size)
	width := v.Width
	v.show(&f, now)
	v.Width = width
	v.Sizes[min(c.top.size, len(v.Sizes)-1)]++
	sync.picture(a)
}
