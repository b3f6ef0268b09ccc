package socket

import (
	"fmt"
	"net"
	"net/netip"
)

// listenPortable is Listen on the standard library's socket.
func listenPortable(addr netip.AddrPort, o Options) (Conn, error) {
	network := "udp4"
	if addr.Addr().Is6() && !addr.Addr().Is4In6() {
		network = "udp6"
		if addr.Addr().IsUnspecified() {
			network = "udp" // dual stack
		}
	}
	pc, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(unmap(addr)))
	if err != nil {
		return nil, fmt.Errorf("listen on %v: %w", addr, err)
	}
	// The system may grant less than what is asked for; that is no fault.
	_ = pc.SetReadBuffer(o.ReceiveBuffer)
	_ = pc.SetWriteBuffer(o.SendBuffer)
	return Wrap(pc), nil
}
