package socket

import (
	"bytes"
	"net/netip"
	"sync/atomic"
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
	peer, ok := v.Attach(relayed, func(p []byte, _ bool) { got = append(got, string(p)) })
	if !ok {
		t.Fatal("a free virtual address was refused")
	}
	if _, ok := v.Attach(relayed, func([]byte, bool) {}); ok {
		t.Error("an address that is taken was given again")
	}
	if _, ok := v.Attach(netip.MustParseAddrPort("192.0.2.1:1"), func([]byte, bool) {}); ok {
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
	if !peer.Inject(p) {
		t.Fatal("a datagram was refused")
	}
	p[0] = 'w' // the caller's memory is its own again
	if !peer.Inject([]byte("pong")) {
		t.Fatal("a second datagram was refused")
	}
	if heard := <-woken; len(heard) != 2 || heard[0] != "ping" || heard[1] != "pong" {
		t.Errorf("heard %q, want ping and pong", heard)
	}

	kept := v.Dest(relayed)
	v.Queue(copy(v.Slot(), "queued"), kept)
	if err := v.WriteTo([]byte("written"), relayed); err != nil {
		t.Error("write:", err)
	}
	peer.Detach()
	v.Queue(copy(v.Slot(), "late"), kept)
	v.Queue(copy(v.Slot(), "later"), v.Dest(relayed))
	if err := v.WriteTo([]byte("latest"), relayed); err != nil {
		t.Error("write to nobody:", err)
	}
	if len(got) != 2 || got[0] != "queued" || got[1] != "written" {
		t.Errorf("the peer got %q, want what was queued and written before it left", got)
	}
	if peer.Inject(p) {
		t.Error("somebody who left was heard")
	}
	next, ok := v.Attach(relayed, func([]byte, bool) {})
	if !ok {
		t.Fatal("an address was not free when its peer had left")
	}
	peer.Detach()
	if !next.Inject(p) {
		t.Error("who left long ago took the address from its next peer")
	}
}

// Kernel and virtual peers share an owner: neither may starve the other.
func TestVirtualPeersAndTheSocketTakeTurns(t *testing.T) {
	v := virtualOnLoopback(t)
	other := virtualOnLoopback(t)
	peer, ok := v.Attach(relayed, func([]byte, bool) {})
	if !ok {
		t.Fatal("refused")
	}
	if err := other.WriteTo([]byte("kernel"), v.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	for range 2 * virtualQueue {
		peer.Inject([]byte("inside"))
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
	peer, _ := v.Attach(relayed, func([]byte, bool) {})
	taken := 0
	for range 10 * virtualQueue {
		if peer.Inject(make([]byte, MTU)) {
			taken++
		}
	}
	if taken != virtualQueue {
		t.Errorf("%d datagrams wait, want %d", taken, virtualQueue)
	}
	if peer.Inject(make([]byte, MTU+1)) {
		t.Error("a datagram longer than any was taken")
	}
	batch, err := v.Receive(0)
	if err != nil || len(batch) != virtualQueue {
		t.Fatalf("received %d and %v, want all", len(batch), err)
	}
	batch[0].Payload = append(batch[0].Payload[:0], 1) // may be modified in place
	peer.Inject([]byte("next"))
	if bytes.Contains(batch[1].Payload, []byte("next")) {
		t.Error("memory of a batch was written before the next Receive")
	}
}

// wakes counts them, and tells when its owner receives.
type wakes struct {
	Conn
	n         atomic.Int32
	receiving chan struct{}
}

func (w *wakes) Wake() {
	w.n.Add(1)
	w.Conn.Wake()
}

func (w *wakes) Receive(timeout time.Duration) ([]Datagram, error) {
	w.receiving <- struct{}{}
	return w.Conn.Receive(timeout)
}

// What the owner itself brings in, it finds when it next looks: a wake-up would
// only cut its next wait short.
func TestTheOwnerIsWokenOnlyWhenItWaits(t *testing.T) {
	c, err := Listen(loopback, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := &wakes{Conn: c, receiving: make(chan struct{}, 9)}
	v := NewVirtual(w)
	defer v.Close()
	peer, _ := v.Attach(relayed, func([]byte, bool) {})
	peer.Inject([]byte("own"))
	if batch, err := v.Receive(time.Minute); err != nil || len(batch) != 1 || w.n.Load() != 0 {
		t.Fatalf("received %d and %v with %d wakes, want 1 with none", len(batch), err, w.n.Load())
	}
	peer.Inject([]byte("own"))
	if _, err := v.Receive(time.Minute); err != nil { // the socket's turn, which does not wait
		t.Fatal(err)
	}
	if batch, err := v.Receive(time.Minute); err != nil || len(batch) != 1 || w.n.Load() != 0 {
		t.Fatalf("received %d and %v with %d wakes, want 1 with none", len(batch), err, w.n.Load())
	}
	<-w.receiving
	injected := make(chan bool)
	go func() {
		<-w.receiving
		injected <- peer.Inject([]byte("another's"))
	}()
	for n := 0; n == 0; {
		batch, err := v.Receive(time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		n = len(batch)
	}
	if !<-injected || w.n.Load() != 1 {
		t.Errorf("%d wakes for a datagram while the owner waited, want 1", w.n.Load())
	}
}
