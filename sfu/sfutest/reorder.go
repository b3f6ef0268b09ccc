package sfutest

import "time"

const (
	// window is how many packets past a hole are kept, a power of two.
	window = 512
	// patience is how long a hole is waited for.
	patience = 600 * time.Millisecond
)

// arrival is a packet as it came, reduced to what is checked.
type arrival struct {
	used       bool
	at         time.Time
	timestamp  uint32
	marker     bool
	empty      bool // padding alone
	bad        bool // not what a browser of this package sends
	descriptor descriptor
	stamp      stamp
}

// reorder puts packets in order of their sequence numbers. A hole that is not
// filled in time is skipped.
type reorder struct {
	arrivals
	started bool
	next    uint16    // expected
	held    int       // packets past the hole
	waiting time.Time // since when, for the hole
	ring    [window]arrival
}

// arrivals counts packets as they came.
type arrivals struct {
	packets, duplicates int
	late                int // filled a hole
}

func (a arrivals) since(b arrivals) arrivals {
	return arrivals{a.packets - b.packets, a.duplicates - b.duplicates, a.late - b.late}
}

// put takes a packet and passes on, in order, what is due. Before the first
// packet after a hole, it passes the number of the missing.
func (r *reorder) put(seq uint16, a arrival, pass func(a *arrival, missing int)) {
	if !r.started {
		r.started, r.next = true, seq
	}
	ahead := int16(seq - r.next)
	if ahead < 0 || r.ring[seq%window].used {
		r.duplicates++
		return
	}
	if ahead >= window {
		r.skip(seq-window/2, pass)
	}
	r.packets++
	if r.held > 0 && ahead == 0 {
		r.late++
	}
	a.used = true
	r.ring[seq%window] = a
	if r.held == 0 {
		r.waiting = a.at
	}
	r.held++
	r.drain(0, pass)
	if r.held > 0 && a.at.Sub(r.waiting) > patience {
		r.skip(r.next+1, pass)
	}
}

// drain passes on what follows without a hole.
func (r *reorder) drain(missing int, pass func(*arrival, int)) {
	for {
		a := &r.ring[r.next%window]
		if !a.used {
			return
		}
		pass(a, missing)
		missing = 0
		a.used = false
		r.held--
		r.next++
		if r.held > 0 && !r.ring[r.next%window].used {
			r.waiting = r.earliest()
		}
	}
}

// earliest is when the first of the packets past the next hole came.
func (r *reorder) earliest() time.Time {
	var first time.Time
	for i := range uint16(window) {
		a := &r.ring[(r.next+i)%window]
		if a.used && (first.IsZero() || a.at.Before(first)) {
			first = a.at
		}
	}
	return first
}

// skip gives up the hole, up to the given number at least.
func (r *reorder) skip(to uint16, pass func(*arrival, int)) {
	missing := 0
	for r.held > 0 {
		if int16(r.next-to) >= 0 && r.ring[r.next%window].used {
			break
		}
		if a := &r.ring[r.next%window]; a.used {
			pass(a, missing)
			missing = 0
			a.used = false
			r.held--
		} else {
			missing++
		}
		r.next++
	}
	if r.held == 0 && int16(to-r.next) > 0 {
		missing += int(to - r.next)
		r.next = to
	}
	r.drain(missing, pass)
}
