package sfu

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"

	"parley/sfu/socket"
)

// mux shares a shard's socket between its peers' ICE agents. The shard's
// goroutine reads the socket and hands on STUN and DTLS; Pion's goroutines write
// to it directly, past the batch.
type mux struct {
	conn       socket.Conn
	announce   []netip.Addr
	generation atomic.Uint64 // of byAddr

	mu      sync.RWMutex // guards the maps
	byUfrag map[agentKey]*control
	byAddr  map[netip.AddrPort]*control // addresses that an ICE agent has answered, so authenticated
	formers map[string]*former          // by ufrag; the names of transports are guarded as well
}

// agentKey names an ICE agent's connection of one family of addresses.
type agentKey struct {
	ufrag string
	ipv6  bool
}

func newMux(conn socket.Conn, announce []netip.Addr) *mux {
	return &mux{
		conn:     conn,
		announce: announce,
		byUfrag:  map[agentKey]*control{},
		byAddr:   map[netip.AddrPort]*control{},
		formers:  map[string]*former{},
	}
}

// candidates are the addresses that ICE agents are told of: the first announced
// one of each family. The answer names all of them; for an ICE-lite agent with one
// socket those of a family are the same.
func (m *mux) candidates() []net.Addr {
	var list []net.Addr
	for _, ipv6 := range [...]bool{false, true} {
		if a, ok := m.candidate(ipv6); ok {
			list = append(list, a)
		}
	}
	return list
}

func (m *mux) candidate(ipv6 bool) (*net.UDPAddr, bool) {
	for _, a := range m.announce {
		if a.Is6() == ipv6 {
			return net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, m.conn.LocalAddr().Port())), true
		}
	}
	return nil, false
}

// at returns whose validated address a is, or nil.
func (m *mux) at(a netip.AddrPort) *control {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byAddr[a]
}

// stun returns whom a STUN message is for: a request names its receiver's ufrag,
// anything else goes by address.
func (m *mux) stun(b []byte, from netip.AddrPort) *control {
	ufrag := stunReceiver(b)
	m.mu.RLock()
	defer m.mu.RUnlock()
	if ufrag != nil {
		return m.byUfrag[agentKey{string(ufrag), from.Addr().Is6()}]
	}
	return m.byAddr[from]
}

// owns reports whether a is an address that a transport's ICE agent has validated.
func (m *mux) owns(t *transport, a netip.AddrPort) bool {
	c := m.at(a)
	return c != nil && c.transport == t
}

func (m *mux) bind(c *control, a netip.AddrPort) {
	if m.at(a) == c {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byUfrag[c.key] != c {
		return // closed meanwhile
	}
	m.byAddr[a] = c
	m.generation.Add(1)
}

// remove closes an agent's connection. Its addresses stay the peer's: when ICE
// restarts, media go on where they flow until there is a new path.
func (m *mux) remove(c *control) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byUfrag[c.key] == c {
		delete(m.byUfrag, c.key)
	}
}

// forget forgets a peer's addresses and former names.
func (m *mux) forget(t *transport) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for a, c := range m.byAddr {
		if c.transport == t {
			delete(m.byAddr, a)
		}
	}
	for _, f := range t.names.formers {
		m.drop(f, true)
	}
	t.names = names{gone: true}
	m.generation.Add(1)
}

// isRelays reports whether a STUN message is for a relay: it has a method of TURN
// (RFC 8656 §17), or asks for its own address without naming an ICE agent.
func isRelays(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	const classBits, binding, request = 0x0110, 0x0001, 0x0000
	kind := binary.BigEndian.Uint16(b)
	if kind&^classBits != binding {
		return true
	}
	return kind&classBits == request && stunReceiver(b) == nil
}

// stunReceiver returns the receiver's half of the USERNAME of a binding request
// (RFC 8445 §7.2.2), or nil.
func stunReceiver(b []byte) []byte {
	const header, username = 20, 0x0006
	if len(b) < header || b[0] != 0 || b[1] != 1 {
		return nil
	}
	for rest := b[header:]; len(rest) >= 4; {
		kind, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		rest = rest[4:]
		if size > len(rest) {
			return nil
		}
		if kind == username {
			for i, c := range rest[:size] {
				if c == ':' {
					return rest[:i]
				}
			}
			return rest[:size]
		}
		rest = rest[min((size+3)&^3, len(rest)):]
	}
	return nil
}

