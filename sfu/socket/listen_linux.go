package socket

import "net/netip"

// Listen opens a UDP socket on addr. An IPv6 wildcard address is dual stack.
// Its Receive may overrun the timeout by two kernel ticks while nothing
// arrives.
func Listen(addr netip.AddrPort, o Options) (Conn, error) {
	o = o.withDefaults()
	if o.Portable {
		return listenPortable(addr, o)
	}
	return listenBatch(addr, o)
}
