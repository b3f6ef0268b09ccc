package probe_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/probe"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// server is an engine on loopback, with one room.
func server(t *testing.T, announce ...netip.Addr) *sfu.Room {
	t.Helper()
	e, err := sfu.New(sfu.Config{Listen: netip.AddrPortFrom(loopback, 0), Announce: announce})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	r, err := e.NewRoom(func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// come brings a guest to the room as a peer that may speak.
func come(t *testing.T, r *sfu.Room, id sfu.PeerID, way probe.Way) (*probe.Guest, *sfu.Peer, error) {
	t.Helper()
	p, err := r.NewPeer(id, sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic}})
	if err != nil {
		t.Fatal(err)
	}
	g, err := probe.New(way)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	offer, err := g.Offer(t.Context())
	if err != nil {
		return g, p, err
	}
	answer, err := p.Answer(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Accept(answer); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return g, p, g.Connect(ctx)
}

func TestTwoGuestsHearEachOtherAndNobodyElse(t *testing.T) {
	r := server(t, loopback)
	one, first, err := come(t, r, "one", probe.Way{})
	if err != nil {
		t.Fatal(err)
	}
	two, second, err := come(t, r, "two", probe.Way{Only: []netip.Addr{loopback}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	if err := one.Hear(ctx); err == nil {
		t.Error("somebody was heard whose microphone is off")
	}
	cancel()
	first.Open(sfu.Mic, true)
	second.Open(sfu.Mic, true)
	first.Show(0, second)
	second.Show(0, first)
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for name, g := range map[string]*probe.Guest{"one": one, "two": two} {
		if err := g.Hear(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAGuestTakesNoOtherWay(t *testing.T) {
	r := server(t, loopback)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	g, err := probe.New(probe.Way{Only: []netip.Addr{netip.MustParseAddr("127.0.0.2")}})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	p, err := r.NewPeer("one", sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic}})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := g.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.Answer(t.Context(), offer)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Accept(answer); err != nil {
		t.Fatal(err)
	}
	if err := g.Connect(ctx); err == nil {
		t.Error("connected at an address that the guest was not to use")
	}
}

func TestARelayThatCannotBeDialledIsNamedWithItsReason(t *testing.T) {
	var asked atomic.Pointer[string]
	way := probe.Way{Relay: "turns:relay.test:443?transport=tcp", Username: "u", Credential: "c",
		Dial: func(_, address string) (net.Conn, error) {
			asked.Store(&address)
			return nil, errors.New("the certificate is for somebody else")
		}}
	_, _, err := come(t, server(t, loopback), "one", way)
	if err == nil || !strings.Contains(err.Error(), "the certificate is for somebody else") {
		t.Errorf("got %v, want the dialler's reason", err)
	}
	if a := asked.Load(); a == nil || *a != "relay.test:443" {
		t.Errorf("dialled %v, want relay.test:443", a)
	}
}
