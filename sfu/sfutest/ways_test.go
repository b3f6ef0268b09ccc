package sfutest

import (
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// arrived reads what has come on a socket by now: first bytes, and from whom
// the last came.
func arrived(t *testing.T, c *conn) (bytes []byte, from netip.AddrPort) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1500)
	for {
		_, f, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			return bytes, from
		}
		bytes, from = append(bytes, b[0]), f
	}
}

func TestARebindingChangesTheAddressAndKillsTheOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := open(t, NewNetwork(t), Path{}, Path{})
		write(t, client, server.local, 1)
		_, before := arrived(t, server)
		client.host.rebind()
		write(t, server, before, 2)
		write(t, client, server.local, 3)
		_, after := arrived(t, server)
		if after == before || !after.IsValid() {
			t.Fatalf("the address went from %v to %v", before, after)
		}
		write(t, server, after, 4)
		if got, _ := arrived(t, client); len(got) != 1 || got[0] != 4 {
			t.Errorf("the client received %v, want what was sent to the new address", got)
		}
	})
}

func TestAMoveLeavesOldSocketsDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(t)
		server, client := open(t, n, Path{}, Path{})
		if err := n.readdress(client.host); err != nil {
			t.Fatal(err)
		}
		write(t, client, server.local, 1)
		write(t, server, client.local, 2)
		if got, _ := arrived(t, server); got != nil {
			t.Error("a socket of the old network still sends")
		}
		if got, _ := arrived(t, client); got != nil {
			t.Error("a socket of the old network still receives")
		}
		again, err := client.host.listen("udp4", &net.UDPAddr{IP: client.host.addr.AsSlice()})
		if err != nil {
			t.Fatal(err)
		}
		write(t, again, server.local, 3)
		if _, from := arrived(t, server); from != again.local || from.Addr() == client.local.Addr() {
			t.Errorf("a packet came from %v, want the new address %v", from, again.local)
		}
		interfaces, err := client.host.Interfaces()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range interfaces {
			addrs, err := i.Addrs()
			if err != nil {
				continue // has none
			}
			for _, a := range addrs {
				if p, ok := a.(*net.IPNet); ok && p.IP.Equal(client.addr.IP) {
					t.Error("the old address is still on an interface")
				}
			}
		}
	})
}

func TestARoutersQueueIsSharedByItsBrowsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(t)
		home := n.Router("home", Path{Rate: 100_000}, Path{Delay: 7 * time.Millisecond})
		a, b := n.Browser("a", Behind(home)), n.Browser("b", Behind(home))
		server, err := n.server.listen("udp4", &net.UDPAddr{IP: serverAddr.AsSlice(), Port: 3478})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var sockets []*conn
		for i, browser := range []*Browser{a, b} {
			c, err := browser.host.listen("udp4", nil)
			if err != nil {
				t.Fatal(err)
			}
			sockets = append(sockets, c)
			if _, err := c.WriteToUDPAddrPort(append([]byte{byte(i)}, make([]byte, 1250-28-1)...), server.local); err != nil {
				t.Fatal(err)
			}
		}
		buffer := make([]byte, 1500)
		for i := range 2 {
			if _, _, err := server.ReadFromUDPAddrPort(buffer); err != nil {
				t.Fatal(err)
			}
			if took, want := time.Since(start), time.Duration(i+1)*100*time.Millisecond; took != want {
				t.Errorf("packet %d came after %v, want %v", i, took, want)
			}
		}
		home.Blackout(time.Second)
		write(t, server, sockets[0].local, 1)
		time.Sleep(time.Second)
		write(t, server, sockets[0].local, 2)
		time.Sleep(7 * time.Millisecond)
		if got, _ := arrived(t, sockets[0]); len(got) != 1 || got[0] != 2 {
			t.Errorf("received %v, want only what was sent after the blackout", got)
		}
		if up, _ := home.Links(); up.Stats().Packets != 2 {
			t.Errorf("the router counted %+v", up.Stats())
		}
	})
}

// Two browsers live through what happens to networks; ICE of one end is told
// by nobody.
func TestACallLivesThroughItsNetworksFaults(t *testing.T) {
	delay := Path{Delay: 20 * time.Millisecond}
	for _, tt := range []struct {
		name  string
		fault func(alice *Browser)
		gap   time.Duration
	}{
		{"blackout", func(b *Browser) { b.Blackout(2 * time.Second) }, 2500 * time.Millisecond},
		{"UDP blocked for a while", func(b *Browser) {
			b.BlockUDP(true)
			time.AfterFunc(2*time.Second, func() { b.BlockUDP(false) })
		}, 2500 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call(t, func(t *testing.T, alice, bob *Browser) {
				alice.Send(sfu.Mic)
				time.Sleep(3 * time.Second)
				bob.Seat(0).Reset()
				tt.fault(alice)
				time.Sleep(10 * time.Second)
				a := bob.Seat(0).Audio()
				if a.MaxGap < 1900*time.Millisecond || a.MaxGap > tt.gap || time.Since(a.Last) > 100*time.Millisecond {
					t.Errorf("the longest gap was %v, and the last sound came %v ago", a.MaxGap, time.Since(a.Last))
				}
				if s := alice.State(); s != webrtc.PeerConnectionStateConnected {
					t.Errorf("the connection is %v", s)
				}
			}, Up(delay), Down(delay))
		})
	}
}
