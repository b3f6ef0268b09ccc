package sfu_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// A stranger who knows the port sends what they like: it is counted, and the call
// goes on.
func TestAStrangersDatagramsChangeNothing(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(time.Second)
		stranger, err := c.network.Listen(5000)
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		to := net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.network.ServerAddr(), 3478))
		chance := rand.New(rand.NewPCG(1, 2))
		firsts := []byte{0x00, 0x01, 0x16, 0x14, 0x40, 0x80, 0x90, 0xb0, 0xff}
		for i := range 2000 {
			b := make([]byte, 1+chance.IntN(1200))
			for j := range b {
				b[j] = byte(chance.Uint32())
			}
			b[0] = firsts[i%len(firsts)]
			if _, err := stranger.WriteTo(b, to); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		alice.sees(0, "ben", 35, 140)
		ben.sees(0, "alice", 35, 140)
		pass(time.Second)
		d := c.engine.Stats().Dropped
		if sum := d[sfu.DropJunk] + d[sfu.DropStranger]; sum < 1900 {
			t.Errorf("of 2,000 datagrams %d are counted: %v", sum, d)
		}
		if err := stranger.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, _, err := stranger.ReadFrom(make([]byte, 1500)); err == nil {
			t.Errorf("the stranger was answered with %d bytes", n)
		}
	})
}

// A participant asks for the same packets over and over.
func TestANACKFloodIsNotAmplified(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(2 * time.Second)
		var ssrc uint32
		for _, tr := range ben.PC().GetTransceivers() {
			if r := tr.Receiver(); tr.Kind() == webrtc.RTPCodecTypeVideo && tr.Direction() == webrtc.RTPTransceiverDirectionRecvonly && r.Track() != nil && ssrc == 0 {
				ssrc = uint32(r.Track().SSRC())
			}
		}
		if ssrc == 0 {
			t.Fatal("ben has no video")
		}
		before := c.engine.Stats()
		for range 200 {
			flood := &rtcp.TransportLayerNack{MediaSSRC: ssrc}
			for seq := 0; seq < 65536; seq += 17 * 16 {
				flood.Nacks = append(flood.Nacks, rtcp.NackPair{PacketID: uint16(seq), LostPackets: 0xffff})
			}
			if err := ben.PC().WriteRTCP([]rtcp.Packet{flood}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		pass(time.Second)
		after := c.engine.Stats()
		asked, sent := after.NacksIn-before.NacksIn, after.Retransmitted-before.Retransmitted
		passed := after.PacketsOut - before.PacketsOut - sent
		if asked < 100_000 {
			t.Fatalf("only %d packets were asked for", asked)
		}
		if sent > passed+250 {
			t.Errorf("%d retransmissions for %d packets passed on", sent, passed)
		}
	})
}

func TestWrongOffersAreRefusedWithAReason(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		good := c.network.Browser("alice").Offer(1)
		bench := func(change func(*sfu.Offer)) sfu.Offer {
			o := good
			o.Sources = map[sfu.Source]string{}
			for s, mid := range good.Sources {
				o.Sources[s] = mid
			}
			o.Seats = append([]sfu.Lines(nil), good.Seats...)
			change(&o)
			return o
		}
		tests := []struct {
			name, code string
			offer      sfu.Offer
		}{
			{"nothing", sfu.OfferMalformed, sfu.Offer{}},
			{"noise", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.SDP = "hello\r\n" })},
			{"cut in half", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.SDP = o.SDP[:len(o.SDP)/2] })},
			{"too long", sfu.OfferTooLarge, bench(func(o *sfu.Offer) { o.SDP += string(make([]byte, 65<<10)) })},
			{"too many seats", sfu.OfferTooLarge, bench(func(o *sfu.Offer) { o.Seats = make([]sfu.Lines, 17) })},
			{"a line that is not there", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.Sources[sfu.Mic] = "77" })},
			{"a camera on an audio line", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.Sources[sfu.Camera] = o.Sources[sfu.Mic] })},
			{"a seat on a line that sends", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.Seats[0].Audio = o.Sources[sfu.Mic] })},
			{"a line for nothing", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.Screen = sfu.Lines{} })},
			{"one line for two places", sfu.OfferMalformed, bench(func(o *sfu.Offer) { o.Screen = o.Seats[0] })},
		}
		for _, tt := range tests {
			p, err := c.room.NewPeer(sfu.PeerID(tt.name), sfu.PeerOptions{Allow: everything})
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Answer(t.Context(), tt.offer)
			p.Close()
			if o, ok := asOfferError(err); !ok || o.Code != tt.code || o.Message == "" {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
			}
		}
	})
}

func TestALaterOfferMayNotTakeSeatsBack(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.lobby("alice", 2)
		o := alice.Offer(2)
		o.Seats[0], o.Seats[1] = o.Seats[1], o.Seats[0]
		_, err := alice.peer.Answer(t.Context(), o)
		if e, ok := asOfferError(err); !ok || e.Code != sfu.OfferChanged {
			t.Errorf("%v, want %s", err, sfu.OfferChanged)
		}
	})
}
