package sfutest

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/pion/transport/v5"
)

// receiveQueue is how many packets a socket holds for its reader.
const receiveQueue = 1024

// datagram is a packet as it arrives.
type datagram struct {
	from    netip.AddrPort
	payload []byte
}

// conn is a UDP socket of a host, for one reader at a time. A read blocks on
// channels alone, and so durably in the sense of testing/synctest.
type conn struct {
	host  *host
	local netip.AddrPort
	addr  *net.UDPAddr // local, as the interfaces want it
	in    chan datagram
	done  chan struct{}
	once  sync.Once
	timer *time.Timer // runs out at the read deadline

	mu       sync.Mutex
	deadline time.Time
}

func newConn(h *host, local netip.AddrPort) *conn {
	c := &conn{
		host: h, local: local, addr: net.UDPAddrFromAddrPort(local),
		in: make(chan datagram, receiveQueue), done: make(chan struct{}),
		timer: time.NewTimer(time.Hour),
	}
	c.timer.Stop()
	return c
}

// put hands over an arrived packet, or drops it as a full socket does.
func (c *conn) put(d datagram) {
	select {
	case c.in <- d:
	default:
	}
}

// ReadFromUDPAddrPort is as that of net.UDPConn.
func (c *conn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		if c.expired() {
			return 0, netip.AddrPort{}, c.opError("read", os.ErrDeadlineExceeded)
		}
		select {
		case d := <-c.in:
			return copy(b, d.payload), d.from, nil
		case <-c.done:
			return 0, netip.AddrPort{}, c.opError("read", net.ErrClosed)
		case <-c.timer.C: // look at the deadline again
		}
	}
}

func (c *conn) expired() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.deadline.IsZero() && !time.Now().Before(c.deadline)
}

// WriteToUDPAddrPort is as that of net.UDPConn. It never blocks.
func (c *conn) WriteToUDPAddrPort(p []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.done:
		return 0, c.opError("write", net.ErrClosed)
	default:
	}
	c.host.network.send(c, netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), p)
	return len(p), nil
}

// ReadFromAddrPort is what Pion's ICE agent uses where it can.
func (c *conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	return c.ReadFromUDPAddrPort(b)
}

// WriteToAddrPort is what Pion's ICE agent uses where it can.
func (c *conn) WriteToAddrPort(p []byte, to netip.AddrPort) (int, error) {
	return c.WriteToUDPAddrPort(p, to)
}

func (c *conn) ReadFrom(b []byte) (int, net.Addr, error) { return c.ReadFromUDP(b) }

func (c *conn) ReadFromUDP(b []byte) (int, *net.UDPAddr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

func (c *conn) WriteTo(p []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, c.opError("write", transport.ErrNotUDPAddress)
	}
	return c.WriteToUDP(p, a)
}

func (c *conn) WriteToUDP(p []byte, to *net.UDPAddr) (int, error) {
	return c.WriteToUDPAddrPort(p, to.AddrPort())
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	if t.IsZero() {
		c.timer.Stop()
	} else {
		c.timer.Reset(time.Until(t))
	}
	return nil
}

func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

func (c *conn) SetWriteDeadline(time.Time) error { return nil }

func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.done)
		c.host.forget(c)
	})
	return nil
}

func (c *conn) LocalAddr() net.Addr      { return c.addr }
func (c *conn) RemoteAddr() net.Addr     { return nil }
func (c *conn) SetReadBuffer(int) error  { return nil }
func (c *conn) SetWriteBuffer(int) error { return nil }

func (c *conn) Read(b []byte) (int, error) {
	n, _, err := c.ReadFromUDPAddrPort(b)
	return n, err
}

func (c *conn) Write([]byte) (int, error) { return 0, c.opError("write", transport.ErrNotSupported) }

func (c *conn) ReadMsgUDP([]byte, []byte) (n, oobn, flags int, addr *net.UDPAddr, err error) {
	return 0, 0, 0, nil, transport.ErrNotSupported
}

func (c *conn) WriteMsgUDP([]byte, []byte, *net.UDPAddr) (n, oobn int, err error) {
	return 0, 0, transport.ErrNotSupported
}

func (c *conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Addr: c.addr, Err: err}
}
