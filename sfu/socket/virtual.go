package socket

import (
	"net/netip"
	"sync"
	"sync/atomic"
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
	peers    map[netip.AddrPort]*VirtualPeer
	slab     []byte // of the datagrams that came in since the last Receive
	in       []Datagram
	lost     uint64
	handed   []Datagram // to the owner, until the next Receive
	previous []byte     // what they lie in
	waiting  bool       // the owner is about to wait for the Conn, or does
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

// VirtualPeer is a peer in this process. Its methods may be called from any
// goroutine.
type VirtualPeer struct {
	of      *Virtual
	addr    netip.AddrPort
	deliver Deliver
	gone    atomic.Bool
}

// NewVirtual gives a Conn virtual addresses. It owns c from then on.
func NewVirtual(c Conn) *Virtual {
	return &Virtual{Conn: c, peers: map[netip.AddrPort]*VirtualPeer{}}
}

// Attach makes a the address of a virtual peer, whose datagrams are given to
// deliver. An address that is taken, or is not virtual, is refused with false.
func (v *Virtual) Attach(a netip.AddrPort, deliver Deliver) (*VirtualPeer, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.peers[a] != nil || !IsVirtual(a) {
		return nil, false
	}
	if v.slab == nil {
		v.slab, v.previous = make([]byte, 0, virtualQueue*MTU), make([]byte, 0, virtualQueue*MTU)
	}
	p := &VirtualPeer{of: v, addr: a, deliver: deliver}
	v.peers[a] = p
	return p, true
}

// Detach frees the peer's address. Datagrams for it are dropped from now on; one
// may be on its way to deliver still.
func (p *VirtualPeer) Detach() {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if !p.gone.Swap(true) {
		delete(p.of.peers, p.addr)
	}
}

// Inject makes a copy of b a datagram that comes from the peer. It does not wait,
// and reports false when b is dropped: too long, or too many are waiting.
func (p *VirtualPeer) Inject(b []byte) bool {
	v := p.of
	v.mu.Lock()
	if len(b) > MTU || len(v.in) == virtualQueue || p.gone.Load() {
		v.lost++
		v.mu.Unlock()
		return false
	}
	start := len(v.slab)
	v.slab = append(v.slab, b...)
	v.in = append(v.in, Datagram{Payload: v.slab[start:len(v.slab):len(v.slab)], From: p.addr})
	wake := v.waiting && len(v.in) == 1 // otherwise the owner looks before it waits
	v.mu.Unlock()
	if wake {
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
	v.turn = false
	if v.wait(true) { // what is waiting here is not held up by a quiet socket
		timeout = 0
	}
	defer v.wait(false)
	return v.Conn.Receive(timeout)
}

// wait sets whether the owner waits, and reports whether there is anything here.
func (v *Virtual) wait(waiting bool) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.waiting = waiting
	return len(v.in) > 0
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

// Dest makes the place for packets to one address, virtual or not. That of a
// virtual peer is the peer's who has the address now.
func (v *Virtual) Dest(to netip.AddrPort) *Dest {
	if !IsVirtual(to) {
		return v.Conn.Dest(to)
	}
	return &Dest{addr: to, virtual: true, peer: v.peer(to)}
}

// Queue sends to a virtual peer at once, in order with what goes to it elsewise.
func (v *Virtual) Queue(n int, to *Dest) {
	if !to.virtual {
		v.Conn.Queue(n, to)
		return
	}
	if n > 0 && n <= MTU {
		to.peer.send(v.Conn.Slot()[:n], true)
	}
}

// WriteTo sends one datagram at once.
func (v *Virtual) WriteTo(p []byte, to netip.AddrPort) error {
	if !IsVirtual(to) {
		return v.Conn.WriteTo(p, to)
	}
	v.peer(to).send(p, false)
	return nil
}

func (v *Virtual) peer(a netip.AddrPort) *VirtualPeer {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.peers[a]
}

// send delivers a datagram, unless there is no such peer.
func (p *VirtualPeer) send(b []byte, flushFollows bool) {
	if p != nil && !p.gone.Load() {
		p.deliver(b, flushFollows)
	}
}
