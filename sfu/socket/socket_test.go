package socket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
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

// fastest is the shortest time f takes in a few tries, which says what it can
// take, on a busy machine too.
func fastest(f func()) time.Duration {
	best := time.Hour
	for range 5 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

func TestAWakeEndsReceive(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		took := fastest(func() {
			var wg sync.WaitGroup
			wg.Go(func() {
				if ds, err := c.Receive(900 * time.Millisecond); len(ds) != 0 || err != nil {
					t.Errorf("Receive returned %d datagrams and %v, want none and no error", len(ds), err)
				}
			})
			time.Sleep(10 * time.Millisecond) // so that it blocks; without, the test is the next one
			c.Wake()
			wg.Wait()
		})
		if took > 500*time.Millisecond {
			t.Errorf("Receive returned after %v", took)
		}
	})
}

func TestAWakeBeforeReceiveIsKept(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		receive := func(timeout time.Duration) {
			if ds, err := c.Receive(timeout); len(ds) != 0 || err != nil {
				t.Fatalf("Receive returned %d datagrams and %v, want none and no error", len(ds), err)
			}
		}
		took := fastest(func() {
			for range 3 {
				c.Wake()
			}
			receive(900 * time.Millisecond)
		})
		if took > 500*time.Millisecond {
			t.Errorf("Receive returned after %v, want at once", took)
		}
		start := time.Now()
		receive(100 * time.Millisecond)
		if d := time.Since(start); d < 90*time.Millisecond {
			t.Errorf("a second Receive returned after %v: three wakes were not one", d)
		}
	})
}

// A wake may never be lost, whatever moment of the owner's loop it meets.
func TestNoWakeIsLost(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		asked, done := make(chan int, 1), make(chan int)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			defer close(done)
			for {
				if _, err := c.Receive(-1); err != nil {
					return
				}
				select {
				case n := <-asked:
					done <- n
				default:
				}
			}
		})
		slow := 0
		for i := range 2000 {
			start := time.Now()
			asked <- i
			c.Wake()
			if got := <-done; got != i {
				t.Fatalf("answered %d, want %d", got, i)
			}
			if time.Since(start) > 900*time.Millisecond {
				slow++ // a lost wake, or a very busy machine
			}
		}
		if slow > 3 {
			t.Errorf("%d of 2000 answers came only with a timeout", slow)
		}
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
	})
}

func TestReceiveTimesOut(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		for _, timeout := range []time.Duration{0, time.Millisecond, 40 * time.Millisecond, 10 * time.Millisecond} {
			start := time.Now()
			ds, err := c.Receive(timeout)
			took := time.Since(start)
			if len(ds) != 0 || err != nil {
				t.Fatalf("timeout %v: %d datagrams and %v, want none and no error", timeout, len(ds), err)
			}
			if took < timeout-time.Millisecond || took > timeout+2*time.Second {
				t.Errorf("timeout %v took %v", timeout, took)
			}
		}
	})
}

func TestAPollReturnsWhatIsThere(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		v, _ := viewer(t, "udp4", "127.0.0.1:0")
		if _, err := v.WriteToUDPAddrPort([]byte("hello"), c.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		ds, err := c.Receive(0)
		if err != nil || len(ds) != 1 || string(ds[0].Payload) != "hello" {
			t.Errorf("polled %v and %v, want one datagram", ds, err)
		}
	})
}

func TestCloseEndsReceive(t *testing.T) {
	eachImplementation(t, func(t *testing.T, o Options) {
		c := listen(t, loopback, o)
		result := make(chan error)
		go func() {
			_, err := c.Receive(-1)
			result <- err
		}()
		time.Sleep(20 * time.Millisecond) // so that it blocks; without, the outcome is the same
		if err := c.Close(); err != nil {
			t.Error("close:", err)
		}
		if err := <-result; !errors.Is(err, ErrClosed) {
			t.Errorf("the running Receive returned %v, want ErrClosed", err)
		}
		if _, err := c.Receive(time.Second); !errors.Is(err, ErrClosed) {
			t.Errorf("a later Receive returned %v, want ErrClosed", err)
		}
		if err := c.Close(); err != nil {
			t.Error("closed again:", err)
		}
		c.Wake()
		c.Queue(4, c.Dest(c.LocalAddr()))
		if sent, dropped := c.Flush(); sent != 0 || dropped != 1 {
			t.Errorf("flushed %d and dropped %d after Close, want 0 and 1", sent, dropped)
		}
		if err := c.WriteTo([]byte("x"), c.LocalAddr()); !errors.Is(err, ErrClosed) {
			t.Errorf("WriteTo returned %v, want ErrClosed", err)
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
