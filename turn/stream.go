package turn

import (
	"bufio"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// backlogSize is how many bytes wait for a connection that is slow to take them.
// More would only be late: it is a second of video.
const backlogSize = 192 << 10

var errJunk = errors.New("turn: not a TURN message")

// stream is the relay on one TCP or TLS connection, with a pion/turn server of its
// own. It hands over one checked message per read.
type stream struct {
	fence
	conn   net.Conn
	from   netip.AddrPort
	source netip.Addr
	r      *bufio.Reader
	opened time.Time
	buf    []byte
	hurry  bool   // there is a deadline for reading
	early  bucket // of messages before there is an allocation
	own    atomic.Pointer[allocation]
	end    sync.Once
	ended  chan struct{}

	wake    chan struct{}
	mu      sync.Mutex
	waiting []byte // for the client
}

// startStream starts the relay on a connection, which it owns.
func startStream(s *Server, conn net.Conn, how transport, from netip.Addr) error {
	c := &stream{
		conn: conn, source: from, from: addrPort(conn.RemoteAddr()), r: bufio.NewReaderSize(conn, 4096),
		opened: now(), buf: make([]byte, maxMessage+8), ended: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	c.fence = fence{
		server: s, local: conn.LocalAddr(), how: how,
		find:   func(netip.AddrPort) *allocation { return c.own.Load() },
		opened: c.enter,
		retire: func(*allocation) { c.shut() },
		out:    func(p []byte, _ netip.AddrPort, _ Write) { c.push(p) },
	}
	if !s.adopt(c) {
		s.dismiss(from, how)
		return ErrClosed
	}
	s.wg.Go(c.writeAll)
	if err := c.serve(c); err != nil {
		c.shut()
		return err
	}
	return nil
}

func (c *stream) enter(a *allocation) { c.own.Store(a) }

// ReadFrom gives pion/turn the next request. Data on bound channels is sent from
// here.
func (c *stream) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		c.finish()
		p, err := c.next()
		if err != nil {
			c.leave(err)
			return 0, nil, net.ErrClosed
		}
		a := c.own.Load()
		switch {
		case isChannelData(p) && a != nil:
			a.carry(p, c.server.clock())
		case isChannelData(p):
			c.server.tally.deny(channelless)
		case !c.mayAsk(a):
			c.server.tally.deny(flood)
			c.shut()
		default:
			n := copy(b, p)
			if c.begin(b[:n], c.from) {
				return n, c.conn.RemoteAddr(), nil
			}
		}
	}
}

func (c *stream) mayAsk(a *allocation) bool {
	if a != nil {
		return true // as fast as the connection takes the answers
	}
	return c.early.take(1, 10, 30, now())
}

// next reads one message. It has until the connection's end for an allocation, or
// as long as it likes once there is one; but a message that has begun must end.
func (c *stream) next() ([]byte, error) {
	if c.r.Buffered() < 4 {
		deadline := c.opened.Add(c.server.cfg.Limits.PreAuth)
		if c.own.Load() != nil {
			deadline = time.Time{}
		}
		if err := c.readBy(deadline); err != nil {
			return nil, err
		}
		if _, err := c.r.Peek(1); err != nil {
			return nil, err
		}
	}
	head, err := c.within(4)
	if err != nil {
		return nil, err
	}
	size, ok := frameSize(head)
	if !ok {
		return nil, errJunk
	}
	p, err := c.within(size)
	if err != nil {
		return nil, err
	}
	n := copy(c.buf, p)
	_, err = c.r.Discard(n)
	return c.buf[:n], err
}

// within waits for n bytes for no longer than a message may take.
func (c *stream) within(n int) ([]byte, error) {
	if c.r.Buffered() < n {
		deadline := now().Add(c.server.cfg.Limits.Frame)
		if c.own.Load() == nil {
			if first := c.opened.Add(c.server.cfg.Limits.PreAuth); first.Before(deadline) {
				deadline = first
			}
		}
		if err := c.readBy(deadline); err != nil {
			return nil, err
		}
	}
	return c.r.Peek(n)
}

// readBy sets the deadline for reading; zero is none. Each that is set costs the
// runtime a timer, and most messages come whole.
func (c *stream) readBy(deadline time.Time) error {
	if deadline.IsZero() && !c.hurry {
		return nil
	}
	c.hurry = !deadline.IsZero()
	return c.conn.SetReadDeadline(deadline)
}

// frameSize is how long a message is that begins with these four bytes, if it may
// be one (RFC 8656 §12.5: on a stream, ChannelData is padded).
func frameSize(head []byte) (int, bool) {
	n := int(binary.BigEndian.Uint16(head[2:]))
	switch {
	case n > maxMessage:
		return 0, false
	case head[0]>>6 == 1:
		return 4 + (n+3)&^3, true
	case head[0] <= 1 && n%4 == 0 && n+headerSize <= maxMessage:
		return headerSize + n, true
	}
	return 0, false
}

// leave ends the connection, and counts why.
func (c *stream) leave(why error) {
	var timed net.Error
	switch {
	case errors.Is(why, errJunk):
		c.server.tally.junk.Add(1)
	case errors.As(why, &timed) && timed.Timeout():
		c.server.tally.deny(timeout)
	}
	c.shut()
	if a := c.own.Load(); a != nil {
		a.end()
	}
}

// push queues a message for the client, or drops it if too much is waiting.
func (c *stream) push(p []byte) {
	c.mu.Lock()
	fits := len(c.waiting)+len(p) <= backlogSize
	if fits {
		c.waiting = append(c.waiting, p...)
	}
	c.mu.Unlock()
	if !fits {
		c.server.tally.deny(backlog)
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// writeAll writes what is waiting, all that there is at a time. What was waiting
// when the connection was shut is still written.
func (c *stream) writeAll() {
	defer c.conn.Close()
	var p []byte
	for open := true; open; {
		select {
		case <-c.wake:
		case <-c.ended:
			open = false
		}
		c.mu.Lock()
		p, c.waiting = c.waiting, p[:0]
		c.mu.Unlock()
		if len(p) == 0 {
			continue
		}
		if c.write(p) != nil {
			break
		}
	}
	c.shut()
}

// write writes messages: over TCP at once, over TLS one by one, since there are
// clients, coturn's for one, that take a TLS record for a message.
func (c *stream) write(p []byte) error {
	if err := c.conn.SetWriteDeadline(now().Add(c.server.cfg.Limits.Frame)); err != nil {
		return err
	}
	for len(p) > 0 {
		n := len(p)
		if c.how == overTLS {
			n, _ = frameSize(p)
		}
		if _, err := c.conn.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// WriteTo sends what pion/turn answers.
func (c *stream) WriteTo(p []byte, to net.Addr) (int, error) {
	c.answer(p, to)
	return len(p), nil
}

// Close ends the connection.
func (c *stream) Close() error {
	c.shut()
	return nil
}

// shut ends the connection without waiting: the goroutine that writes closes it.
func (c *stream) shut() {
	c.end.Do(func() {
		close(c.ended)
		_ = c.conn.SetReadDeadline(time.Unix(1, 0))
		c.server.dismiss(c.source, c.how)
		c.server.release(c)
	})
}

// LocalAddr is the connection's.
func (c *stream) LocalAddr() net.Addr { return c.local }

// SetDeadline is not used by pion/turn.
func (c *stream) SetDeadline(time.Time) error { return nil }

// SetReadDeadline is not used by pion/turn.
func (c *stream) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is not used by pion/turn.
func (c *stream) SetWriteDeadline(time.Time) error { return nil }
