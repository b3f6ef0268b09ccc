package frames

import (
	"bytes"
	"encoding/binary"

	"github.com/pion/rtp/codecs"
)

// h264 makes frames whose parts have their length in front, as Matroska keeps
// them. The last parameter sets go in front of a keyframe that comes without.
type h264 struct {
	sps, pps []byte
}

func (h *h264) head(payload []byte) bool {
	return len(payload) > 1 && (&codecs.H264Packet{}).IsPartitionHead(payload)
}

// The types of parts that matter here.
const (
	nalIDR = 5
	nalSPS = 7
	nalPPS = 8
)

func (h *h264) frame(b []byte, parts []*Packet, f *Frame) ([]byte, error) {
	p := codecs.H264Packet{IsAVC: true}
	for _, part := range parts {
		nals, err := p.Unmarshal(part.payload)
		if err != nil || len(b)+len(nals) > maxFrame {
			return b, errFrame
		}
		b = append(b, nals...)
	}
	hasSPS := false
	for rest := b; len(rest) > 4; {
		size := int(binary.BigEndian.Uint32(rest))
		if size <= 0 || size > len(rest)-4 {
			return b, errFrame
		}
		nal := rest[4 : 4+size]
		switch nal[0] & 0x1F {
		case nalIDR:
			f.Keyframe = true
		case nalSPS:
			hasSPS = true
			h.sps = append(h.sps[:0], nal...)
		case nalPPS:
			h.pps = append(h.pps[:0], nal...)
		}
		rest = rest[4+size:]
	}
	if !f.Keyframe {
		return b, nil
	}
	var ok bool
	if f.Width, f.Height, ok = spsSize(h.sps); !ok || len(h.pps) == 0 || len(h.pps) > 1<<10 {
		return b, errFrame // nobody could decode it
	}
	f.Private = h.private()
	if !hasSPS {
		head := appendNAL(appendNAL(nil, h.sps), h.pps)
		b = append(head, b...)
	}
	return b, nil
}

func appendNAL(b, nal []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(nal))), nal...)
}

// private is an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3).
func (h *h264) private() []byte {
	b := []byte{1, h.sps[1], h.sps[2], h.sps[3], 0xFF, 0xE1}
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(h.sps))), h.sps...)
	b = append(b, 1)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(h.pps))), h.pps...)
}

// spsSize reads the size of the pictures from a sequence parameter set (ITU-T
// H.264 §7.3.2.1.1).
func spsSize(sps []byte) (width, height int, ok bool) {
	if len(sps) < 5 || len(sps) > 1<<10 {
		return 0, 0, false
	}
	r := bits{b: bytes.ReplaceAll(sps[1:], []byte{0, 0, 3}, []byte{0, 0})}
	profile := r.read(8)
	r.read(16)
	r.golomb()
	chroma := uint(1)
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128:
		if chroma = r.golomb(); chroma == 3 {
			r.read(1)
		}
		r.golomb()
		r.golomb()
		r.read(1)
		if r.read(1) == 1 {
			return 0, 0, false // scaling lists: no browser sends any
		}
	}
	r.golomb()
	switch r.golomb() {
	case 0:
		r.golomb()
	case 1:
		r.read(1)
		r.golomb()
		r.golomb()
		for range min(r.golomb(), 255) {
			r.golomb()
		}
	}
	r.golomb()
	r.read(1)
	w := (r.golomb() + 1) * 16
	h := (r.golomb() + 1) * 16
	if r.read(1) == 0 { // fields
		h *= 2
		r.read(1)
	}
	r.read(1)
	if r.read(1) == 1 { // cropping
		x, y := uint(1), uint(1)
		if chroma == 1 {
			x, y = 2, 2
		} else if chroma == 2 {
			x = 2
		}
		w -= x * (r.golomb() + r.golomb())
		h -= y * (r.golomb() + r.golomb())
	}
	return int(w), int(h), !r.over && w > 0 && w < 1<<14 && h > 0 && h < 1<<14
}

// bits reads numbers from bits. Past the end it reads zeros, and says so.
type bits struct {
	b    []byte
	at   int
	over bool
}

func (r *bits) read(n int) uint {
	var v uint
	for range n {
		v <<= 1
		if r.at>>3 >= len(r.b) {
			r.over = true
			continue
		}
		v |= uint(r.b[r.at>>3]>>(7-r.at&7)) & 1
		r.at++
	}
	return v
}

// golomb reads an unsigned Exp-Golomb number.
func (r *bits) golomb() uint {
	zeros := 0
	for r.read(1) == 0 {
		if zeros++; zeros > 31 || r.over {
			r.over = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.read(zeros)
}
