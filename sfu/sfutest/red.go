package sfutest

import "encoding/binary"

// redType is the payload type that Chromium gives to redundant sound.
const redType = 63

// mimeTypeRED has no name in Pion.
const mimeTypeRED = "audio/red"

// redundant is a redundant payload (RFC 2198): older blocks, then the packet's own.
type redundant struct {
	copies  [][]byte
	primary []byte
}

func parseRED(b []byte) (r redundant, ok bool) {
	var sizes []int
	for {
		if len(b) == 0 {
			return r, false
		}
		if b[0]&0x80 == 0 {
			b = b[1:]
			break
		}
		if len(b) < 4 {
			return r, false
		}
		sizes = append(sizes, int(binary.BigEndian.Uint32(b)&0x3ff))
		b = b[4:]
	}
	for _, n := range sizes {
		if n > len(b) {
			return r, false
		}
		r.copies = append(r.copies, b[:n])
		b = b[n:]
	}
	r.primary = b
	return r, true
}

// repeat puts a frame together with the one before it, as libwebrtc does with one
// level of redundancy. Back is how much older that is, in ticks.
func repeat(pt uint8, before []byte, back uint32, frame []byte) []byte {
	var b []byte
	if len(before) > 0 {
		b = binary.BigEndian.AppendUint32(nil, 1<<31|uint32(pt)<<24|back<<10|uint32(len(before)))
	}
	b = append(b, pt)
	b = append(b, before...)
	return append(b, frame...)
}
