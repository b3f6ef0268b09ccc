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
	svc        svcPacket
	stamp      stamp
}

// reorder puts packets in order of their sequence numbers. A hole that is not
// filled in time is skipped.
type reorder struct {
	arrivals
	started bool
	next    uint16    // expected
	held    int       // packets past the hole
	missing int       // given up since the last that was passed on
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

// put takes a packet, of sound or of a picture, and passes on, in order, what is due, each with the
// number of packets that are missing before it for good.
func (r *reorder) put(seq uint16, a arrival, pass func(a *arrival, missing int)) {
	if !r.started {
		r.started, r.next = true, seq
	}
	ahead := int16(seq - r.next)
	if ahead < 0 || r.ring[seq%window].used && ahead < window {
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
	r.drain(pass)
	if first, whole := r.keyframe(seq); whole && r.next != first {
		r.skip(first, pass)
		r.drain(pass)
	}
	if r.held > 0 && a.at.Sub(r.waiting) > patience {
		r.skip(r.next+1, pass)
		r.drain(pass)
	}
}

// keyframe finds the whole keyframe past a hole that a packet belongs to: a
// decoder goes on from there, and waits for nothing before it.
func (r *reorder) keyframe(seq uint16) (first uint16, whole bool) {
	a := &r.ring[seq%window]
	if !a.used || a.empty || a.bad || int16(seq-r.next) <= 0 {
		return 0, false
	}
	first = seq - a.stamp.index
	if ahead := int16(first - r.next); ahead <= 0 || ahead >= window {
		return 0, false
	}
	for i := range a.stamp.count {
		p := &r.ring[(first+i)%window]
		if !p.used || p.timestamp != a.timestamp || p.stamp.index != i || i == 0 && !p.descriptor.key {
			return 0, false
		}
	}
	return first, a.stamp.count > 0
}

// drain passes on what follows without a hole.
func (r *reorder) drain(pass func(*arrival, int)) {
	passed := false
	for r.ring[r.next%window].used {
		r.pass(pass)
		passed = true
	}
	if passed && r.held > 0 {
		r.waiting = r.earliest()
	}
}

// pass passes on the next packet, which is there.
func (r *reorder) pass(pass func(*arrival, int)) {
	a := &r.ring[r.next%window]
	pass(a, r.missing)
	r.missing = 0
	a.used = false
	r.held--
	r.next++
}

// earliest is when the first of the packets past the hole came.
func (r *reorder) earliest() time.Time {
	var first time.Time
	for i := range r.ring {
		a := &r.ring[i]
		if a.used && (first.IsZero() || a.at.Before(first)) {
			first = a.at
		}
	}
	return first
}

// skip gives up every hole before the given number, and the one at it.
func (r *reorder) skip(to uint16, pass func(*arrival, int)) {
	for int16(to-r.next) > 0 || r.held > 0 && !r.ring[r.next%window].used {
		if r.ring[r.next%window].used {
			r.pass(pass)
		} else {
			r.missing++
			r.next++
		}
	}
}
