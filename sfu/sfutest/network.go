package sfutest

import (
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5"

	"parley/sfu/sfutest/link"
)

// Path is what one direction of a way does to packets.
type Path = link.Path

// ServerAddr is the address of the network's server host.
var serverAddr = netip.AddrFrom4([4]byte{10, 0, 0, 1})

// Network is a virtual network with one server host and any number of
// browsers. It closes its browsers and itself when the test ends.
type Network struct {
	t      testing.TB
	seed   uint64
	server *host
	wire   *wire
	wg     sync.WaitGroup

	mu       sync.Mutex
	hosts    map[netip.Addr]*host
	browsers []*Browser
	given    int // addresses
}

// NetworkOption changes a Network.
type NetworkOption func(*Network)

// Seed seeds the network's chance. It is 1 unless told otherwise.
func Seed(seed uint64) NetworkOption { return func(n *Network) { n.seed = seed } }

// NewNetwork makes a network for a test. In a bubble it must be made inside.
func NewNetwork(t testing.TB, options ...NetworkOption) *Network {
	t.Helper()
	n := &Network{t: t, seed: 1, hosts: map[netip.Addr]*host{}}
	for _, o := range options {
		o(n)
	}
	n.wire = newWire(n.advance)
	n.given = 1 // the server's
	n.server = n.newHost("server", serverAddr)
	n.wg.Go(n.wire.run)
	t.Cleanup(n.close)
	return n
}

func (n *Network) close() {
	n.mu.Lock()
	browsers := n.browsers
	n.mu.Unlock()
	for _, b := range browsers {
		b.Close()
	}
	n.wire.close()
	n.wg.Wait()
}

// Server is the network as the server host sees it, for sfu.Config.Net.
func (n *Network) Server() transport.Net { return n.server }

// ServerAddr is the server host's address.
func (n *Network) ServerAddr() netip.Addr { return serverAddr }

// Listen opens a UDP socket on the server host.
func (n *Network) Listen(port int) (net.PacketConn, error) {
	return n.server.ListenUDP("udp4", &net.UDPAddr{IP: serverAddr.AsSlice(), Port: port})
}

// SetServerPath changes the server's own way to the world, which every packet
// also goes: towards the world and from it.
func (n *Network) SetServerPath(up, down Path) {
	n.server.up.Set(up)
	n.server.down.Set(down)
}

func (n *Network) newHost(name string, addr netip.Addr) *host {
	h, err := newHost(n, addr)
	if err != nil {
		n.t.Fatalf("add host %s: %v", name, err)
	}
	h.up, h.down = link.New(n.seed, name+" up"), link.New(n.seed, name+" down")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[addr] = h
	return h
}

// nextAddr is an address for one more browser.
func (n *Network) nextAddr() netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.given++
	i := n.given
	return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
}

// send carries a packet over the sender's way up and the receiver's way down.
func (n *Network) send(c *conn, dst netip.AddrPort, p []byte) {
	src, up, ok := c.host.leave(c.local)
	if !ok {
		return
	}
	to, down, ok := n.arrive(dst)
	if !ok {
		return
	}
	f := inFlight{due: time.Now(), to: to, port: dst.Port(), addr: dst.Addr()}
	f.datagram = datagram{from: src, payload: append([]byte(nil), p...)}
	f.ways = [4]*link.Link{up[0], up[1], down[0], down[1]}
	n.advance(f)
}

// arrive finds the host at an address and the ways to it.
func (n *Network) arrive(dst netip.AddrPort) (to *host, down [2]*link.Link, ok bool) {
	n.mu.Lock()
	to = n.hosts[dst.Addr()]
	n.mu.Unlock()
	if to == nil {
		return nil, down, false
	}
	return to, to.waysDown(dst.Addr()), true
}

// advance takes a packet as far as it gets without waiting.
func (n *Network) advance(f inFlight) {
	now := f.due
	for ; f.passed < len(f.ways); f.passed++ {
		way := f.ways[f.passed]
		if way == nil {
			continue
		}
		var ok bool
		if f.due, ok = way.Pass(now, len(f.datagram.payload)); !ok {
			return
		}
		if f.due.After(now) {
			f.passed++
			n.wire.put(f)
			return
		}
	}
	n.mu.Lock()
	alive := n.hosts[f.addr] == f.to
	n.mu.Unlock()
	if alive {
		f.to.deliver(netip.AddrPortFrom(f.addr, f.port), f.datagram)
	}
}

// readdress gives a host another address, and nobody its old one.
func (n *Network) readdress(h *host) error {
	addr := n.nextAddr()
	old, err := h.move(addr)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.hosts, old)
	n.hosts[addr] = h
	return nil
}
