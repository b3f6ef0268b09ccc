package sfu

import (
	"io"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"parley/sfu/socket"
)

// A participant with valid keys sends stream after stream that no line knows: no
// memory is spent on them, and the participant is thrown out.
func TestAFloodOfNewStreamsIsNotRemembered(t *testing.T) {
	key := func() *srtp.Context {
		c, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var events []Event
	s := &shard{conn: socket.NewVirtual(&sink{}), log: slog.New(slog.NewTextHandler(io.Discard, nil)), now: time.Now(), publishers: map[uint32]*transport{}}
	from := newTransport("from", s, &stage{deliver: func(e Event) { events = append(events, e) }}, []Source{Camera}, 1)
	from.keys(key(), key())
	from.moved(netip.AddrPort{})
	from.ext = extensions{mid: 1}
	from.payloads[Camera].kind[96] = vp8
	from.mids["1"] = from.up[Camera]
	out := key()
	send := func(ssrc uint32, mid string) {
		h := rtp.Header{Version: 2, PayloadType: 96, SSRC: ssrc}
		if err := h.SetExtension(1, []byte(mid)); err != nil {
			t.Fatal(err)
		}
		plain, err := (&rtp.Packet{Header: h, Payload: []byte{0x10, 0, 0}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := out.EncryptRTP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		from.receive(sealed, from.path.at)
	}
	for i := range uint32(maxUnknown) {
		send(i+1, []string{"1", "9"}[i%2]) // a line that has its stream by then, and one that is not there
	}
	if len(from.streams) != 1 {
		t.Errorf("%d streams are remembered, want the first", len(from.streams))
	}
	if len(events) != 0 {
		t.Errorf("thrown out after %d strays: %v", maxUnknown-1, events)
	}
	send(99999, "9")
	if len(events) != 1 || events[0] != (Failed{Peer: "from", Reason: Abused}) {
		t.Errorf("events %v", events)
	}
}
