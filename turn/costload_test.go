package turn

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	pion "github.com/pion/turn/v3"

	"parley/sfu/socket"
)

// costLoad is the clients of a server that is measured.
type costLoad struct {
	sent, back atomic.Int64
	at         netip.AddrPort
	conns      []*costConn
	relays     []net.PacketConn
	clients    []*pion.Client
	closed     chan struct{}
	polling    sync.WaitGroup
}

// costConn is a client's socket. It is polled: on loopback a reader that waits is
// woken by whoever sends, at the sender's cost, which on a network is nobody's.
type costConn struct {
	socket.Conn
	answers chan socket.Datagram // for pion's client, which is slow with data
}

func (c *costConn) ReadFrom(b []byte) (int, net.Addr, error) {
	d, ok := <-c.answers
	if !ok {
		return 0, nil, net.ErrClosed
	}
	return copy(b, d.Payload), udpAddr(d.From), nil
}

func (c *costConn) WriteTo(b []byte, to net.Addr) (int, error) {
	return len(b), c.Conn.WriteTo(b, addrPort(to))
}

func (c *costConn) LocalAddr() net.Addr              { return udpAddr(c.Conn.LocalAddr()) }
func (c *costConn) SetDeadline(time.Time) error      { return nil }
func (c *costConn) SetReadDeadline(time.Time) error  { return nil }
func (c *costConn) SetWriteDeadline(time.Time) error { return nil }

func newCostLoad(t *testing.T, clients int, at, user, password string, peer netip.AddrPort) *costLoad {
	l := &costLoad{at: netip.MustParseAddrPort(at), closed: make(chan struct{})}
	for range clients {
		conn, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"), socket.Options{})
		if err != nil {
			t.Fatal(err)
		}
		l.conns = append(l.conns, &costConn{conn, make(chan socket.Datagram, 16)})
	}
	l.polling.Go(l.poll)
	for _, conn := range l.conns {
		c, err := pion.NewClient(&pion.ClientConfig{
			TURNServerAddr: at, Conn: conn, Username: user, Password: password, Realm: "parley", LoggerFactory: silent{},
		})
		if err == nil {
			err = c.Listen()
		}
		if err != nil {
			t.Fatal(err)
		}
		relay, err := c.Allocate()
		if err != nil {
			t.Fatalf("allocate at %s: %v", at, err)
		}
		l.clients, l.relays = append(l.clients, c), append(l.relays, relay)
		if _, err := relay.WriteTo([]byte("bind"), udpAddr(peer)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Second) // until the channels are bound
	return l
}

func (l *costLoad) poll() {
	for every := time.NewTicker(2 * time.Millisecond); ; {
		select {
		case <-l.closed:
			return
		case <-every.C:
		}
		for _, c := range l.conns {
			batch, _ := c.Receive(0)
			for _, d := range batch {
				if isChannelData(d.Payload) {
					l.back.Add(1)
				} else {
					c.answers <- socket.Datagram{Payload: slices.Clone(d.Payload), From: d.From}
				}
			}
		}
	}
}

// run sends for a time. The clients take turns, so that they do not send at once.
func (l *costLoad) run(d time.Duration) {
	p := onChannel(0x4000, string(make([]byte, costSize))) // the client's first channel
	start := time.Now()
	for n := 0; time.Since(start) < d; time.Sleep(time.Millisecond) {
		for ; n < int(time.Since(start).Seconds()*costRate*float64(len(l.conns))); n++ {
			if l.conns[n%len(l.conns)].Conn.WriteTo(p, l.at) == nil {
				l.sent.Add(1)
			}
		}
	}
}

func (l *costLoad) close() {
	for i := range l.relays {
		l.relays[i].Close()
		l.clients[i].Close()
	}
	close(l.closed)
	l.polling.Wait()
	for _, c := range l.conns {
		close(c.answers)
		c.Conn.Close()
	}
}

// costPeer sends back what it gets, in batches.
func costPeer(t *testing.T) netip.AddrPort {
	conn, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"), socket.Options{Gather: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		dests := map[netip.AddrPort]*socket.Dest{}
		for {
			batch, err := conn.Receive(time.Second)
			if err != nil {
				return
			}
			for _, d := range batch {
				if dests[d.From] == nil {
					dests[d.From] = conn.Dest(d.From)
				}
				conn.Queue(copy(conn.Slot(), d.Payload), dests[d.From])
			}
			conn.Flush()
		}
	})
	t.Cleanup(func() { conn.Close(); running.Wait() })
	return conn.LocalAddr()
}
