package forward

import "encoding/binary"

// Limits of a redundant payload (RFC 2198 §3): ten bits of length, fourteen of
// time, and as many copies as anybody sends.
const (
	maxCopies     = 8
	maxCopyBytes  = 1<<10 - 1
	maxCopyOffset = 1<<14 - 1
)

// Copy is an older block of a redundant payload: sound from before the packet's
// own, by Offset ticks.
type Copy struct {
	Offset  uint32
	Payload []byte
}

// RED is a redundant audio payload, read: the block of the packet's own time and
// the copies of those before, oldest first.
type RED struct {
	Primary []byte
	copies  [maxCopies]Copy
	n       int
}

// Copies are the older blocks, oldest first. They are the payload's memory.
func (r *RED) Copies() []Copy { return r.copies[:r.n] }

// ParseRED reads a redundant payload. It reports false for one whose headers do
// not add up, or that has more copies than anybody sends.
func ParseRED(payload []byte) (r RED, ok bool) {
	at := 0
	var sizes [maxCopies]int
	for {
		if at >= len(payload) {
			return r, false
		}
		if payload[at]&0x80 == 0 { // the last header, one byte: a payload type
			at++
			break
		}
		if at+4 > len(payload) || r.n == maxCopies {
			return r, false
		}
		h := binary.BigEndian.Uint32(payload[at:])
		r.copies[r.n].Offset, sizes[r.n] = h>>10&maxCopyOffset, int(h&maxCopyBytes)
		r.n++
		at += 4
	}
	for i := range r.n {
		if at+sizes[i] > len(payload) {
			return r, false
		}
		r.copies[i].Payload = payload[at : at+sizes[i]]
		at += sizes[i]
	}
	r.Primary = payload[at:]
	return r, true
}

// PrimaryOfRED returns the newest block of a redundant audio payload, the one that
// belongs to the packet's own timestamp. It reports false for a payload that
// ParseRED does not read.
func PrimaryOfRED(payload []byte) ([]byte, bool) {
	r, ok := ParseRED(payload)
	return r.Primary, ok
}

// PutRED writes a redundant payload of blocks of one payload type into b and
// returns its size. Copies that the format has no room for, or that b has not,
// are left out; the primary block must fit.
func PutRED(b []byte, pt uint8, copies []Copy, primary []byte) int {
	fits := func(c Copy) bool {
		return c.Offset > 0 && c.Offset <= maxCopyOffset && len(c.Payload) > 0 && len(c.Payload) <= maxCopyBytes
	}
	size, from := 1+len(primary), len(copies)
	for n := 0; from > 0 && n < maxCopies; from-- { // the newest first, when room is short
		c := copies[from-1]
		if !fits(c) {
			continue
		}
		if size+4+len(c.Payload) > len(b) {
			break
		}
		size += 4 + len(c.Payload)
		n++
	}
	at := 0
	for _, c := range copies[from:] {
		if fits(c) {
			binary.BigEndian.PutUint32(b[at:], 1<<31|uint32(pt)<<24|c.Offset<<10|uint32(len(c.Payload)))
			at += 4
		}
	}
	b[at] = pt
	at++
	for _, c := range copies[from:] {
		if fits(c) {
			at += copy(b[at:], c.Payload)
		}
	}
	return at + copy(b[at:], primary)
}
