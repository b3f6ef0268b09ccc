//go:build !linux

package socket

import (
	"errors"
	"net/netip"
)

// destBatch is empty where there is no batch implementation.
type destBatch struct{}

// Listen opens a UDP socket on addr. An IPv6 wildcard address is dual stack.
func Listen(addr netip.AddrPort, o Options) (Conn, error) {
	return listenPortable(addr, o.withDefaults())
}

// Ports are for Linux.
type Ports struct{}

// NewPorts returns errors.ErrUnsupported.
func NewPorts() (*Ports, error) { return nil, errors.ErrUnsupported }

// Open is never called.
func (*Ports) Open(func([]byte, netip.AddrPort)) (Port, error) { return nil, errors.ErrUnsupported }

// Receive is never called.
func (*Ports) Receive() error { return ErrClosed }

// Close does nothing.
func (*Ports) Close() error { return nil }
