package matroska

import (
	"encoding/binary"
	"time"
)

// opusID is what Matroska calls Opus.
const opusID = "A_OPUS"

// OpusPrivate is the head of an Opus track (RFC 7845 §5.1): what is decoded is
// kept from the first sample on.
func OpusPrivate(channels int) []byte {
	b := append([]byte("OpusHead"), 1, byte(channels), 0, 0)
	b = binary.LittleEndian.AppendUint32(b, 48000)
	return append(b, 0, 0, 0)
}

// OpusLength is how long a packet of Opus sounds (RFC 6716 §3.1), 0 for one that is
// none.
func OpusLength(packet []byte) time.Duration {
	if len(packet) == 0 {
		return 0
	}
	const tick = 2500 * time.Microsecond
	config := packet[0] >> 3
	var one time.Duration
	switch {
	case config < 12:
		one = []time.Duration{4, 8, 16, 24}[config&3] * tick
	case config < 16:
		one = []time.Duration{4, 8}[config&1] * tick
	default:
		one = []time.Duration{1, 2, 4, 8}[config&3] * tick
	}
	count := 2
	switch packet[0] & 3 {
	case 0:
		count = 1
	case 3:
		if len(packet) < 2 {
			return 0
		}
		count = int(packet[1] & 0x3F)
	}
	length := one * time.Duration(count)
	if length > 120*time.Millisecond {
		return 0
	}
	return length
}
