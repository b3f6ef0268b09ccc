package socket

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// runningPorts are Ports that are read until the test ends.
func runningPorts(t *testing.T) *Ports {
	t.Helper()
	p, err := NewPorts()
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for p.Receive() == nil {
		}
	})
	t.Cleanup(func() {
		if err := errors.Join(p.Close(), p.Close()); err != nil {
			t.Error("close:", err)
		}
		running.Wait()
		if err := p.Receive(); !errors.Is(err, ErrClosed) {
			t.Errorf("receive after close: %v, want ErrClosed", err)
		}
	})
	return p
}

type arrival struct {
	data string
	from netip.AddrPort
}

func openPort(t *testing.T, p *Ports, got chan arrival) (Port, netip.AddrPort) {
	t.Helper()
	x, err := p.Open(func(p []byte, from netip.AddrPort) { got <- arrival{string(p), from} })
	if err != nil {
		t.Fatal(err)
	}
	return x, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), x.LocalAddr().Port())
}

func nextArrival(t *testing.T, got chan arrival) arrival {
	t.Helper()
	select {
	case a := <-got:
		return a
	case <-time.After(5 * time.Second):
		t.Fatal("nothing came")
		return arrival{}
	}
}

func TestOneGoroutineReadsManyPorts(t *testing.T) {
	p := runningPorts(t)
	outside, at := viewer(t, "udp4", "127.0.0.1:0")
	for range 40 {
		got := make(chan arrival, 100)
		x, addr := openPort(t, p, got)
		if err := x.WriteTo([]byte("out"), at); err != nil {
			t.Fatal(err)
		}
		if b, from := read(t, outside); string(b) != "out" || from != addr {
			t.Fatalf("got %q from %v, want out from %v", b, from, addr)
		}
		const many = 3 * portBatch
		for i := range many {
			if _, err := outside.WriteToUDPAddrPort([]byte{byte(i)}, addr); err != nil {
				t.Fatal(err)
			}
		}
		for i := range many {
			if a := nextArrival(t, got); a != (arrival{string([]byte{byte(i)}), at}) {
				t.Fatalf("got %x from %v, want %x from %v", a.data, a.from, i, at)
			}
		}
	}
}

func TestAPortTakesDatagramsOfUpToTheMTU(t *testing.T) {
	p := runningPorts(t)
	outside, _ := viewer(t, "udp4", "127.0.0.1:0")
	got := make(chan arrival, 9)
	_, addr := openPort(t, p, got)
	for _, n := range []int{MTU + 1, MTU, 0, 1} {
		if _, err := outside.WriteToUDPAddrPort(make([]byte, n), addr); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{MTU, 0, 1} {
		if a := nextArrival(t, got); len(a.data) != n {
			t.Errorf("got %d bytes, want %d", len(a.data), n)
		}
	}
}

func TestAClosedPortIsSilentAndItsNumberFree(t *testing.T) {
	p := runningPorts(t)
	outside, at := viewer(t, "udp4", "127.0.0.1:0")
	got, others := make(chan arrival, 9), make(chan arrival, 9)
	x, addr := openPort(t, p, got)
	if err := errors.Join(x.Close(), x.Close()); err != nil {
		t.Fatal(err)
	}
	if err := x.WriteTo([]byte("out"), at); !errors.Is(err, ErrClosed) {
		t.Errorf("write to a closed port: %v, want ErrClosed", err)
	}
	again, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		t.Fatal("the port was not free:", err)
	}
	again.Close()
	_, other := openPort(t, p, others) // gets the descriptor of the first
	for _, to := range []netip.AddrPort{addr, other} {
		if _, err := outside.WriteToUDPAddrPort([]byte("in"), to); err != nil {
			t.Fatal(err)
		}
	}
	if a := nextArrival(t, others); a.data != "in" {
		t.Errorf("the open port got %q", a.data)
	}
	if len(got) != 0 {
		t.Error("the closed port got something")
	}
	if err := x.WriteTo(nil, netip.MustParseAddrPort("[::1]:9")); err == nil {
		t.Error("a closed port wrote")
	}
}

// Ports come and go while they are read, and close themselves from their receive.
func TestPortsCloseWhileTheyAreRead(t *testing.T) {
	p := runningPorts(t)
	outside, _ := viewer(t, "udp4", "127.0.0.1:0")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				opened, closed := make(chan Port, 1), make(chan error, 1)
				x, err := p.Open(func([]byte, netip.AddrPort) {
					select {
					case x := <-opened:
						closed <- x.Close()
					default:
					}
				})
				if err != nil {
					t.Error(err)
					return
				}
				opened <- x
				to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), x.LocalAddr().Port())
				if _, err := outside.WriteToUDPAddrPort([]byte("in"), to); err != nil {
					t.Error(err)
				}
				select {
				case err := <-closed:
					if err != nil {
						t.Error(err)
					}
				case <-time.After(5 * time.Second):
					t.Error("a port was never read")
				}
			}
		})
	}
	all.Wait()
}
