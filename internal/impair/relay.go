// Package impair is a UDP relay with chosen faults, for tests with real
// browsers: the kernel cannot be asked for loss or delay without privileges.
//
// A relay stands before one server. A browser is led to it by the candidate in
// the server's answer: whoever carries the answer to the page, such as a test
// that sits on its WebSocket, puts the relay's address in its place with
// Rewrite. The server needs no switch for it: it is ICE-lite, and takes a
// browser to be where its checks come from.
package impair

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"parley/sfu/sfutest/link"
)

// maxDatagram is more than any packet of media.
const maxDatagram = 2048

// Config is what a Relay needs to know.
type Config struct {
	Listen netip.AddrPort // where browsers send to; port 0 is any
	Server netip.AddrPort // where that goes
	Seed   uint64         // of chance
}

// Relay carries datagrams between browsers and a server, as its paths allow.
// All that goes through it shares one link in each direction. Its methods may be
// called from any goroutine.
type Relay struct {
	server   netip.AddrPort
	front    *net.UDPConn
	up, down *link.Link
	queue    *queue
	wg       sync.WaitGroup

	mu      sync.Mutex
	flows   map[netip.AddrPort]*flow // by the browser's address
	dead    map[netip.AddrPort]bool  // browsers' addresses that were stranded
	blocked bool
	closed  bool
}

// flow is one browser's address, and the socket that speaks for it.
type flow struct {
	client netip.AddrPort
	back   *net.UDPConn
}

// Listen starts a relay. Close ends it.
func Listen(c Config) (*Relay, error) {
	front, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.Listen))
	if err != nil {
		return nil, fmt.Errorf("listen for browsers: %w", err)
	}
	r := &Relay{
		server: c.Server, front: front, flows: map[netip.AddrPort]*flow{}, dead: map[netip.AddrPort]bool{}, queue: newQueue(),
		up: link.New(c.Seed, "up"), down: link.New(c.Seed, "down"),
	}
	r.wg.Go(r.queue.run)
	r.wg.Go(r.readFront)
	return r, nil
}

// Addr is where browsers are to send.
func (r *Relay) Addr() netip.AddrPort { return r.front.LocalAddr().(*net.UDPAddr).AddrPort() }

// SetPath changes what happens to packets from browsers (up) and to them.
func (r *Relay) SetPath(up, down link.Path) {
	r.up.Set(up)
	r.down.Set(down)
}

// Blackout lets nothing through for d.
func (r *Relay) Blackout(d time.Duration) {
	until := time.Now().Add(d)
	r.up.Blackout(until)
	r.down.Blackout(until)
}

// Block lets nothing through until it is told otherwise.
func (r *Relay) Block(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocked = on
}

// Rebind forgets where everybody's packets came out, as a NAT does: to the
// server they come from new addresses from now on, and the old ones are dead.
func (r *Relay) Rebind() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
}

// Strand lets nothing more through from and to the addresses that browsers send
// from now, as when their machines have moved to another network: what they open
// from now on passes.
func (r *Relay) Strand() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for client := range r.flows {
		r.dead[client] = true
	}
	r.forget()
}

// forget ends all flows. The caller holds mu.
func (r *Relay) forget() {
	for _, f := range r.flows {
		_ = f.back.Close()
	}
	clear(r.flows)
}

// Links are the two directions, for their counts.
func (r *Relay) Links() (up, down *link.Link) { return r.up, r.down }

// Close ends the relay and waits for it.
func (r *Relay) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	err := r.front.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil // by an earlier Close
	}
	r.Rebind()
	r.queue.close()
	r.wg.Wait()
	return err
}

func (r *Relay) readFront() {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := r.front.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // the kernel tells of a browser that is gone
		}
		if f := r.flow(from); f != nil {
			r.pass(r.up, buffer[:n], func(p []byte) { _, _ = f.back.Write(p) })
		}
	}
}

// flow is the flow of a browser's address, made at its first packet; nil where
// nothing may pass.
func (r *Relay) flow(from netip.AddrPort) *flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.blocked || r.closed || r.dead[from] {
		return nil
	}
	if f := r.flows[from]; f != nil {
		return f
	}
	back, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.server))
	if err != nil {
		return nil // as if lost
	}
	f := &flow{client: from, back: back}
	r.flows[from] = f
	r.wg.Go(func() { r.readBack(f) })
	return f
}

func (r *Relay) readBack(f *flow) {
	buffer := make([]byte, maxDatagram)
	for {
		n, err := f.back.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || r.isBlocked() {
			continue
		}
		r.pass(r.down, buffer[:n], func(p []byte) { _, _ = r.front.WriteToUDPAddrPort(p, f.client) })
	}
}

func (r *Relay) isBlocked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.blocked
}

// pass sends a datagram on when its link lets it out.
func (r *Relay) pass(l *link.Link, p []byte, send func([]byte)) {
	if due, ok := l.Pass(time.Now(), len(p)); ok {
		r.queue.put(due, append([]byte(nil), p...), send)
	}
}