// peerMux is the mux as one peer's ICE agent sees it.
type peerMux struct {
	*mux
	transport *transport
	keys      *keyLog
}

var _ ice.UDPMux = (*peerMux)(nil)

// GetConn opens the agent's way to the socket under its ufrag, for the family of
// a candidate's address.
func (p *peerMux) GetConn(ufrag string, candidate net.Addr) (net.PacketConn, error) {
	udp, ok := candidate.(*net.UDPAddr)
	if !ok {
		return nil, net.InvalidAddrError("not a UDP address")
	}
	c := &control{
		mux:       p.mux,
		key:       agentKey{ufrag, udp.IP.To4() == nil},
		local:     udp,
		transport: p.transport,
		keys:      p.keys,
		in:        make(chan datagram, controlQueue),
		done:      make(chan struct{}),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.byUfrag[c.key]; old != nil {
		return nil, os.ErrExist
	}
	p.byUfrag[c.key] = c
	return c, nil
}

// RemoveConnByUfrag forgets an agent's connections; it closes them as well.
func (p *peerMux) RemoveConnByUfrag(ufrag string) {
	for _, ipv6 := range [...]bool{false, true} {
		p.mu.RLock()
		c := p.byUfrag[agentKey{ufrag, ipv6}]
		p.mu.RUnlock()
		if c != nil {
			p.remove(c)
		}
	}
}

// GetListenAddresses names the addresses of the agent's candidates.
func (p *peerMux) GetListenAddresses() []net.Addr { return p.candidates() }

// Close does nothing: the socket is the shard's.
func (p *peerMux) Close() error { return nil }

// controlQueue is how many STUN and DTLS datagrams wait for Pion. A handshake's
// flight is a handful.
const controlQueue = 64

type datagram struct {
	data []byte
	from netip.AddrPort
}

// control carries one ICE agent's STUN and DTLS. It is a net.PacketConn for
// Pion, with the address type that spares allocations.
type control struct {
	mux       *mux
	key       agentKey
	local     *net.UDPAddr
	transport *transport
	keys      *keyLog
	in        chan datagram
	done      chan struct{}
	closing   sync.Once
}

var _ ice.AddrPortReaderWriter = (*control)(nil)

// push hands a datagram to Pion. It reports false when the queue is full.
func (c *control) push(b []byte, from netip.AddrPort) bool {
	if random, ok := serverRandom(b); ok {
		c.keys.sawServerHello(random)
	}
	select {
	case c.in <- datagram{data: append([]byte(nil), b...), from: from}:
		return true
	default:
		return false
	}
}

// ReadFromAddrPort waits for the next datagram.
func (c *control) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-c.in:
		return copy(b, p.data), p.from, nil
	case <-c.done:
		return 0, netip.AddrPort{}, io.EOF
	}
}

// WriteToAddrPort sends one datagram at once. An agent writes only to addresses
// that it has authenticated, so a write also makes a known as the peer's.
func (c *control) WriteToAddrPort(b []byte, a netip.AddrPort) (int, error) {
	a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	c.mux.bind(c, a)
	if err := c.mux.conn.WriteTo(b, a); err != nil {
		return 0, err
	}
	return len(b), nil
}

// ReadFrom is ReadFromAddrPort for those who want a net.Addr.
func (c *control) ReadFrom(b []byte) (int, net.Addr, error) {
	n, a, err := c.ReadFromAddrPort(b)
	return n, net.UDPAddrFromAddrPort(a), err
}

// WriteTo is WriteToAddrPort for those who have a net.Addr.
func (c *control) WriteTo(b []byte, a net.Addr) (int, error) {
	udp, ok := a.(*net.UDPAddr)
	if !ok {
		return 0, net.InvalidAddrError("not a UDP address")
	}
	return c.WriteToAddrPort(b, udp.AddrPort())
}

// Close ends reads.
func (c *control) Close() error {
	c.closing.Do(func() {
		close(c.done)
		c.mux.remove(c)
	})
	return nil
}

// LocalAddr is the candidate's address.
func (c *control) LocalAddr() net.Addr { return c.local }

// Deadlines are not used by ICE agents; reads end with Close.

// SetDeadline does nothing.
func (c *control) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (c *control) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing: writes never block.
func (c *control) SetWriteDeadline(time.Time) error { return nil }
