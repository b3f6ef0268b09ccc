package sfu_test

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v4"

	"parley/sfu"
)

func TestARelayedClientReachesTheEngineAndNothingElse(t *testing.T) {
	type datagram struct {
		data string
		from netip.AddrPort
	}
	forRelay, delivered := make(chan datagram, 8), make(chan datagram, 8)
	e, err := sfu.New(sfu.Config{
		Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 1,
		Turn: func(p []byte, from netip.AddrPort) { forRelay <- datagram{string(p), from} },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	r, err := e.Carry(func(p []byte, from netip.AddrPort, _ func([]byte, netip.AddrPort) error) {
		delivered <- datagram{string(p), from}
	})
	if err != nil {
		t.Fatal(err)
	}
	media := e.Media()[0]
	for _, elsewhere := range []netip.AddrPort{netip.AddrPortFrom(media.Addr(), media.Port()+1), netip.MustParseAddrPort("169.254.169.254:80")} {
		if err := r.WriteTo([]byte("x"), elsewhere); !errors.Is(err, sfu.ErrUnreachable) {
			t.Errorf("%v: got %v, want ErrUnreachable", elsewhere, err)
		}
	}

	// A check of somebody's ICE agent is not the relay's; what follows it is.
	check := stun.MustBuild(stun.TransactionID, stun.BindingRequest, stun.NewUsername("nobody:client"))
	own := stun.MustBuild(stun.TransactionID, stun.BindingRequest)
	allocate := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassRequest))
	send := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodSend, stun.ClassIndication))
	for _, b := range [][]byte{check.Raw, own.Raw, allocate.Raw, send.Raw, {0x40, 0, 0, 0}, {0x7f, 0xff, 0, 0}} {
		if err := r.WriteTo(b, media); err != nil {
			t.Fatal(err)
		}
	}
	next := func(from chan datagram) datagram {
		select {
		case d := <-from:
			return d
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came")
			return datagram{}
		}
	}
	for _, want := range []string{string(own.Raw), string(allocate.Raw), string(send.Raw), "\x40\x00\x00\x00", "\x7f\xff\x00\x00"} {
		if d := next(forRelay); d.data != want || d.from != r.Addr() {
			t.Errorf("the relay got %x from %v, want %x from %v", d.data, d.from, want, r.Addr())
		}
	}

	if err := e.WriteTo([]byte("answer"), r.Addr()); err != nil {
		t.Fatal(err)
	}
	if d := next(delivered); d.data != "answer" || d.from != media {
		t.Errorf("the client got %q from %v, want the answer from %v", d.data, d.from, media)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
}

func TestEveryShardSeesARelayedClientWhereTheRelaySaysItIs(t *testing.T) {
	e, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	answers := make(chan []byte, 8)
	r, err := e.Carry(func(p []byte, _ netip.AddrPort, _ func([]byte, netip.AddrPort) error) {
		if stun.IsMessage(p) { // and no handshake
			answers <- bytes.Clone(p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range e.Media() { // as many rooms as shards, each on another
		_, negotiate := silentClient(t, e)
		client, server, pwd := negotiate(false)
		check := iceCheck(t, server+":"+client, pwd)
		for _, media := range e.Media() {
			if err := r.WriteTo(check.Raw, media); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case b := <-answers:
			answer := &stun.Message{Raw: b}
			var mapped stun.XORMappedAddress
			if err := errors.Join(answer.Decode(), mapped.GetFrom(answer)); err != nil {
				t.Fatal(err)
			}
			if want := r.Addr().String(); mapped.String() != want {
				t.Errorf("the client is told that it is at %v, want %v", mapped, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no answer")
		}
	}
}
