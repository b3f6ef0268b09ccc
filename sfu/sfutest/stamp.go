package sfutest

import (
	"bytes"
	"encoding/binary"
	"time"
)

// stampMark begins every stamp.
var stampMark = []byte("PLY1")

// stampSize is the size of a stamp without the publisher's name.
const stampSize = 4 + 4 + 2 + 2 + 8 + 1 + 1

// stamp is what each packet says of itself in its payload.
type stamp struct {
	number    uint32 // of the video frame or audio packet, counted by its source
	index     uint16 // of the packet in its frame
	count     uint16 // packets of the frame
	captured  time.Time
	first     bool // after a pause
	fec       bool // sound that carries the packet before again
	layer     uint8
	publisher string
}

func (s stamp) append(b []byte) []byte {
	b = append(b, stampMark...)
	b = binary.BigEndian.AppendUint32(b, s.number)
	b = binary.BigEndian.AppendUint16(b, s.index)
	b = binary.BigEndian.AppendUint16(b, s.count)
	b = binary.BigEndian.AppendUint64(b, uint64(s.captured.UnixNano()))
	flags := s.layer << 4
	if s.first {
		flags |= 1
	}
	if s.fec {
		flags |= 2
	}
	b = append(b, flags, byte(len(s.publisher)))
	return append(b, s.publisher...)
}

// parseStamp reads the stamp at the start of b. The name given is returned
// where it is the same, so that a stream does not allocate a string a packet.
func parseStamp(b []byte, name string) (stamp, bool) {
	if len(b) < stampSize || !bytes.HasPrefix(b, stampMark) || len(b) < stampSize+int(b[stampSize-1]) {
		return stamp{}, false
	}
	s := stamp{
		number:    binary.BigEndian.Uint32(b[4:]),
		index:     binary.BigEndian.Uint16(b[8:]),
		count:     binary.BigEndian.Uint16(b[10:]),
		captured:  time.Unix(0, int64(binary.BigEndian.Uint64(b[12:]))),
		first:     b[stampSize-2]&1 != 0,
		fec:       b[stampSize-2]&2 != 0,
		layer:     b[stampSize-2] >> 4,
		publisher: name,
	}
	if p := b[stampSize : stampSize+int(b[stampSize-1])]; string(p) != name {
		s.publisher = string(p)
	}
	return s, true
}
