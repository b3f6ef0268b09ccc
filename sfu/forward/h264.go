package forward

import "encoding/binary"

// NAL unit types of H.264 that matter here (RFC 6184 §5.2, ITU-T H.264 table 7-1).
const (
	nalIDR   = 5
	nalSPS   = 7
	nalSTAPA = 24
	nalFUA   = 28
)

// H264Keyframe reports whether a payload begins a keyframe: a sequence parameter
// set, alone or inside an aggregate, or the first fragment of an IDR slice. A
// decoder can start there.
func H264Keyframe(payload []byte) bool {
	if len(payload) < 2 {
		return false
	}
	switch payload[0] & 0x1f {
	case nalSPS, nalIDR:
		return true
	case nalSTAPA:
		return aggregateHasSPS(payload[1:])
	case nalFUA:
		first := payload[1]&0x80 != 0
		kind := payload[1] & 0x1f
		return first && (kind == nalSPS || kind == nalIDR)
	}
	return false
}

func aggregateHasSPS(units []byte) bool {
	for len(units) > 2 {
		size := int(binary.BigEndian.Uint16(units))
		units = units[2:]
		if size == 0 || size > len(units) {
			return false
		}
		if kind := units[0] & 0x1f; kind == nalSPS || kind == nalIDR {
			return true
		}
		units = units[size:]
	}
	return false
}
