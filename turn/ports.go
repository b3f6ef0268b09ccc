package turn

import (
	"net"
	"net/netip"
	"sync"
)

// Ports opens UDP ports by which peers are reached.
type Ports interface {
	// Open opens a free port on all IPv4 addresses. What comes there is given to
	// deliver as by Media; a nil write stands for that of Packets.
	Open(deliver func(p []byte, from netip.AddrPort, write Write)) (Port, error)
}

// Port is an open port. Any goroutine may call its methods, and Close more than
// once; one call of deliver may still be running after it.
type Port interface {
	LocalAddr() netip.AddrPort
	WriteTo(p []byte, to netip.AddrPort) error
	Close() error
}

// ownPorts are ports each of which has a goroutine that reads it.
type ownPorts struct{ readers *sync.WaitGroup }

func (o ownPorts) Open(deliver func(p []byte, from netip.AddrPort, write Write)) (Port, error) {
	c, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil, err
	}
	o.readers.Go(func() {
		buf := make([]byte, maxMessage+1)
		for {
			n, from, err := c.ReadFromUDPAddrPort(buf)
			switch {
			case err == nil:
				deliver(buf[:n], unmap(from), nil)
			case isClosed(err):
				return
			}
		}
	})
	return ownPort{c}, nil
}

type ownPort struct{ *net.UDPConn }

func (o ownPort) LocalAddr() netip.AddrPort { return addrPort(o.UDPConn.LocalAddr()) }

func (o ownPort) WriteTo(p []byte, to netip.AddrPort) error {
	_, err := o.WriteToUDPAddrPort(p, to)
	return err
}
