package sfu_test

import (
	"net"
	"net/netip"
	"regexp"
	"testing"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// checker is a client's end of ICE without the rest: one socket, and the names.
type checker struct {
	t      *testing.T
	socket net.Conn
	client string
}

// check sends an ICE check under a name, and reports whether it was answered by
// who has the password.
func (c checker) check(server, pwd string) bool {
	c.t.Helper()
	integrity := stun.NewShortTermIntegrity(pwd)
	m := iceCheck(c.t, server+":"+c.client, pwd)
	b := make([]byte, 1500)
	for range 3 {
		if _, err := c.socket.Write(m.Raw); err != nil {
			c.t.Fatal(err)
		}
		c.socket.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := c.socket.Read(b)
		for err == nil {
			answer := &stun.Message{Raw: b[:n]}
			if answer.Decode() == nil && answer.Type == stun.BindingSuccess && answer.TransactionID == m.TransactionID && integrity.Check(answer) == nil {
				return true
			}
			n, err = c.socket.Read(b)
		}
	}
	return false
}

// iceCheck is a check of a client that is in control.
func iceCheck(t *testing.T, username, pwd string) *stun.Message {
	t.Helper()
	priority := stun.RawAttribute{Type: stun.AttrPriority, Value: []byte{110, 0, 0, 255}}
	controlling := stun.RawAttribute{Type: stun.AttrICEControlling, Value: make([]byte, 8)}
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(username), rawSetter(priority), rawSetter(controlling), stun.NewShortTermIntegrity(pwd), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type rawSetter stun.RawAttribute

func (r rawSetter) AddTo(m *stun.Message) error {
	m.Add(r.Type, r.Value)
	return nil
}

var iceName = regexp.MustCompile(`a=ice-ufrag:(\S+)\r\na=ice-pwd:(\S+)`)

func TestAFormerNameIsAnsweredWhereItsPeerIsAndNowhereElse(t *testing.T) {
	e, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	peer, negotiate := silentClient(t, e)
	from := func(client string) checker {
		t.Helper()
		socket, err := net.Dial("udp", e.Media()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { socket.Close() })
		return checker{t, socket, client}
	}

	client, old, oldPwd := negotiate(false)
	here, elsewhere := from(client), from(client)
	if !here.check(old, oldPwd) {
		t.Fatal("no answer before the restart")
	}
	client, now, nowPwd := negotiate(true)
	for _, c := range []struct {
		what      string
		from      checker
		name, pwd string
		want      bool
	}{
		{"the former name where the peer is", here, old, oldPwd, true},
		{"the former name elsewhere", elsewhere, old, oldPwd, false},
		{"the former name with another password", here, old, nowPwd, false},
		{"the name of now", checker{t, here.socket, client}, now, nowPwd, true},
		{"a name that nobody had", here, "nobody", oldPwd, false},
	} {
		if got := c.from.check(c.name, c.pwd); got != c.want {
			t.Errorf("%s: answered %v, want %v", c.what, got, c.want)
		}
	}
	peer.Close()
	if here.check(old, oldPwd) {
		t.Error("a peer that is gone is answered")
	}
}

// silentClient is a peer, and a client of it that offers, anew or again, and has no
// candidates, so that it sends no checks of its own. An offer gives the client's
// name, and the server's with its password.
func silentClient(t *testing.T, e *sfu.Engine) (peer *sfu.Peer, negotiate func(restart bool) (client, server, pwd string)) {
	t.Helper()
	room, err := e.NewRoom(func(sfu.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	peer, err = room.NewPeer("clara", sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic}})
	if err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{ICETransportPolicy: webrtc.ICETransportPolicyRelay})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	line, err := pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		t.Fatal(err)
	}
	negotiate = func(restart bool) (client, server, pwd string) {
		t.Helper()
		d, err := pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
		if err != nil {
			t.Fatal(err)
		}
		if err := pc.SetLocalDescription(d); err != nil {
			t.Fatal(err)
		}
		answer, err := peer.Answer(t.Context(), sfu.Offer{SDP: d.SDP, Sources: map[sfu.Source]string{sfu.Mic: line.Mid()}})
		if err != nil {
			t.Fatal(err)
		}
		if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
			t.Fatal(err)
		}
		names := iceName.FindStringSubmatch(answer)
		return iceName.FindStringSubmatch(d.SDP)[1], names[1], names[2]
	}
	return peer, negotiate
}
