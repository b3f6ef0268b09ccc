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
)

// firstPort is the first port given to a socket that asks for any.
const firstPort = 5000

// host is one machine on the network. Its interfaces and names are vnet's; its
// UDP sockets are its own, with delays and losses per direction, and without
// the cost of vnet's routers.
type host struct {
	*vnet.Net
	network  *Network
	addr     netip.Addr
	up, down *direction

	mu    sync.Mutex
	conns map[uint16]*conn
	next  uint16
}

func newHost(n *Network, addr netip.Addr) (*host, error) {
	v, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{addr.String()}})
	if err != nil {
		return nil, err
	}
	if err := v.AddAddress("eth0", &net.IPNet{IP: addr.AsSlice(), Mask: net.CIDRMask(16, 32)}); err != nil {
		return nil, err
	}
	return &host{Net: v, network: n, addr: addr, conns: map[uint16]*conn{}, next: firstPort}, nil
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
	port := 0
	if local != nil {
		if a, ok := netip.AddrFromSlice(local.IP); ok && !a.IsUnspecified() && a.Unmap() != h.addr {
			return nil, syscall.EADDRNOTAVAIL
		}
		port = local.Port
	}
	h.mu.Lock()
	defer h.mu.Unlock()
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
	c := newConn(h, netip.AddrPortFrom(h.addr, uint16(port)))
	h.conns[uint16(port)] = c
	return c, nil
}

func (h *host) deliver(port uint16, d datagram) {
	h.mu.Lock()
	c := h.conns[port]
	h.mu.Unlock()
	if c != nil {
		c.put(d)
	}
}

func (h *host) forget(port uint16) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, port)
}
