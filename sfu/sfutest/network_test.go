package sfutest

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// open opens a socket on the server and one on a browser's host.
func open(t *testing.T, n *Network, up, down Path) (server, client *conn) {
	t.Helper()
	h := n.newHost("client", n.nextAddr())
	h.up.Set(up)
	h.down.Set(down)
	s, err := n.server.listen("udp4", &net.UDPAddr{IP: serverAddr.AsSlice(), Port: 3478})
	if err != nil {
		t.Fatal(err)
	}
	c, err := h.listen("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func write(t *testing.T, c *conn, to netip.AddrPort, b byte) {
	t.Helper()
	if _, err := c.WriteToUDPAddrPort([]byte{b}, to); err != nil {
		t.Fatal(err)
	}
}

func TestEachDirectionHasItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(t)
		server, client := open(t, n, Path{Delay: 30 * time.Millisecond}, Path{Delay: 5 * time.Millisecond})
		start := time.Now()
		write(t, client, server.local, 1)
		b := make([]byte, 10)
		if _, from, err := server.ReadFromUDPAddrPort(b); err != nil || from != client.local || b[0] != 1 {
			t.Fatalf("read %v from %v: %v", b[0], from, err)
		}
		if d := time.Since(start); d != 30*time.Millisecond {
			t.Errorf("up took %v, want 30ms", d)
		}
		n.SetServerPath(Path{Delay: time.Millisecond}, Path{})
		start = time.Now()
		write(t, server, client.local, 2)
		if _, _, err := client.ReadFromUDPAddrPort(b); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 6*time.Millisecond {
			t.Errorf("down took %v, want 6ms", d)
		}
	})
}

func TestLossIsSeededAndJitterKeepsOrder(t *testing.T) {
	run := func(seed uint64) (came []int) {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(t, Seed(seed))
			server, client := open(t, n, Path{Delay: 10 * time.Millisecond, Jitter: 50 * time.Millisecond, Loss: 0.2}, Path{})
			for i := range 250 {
				write(t, client, server.local, byte(i))
				time.Sleep(time.Millisecond)
			}
			if err := server.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 10)
			for {
				if _, _, err := server.ReadFromUDPAddrPort(b); err != nil {
					return
				}
				came = append(came, int(b[0]))
			}
		})
		return came
	}
	came, again, other := run(7), run(7), run(8)
	if len(came) < 175 || len(came) > 225 {
		t.Errorf("%d of 250 packets came, want about 200", len(came))
	}
	for i := 1; i < len(came); i++ {
		if came[i] <= came[i-1] {
			t.Fatalf("%d came after %d", came[i], came[i-1])
		}
	}
	same := func(a, b []int) bool {
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	if !same(came, again) {
		t.Error("the same seed lost other packets")
	}
	if same(came, other) {
		t.Error("another seed lost the same packets")
	}
}

func TestAReadEndsByDeadlineAndByClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := open(t, NewNetwork(t), Path{}, Path{})
		b := make([]byte, 10)
		start := time.Now()
		if err := server.SetReadDeadline(start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a deadline stays passed
			if _, _, err := server.ReadFrom(b); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read: %v, want the deadline", err)
			}
			if d := time.Since(start); d != time.Minute {
				t.Errorf("timed out after %v, want a minute", d)
			}
		}
		if err := server.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Hour, func() { server.Close() })
		if _, _, err := server.ReadFrom(b); !errors.Is(err, net.ErrClosed) {
			t.Errorf("read: %v, want closed", err)
		}
		if _, err := server.WriteTo(b, client.addr); !errors.Is(err, net.ErrClosed) {
			t.Errorf("write: %v, want closed", err)
		}
		if _, err := client.host.ListenPacket("udp4", client.local.String()); err == nil {
			t.Error("two sockets have one port")
		}
		if _, err := client.host.ListenPacket("udp4", server.local.String()); err == nil {
			t.Error("a host has another's address")
		}
		if again, err := server.host.ListenPacket("udp4", server.local.String()); err != nil {
			t.Errorf("the port of a closed socket: %v", err)
		} else {
			again.Close()
		}
	})
}
