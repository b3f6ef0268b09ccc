package socket

import (
	"bytes"
	"net/netip"
	"testing"
	"time"
)

var relayed = netip.MustParseAddrPort("0.0.0.1:1")

func virtualOnLoopback(t testing.TB) *Virtual {
	t.Helper()
	c, err := Listen(loopback, Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := NewVirtual(c)
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return v
}

func TestAVirtualPeerIsHeardAndAnsweredLikeAnyOther(t *testing.T) {
	v := virtualOnLoopback(t)
	var got []string
	if !v.Attach(relayed, func(p []byte, _ bool) { got = append(got, string(p)) }) {
		t.Fatal("a free virtual address was refused")
	}
	if v.Attach(relayed, func([]byte, bool) {}) {
		t.Error("an address that is taken was given again")
	}
	if v.Attach(netip.MustParseAddrPort("192.0.2.1:1"), func([]byte, bool) {}) {
		t.Error("an address of the network became a virtual one")
	}

	woken := make(chan []string)
	go func() {
		var heard []string
		for len(heard) < 2 {
			batch, err := v.Receive(10 * time.Second)
			if err != nil {
				break
			}
			for _, d := range batch {
				if d.From != relayed {
					t.Errorf("heard from %v, want %v", d.From, relayed)
				}
				heard = append(heard, string(d.Payload))
			}
		}
		woken <- heard
	}()
	p := []byte("ping")
	if !v.Inject(p, relayed) {
		t.Fatal("a datagram was refused")
	}
	p[0] = 'w' // the caller's memory is its own again
	if !v.Inject([]byte("pong"), relayed) {
		t.Fatal("a second datagram was refused")
	}
	if heard := <-woken; len(heard) != 2 || heard[0] != "ping" || heard[1] != "pong" {
		t.Errorf("heard %q, want ping and pong", heard)
	}

	v.Queue(copy(v.Slot(), "queued"), v.Dest(relayed))
	if err := v.WriteTo([]byte("written"), relayed); err != nil {
		t.Error("write:", err)
	}
	v.Detach(relayed)
	v.Queue(copy(v.Slot(), "late"), v.Dest(relayed))
	if len(got) != 2 || got[0] != "queued" || got[1] != "written" {
		t.Errorf("the peer got %q, want what was queued and written before it left", got)
	}
	if v.Inject(p, relayed) {
		t.Error("somebody who left was heard")
	}
}

// Kernel and virtual peers share an owner: neither may starve the other.
func TestVirtualPeersAndTheSocketTakeTurns(t *testing.T) {
	v := virtualOnLoopback(t)
	other := virtualOnLoopback(t)
	if !v.Attach(relayed, func([]byte, bool) {}) {
		t.Fatal("refused")
	}
	if err := other.WriteTo([]byte("kernel"), v.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	for range 2 * virtualQueue {
		v.Inject([]byte("inside"), relayed)
		batch, err := v.Receive(time.Second)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range batch {
			if string(d.Payload) == "kernel" {
				return
			}
		}
	}
	t.Error("the socket was never read while a virtual peer kept sending")
}

func TestAFloodOfAVirtualPeerIsBounded(t *testing.T) {
	v := virtualOnLoopback(t)
	v.Attach(relayed, func([]byte, bool) {})
	taken := 0
	for range 10 * virtualQueue {
		if v.Inject(make([]byte, MTU), relayed) {
			taken++
		}
	}
	if taken != virtualQueue {
		t.Errorf("%d datagrams wait, want %d", taken, virtualQueue)
	}
	if v.Inject(make([]byte, MTU+1), relayed) {
		t.Error("a datagram longer than any was taken")
	}
	batch, err := v.Receive(0)
	if err != nil || len(batch) != virtualQueue {
		t.Fatalf("received %d and %v, want all", len(batch), err)
	}
	batch[0].Payload = append(batch[0].Payload[:0], 1) // may be modified in place
	v.Inject([]byte("next"), relayed)
	if bytes.Contains(batch[1].Payload, []byte("next")) {
		t.Error("memory of a batch was written before the next Receive")
	}
}
