package sfu

import (
	"encoding/binary"

	"parley/sfu/forward"
)

// header is what the packet path reads of an RTP header. It stands in clear, so
// that it can be read before the packet is decrypted.
type header struct {
	ssrc, ts uint32
	seq      uint16
	pt       uint8
	marker   bool
	size     int // of the header, extensions included

	mid      []byte // these three inside the datagram
	rid      []byte
	rrid     []byte // the RID that a retransmission repairs
	twcc     uint16
	hasTWCC  bool
	level    uint8 // RFC 6464, 127 is silence
	hasLevel bool

	descriptor []byte // of the frame's dependencies, inside the datagram
}

// parseHeader reads an RTP header (RFC 3550 §5.1) and the extensions agreed on
// (RFC 8285, one-byte and two-byte form). It reports false when the datagram is
// too short for what it announces.
func parseHeader(b []byte, ext *extensions) (h header, ok bool) {
	if len(b) < 12 || b[0]>>6 != 2 {
		return h, false
	}
	h.marker, h.pt = b[1]&0x80 != 0, b[1]&0x7f
	h.seq = binary.BigEndian.Uint16(b[2:])
	h.ts = binary.BigEndian.Uint32(b[4:])
	h.ssrc = binary.BigEndian.Uint32(b[8:])
	h.size = 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 == 0 {
		return h, len(b) >= h.size
	}
	if len(b) < h.size+4 {
		return h, false
	}
	profile := binary.BigEndian.Uint16(b[h.size:])
	words := int(binary.BigEndian.Uint16(b[h.size+2:]))
	start := h.size + 4
	h.size = start + 4*words
	if len(b) < h.size {
		return h, false
	}
	switch {
	case profile == 0xbede:
		h.oneByte(b[start:h.size], ext)
	case profile&0xfff0 == 0x1000:
		h.twoByte(b[start:h.size], ext)
	}
	return h, true
}

func (h *header) oneByte(b []byte, ext *extensions) {
	for len(b) > 0 {
		id, n := b[0]>>4, int(b[0]&0x0f)+1
		if b[0] == 0 { // padding
			b = b[1:]
			continue
		}
		if id == 15 || len(b) < 1+n {
			return
		}
		h.extension(id, b[1:1+n], ext)
		b = b[1+n:]
	}
}

func (h *header) twoByte(b []byte, ext *extensions) {
	for len(b) > 0 {
		if b[0] == 0 {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return
		}
		n := int(b[1])
		h.extension(b[0], b[2:2+n], ext)
		b = b[2+n:]
	}
}

func (h *header) extension(id uint8, v []byte, ext *extensions) {
	switch {
	case len(v) == 0:
	case id == ext.mid:
		h.mid = v
	case id == ext.rid:
		h.rid = v
	case id == ext.rrid:
		h.rrid = v
	case id == ext.twcc && len(v) >= 2:
		h.twcc, h.hasTWCC = binary.BigEndian.Uint16(v), true
	case id == ext.descriptor:
		h.descriptor = v
	case id == ext.level:
		h.level, h.hasLevel = v[0]&0x7f, true
	}
}

// unpad takes the padding off a decrypted packet's payload (RFC 3550 §5.1). It
// reports false when the padding is longer than the payload.
func unpad(b []byte, size int) (payload []byte, ok bool) {
	payload = b[size:]
	if b[0]&0x20 == 0 {
		return payload, true
	}
	if len(payload) == 0 {
		return nil, false
	}
	n := int(payload[len(payload)-1])
	if n == 0 || n > len(payload) {
		return nil, false
	}
	return payload[:len(payload)-n], true
}

// packet is one packet of an up track, decrypted and understood once for all its
// viewers. Its bytes belong to the receive batch.
type packet struct {
	payload    []byte
	extensions []byte // with their header; only where there is a tap
	descriptor []byte // of the frame's dependencies, where it came with one
	ts         uint32
	seq        uint16
	codec      codec
	marker     bool
	late       bool // fills a gap: reordered, or sent again
	keyframe   bool // first packet of a keyframe
	width      uint16
	height     uint16 // of a keyframe's first packet, 0 where the codec does not say
	picture    forward.Picture
	frame      *forward.Dependency // where it belongs in a stream of several layers; nil where it is no such packet
}

