package frames

import "time"

// order puts packets in order. What is missing is waited for until a packet that
// came after it is older than wait.
type order struct {
	wait    time.Duration
	ring    []*Packet // by sequence number
	next    uint16    // what comes out next
	ahead   int       // how far after next the ring reaches, 0 when empty
	late    int       // packets in a row that came too late
	started bool
	gap     bool // what comes out next has a loss before it
	lost    uint64
}

func newOrder(size int, wait time.Duration) order {
	return order{ring: make([]*Packet, size), wait: wait}
}

// restartAfter is how many packets in a row that are too late make a new stream
// of the line.
const restartAfter = 32

// full reports whether there is no room for a packet until others have come out.
func (o *order) full(seq uint16) bool {
	return o.ahead > 0 && int(int16(seq-o.next)) >= len(o.ring)
}

// push takes a packet, for which there is room. It reports false for one that has
// come out before, or was given up.
func (o *order) push(p *Packet) bool {
	if !o.started {
		o.started, o.next = true, p.seq
	}
	distance := int(int16(p.seq - o.next))
	if distance < 0 {
		if o.late++; o.late < restartAfter {
			return false
		}
		o.restart(p.seq)
		distance = 0
	}
	if distance >= len(o.ring) {
		o.lost += uint64(distance) // a long silence, or a jump
		o.restart(p.seq)
		distance = 0
	}
	i := int(p.seq) % len(o.ring)
	if o.ring[i] != nil {
		return false
	}
	o.late = 0
	o.ring[i] = p
	o.ahead = max(o.ahead, distance+1)
	return true
}

// pop returns the next packet in order, or nil while it is waited for. A packet
// that has a loss before it says so.
func (o *order) pop(now time.Time) *Packet {
	if o.first() > 0 && o.waited(now) < o.wait {
		return nil
	}
	return o.force()
}

// waited is for how long what comes out next has been missing.
func (o *order) waited(now time.Time) time.Duration {
	missing := o.first()
	if missing == 0 {
		return 0
	}
	return now.Sub(o.ring[int(o.next+uint16(missing))%len(o.ring)].Arrived)
}

// force returns the next packet that is there, without waiting.
func (o *order) force() *Packet {
	if o.ahead == 0 {
		return nil
	}
	o.skip(o.first())
	i := int(o.next) % len(o.ring)
	p := o.ring[i]
	o.ring[i] = nil
	o.next++
	o.ahead--
	p.before, o.gap = o.gap, false
	return p
}

// first is how many packets are missing before the first that is there.
func (o *order) first() int {
	for i := range o.ahead {
		if o.ring[int(o.next+uint16(i))%len(o.ring)] != nil {
			return i
		}
	}
	return 0
}

// skip gives up the n packets that are missing.
func (o *order) skip(n int) {
	o.lost += uint64(n)
	o.next += uint16(n)
	o.ahead -= n
	o.gap = o.gap || n > 0
}

// restart begins anew with a sequence number.
func (o *order) restart(seq uint16) {
	o.clear()
	o.next, o.gap, o.late = seq, true, 0
}

// clear forgets all packets.
func (o *order) clear() {
	for i, p := range o.ring {
		if p != nil {
			p.Free()
			o.ring[i] = nil
		}
	}
	o.ahead = 0
}
