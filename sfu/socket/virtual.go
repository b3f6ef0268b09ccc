package socket

import (
	"net/netip"
	"sync"
	"time"
)

// virtualQueue is how many datagrams of virtual addresses wait for one Receive.
const virtualQueue = 4 * batchSize

// Virtual is a Conn some of whose peers are in this process: relayed clients,
// whose datagrams come out of a relay and go back into it without a socket in
// between. A virtual peer has an address like any other, of the network
// 0.0.0.0/8, which never is a datagram's source (RFC 1122 §3.2.1.3; the kernel
// drops those that claim it). Whoever owns the Conn treats all addresses alike.
type Virtual struct {
	Conn

	mu       sync.Mutex
	deliver  map[netip.AddrPort]Deliver
	slab     []byte // of the datagrams that came in since the last Receive
	in       []Datagram
	lost     uint64
	handed   []Datagram // to the owner, until the next Receive
	previous []byte     // what they lie in
	turn     bool       // the kernel's: neither starves the other
}

// IsVirtual reports whether an address can only be a virtual peer's.
func IsVirtual(a netip.AddrPort) bool {
	return a.Addr().Is4() && a.Addr().As4()[0] == 0
}

// Deliver takes a datagram for a virtual peer. It must neither block nor keep p. It
// is called by the owner's goroutine, from Queue, when a Flush follows, and
// otherwise by any.
type Deliver func(p []byte, flushFollows bool)

// NewVirtual gives a Conn virtual addresses. It owns c from then on.
func NewVirtual(c Conn) *Virtual {
	return &Virtual{Conn: c, deliver: map[netip.AddrPort]Deliver{}}
}

// Attach makes a the address of a virtual peer, whose datagrams are given to
// deliver. An address that is taken, or is not virtual, is refused with false.
func (v *Virtual) Attach(a netip.AddrPort, deliver Deliver) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.deliver[a] != nil || !IsVirtual(a) {
		return false
	}
	if v.slab == nil {
		v.slab, v.previous = make([]byte, 0, virtualQueue*MTU), make([]byte, 0, virtualQueue*MTU)
	}
	v.deliver[a] = deliver
	return true
}

// Detach ends an address. Datagrams for it are dropped from now on; one may be on
// its way to deliver still.
func (v *Virtual) Detach(a netip.AddrPort) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.deliver, a)
}

// Inject makes a copy of p a datagram that comes from a virtual address. It may be
// called from any goroutine, does not wait, and reports false when p is dropped:
// too long, or too many are waiting.
func (v *Virtual) Inject(p []byte, from netip.AddrPort) bool {
	v.mu.Lock()
	if len(p) > MTU || len(v.in) == virtualQueue || v.deliver[from] == nil {
		v.lost++
		v.mu.Unlock()
		return false
	}
	start := len(v.slab)
	v.slab = append(v.slab, p...)
	v.in = append(v.in, Datagram{Payload: v.slab[start:len(v.slab):len(v.slab)], From: from})
	first := len(v.in) == 1
	v.mu.Unlock()
	if first {
		v.Conn.Wake()
	}
	return true
}

// Receive is the Conn's, with the datagrams of virtual peers among the others.
func (v *Virtual) Receive(timeout time.Duration) ([]Datagram, error) {
	if !v.turn {
		if batch := v.take(); len(batch) > 0 {
			v.turn = true
			return batch, nil
		}
	}
	if v.turn { // what is waiting here is not held up by a quiet socket
		v.turn = false
		timeout = v.atOnceIf(timeout)
	}
	return v.Conn.Receive(timeout)
}

func (v *Virtual) atOnceIf(timeout time.Duration) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.in) > 0 {
		return 0
	}
	return timeout
}

// take hands over what came in, and the memory of what was handed over before to
// what comes next.
func (v *Virtual) take() []Datagram {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.in) == 0 {
		return nil
	}
	v.handed, v.in = v.in, v.handed[:0]
	v.previous, v.slab = v.slab, v.previous[:0]
	return v.handed
}

// Dest makes the place for packets to one address, virtual or not.
func (v *Virtual) Dest(to netip.AddrPort) *Dest {
	if !IsVirtual(to) {
		return v.Conn.Dest(to)
	}
	return &Dest{addr: to, virtual: true}
}

// Queue sends to a virtual peer at once, in order with what goes to it elsewise.
func (v *Virtual) Queue(n int, to *Dest) {
	if !to.virtual {
		v.Conn.Queue(n, to)
		return
	}
	if n > 0 && n <= MTU {
		v.send(v.Conn.Slot()[:n], to.addr, true)
	}
}

// WriteTo sends one datagram at once.
func (v *Virtual) WriteTo(p []byte, to netip.AddrPort) error {
	if !IsVirtual(to) {
		return v.Conn.WriteTo(p, to)
	}
	v.send(p, to, false)
	return nil
}

func (v *Virtual) send(p []byte, to netip.AddrPort, flushFollows bool) {
	v.mu.Lock()
	deliver := v.deliver[to]
	v.mu.Unlock()
	if deliver != nil {
		deliver(p, flushFollows)
	}
}
