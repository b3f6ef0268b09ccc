package sfutest

import (
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5"
)

// Path is one direction of the way between a host and the rest of the world.
type Path struct {
	Delay  time.Duration
	Jitter time.Duration // added to the delay at random; it delays, and does not reorder
	Loss   float64       // share of the packets lost at random, 0 to 1
}

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
}

// NetworkOption changes a Network.
type NetworkOption func(*Network)

// Seed seeds the network's chance. It is 1 unless told otherwise.
func Seed(seed uint64) NetworkOption { return func(n *Network) { n.seed = seed } }

// NewNetwork makes a network for a test. In a bubble it must be made inside.
func NewNetwork(t testing.TB, options ...NetworkOption) *Network {
	t.Helper()
	n := &Network{t: t, seed: 1, wire: newWire(), hosts: map[netip.Addr]*host{}}
	for _, o := range options {
		o(n)
	}
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
	n.server.up.set(up)
	n.server.down.set(down)
}

func (n *Network) newHost(name string, addr netip.Addr) *host {
	h, err := newHost(n, addr)
	if err != nil {
		n.t.Fatalf("add host %s: %v", name, err)
	}
	h.up, h.down = newDirection(n.seed, name+" up"), newDirection(n.seed, name+" down")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[addr] = h
	return h
}

// nextAddr is an address for one more browser.
func (n *Network) nextAddr() netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := len(n.hosts) + 1
	return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
}

// send carries a packet over the sender's way up and the receiver's way down.
func (n *Network) send(from *host, src, dst netip.AddrPort, p []byte) {
	n.mu.Lock()
	to := n.hosts[dst.Addr()]
	n.mu.Unlock()
	if to == nil {
		return
	}
	now := time.Now()
	due, ok := from.up.pass(now)
	if !ok {
		return
	}
	if due, ok = to.down.pass(due); !ok {
		return
	}
	d := datagram{from: src, payload: append([]byte(nil), p...)}
	if !due.After(now) {
		to.deliver(dst.Port(), d)
		return
	}
	n.wire.put(inFlight{due: due, to: to, port: dst.Port(), datagram: d})
}

// direction is a Path in use.
type direction struct {
	mu       sync.Mutex
	path     Path
	chance   *rand.Rand
	last     time.Time // when the packet before arrives
	sent     uint64
	lost     uint64
	lostNext int
}

func newDirection(seed uint64, name string) *direction {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &direction{chance: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

func (d *direction) set(p Path) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.path = p
}

// pass takes a packet that enters at a time and tells when it leaves, or that
// it is lost.
func (d *direction) pass(at time.Time) (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sent++
	if d.lostNext > 0 {
		d.lostNext--
		d.lost++
		return time.Time{}, false
	}
	if d.path.Loss > 0 && d.chance.Float64() < d.path.Loss {
		d.lost++
		return time.Time{}, false
	}
	at = at.Add(d.path.Delay)
	if d.path.Jitter > 0 {
		at = at.Add(time.Duration(d.chance.Int64N(int64(d.path.Jitter))))
	}
	if at.Before(d.last) {
		at = d.last
	}
	d.last = at
	return at, true
}

func (d *direction) counts() (sent, lost uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sent, d.lost
}

func (d *direction) loseNext(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lostNext = n
}
