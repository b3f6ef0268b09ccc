package socket

import "net/netip"

// Port is one of Ports. Its methods may be called from any goroutine.
type Port interface {
	// LocalAddr has the port's number.
	LocalAddr() netip.AddrPort
	// WriteTo sends one datagram and does not wait: what does not fit is dropped.
	WriteTo(p []byte, to netip.AddrPort) error
	// Close frees the port. One call of its receive may be running still. Closing
	// again does nothing.
	Close() error
}
