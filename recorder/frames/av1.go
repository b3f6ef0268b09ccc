package frames

import (
	"github.com/pion/rtp/codecs"
	"github.com/pion/rtp/codecs/av1/obu"
)

// av1 makes temporal units of OBUs that have their size, as Matroska keeps them.
type av1 struct{}

func (av1) head(payload []byte) bool {
	return len(payload) > 1 && (&codecs.AV1Depacketizer{}).IsPartitionHead(payload)
}

func (av1) frame(b []byte, parts []*Packet, f *Frame) ([]byte, error) {
	var d codecs.AV1Depacketizer
	for _, part := range parts {
		obus, err := d.Unmarshal(part.payload)
		if err != nil || len(b)+len(obus) > maxFrame {
			return b, errFrame
		}
		b = append(b, obus...)
	}
	for rest := b; len(rest) > 0; {
		whole, body, kind := nextOBU(rest)
		if whole == 0 {
			return b, errFrame
		}
		if kind == obu.OBUSequenceHeader {
			// A sequence header comes with a keyframe, and with nothing else
			// (AV1 RTP specification §5).
			private, width, height, ok := sequenceHeader(body)
			ok = ok && whole <= 1<<10
			if !ok {
				return b, errFrame
			}
			f.Keyframe, f.Width, f.Height = true, width, height
			f.Private = append(private, rest[:whole]...)
		}
		rest = rest[whole:]
	}
	return b, nil
}

// nextOBU returns the length of the OBU at the beginning of b, 0 if it is damaged,
// and what is in it.
func nextOBU(b []byte) (whole int, body []byte, kind obu.Type) {
	h, err := obu.ParseOBUHeader(b)
	if err != nil || !h.HasSizeField || h.Size() >= len(b) {
		return 0, nil, 0
	}
	size, n, err := obu.ReadLeb128(b[h.Size():])
	at := h.Size() + int(n)
	if err != nil || at > len(b) || size > uint(len(b)-at) {
		return 0, nil, 0
	}
	return at + int(size), b[at : at+int(size)], h.Type
}

// sequenceHeader reads what an av1C box says of a stream, and the largest size of
// its pictures (AV1 bitstream specification §5.5.1).
func sequenceHeader(b []byte) (private []byte, width, height int, ok bool) {
	r := bits{b: b}
	profile := r.read(3)
	r.read(1)
	var level, tier uint
	if r.read(1) == 1 { // a single picture
		level = r.read(5)
	} else {
		level, tier, ok = operatingPoints(&r)
		if !ok {
			return nil, 0, 0, false
		}
	}
	wide, high := int(r.read(4))+1, int(r.read(4))+1
	width, height = int(r.read(wide))+1, int(r.read(high))+1
	// Browsers send 8 bits in 4:2:0, the main profile's first choice; what else
	// there is, the decoder reads from the header that follows.
	private = []byte{0x81, byte(profile<<5 | level), byte(tier<<7) | 0x0C, 0}
	return private, width, height, !r.over
}

func operatingPoints(r *bits) (level, tier uint, ok bool) {
	decoderModel := false
	var delay int
	if r.read(1) == 1 { // timing
		r.read(32)
		r.read(32)
		if r.read(1) == 1 {
			r.golomb()
		}
		if decoderModel = r.read(1) == 1; decoderModel {
			delay = int(r.read(5)) + 1
			r.read(32)
			r.read(10)
		}
	}
	initialDelay := r.read(1) == 1
	for i := range r.read(5) + 1 {
		r.read(12)
		l, t := r.read(5), uint(0)
		if l > 7 {
			t = r.read(1)
		}
		if i == 0 {
			level, tier = l, t
		}
		if decoderModel && r.read(1) == 1 {
			r.read(2*delay + 1)
		}
		if initialDelay && r.read(1) == 1 {
			r.read(4)
		}
	}
	return level, tier, !r.over
}
