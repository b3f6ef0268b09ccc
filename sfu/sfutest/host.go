package sfutest

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/vnet"

	"parley/sfu/sfutest/link"
)

// firstPort is the first port given to a socket that asks for any.
const firstPort = 5000

// rebound is how far a new NAT binding shifts the ports.
const rebound = 1000

// host is one machine on the network. Its interfaces and names are vnet's; its
// UDP sockets are its own, with delays and losses per direction, and without
// the cost of vnet's routers. It is behind a NAT, which lets everybody in and
// keeps ports until rebind.
type host struct {
	network  *Network
	up, down *link.Link
	router   *Router // shared with others, or nil

	mu      sync.Mutex
	machine // what Pion asks for interfaces and names
	addr    netip.Addr
	conns   map[uint16]*conn
	next    uint16
	shift   uint16 // from inner ports to outer ones
	blocked bool
	relay   *relay
}

// machine is a vnet host by another name, so that it is embedded unexported.
type machine = *vnet.Net

func newHost(n *Network, addr netip.Addr) (*host, error) {
	v, err := newMachine(addr)
	if err != nil {
		return nil, err
	}
	return &host{machine: v, network: n, addr: addr, conns: map[uint16]*conn{}, next: firstPort}, nil
}

func newMachine(addrs ...netip.Addr) (machine, error) {
	var texts []string
	for _, a := range addrs {
		texts = append(texts, a.String())
	}
	v, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: texts})
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if err := v.AddAddress("eth0", &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(16, 32)}); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Interfaces are those of the network that the host is on now.
func (h *host) Interfaces() ([]*transport.Interface, error) {
	h.mu.Lock()
	m := h.machine
	h.mu.Unlock()
	return m.Interfaces()
}

// move puts the host on another address. Its open sockets stay bound to the old
// one, and are dead.
func (h *host) move(addr netip.Addr) (old netip.Addr, err error) {
	m, err := newMachine(addr)
	if err != nil {
		return old, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	old, h.addr, h.machine, h.shift = h.addr, addr, m, 0
	return old, nil
}

// rebind gives the host's sockets new outer ports, and nobody the old ones.
func (h *host) rebind() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shift += rebound
}

func (h *host) block(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blocked = on
}

// leave tells whether a socket may send now, as what address, and the ways its
// packets go.
func (h *host) leave(local netip.AddrPort) (src netip.AddrPort, up [2]*link.Link, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.relay.owns(local.Addr()) {
		return local, [2]*link.Link{h.relay.up}, true
	}
	if h.blocked || local.Addr() != h.addr {
		return src, up, false
	}
	up[0] = h.up
	if h.router != nil {
		up[1] = h.router.up
	}
	return netip.AddrPortFrom(h.addr, local.Port()+h.shift), up, true
}

func (h *host) waysDown(to netip.Addr) (down [2]*link.Link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.relay.owns(to) {
		return [2]*link.Link{h.relay.down}
	}
	if h.router != nil {
		down[0] = h.router.down
	}
	down[1] = h.down
	return down
}

// ListenUDP opens a socket of the host.
func (h *host) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	c, err := h.listen(network, local)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: local, Err: err}
	}
	return c, nil
}

// ListenPacket opens a socket of the host.
func (h *host) ListenPacket(network, address string) (net.PacketConn, error) {
	local, err := h.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	return h.ListenUDP(network, local)
}

// DialUDP is not needed by anything that is tested.
func (h *host) DialUDP(string, *net.UDPAddr, *net.UDPAddr) (transport.UDPConn, error) {
	return nil, transport.ErrNotSupported
}

// Dial is not needed by anything that is tested.
func (h *host) Dial(string, string) (net.Conn, error) { return nil, transport.ErrNotSupported }

func (h *host) listen(network string, local *net.UDPAddr) (*conn, error) {
	if network != "udp" && network != "udp4" {
		return nil, fmt.Errorf("this network has no %s", network)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	at, port := h.addr, 0
	if local != nil {
		if a, ok := netip.AddrFromSlice(local.IP); ok && !a.IsUnspecified() && a.Unmap() != h.addr {
			if !h.relay.owns(a.Unmap()) {
				return nil, syscall.EADDRNOTAVAIL
			}
			at = a.Unmap()
		}
		port = local.Port
	}
	if port == 0 {
		for h.conns[h.next] != nil {
			h.next++
		}
		port = int(h.next)
		h.next++
	}
	if port > 65535 {
		return nil, errors.New("no such port")
	}
	if h.conns[uint16(port)] != nil {
		return nil, syscall.EADDRINUSE
	}
	c := newConn(h, netip.AddrPortFrom(at, uint16(port)))
	h.conns[uint16(port)] = c
	return c, nil
}

func (h *host) deliver(to netip.AddrPort, d datagram) {
	h.mu.Lock()
	blocked, port := h.blocked, to.Port()-h.shift
	if h.relay.owns(to.Addr()) {
		blocked, port = false, to.Port()
	}
	c := h.conns[port]
	h.mu.Unlock()
	if c != nil && !blocked && (c.local.Addr() == to.Addr() || !h.relay.owns(to.Addr())) {
		c.put(d)
	}
}

// forget takes away a closed socket, unless its port has gone to another since.
func (h *host) forget(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns[c.local.Port()] == c {
		delete(h.conns, c.local.Port())
	}
}
