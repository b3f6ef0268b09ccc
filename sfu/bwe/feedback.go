package bwe

import (
	"encoding/binary"
	"errors"
	"time"
)

// The units of draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.
const (
	referenceUnit = 64 * time.Millisecond
	deltaUnit     = 250 * time.Microsecond
)

// errMalformed says that a report does not hold what its head promises.
var errMalformed = errors.New("malformed transport-wide feedback")

// arrival is what a report says of one packet.
type arrival struct {
	seq uint16
	got bool
	at  time.Duration // on the viewer's clock, from an origin of its own
}

// reader turns reports into arrivals on one continuous clock.
type reader struct {
	list []arrival // of the last report, in the order of the numbers

	started   bool
	reference int32         // the last reference time, 24 bits
	origin    time.Duration // the last reference time, unwrapped
}

// read parses a report into list. A malformed one leaves the reader's clock as it was.
func (r *reader) read(fci []byte) error {
	if len(fci) < 8 {
		return errMalformed
	}
	base, count := binary.BigEndian.Uint16(fci), int(binary.BigEndian.Uint16(fci[2:]))
	reference := int32(fci[4])<<16 | int32(fci[5])<<8 | int32(fci[6])
	deltas, err := r.statuses(fci[8:], base, count)
	if err != nil {
		return err
	}

	origin := r.origin
	if r.started {
		// The reference time has 24 bits and wraps every twelve days; the shorter
		// way round is the way that time went.
		step := (reference - r.reference) << 8 >> 8
		origin += time.Duration(step) * referenceUnit
	}
	at := origin
	for i := range r.list {
		a := &r.list[i]
		if !a.got {
			continue
		}
		if a.at == small {
			if len(deltas) < 1 {
				return errMalformed
			}
			at += time.Duration(deltas[0]) * deltaUnit
			deltas = deltas[1:]
		} else {
			if len(deltas) < 2 {
				return errMalformed
			}
			at += time.Duration(int16(binary.BigEndian.Uint16(deltas))) * deltaUnit
			deltas = deltas[2:]
		}
		a.at = at
	}
	r.started, r.reference, r.origin = true, reference, origin
	return nil
}

// The symbols of §3.1.1; statuses leaves them in the arrivals' times until the
// deltas are read. The fourth is reserved.
const (
	missing = iota
	small
	large
	reserved
)

// statuses reads the chunks of §3.1.3 and §3.1.4 and returns what follows them.
func (r *reader) statuses(b []byte, base uint16, count int) (rest []byte, err error) {
	r.list = r.list[:0]
	seq := base
	add := func(symbol uint16) bool {
		if symbol == reserved {
			return false
		}
		if len(r.list) < count {
			r.list = append(r.list, arrival{seq: seq, got: symbol != missing, at: time.Duration(symbol)})
			seq++
		}
		return true
	}
	for len(r.list) < count {
		if len(b) < 2 {
			return nil, errMalformed
		}
		chunk := binary.BigEndian.Uint16(b)
		b = b[2:]
		ok := true
		switch chunk >> 14 {
		case 0, 1: // a run of one symbol
			run := int(chunk & 0x1fff)
			if run == 0 {
				return nil, errMalformed // nothing ends it
			}
			for range min(run, count-len(r.list)) {
				ok = ok && add(chunk>>13&3)
			}
		case 2: // 14 symbols of one bit
			for i := 13; i >= 0; i-- {
				ok = add(chunk >> i & 1)
			}
		case 3: // 7 symbols of two bits
			for i := 12; i >= 0; i -= 2 {
				ok = ok && add(chunk>>i&3)
			}
		}
		if !ok {
			return nil, errMalformed
		}
	}
	return b, nil
}
