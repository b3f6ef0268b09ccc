package sfu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"parley/sfu/socket"
)

// ErrUnreachable is returned for an address that is not one of the engine's.
var ErrUnreachable = errors.New("sfu: not an address of this engine")

// Media returns the addresses that answers name as candidates, of all shards: all
// that a relayed client needs to reach.
func (e *Engine) Media() []netip.AddrPort {
	var all []netip.AddrPort
	for _, s := range e.shards {
		for _, a := range s.mux.announce {
			all = append(all, netip.AddrPortFrom(a, s.conn.LocalAddr().Port()))
		}
	}
	return all
}

// WriteTo sends one datagram from the first shard's port, which the relay shares.
// It does not wait. It may be called from any goroutine.
func (e *Engine) WriteTo(p []byte, to netip.AddrPort) error {
	return e.shards[0].conn.WriteTo(p, to)
}

// Relayed is a client of the engine within this process: one whose datagrams a
// relay carries. To the engine it is a client like any other. Its methods may be
// called from any goroutine.
type Relayed struct {
	// targets are the engine's addresses. The client reaches each that a shard has
	// from an address of its own, so that what comes back is known to come from
	// there. ICE asks for that (RFC 8445 §7.2.5.2.1): an answer from elsewhere is
	// none. Every shard sees the same ones: were the client told another address than
	// the relay gave it, Chromium would take it for a discovery, and rank it above
	// the direct way.
	targets map[netip.AddrPort]*socket.VirtualPeer
	addr    netip.AddrPort
	closing sync.Once
}

// Deliver takes what the engine sends to a relayed client, from one of Media. It
// must neither block nor keep p, and calls into the engine by nothing but write,
// which is WriteTo at its cheapest: what a shard has for relayed clients goes out
// with the rest of its batch. It is good for the length of the call.
type Deliver = func(p []byte, from netip.AddrPort, write func(p []byte, to netip.AddrPort) error)

// Carry opens the way for a relayed client. Close ends it.
func (e *Engine) Carry(deliver Deliver) (*Relayed, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	e.carried++
	media := e.Media()
	r := &Relayed{targets: make(map[netip.AddrPort]*socket.VirtualPeer, len(media))}
	each := len(media) / len(e.shards)
	for i, target := range media {
		from := virtualAddr(e.carried, i%each)
		s := e.shards[i/each]
		batched := s.out.WriteTo
		peer, ok := s.conn.Attach(from, func(p []byte, flushFollows bool) {
			write := e.WriteTo
			if flushFollows {
				write = batched
			}
			deliver(p, target, write)
		})
		if !ok {
			r.detach()
			return nil, fmt.Errorf("open the way of a relayed client: %v is taken", from)
		}
		if i == 0 {
			r.addr = from
		}
		r.targets[target] = peer
	}
	return r, nil
}

// Out sends in batches from the first shard's port, which the relay shares. It is for
// one goroutine. Each shard has one, the first as well: the slots of its Conn hold
// the very packets that are being relayed.
type Out struct {
	first  *socket.Virtual
	sender socket.Sender // nil until it is needed
	dests  map[netip.AddrPort]*socket.Dest
}

// NewOut makes an Out for a goroutine that is no shard's.
func (e *Engine) NewOut() *Out { return newOut(e.shards[0].conn) }

func newOut(first *socket.Virtual) *Out {
	return &Out{first: first, dests: map[netip.AddrPort]*socket.Dest{}}
}

// maxWays bounds the addresses that an Out remembers.
const maxWays = 4096

// WriteTo sends a copy of p with the next Flush.
func (o *Out) WriteTo(p []byte, to netip.AddrPort) error {
	if len(p) > socket.MTU || socket.IsVirtual(to) {
		return o.first.WriteTo(p, to)
	}
	if o.sender == nil {
		o.sender = o.first.NewSender()
	}
	d := o.dests[to]
	if d == nil {
		if len(o.dests) == maxWays {
			clear(o.dests)
		}
		d = o.sender.Dest(to)
		o.dests[to] = d
	}
	o.sender.Queue(copy(o.sender.Slot(), p), d)
	return nil
}

// Flush sends what was written since the last, and reports how much was dropped.
func (o *Out) Flush() (dropped int) {
	if o.sender != nil {
		_, dropped = o.sender.Flush()
	}
	return dropped
}

// virtualAddr is the address by which the nth relayed client reaches a target of a
// shard. The numbers begin again after sixteen million.
func virtualAddr(n uint32, target int) netip.AddrPort {
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], n%(1<<24-1)+1)
	return netip.AddrPortFrom(netip.AddrFrom4(a), uint16(1+target))
}

// Addr is the address that the engine sees, and tells the client in answers to
// its ICE checks. It is of no network and reaches nobody but this client.
func (r *Relayed) Addr() netip.AddrPort { return r.addr }

// WriteTo sends a copy of p to one of Media. ErrUnreachable tells that to is none
// of them. A datagram for which there is no room is dropped without an error, as
// on any network.
func (r *Relayed) WriteTo(p []byte, to netip.AddrPort) error {
	t, ok := r.targets[to]
	if !ok {
		return ErrUnreachable
	}
	t.Inject(p)
	return nil
}

// Close ends the client's way. The engine notices its silence as anybody's.
func (r *Relayed) Close() error {
	r.closing.Do(r.detach)
	return nil
}

func (r *Relayed) detach() {
	for _, t := range r.targets {
		t.Detach()
	}
}
