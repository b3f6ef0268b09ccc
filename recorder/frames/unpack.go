package frames

import (
	"encoding/binary"

	"github.com/pion/rtp/codecs"
	"github.com/pion/rtp/codecs/vp9"
)

// unpacker takes frames of a codec out of their packets.
type unpacker interface {
	// head reports whether a frame can begin with this payload.
	head(payload []byte) bool
	// frame appends the frame whose packets, without a gap, are parts, and says
	// of it what f has room for.
	frame(b []byte, parts []*Packet, f *Frame) ([]byte, error)
}

func newUnpacker(c Codec) unpacker {
	switch c {
	case VP8:
		return vp8{}
	case VP9:
		return vp9Layers{}
	case H264:
		return &h264{}
	case AV1:
		return av1{}
	}
	return nil // sound needs none
}

type vp8 struct{}

func (vp8) head(payload []byte) bool {
	var p codecs.VP8Packet
	_, err := p.Unmarshal(payload)
	return err == nil && p.S == 1 && p.PID == 0
}

func (vp8) frame(b []byte, parts []*Packet, f *Frame) ([]byte, error) {
	var p codecs.VP8Packet
	for _, part := range parts {
		payload, err := p.Unmarshal(part.payload)
		if err != nil || len(b)+len(payload) > maxFrame {
			return b, errFrame
		}
		b = append(b, payload...)
	}
	// RFC 6386 §9.1
	if len(b) < 3 {
		return b, errFrame
	}
	if b[0]&1 != 0 {
		return b, nil
	}
	if len(b) < 10 || b[3] != 0x9D || b[4] != 0x01 || b[5] != 0x2A {
		return b, errFrame
	}
	f.Keyframe = true
	f.Width = int(binary.LittleEndian.Uint16(b[6:]) & 0x3FFF)
	f.Height = int(binary.LittleEndian.Uint16(b[8:]) & 0x3FFF)
	return b, nil
}

// vp9Layers are frames of one or more spatial layers, which make one superframe.
type vp9Layers struct{}

func (vp9Layers) head(payload []byte) bool {
	var p codecs.VP9Packet
	_, err := p.Unmarshal(payload)
	return err == nil && p.B && p.SID == 0
}

func (vp9Layers) frame(b []byte, parts []*Packet, f *Frame) ([]byte, error) {
	var sizes []int
	for _, part := range parts {
		var p codecs.VP9Packet
		payload, err := p.Unmarshal(part.payload)
		if err != nil || len(b)+len(payload) > maxFrame {
			return b, errFrame
		}
		if p.B {
			sizes = append(sizes, 0)
		}
		if len(sizes) == 0 || len(sizes) > 8 {
			return b, errFrame
		}
		sizes[len(sizes)-1] += len(payload)
		b = append(b, payload...)
	}
	at := 0
	for i, size := range sizes {
		var h vp9.Header
		if err := h.Unmarshal(b[at : at+size]); err != nil {
			return b, errFrame
		}
		if i == 0 {
			f.Keyframe = !h.NonKeyFrame && !h.ShowExistingFrame
		}
		if w, hh := int(h.Width()), int(h.Height()); f.Keyframe && w > 0 && hh > 0 {
			f.Width, f.Height = w, hh
		}
		at += size
	}
	if len(sizes) > 1 {
		b = appendSuperframeIndex(b, sizes)
	}
	return b, nil
}

// appendSuperframeIndex tells a decoder where the layers of a frame begin (VP9
// bitstream specification, annex B).
func appendSuperframeIndex(b []byte, sizes []int) []byte {
	marker := 0b110_11_000 | byte(len(sizes)-1) // sizes of four bytes
	b = append(b, marker)
	for _, size := range sizes {
		b = binary.LittleEndian.AppendUint32(b, uint32(size))
	}
	return append(b, marker)
}
