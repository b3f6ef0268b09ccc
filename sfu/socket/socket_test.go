package socket

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// implementations are the ways Listen can go, each of which must keep the
// contract of Conn.
var implementations = []struct {
	name    string
	options Options
}{
	{"system", Options{}},
	{"without trains", Options{NoGSO: true}},
	{"portable", Options{Portable: true}},
}

func eachImplementation(t *testing.T, f func(t *testing.T, o Options)) {
	for _, i := range implementations {
		t.Run(i.name, func(t *testing.T) { f(t, i.options) })
	}
}

func listen(t testing.TB, addr netip.AddrPort, o Options) Conn {
	t.Helper()
	c, err := Listen(addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return c
}

// viewer is a socket of the standard library at the other end.
func viewer(t testing.TB, network, addr string) (*net.UDPConn, netip.AddrPort) {
	t.Helper()
	a, err := net.ResolveUDPAddr(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.ListenUDP(network, a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetReadBuffer(8 << 20); err != nil {
		t.Fatal(err)
	}
	return c, unmap(c.LocalAddr().(*net.UDPAddr).AddrPort())
}

func read(t testing.TB, c *net.UDPConn) ([]byte, netip.AddrPort) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2*MTU)
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n], unmap(from)
}

// receive waits for at least one datagram.
func receive(t testing.TB, c Conn) []Datagram {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		ds, err := c.Receive(time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(ds) > 0 {
			return ds
		}
	}
	t.Fatal("nothing received in 5 s")
	return nil
}

// payload is n bytes that tell which they are.
func payload(b []byte, seed uint32, n int) []byte {
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	b = b[:n]
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	if n >= 4 {
		binary.BigEndian.PutUint32(b, seed)
	}
	return b
}

func TestADatagramArrivesWithItsSender(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		for _, tt := range []struct{ name, listen, network, viewer string }{
			{"IPv4", "127.0.0.1:0", "udp4", "127.0.0.1:0"},
			{"IPv6", "[::1]:0", "udp6", "[::1]:0"},
			{"IPv4 wildcard", "0.0.0.0:0", "udp4", "127.0.0.1:0"},
			{"dual stack, IPv4", "[::]:0", "udp4", "127.0.0.1:0"},
			{"dual stack, IPv6", "[::]:0", "udp6", "[::1]:0"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				c := listen(t, netip.MustParseAddrPort(tt.listen), o)
				v, addr := viewer(t, tt.network, tt.viewer)
				to := netip.AddrPortFrom(addr.Addr(), c.LocalAddr().Port())
				if _, err := v.WriteToUDPAddrPort([]byte("question"), to); err != nil {
					t.Fatal(err)
				}
				got := receive(t, c)[0]
				if string(got.Payload) != "question" || got.From != addr {
					t.Fatalf("received %q from %v, want %q from %v", got.Payload, got.From, "question", addr)
				}
				d := c.Dest(got.From)
				if d.Addr() != addr {
					t.Errorf("Dest has %v, want %v", d.Addr(), addr)
				}
				c.Queue(copy(c.Slot(), "answer"), d)
				if sent, dropped := c.Flush(); sent != 1 || dropped != 0 {
					t.Fatalf("flushed %d and dropped %d, want 1 and 0", sent, dropped)
				}
				if b, from := read(t, v); string(b) != "answer" || from != to {
					t.Errorf("viewer got %q from %v, want %q from %v", b, from, "answer", to)
				}
				if err := c.WriteTo([]byte("control"), addr); err != nil {
					t.Fatal(err)
				}
				if b, _ := read(t, v); string(b) != "control" {
					t.Errorf("viewer got %q, want %q", b, "control")
				}
			})
		}
	})
}

func TestDatagramsKeepTheirOrderPerDest(t *testing.T) {
	sizes := map[string]func(i int) int{
		"equal":          func(int) int { return 1100 },
		"last shorter":   func(i int) int { return 1100 - 400*(i%5/4) },
		"ragged":         func(i int) int { return 4 + (i*7919)%1400 },
		"growing":        func(i int) int { return 100 + i },
		"shrinking":      func(i int) int { return 1400 - i },
		"video, audio":   func(i int) int { return []int{1100, 1100, 1100, 80}[i%4] },
		"whole slots":    func(int) int { return MTU },
		"smallest":       func(int) int { return 4 },
		"beyond a train": func(int) int { return 1452 },
	}
	eachImplementation(t, func(t *testing.T, o Options) {
		for name, size := range sizes {
			t.Run(name, func(t *testing.T) {
				c := listen(t, loopback, o)
				const viewers, each = 3, 700 // more than there are slots
				var conns [viewers]*net.UDPConn
				var dests [viewers]*Dest
				for i := range viewers {
					v, addr := viewer(t, "udp4", "127.0.0.1:0")
					conns[i], dests[i] = v, c.Dest(addr)
				}
				for i := range each {
					for v := range viewers {
						n := size(i)
						payload(c.Slot(), uint32(v*each+i), n)
						c.Queue(n, dests[v])
					}
				}
				if sent, dropped := c.Flush(); sent != viewers*each || dropped != 0 {
					t.Fatalf("flushed %d and dropped %d, want %d and 0", sent, dropped, viewers*each)
				}
				want := make([]byte, MTU)
				for v := range viewers {
					for i := range each {
						b, _ := read(t, conns[v])
						if !bytes.Equal(b, payload(want, uint32(v*each+i), size(i))) {
							t.Fatalf("viewer %d: datagram %d of %d bytes is not the one queued", v, i, len(b))
						}
					}
				}
				if s := c.Stats(); s.DatagramsOut != viewers*each || s.Drops != 0 {
					t.Errorf("counted %d out and %d drops, want %d and 0", s.DatagramsOut, s.Drops, viewers*each)
				}
			})
		}
	})
}

