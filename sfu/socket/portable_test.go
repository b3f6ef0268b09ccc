package socket

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
)

// virtual is a Conn on a virtual network, and the other end of the wire.
func virtual(t *testing.T, delay time.Duration) (Conn, net.PacketConn) {
	t.Helper()
	wan, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/24", MinDelay: delay, LoggerFactory: logging.NewDefaultLoggerFactory(),
	})
	if err != nil {
		t.Fatal(err)
	}
	pcs := make([]net.PacketConn, 2)
	hosts := make([]*vnet.Net, 2)
	for i, ip := range []string{"10.0.0.1", "10.0.0.2"} {
		if hosts[i], err = vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}}); err != nil {
			t.Fatal(err)
		}
		if err := wan.AddNet(hosts[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := wan.Start(); err != nil {
		t.Fatal(err)
	}
	for i, addr := range []string{"10.0.0.1:3478", "10.0.0.2:5000"} {
		if pcs[i], err = hosts[i].ListenPacket("udp4", addr); err != nil {
			t.Fatal(err)
		}
	}
	c := Wrap(pcs[0])
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), pcs[1].Close(), wan.Stop()); err != nil {
			t.Error("close:", err)
		}
	})
	return c, pcs[1]
}

func TestTheVirtualNetworkKeepsVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, other := virtual(t, 20*time.Millisecond)
		if want := netip.MustParseAddrPort("10.0.0.1:3478"); c.LocalAddr() != want {
			t.Errorf("local address %v, want %v", c.LocalAddr(), want)
		}
		start := time.Now()
		if ds, err := c.Receive(time.Hour); len(ds) != 0 || err != nil {
			t.Fatalf("received %v and %v, want nothing", ds, err)
		}
		if d := time.Since(start); d != time.Hour {
			t.Errorf("timed out after %v, want an hour", d)
		}

		if _, err := other.WriteTo([]byte("ping"), net.UDPAddrFromAddrPort(c.LocalAddr())); err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		ds, err := c.Receive(time.Hour)
		if err != nil || len(ds) != 1 || string(ds[0].Payload) != "ping" {
			t.Fatalf("received %v and %v, want one datagram", ds, err)
		}
		if d := time.Since(start); d != 20*time.Millisecond {
			t.Errorf("received after %v, want the delay of the network", d)
		}
		d := c.Dest(ds[0].From)
		for i := range 3 {
			c.Queue(copy(c.Slot(), []byte{byte(i)}), d)
		}
		if sent, dropped := c.Flush(); sent != 3 || dropped != 0 {
			t.Fatalf("flushed %d and dropped %d, want 3 and 0", sent, dropped)
		}
		b := make([]byte, MTU)
		for i := range 3 {
			if n, _, err := other.ReadFrom(b); err != nil || !bytes.Equal(b[:n], []byte{byte(i)}) {
				t.Errorf("datagram %d is %v, %v", i, b[:n], err)
			}
		}
	})
}

func TestAWakeTakesNoVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := virtual(t, 0)
		var wg sync.WaitGroup
		defer wg.Wait()
		for _, timeout := range []time.Duration{time.Hour, -1} {
			start := time.Now()
			wg.Go(func() {
				time.Sleep(time.Minute)
				c.Wake()
			})
			if _, err := c.Receive(timeout); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d != time.Minute {
				t.Errorf("woken after %v, want a minute", d)
			}
			c.Wake()
			start = time.Now()
			if _, err := c.Receive(timeout); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d != 0 {
				t.Errorf("an early wake held Receive for %v", d)
			}
		}
		wg.Go(func() {
			time.Sleep(time.Minute)
			if err := c.Close(); err != nil {
				t.Error("close:", err)
			}
		})
		if _, err := c.Receive(-1); !errors.Is(err, ErrClosed) {
			t.Errorf("Receive returned %v, want ErrClosed", err)
		}
	})
}
