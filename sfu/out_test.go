package sfu

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"parley/sfu/socket"
)

// What any shard has for a relayed client leaves from the first shard's port, which
// is the one that the client knows, with the rest of the shard's batch.
func TestEveryShardSendsToRelayedClientsFromTheFirstPort(t *testing.T) {
	e, err := New(Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	client, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	at := client.LocalAddr().(*net.UDPAddr).AddrPort()
	long := make([]byte, socket.MTU+4) // as long as a frame of the relay can be
	r, err := e.Carry(func(p []byte, from netip.AddrPort, write func([]byte, netip.AddrPort) error) {
		if err := write(fmt.Appendf(nil, "%s by %v", p, from), at); err != nil {
			t.Error(err)
		}
		if string(p) == "last" {
			if err := write(long, at); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i, media := range e.Media() {
		s := e.shards[i]
		s.wait(func() {
			to, calls := s.conn.Dest(virtualAddr(1, 0)), e.shards[0].conn.Stats().SendCalls
			for _, text := range []string{"first", "second", "last"} {
				s.conn.Queue(copy(s.conn.Slot(), text), to)
			}
			if sent := e.shards[0].conn.Stats().SendCalls - calls; sent != 1 {
				t.Errorf("%d system calls before the batch's end, want 1, for what is too long to queue", sent)
			}
		})
		for _, want := range []string{string(long), "first by " + media.String(), "second by " + media.String(), "last by " + media.String()} {
			p := make([]byte, 2*socket.MTU)
			if err := client.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
				t.Fatal(err)
			}
			n, from, err := client.ReadFromUDPAddrPort(p)
			if err != nil {
				t.Fatal(err)
			}
			if string(p[:n]) != want || from != e.Addrs()[0] {
				t.Errorf("got %.30q from %v, want %.30q from the first port, %v", p[:n], from, want, e.Addrs()[0])
			}
		}
	}
}