func TestATooLongDatagramIsDroppedAndCounted(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		v, _ := viewer(t, "udp4", "127.0.0.1:0")
		for _, n := range []int{MTU + 1, 9000, MTU} {
			if _, err := v.WriteToUDPAddrPort(payload(make([]byte, 9000), 7, n), c.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
		if ds := receive(t, c); len(ds) != 1 || len(ds[0].Payload) != MTU {
			t.Errorf("received %d datagrams, want the one of %d bytes", len(ds), MTU)
		}
		if s := c.Stats(); s.Truncated != 2 || s.DatagramsIn != 1 || s.BytesIn != MTU {
			t.Errorf("counted %+v, want 2 truncated and 1 in", s)
		}
	})
}

func TestImpossibleDatagramsAreNotQueued(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		_, addr := viewer(t, "udp4", "127.0.0.1:0")
		d := c.Dest(addr)
		for _, n := range []int{0, -1, MTU + 1} {
			c.Queue(n, d)
		}
		if sent, dropped := c.Flush(); sent != 0 || dropped != 0 {
			t.Errorf("flushed %d and dropped %d, want nothing", sent, dropped)
		}
		for _, to := range []netip.AddrPort{{}, netip.MustParseAddrPort("[2001:db8::1]:9")} {
			c.Queue(10, c.Dest(to))
			if sent, dropped := c.Flush(); sent != 0 || dropped != 1 {
				t.Errorf("to %v: flushed %d and dropped %d, want 0 and 1", to, sent, dropped)
			}
			if err := c.WriteTo([]byte("x"), to); err == nil {
				t.Errorf("WriteTo %v returned no error", to)
			}
		}
	})
}

func TestListenRefusesATakenPort(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		if second, err := Listen(c.LocalAddr(), o); err == nil {
			second.Close()
			t.Error("two sockets listen on one port")
		}
	})
}

func ExampleConn() {
	c, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	self := c.Dest(c.LocalAddr())
	c.Queue(copy(c.Slot(), "hello"), self)
	c.Flush()
	datagrams, err := c.Receive(time.Second)
	for _, d := range datagrams {
		fmt.Printf("%s\n", d.Payload)
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output: hello
}

func TestASenderOfAnotherGoroutineSharesTheSocket(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		to, at := viewer(t, "udp4", "127.0.0.1:0")
		const each = 2 * slotCount
		flood := func(s Sender, kind uint32) (sent int) {
			d := s.Dest(at)
			for i := range uint32(each) {
				payload(s.Slot(), kind<<16|i, 200)
				s.Queue(200, d)
			}
			sent, _ = s.Flush()
			return sent
		}
		others := make(chan int)
		go func() { others <- flood(c.NewSender(), 1) }()
		if n, m := flood(c, 0), <-others; n != each || m != each {
			t.Fatalf("sent %d and %d of %d each", n, m, each)
		}
		var next [2]uint32
		for range 2 * each {
			p, from := read(t, to)
			seed := binary.BigEndian.Uint32(p)
			kind := seed >> 16 & 1
			if want := payload(make([]byte, MTU), kind<<16|next[kind], 200); !bytes.Equal(p, want) || from != c.LocalAddr() {
				t.Fatalf("got %x… from %v, want %x… from %v", p[:8], from, want[:8], c.LocalAddr())
			}
			next[kind]++
		}
		if s := c.Stats(); s.DatagramsOut != 2*each || s.BytesOut != 2*each*200 || s.Drops != 0 {
			t.Errorf("counted %d datagrams of %d bytes, and %d drops", s.DatagramsOut, s.BytesOut, s.Drops)
		}
	})
}

func TestASenderOfAClosedSocketDropsWhatIsQueued(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		s := c.NewSender()
		_, at := viewer(t, "udp4", "127.0.0.1:0")
		s.Queue(100, s.Dest(at))
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if sent, dropped := s.Flush(); sent != 0 || dropped != 1 {
			t.Errorf("sent %d and dropped %d, want 0 and 1", sent, dropped)
		}
	})
}
