package sfu_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// One socket, announced in both families of addresses: a client may have either.
func TestAClientOfEitherFamilyConnects(t *testing.T) {
	for network, own := range ownAddresses(t) {
		t.Run(network.String(), func(t *testing.T) {
			e, err := sfu.New(sfu.Config{
				Listen:   netip.MustParseAddrPort("[::]:0"),
				Announce: []netip.Addr{netip.MustParseAddr("127.0.0.1"), own},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			r, err := e.NewRoom(func(sfu.Event) {})
			if err != nil {
				t.Fatal(err)
			}
			p, err := r.NewPeer("somebody", sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic}})
			if err != nil {
				t.Fatal(err)
			}
			connects(t, p, network)
		})
	}
}

// ownAddresses is an address of this machine for each family that it has.
// Loopback stands for IPv4; clients do not use that of IPv6.
func ownAddresses(t *testing.T) map[webrtc.NetworkType]netip.Addr {
	t.Helper()
	own := map[webrtc.NetworkType]netip.Addr{webrtc.NetworkTypeUDP4: netip.MustParseAddr("127.0.0.1")}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() && p.Addr().IsGlobalUnicast() {
			own[webrtc.NetworkTypeUDP6] = p.Addr()
		}
	}
	return own
}

// connects offers a microphone over one kind of network and waits.
func connects(t *testing.T, p *sfu.Peer, network webrtc.NetworkType) {
	t.Helper()
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{network})
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.GracefulClose()
	up := make(chan struct{})
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			close(up)
		}
	})
	mic, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic", "me")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.AddTransceiverFromTrack(mic, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		t.Fatal(err)
	}
	answer, err := p.Answer(t.Context(), sfu.Offer{SDP: offer.SDP, Sources: map[sfu.Source]string{sfu.Mic: "0"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-up:
	case <-time.After(10 * time.Second):
		t.Errorf("not connected after 10 s; answer:\n%s", answer)
	}
}
