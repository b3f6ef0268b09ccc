//go:build !linux

package socket

import "net/netip"

// destBatch is empty where there is no batch implementation.
type destBatch struct{}

// Listen opens a UDP socket on addr. An IPv6 wildcard address is dual stack.
func Listen(addr netip.AddrPort, o Options) (Conn, error) {
	return listenPortable(addr, o.withDefaults())
}
