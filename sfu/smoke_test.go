package sfu_test

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"log/slog"
	"os"

	"parley/sfu"
)

type client struct {
	pc       *webrtc.PeerConnection
	mic, cam *webrtc.TrackLocalStaticRTP
	got      map[string]*atomic.Int64
	offer    sfu.Offer
}

func newClient(t *testing.T) *client {
	c := &client{got: map[string]*atomic.Int64{"audio": {}, "video": {}}}
	var err error
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	m := &webrtc.MediaEngine{}
	m.RegisterDefaultCodecs()
	api := webrtc.NewAPI(webrtc.WithSettingEngine(se))
	c.pc, err = api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	c.mic, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic", "me")
	c.cam, _ = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "cam", "me")
	for _, tr := range []webrtc.TrackLocal{c.mic, c.cam} {
		if _, err := c.pc.AddTransceiverFromTrack(tr, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		c.pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	}
	c.pc.OnTrack(func(tr *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			p, _, err := tr.ReadRTP()
			if err != nil {
				return
			}
			_ = p
			c.got[tr.Kind().String()].Add(1)
		}
	})
	o, err := c.pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.pc.SetLocalDescription(o); err != nil {
		t.Fatal(err)
	}
	c.offer = sfu.Offer{SDP: c.pc.LocalDescription().SDP, Sources: map[sfu.Source]string{sfu.Mic: "0", sfu.Camera: "1"}, Seats: []sfu.Lines{{Audio: "2", Video: "3"}}}
	return c
}

func TestSmoke(t *testing.T) {
	e, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r, _ := e.NewRoom(func(ev sfu.Event) { fmt.Printf("%T %+v\n", ev, ev) })
	var cs []*client
	var ps []*sfu.Peer
	for i := range 2 {
		c := newClient(t)
		defer c.pc.Close()
		p, err := r.NewPeer(sfu.PeerID(fmt.Sprint("p", i)), sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic, sfu.Camera}})
		if err != nil {
			t.Fatal(err)
		}
		t0 := time.Now()
		a, err := p.Answer(t.Context(), c.offer)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("answer", time.Since(t0), len(a))
		if i == 0 {
			fmt.Println(a)
		}
		if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: a}); err != nil {
			t.Fatal(err)
		}
		cs, ps = append(cs, c), append(ps, p)
	}
	ps[0].Show(0, ps[1])
	ps[1].Show(0, ps[0])
	for _, p := range ps {
		p.Open(sfu.Mic, true)
		p.Open(sfu.Camera, true)
	}
	for i := range 150 {
		time.Sleep(20 * time.Millisecond)
		for _, c := range cs {
			c.mic.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 960)}, Payload: make([]byte, 60)})
			pl := make([]byte, 1000)
			pl[0], pl[1], pl[2] = 0x10|0x80, 0x80, 0x80
			pl[4] = 1
			if i%10 == 0 {
				pl[4] = 0
			}
			c.cam.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: uint16(i), Timestamp: uint32(i * 1800), Marker: true}, Payload: pl})
		}
	}
	for _, c := range cs {
		fmt.Println(c.got["audio"].Load(), c.got["video"].Load())
	}
	fmt.Printf("%+v\n", e.Stats())
}