// understand fills in what the codec says. It reports false for a payload that
// is not what its type says.
func (p *packet) understand() bool {
	switch p.codec {
	case opus:
		return true
	case red:
		_, ok := forward.PrimaryOfRED(p.payload)
		return ok
	case vp8:
		v, ok := forward.ParseVP8(p.payload)
		p.picture, p.keyframe, p.width, p.height = v.Picture(), v.Keyframe, v.Width, v.Height
		return ok
	case vp9:
		v, ok := forward.ParseVP9(p.payload)
		p.picture, p.keyframe = v.Picture(), v.Keyframe()
		p.width, p.height = v.Sizes[0].Width, v.Sizes[0].Height
		return ok
	case av1:
		p.keyframe = forward.AV1Keyframe(p.payload)
		return true
	case h264:
		p.keyframe = forward.H264Keyframe(p.payload)
		return true
	default:
		return false
	}
}

// Sizes of an outgoing packet beyond its payload and a descriptor: RTP header,
// extension block with TWCC, retransmission's original number, the authentication
// tag, and what a descriptor's form and padding take.
const (
	headerSize  = 12
	twccSize    = 8
	rtxSize     = 2
	tagSize     = 16
	formSize    = 8
	maxOverhead = headerSize + twccSize + rtxSize + tagSize + formSize
)

// putHeader writes an outgoing RTP header and returns its size.
func putHeader(b []byte, pt uint8, marker bool, seq uint16, ts, ssrc uint32) int {
	b[0], b[1] = 2<<6, pt
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	binary.BigEndian.PutUint32(b[8:], ssrc)
	return headerSize
}

// putTWCC adds the transport-wide sequence number (draft-holmer-rmcat-transport-
// wide-cc-extensions-01) to a header that has no extension yet.
func putTWCC(b []byte, id uint8, seq uint16) int {
	b[0] |= 0x10
	binary.BigEndian.PutUint32(b[headerSize:], 0xbede0001)
	b[headerSize+4] = id<<4 | 1
	binary.BigEndian.PutUint16(b[headerSize+5:], seq)
	b[headerSize+7] = 0
	return headerSize + twccSize
}

// putDescribed adds the transport-wide number, where id is one, and a dependency
// descriptor with another frame number to a header that has no extension yet: in the
// one-byte form, or in the two-byte form where the descriptor is too long for that
// (RFC 8285 §4.2, §4.3). The number stands first, where setTWCC finds it.
func putDescribed(b []byte, id uint8, seq uint16, descriptorID uint8, descriptor []byte, frame uint16) int {
	const longest = 16 // of the one-byte form
	b[0] |= 0x10
	n := headerSize + 4
	put := func(id uint8, size int) {
		if len(descriptor) <= longest {
			b[n] = id<<4 | uint8(size-1)
			n++
			return
		}
		b[n], b[n+1] = id, uint8(size)
		n += 2
	}
	profile := uint16(0xbede)
	if len(descriptor) > longest {
		profile = 0x1000
	}
	if id != 0 {
		put(id, 2)
		binary.BigEndian.PutUint16(b[n:], seq)
		n += 2
	}
	put(descriptorID, len(descriptor))
	copy(b[n:], descriptor)
	forward.SetDependencyNumber(b[n:], frame)
	n += len(descriptor)
	for n%4 != 0 {
		b[n] = 0
		n++
	}
	binary.BigEndian.PutUint16(b[headerSize:], profile)
	binary.BigEndian.PutUint16(b[headerSize+2:], uint16((n-headerSize-4)/4))
	return n
}

// setTWCC writes another transport-wide number into a header that putDescribed made.
func setTWCC(b []byte, seq uint16) {
	at := headerSize + 5
	if b[headerSize] != 0xbe {
		at++
	}
	binary.BigEndian.PutUint16(b[at:], seq)
}
