package sfutest

import "encoding/binary"

// descriptor is a VP8 payload descriptor with picture id, TL0PICIDX and TID,
// as a browser sends it (RFC 7741 §4.2).
type descriptor struct {
	start   bool // of the frame
	key     bool // known at the start only
	picture uint16
	tl0     uint8

	width, height uint16 // of a keyframe
}

// append writes the descriptor and, at the start of a frame, the VP8 frame
// header after it (RFC 6386 §9.1).
func (d descriptor) append(b []byte) []byte {
	first := byte(0x80) // X
	if d.start {
		first |= 0x10 // S, of partition 0
	}
	b = append(b, first, 0x80|0x40|0x20) // I, L, T
	b = binary.BigEndian.AppendUint16(b, 0x8000|d.picture&0x7fff)
	b = append(b, d.tl0, 0)
	switch {
	case d.start && d.key:
		b = append(b, 0x10, 0, 0, 0x9d, 0x01, 0x2a) // shown, a keyframe, start code
		b = binary.LittleEndian.AppendUint16(b, d.width)
		b = binary.LittleEndian.AppendUint16(b, d.height)
	case d.start:
		b = append(b, 0x11, 0, 0)
	}
	return b
}

// parseDescriptor reads what append writes, also where a forwarder has changed
// the length of the picture id, and returns what follows.
func parseDescriptor(b []byte) (d descriptor, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return d, nil, false
	}
	d.start = b[0]&0x17 == 0x10
	flags, at := b[1], 2
	if flags&0x80 != 0 {
		if len(b) < at+2 {
			return d, nil, false
		}
		if b[at]&0x80 != 0 {
			d.picture = binary.BigEndian.Uint16(b[at:]) & 0x7fff
			at++
		} else {
			d.picture = uint16(b[at])
		}
		at++
	}
	if flags&0x40 != 0 {
		if len(b) <= at {
			return d, nil, false
		}
		d.tl0 = b[at]
		at++
	}
	if flags&0x30 != 0 {
		at++
	}
	if len(b) <= at {
		return d, nil, false
	}
	if d.start {
		d.key = b[at]&1 == 0
		at += 3
		if d.key {
			at += 7
			if len(b) >= at {
				d.width, d.height = binary.LittleEndian.Uint16(b[at-4:]), binary.LittleEndian.Uint16(b[at-2:])
			}
		}
	}
	if len(b) < at {
		return d, nil, false
	}
	return d, b[at:], true
}
