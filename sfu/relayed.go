package sfu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
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
	targets map[netip.AddrPort]relayTarget
	addr    netip.AddrPort
	closing sync.Once
}

// relayTarget is one of the engine's addresses as a relayed client reaches it: by
// an address of its own for each, so that what comes back is known to come from
// there. ICE asks for that (RFC 8445 §7.2.5.2.1): an answer from elsewhere is none.
type relayTarget struct {
	shard *shard
	from  netip.AddrPort
}

// Carry opens the way for a relayed client. What the engine sends to it, from one
// of Media, is given to deliver, which must neither block nor keep it, and must
// not call into the engine but for WriteTo. Close ends it.
func (e *Engine) Carry(deliver func(p []byte, from netip.AddrPort)) (*Relayed, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	e.carried++
	media := e.Media()
	r := &Relayed{targets: make(map[netip.AddrPort]relayTarget, len(media))}
	for i, target := range media {
		from := virtualAddr(e.carried, i)
		s := e.shards[i*len(e.shards)/len(media)]
		if !s.conn.Attach(from, func(p []byte) { deliver(p, target) }) {
			r.detach()
			return nil, fmt.Errorf("open the way of a relayed client: %v is taken", from)
		}
		if i == 0 {
			r.addr = from
		}
		r.targets[target] = relayTarget{shard: s, from: from}
	}
	return r, nil
}

// virtualAddr is the address by which the nth relayed client reaches a target. The
// numbers begin again after sixteen million.
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
	t.shard.conn.Inject(p, t.from)
	return nil
}

// Close ends the client's way. The engine notices its silence as anybody's.
func (r *Relayed) Close() error {
	r.closing.Do(r.detach)
	return nil
}

func (r *Relayed) detach() {
	for _, t := range r.targets {
		t.shard.conn.Detach(t.from)
	}
}
