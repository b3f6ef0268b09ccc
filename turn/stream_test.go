package turn

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestConnectionsThatAreJunkAreClosed(t *testing.T) {
	giant := func(n int) []byte { return []byte{0, 1, byte(n >> 8), byte(n), 0x21, 0x12, 0xa4, 0x42, 19: 0} }
	for name, p := range map[string][]byte{
		"a length that overflows":     giant(65516), // and has pion/turn v3 turn for ever
		"a length that overflows too": giant(65535),
		"a giant message":             giant(1484),
		"a giant channel message":     {0x40, 1, 0xff, 0xff},
		"no multiple of four":         giant(21),
		"HTTP":                        []byte("GET / HTTP/1.1\r\n"),
		"TLS":                         {22, 3, 1, 2, 0, 1},
		"ones":                        bytes.Repeat([]byte{0xff}, 100),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				c, _, closed := r.dial("198.51.100.7:1", clara, false)
				c.send(p)
				synctest.Wait()
				select {
				case <-closed:
				default:
					t.Error("the connection is open")
				}
				want(t, "junk", r.server.Stats().Junk, 1)
				want(t, "connections", r.server.Stats().TCP.Connections, 0)
			})
		})
	}
}

func TestSlowConnectionsAreClosed(t *testing.T) {
	for name, x := range map[string]struct {
		write     func(c *client)
		from, til time.Duration
	}{
		"silent":                                {func(*client) {}, 10 * time.Second, 11 * time.Second},
		"a byte a second":                       {func(c *client) { go c.drip(c.build(allocate, false)) }, 10 * time.Second, 13 * time.Second},
		"only bindings":                         {func(c *client) { go c.drip(c.build(binding, false), c.build(binding, false)) }, 10 * time.Second, 13 * time.Second},
		"half of a packet":                      {func(c *client) { c.allocate(); c.send([]byte{0x40}) }, 10 * time.Second, 11 * time.Second},
		"silent for the life of its allocation": {func(c *client) { c.allocate() }, 594 * time.Second, 601 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, closed := newRig(t).dial("198.51.100.7:1", clara, false)
				start := time.Now()
				x.write(c)
				<-closed
				defer time.Sleep(20 * time.Second) // until the dripping is over
				if d := time.Since(start); d < x.from || d > x.til {
					t.Errorf("it was closed after %v, want %v to %v", d, x.from, x.til)
				}
			})
		})
	}
}

func (c *client) drip(all ...[]byte) {
	for i, b := range bytes.Join(all, nil) {
		if i > 15 {
			return
		}
		c.send([]byte{b})
		time.Sleep(time.Second)
	}
}

func TestAConnectionThatDoesNotReadDoesNotHoldUpAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ours, theirs := net.Pipe() // which nobody reads once there is an allocation
		c := r.client("198.51.100.7:1", clara)
		r.server.admit(pipe{theirs, net.TCPAddrFromAddrPort(c.from), false})
		stop := make(chan struct{})
		go func() {
			for buf := make([]byte, 4096); ; {
				n, err := ours.Read(buf)
				if err != nil {
					return
				}
				select {
				case c.in <- bytes.Clone(buf[:n]):
				case <-stop:
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		c.send = func(p []byte) { ours.Write(p) }
		want(t, "Allocate", c.allocate(), 0)
		want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
		close(stop)
		start := time.Now()
		for range 1000 {
			r.media.carried[0].deliver(make([]byte, 1000), mediaAddr)
		}
		want(t, "time that deliveries took", time.Since(start), 0)
		if n := r.server.Stats().Denied[DenyBacklog]; n < 550 {
			t.Errorf("%d packets were dropped; all the others wait in memory", n)
		}
		time.Sleep(11 * time.Second)
		want(t, "connections", r.server.Stats().TCP.Connections, 0)
		ours.Close()
	})
}

func TestConnectionsAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Limits.Connections, c.Limits.ConnectionsPerAddr = 5, 3 })
		for i := range 10 {
			r.dial(fmt.Sprintf("198.51.100.7:%d", i+1), clara, false)
		}
		want(t, "of one address", r.server.Stats().TCP.Connections, 3)
		for i := range 10 {
			r.dial(fmt.Sprintf("198.51.100.%d:1", i+10), clara, true)
		}
		want(t, "in all", r.server.Stats().TLS.Connections, 2)
		want(t, "denied", r.server.Stats().Denied[DenyConnections], 15)
		time.Sleep(11 * time.Second)
		want(t, "after the deadline", r.server.Stats().TCP.Connections, 0)
		r.dial("198.51.100.7:1", clara, false)
		want(t, "and again", r.server.Stats().TCP.Connections, 1)
	})
}

// There are clients that take a TLS record for a message.
func TestOverTLSAMessageIsARecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe() // one read of which is one write
		s := &stream{fence: fence{server: newRig(t).server, how: overTLS}, conn: theirs}
		frame := append(onChannel(0x4001, "packet"), 0, 0)
		go s.write(bytes.Repeat(frame, 3))
		for range 3 {
			buf := make([]byte, 100)
			n, _ := ours.Read(buf)
			want(t, "a record", string(buf[:n]), string(frame))
		}
	})
}

// failing is a listener that fails some times.
type failing struct {
	conns chan net.Conn
	fails int
	once  sync.Once
}

func (f *failing) Accept() (net.Conn, error) {
	if f.fails > 0 {
		f.fails--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	if c, ok := <-f.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (f *failing) Close() error   { f.once.Do(func() { close(f.conns) }); return nil }
func (f *failing) Addr() net.Addr { return nil }

func TestAListenerSurvivesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		l := &failing{conns: make(chan net.Conn), fails: 20}
		served := make(chan error, 1)
		go func() { served <- r.server.Serve(l) }()
		ours, theirs := net.Pipe()
		l.conns <- pipe{theirs, net.TCPAddrFromAddrPort(serverAddr), false}
		synctest.Wait()
		want(t, "connections", r.server.Stats().TCP.Connections, 1)
		r.server.Close()
		want(t, "Serve", <-served, nil)
		want(t, "Serve when closed", errors.Is(r.server.Serve(&failing{conns: make(chan net.Conn)}), ErrClosed), true)
		ours.Close()
	})
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte{0x40, 1, 0, 3, 1, 2, 3, 0, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	junk := make([]byte, 100)
	rand.Read(junk)
	f.Add(junk)
	f.Fuzz(func(t *testing.T, p []byte) {
		for len(p) >= 4 {
			n, ok := frameSize(p)
			if !ok {
				return
			}
			if n < 4 || n > maxMessage+8 || n%4 != 0 {
				t.Fatalf("a frame of %d bytes", n)
			}
			p = p[min(n, len(p)):]
		}
	})
}
