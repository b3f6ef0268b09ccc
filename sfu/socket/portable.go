package socket

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// receiveSpace leaves room to see that a datagram is longer than MTU.
	receiveSpace = MTU + 1
	// pollWait is the least Receive waits. A net.UDPConn whose deadline has
	// passed does not look at the socket at all.
	pollWait = 50 * time.Microsecond
	// writeWait bounds the writes to a socket whose kernel buffer is full, and
	// writesPerWait is how many writes, none of which waits, surely fit in it.
	writeWait     = 100 * time.Millisecond
	writesPerWait = 16
)

// addrPortConn is what net.UDPConn offers to do without allocations.
type addrPortConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
}

// portable is a Conn on any net.PacketConn.
type portable struct {
	counters
	pc    net.PacketConn
	fast  addrPortConn // nil if pc does not offer it
	local netip.AddrPort

	// Of the owner.
	in    [receiveSpace]byte
	batch [1]Datagram
	portableSender

	mu     sync.Mutex
	woken  bool
	closed bool
}

// portableSender is a Sender on the connection of a portable.
type portableSender struct {
	conn   *portable
	slots  []byte
	queue  []outgoing
	result flushed // of the flushes Queue made by itself
}

// outgoing is a queued datagram: the slot of its index in the queue.
type outgoing struct {
	n  int
	to *Dest
}

// flushed is what became of queued datagrams.
type flushed struct{ sent, dropped int }

// Wrap makes a Conn of any packet connection whose addresses are
// *net.UDPAddr, which it then owns. Receive blocks in ReadFrom with a read
// deadline and in nothing else, so that over a virtual network it blocks
// durably in the sense of testing/synctest.
func Wrap(pc net.PacketConn) Conn {
	c := &portable{pc: pc}
	c.portableSender.init(c)
	c.fast, _ = pc.(addrPortConn)
	if a, ok := pc.LocalAddr().(*net.UDPAddr); ok {
		c.local = unmap(a.AddrPort())
	}
	return c
}

func (s *portableSender) init(c *portable) {
	s.conn, s.slots, s.queue = c, make([]byte, slotCount*MTU), make([]outgoing, 0, slotCount)
}

func (c *portable) NewSender() Sender {
	s := &portableSender{}
	s.init(c)
	return s
}

func (c *portable) Receive(timeout time.Duration) ([]Datagram, error) {
	if done, err := c.beginReceive(timeout); done {
		return nil, err
	}
	n, from, err := c.read()
	if closed := c.endReceive(); closed {
		return nil, ErrClosed
	}
	switch {
	case err == nil:
	case errors.Is(err, io.ErrShortBuffer):
		n = receiveSpace
	case isTimeout(err), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET):
		// Some systems report the ICMP errors of earlier sends here; they say
		// nothing about this socket.
		return nil, nil
	default:
		return nil, fmt.Errorf("receive: %w", err)
	}
	if n > MTU {
		c.truncated.Add(1)
		return nil, nil
	}
	c.received(1, n)
	c.batch[0] = Datagram{Payload: c.in[:n], From: unmap(from)}
	return c.batch[:], nil
}

// beginReceive sets the deadline, unless there is nothing to wait for.
func (c *portable) beginReceive(timeout time.Duration) (done bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return true, ErrClosed
	}
	if c.woken {
		c.woken = false
		return true, nil
	}
	var deadline time.Time
	if timeout >= 0 {
		deadline = time.Now().Add(max(timeout, pollWait))
	}
	if err := c.pc.SetReadDeadline(deadline); err != nil {
		return true, fmt.Errorf("set read deadline: %w", err)
	}
	return false, nil
}

func (c *portable) endReceive() (closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.woken = false
	return c.closed
}

func (c *portable) read() (int, netip.AddrPort, error) {
	if c.fast != nil {
		return c.fast.ReadFromUDPAddrPort(c.in[:])
	}
	n, from, err := c.pc.ReadFrom(c.in[:])
	if a, ok := from.(*net.UDPAddr); ok {
		return n, a.AddrPort(), err
	}
	return n, netip.AddrPort{}, err
}

func (c *portable) Wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.woken || c.closed {
		return
	}
	c.woken = true
	// An error means the connection is closed, which wakes Receive as well.
	_ = c.pc.SetReadDeadline(time.Now())
}

func (s *portableSender) Dest(to netip.AddrPort) *Dest {
	to = unmap(to)
	return &Dest{addr: to, udp: net.UDPAddrFromAddrPort(to)}
}

func (s *portableSender) Slot() []byte {
	i := len(s.queue) * MTU
	return s.slots[i : i+MTU : i+MTU]
}

func (s *portableSender) Queue(n int, to *Dest) {
	if n <= 0 || n > MTU {
		return
	}
	s.queue = append(s.queue, outgoing{n: n, to: to})
	if len(s.queue) == slotCount {
		s.send()
	}
}

func (s *portableSender) Flush() (sent, dropped int) {
	s.send()
	r := s.result
	s.result = flushed{}
	return r.sent, r.dropped
}

// send writes what is queued and adds to the result.
func (s *portableSender) send() {
	if len(s.queue) == 0 {
		return
	}
	c, bytes, sent, full := s.conn, 0, 0, false
	for i, o := range s.queue {
		if !full && i%writesPerWait == 0 {
			c.boundWrites()
		}
		p := s.slots[i*MTU : i*MTU+o.n]
		err := c.write(p, o.to.addr, o.to.udp)
		if !full && isTimeout(err) {
			// Either the buffer is full, or this thread was held up since the
			// deadline was set. The second try tells, and bounds the rest.
			c.boundWrites()
			err = c.write(p, o.to.addr, o.to.udp)
			full = isTimeout(err)
		}
		if err == nil {
			sent++
			bytes += o.n
		}
	}
	dropped := len(s.queue) - sent
	s.queue = s.queue[:0]
	c.sent(sent, bytes)
	c.drops.Add(uint64(dropped))
	s.result.sent += sent
	s.result.dropped += dropped
}

// boundWrites keeps the writes that follow from waiting long. Most systems do
// not block in a UDP write at all, and virtual networks ignore the deadline.
func (c *portable) boundWrites() {
	_ = c.pc.SetWriteDeadline(time.Now().Add(writeWait))
}

func (c *portable) write(p []byte, to netip.AddrPort, udp *net.UDPAddr) error {
	c.sendCalls.Add(1)
	if c.fast != nil {
		_, err := c.fast.WriteToUDPAddrPort(p, to)
		return err
	}
	_, err := c.pc.WriteTo(p, udp)
	return err
}

func (c *portable) WriteTo(p []byte, to netip.AddrPort) error {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return ErrClosed
	}
	to = unmap(to)
	var udp *net.UDPAddr
	if c.fast == nil {
		udp = net.UDPAddrFromAddrPort(to)
	}
	c.boundWrites()
	err := c.write(p, to, udp)
	if err == nil {
		c.sent(1, len(p))
		return nil
	}
	c.drops.Add(1)
	if isTimeout(err) {
		return nil
	}
	return fmt.Errorf("send: %w", err)
}

func (c *portable) LocalAddr() netip.AddrPort { return c.local }

func (c *portable) Stats() Stats { return c.stats() }

func (c *portable) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return c.pc.Close()
}

func isTimeout(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
