package socket

import "net/netip"

// destBatch is the raw address of a Dest.
type destBatch struct{}

// Listen opens a UDP socket on addr. An IPv6 wildcard address is dual stack.
func Listen(addr netip.AddrPort, o Options) (Conn, error) {
	return listenPortable(addr, o.withDefaults())
}
