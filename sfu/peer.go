package sfu

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"
)

// PeerID names a peer within its room. A participant who connects anew gets a
// new peer, and so a new id.
type PeerID string

// ScreenPlace is the place, besides the numbered seats, where a shared screen is
// shown.
const ScreenPlace = -1

// PeerOptions is what is decided about a peer before its client offers.
type PeerOptions struct {
	// Allow is the sources that the peer may ever publish. Lines of others are
	// refused in the answer, and their packets dropped.
	Allow []Source
	// Fallback lets the client begin the DTLS handshake, with older ciphers as
	// well. It is for a client whose handshake failed without it.
	Fallback bool
}

// Times of a connection.
const (
	handshakeFor     = 15 * time.Second // DTLS, all of it
	retransmitAfter  = 100 * time.Millisecond
	disconnectedTime = 6 * time.Second  // without a word from the browser
	failedTime       = 20 * time.Second // after that
	keepalive        = 2 * time.Second
)

// Peer is the server's end of one participant's connection. Its methods may be
// called from any goroutine but the shard's, and do nothing after Close.
type Peer struct {
	id        PeerID
	room      *Room
	pc        *webrtc.PeerConnection
	transport *transport
	allow     []Source
	closing   atomic.Bool
	closed    chan struct{} // when Close has done its work

	mu     sync.Mutex // serialises offers
	placed map[string]place
}

func newPeer(r *Room, id PeerID, o PeerOptions) (*Peer, error) {
	p := &Peer{id: id, room: r, allow: slices.Clone(o.Allow), placed: map[string]place{}, closed: make(chan struct{})}
	p.transport = newTransport(id, r.shard, r.stage, o.Allow, randomSSRC())
	if r.engine.trace != nil {
		if w := r.engine.trace(id); w != nil {
			p.transport.down.estimator.Trace(w)
		}
	}
	if err := p.connect(o.Fallback); err != nil {
		return nil, err
	}
	r.shard.load.Add(1)
	r.shard.do(func() { r.shard.add(p.transport) })
	return p, nil
}

// connect makes the PeerConnection that does ICE, DTLS and SDP for the peer.
func (p *Peer) connect(fallback bool) error {
	engine, err := mediaEngine()
	if err != nil {
		return err
	}
	settings, err := p.settings(fallback)
	if err != nil {
		return err
	}
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(engine),
		webrtc.WithSettingEngine(settings),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}), // RTCP is ours: one SRTP context per SSRC
	)
	p.pc, err = api.NewPeerConnection(webrtc.Configuration{
		Certificates:              []webrtc.Certificate{p.room.engine.certificate},
		RTPHeaderEncryptionPolicy: webrtc.RTPHeaderEncryptionPolicyDisable, // the header is read before the packet is decrypted
	})
	if err != nil {
		return fmt.Errorf("make a peer connection: %w", err)
	}
	p.pc.OnConnectionStateChange(p.connectionChanged)
	p.pc.SCTP().Transport().ICETransport().OnSelectedCandidatePairChange(p.pathChanged)
	return nil
}

// settings is the recipe for a join in the fewest round trips: ICE-lite that
// takes the first authenticated path, and a DTLS handshake that the server begins
// as soon as it has it.
func (p *Peer) settings(fallback bool) (webrtc.SettingEngine, error) {
	var s webrtc.SettingEngine
	t, shard := p.transport, p.room.shard
	keys := &keyLog{
		client:  !fallback,
		profile: srtp.ProtectionProfileAeadAes128Gcm,
		install: func(in, out *srtp.Context) { shard.do(func() { t.keys(in, out) }) },
	}
	s.SetNet(p.room.engine.net)
	s.SetICEUDPMux(&peerMux{mux: shard.mux, transport: t, keys: keys})
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetIncludeLoopbackCandidate(true)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetLite(true)
	s.SetICEUseCandidateCheckPriority(true)
	s.DisableActiveTCP(true)
	s.SetICETimeouts(disconnectedTime, failedTime, keepalive)
	var paths chooser
	s.SetICEBindingRequestHandler(func(m *stun.Message, _, remote ice.Candidate, _ *ice.CandidatePair) bool {
		now := time.Now()
		t.path.checked.Store(now.UnixNano())
		return paths.chooses(m, remote, now)
	})
	s.SetDTLSRetransmissionInterval(retransmitAfter)
	s.SetDTLSConnectContextMaker(func() (context.Context, func()) {
		return context.WithTimeout(context.Background(), handshakeFor)
	})
	s.SetDTLSCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) // the key export counts on SHA-256
	s.SetDTLSKeyLogWriter(keys)
	s.DisableMediaEngineCopy(true)
	s.LoggerFactory = quiet{p.room.engine.log}
	role := webrtc.DTLSRoleClient
	if fallback {
		role = webrtc.DTLSRoleServer
		s.SetDTLSInsecureSkipHelloVerify(true) // ICE has authenticated the address
		s.SetDTLSServerHelloMessageHook(keys.sendServerHello)
		s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	} else {
		// The browser, as DTLS server, would choose the slower cipher if it could.
		s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM)
	}
	return s, s.SetAnsweringDTLSRole(role)
}

// ID returns the peer's name.
func (p *Peer) ID() PeerID { return p.id }

// Answer takes the client's offer and returns the whole answer, candidates
// included. A later offer may add seats; what an earlier one held must stay.
// Errors about the offer are *OfferError; after Close it is ErrClosed.
func (p *Peer) Answer(ctx context.Context, o Offer) (string, error) {
	lines, err := o.read()
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for mid, was := range p.placed {
		if now, ok := lines.places[mid]; !ok || now != was {
			return "", &OfferError{Code: OfferChanged, Message: fmt.Sprintf("line %s was for %s", mid, was.stream())}
		}
	}
	added, err := p.addPlaces(lines)
	if err != nil {
		return "", err
	}
	answer, err := p.negotiate(ctx, o.SDP, lines)
	if err != nil {
		return "", err
	}
	if err := p.install(answer, lines, added); err != nil {
		return "", err
	}
	for mid, pl := range lines.places {
		p.placed[mid] = pl
	}
	return withCandidates(answer, p.room.shard.mux), nil
}

// Show seats from in place n: its Mic and Camera in a seat, its Screen and
// ScreenAudio in ScreenPlace. Nil empties the place. The change shows at from's
// next keyframe, which is asked for. Both peers are of the same room.
func (p *Peer) Show(n int, from *Peer) {
	var t *transport
	if from != nil {
		t = from.transport
	}
	p.room.shard.do(func() { p.transport.show(n, t) })
}

// Wish is what a viewer makes of a place. The zero Wish takes the largest picture
// there is.
type Wish struct {
	Width, Height int  // of the picture on the screen, in its pixels; 0 is not known
	Hidden        bool // nobody looks at it: its video is not sent
	Pinned        bool // chosen by the viewer: served before others
}

// Wish says what the viewer makes of place n, so that no larger layer is sent than
// is seen.
func (p *Peer) Wish(n int, w Wish) {
	p.room.shard.do(func() { p.transport.wish(n, w) })
}

// Encodes says with which codecs the client can send a source as one stream that
// holds several layers; codecs is kept. It is asked for such a stream where that
// serves.
func (p *Peer) Encodes(s Source, codecs []Codec) {
	if s >= sources || !slices.Contains(p.allow, s) {
		return
	}
	p.room.shard.do(func() { p.transport.up[s].encodes = codecs })
}

// Open opens or closes the gate of a source. While it is closed, as it is at
// first, nothing of the source is forwarded, kept, or heard as speech.
func (p *Peer) Open(s Source, on bool) {
	if s >= sources || !slices.Contains(p.allow, s) {
		return
	}
	p.room.shard.do(func() { p.transport.up[s].gate(on) })
}

// Close hangs up, empties the seats that show the peer, and waits for its
// goroutines. It may be called more than once.
func (p *Peer) Close() {
	if !p.closing.CompareAndSwap(false, true) {
		<-p.closed
		return
	}
	defer close(p.closed)
	p.room.shard.wait(p.transport.close)
	if err := p.pc.GracefulClose(); err != nil {
		p.room.engine.log.Debug("close a peer connection", "peer", p.id, "err", err)
	}
	p.room.shard.mux.forget(p.transport)
	p.room.shard.load.Add(-1)
	p.room.forget(p)
}

// connectionChanged is called by Pion.
func (p *Peer) connectionChanged(state webrtc.PeerConnectionState) {
	var failed FailureReason
	switch state {
	case webrtc.PeerConnectionStateConnected:
	case webrtc.PeerConnectionStateFailed:
		failed = HandshakeFailed
		if p.pc.ICEConnectionState() == webrtc.ICEConnectionStateFailed {
			failed = PathLost
		}
	case webrtc.PeerConnectionStateClosed:
		failed = HungUp
	default:
		return
	}
	p.room.engine.log.Debug("peer connection", "peer", p.id, "state", state.String())
	t := p.transport
	p.room.shard.do(func() {
		if t.closed {
			return // our own Close: its owner knows
		}
		if failed != "" {
			t.fail(failed)
			return
		}
		t.connectedNow()
	})
}

// pathChanged is called by Pion when ICE has chosen where the peer is.
func (p *Peer) pathChanged(pair *webrtc.ICECandidatePair) {
	if pair == nil || pair.Remote == nil {
		return
	}
	addr, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		p.room.engine.log.Debug("peer's address", "peer", p.id, "err", err)
		return
	}
	to := netip.AddrPortFrom(addr.Unmap(), pair.Remote.Port)
	p.room.shard.do(func() { p.transport.moved(to) })
}

func randomSSRC() uint32 {
	for {
		var b [4]byte
		rand.Read(b[:]) // never fails
		if n := binary.BigEndian.Uint32(b[:]); n != 0 {
			return n
		}
	}
}

// withCandidates puts the announced addresses into an answer, once and on its
// first line: all lines share one transport.
func withCandidates(answer string, m *mux) string {
	var b strings.Builder
	port := m.conn.LocalAddr().Port()
	lines := 0
	write := func() {
		for i, a := range m.announce {
			kind := 65535 - i // best first, as local preference (RFC 8445 §5.1.2.1)
			priority := 126<<24 | kind<<8 | 255
			fmt.Fprintf(&b, "a=candidate:%d 1 udp %d %s %d typ host\r\n", i+1, priority, a, port)
		}
		b.WriteString("a=end-of-candidates\r\n")
	}
	for line := range strings.SplitSeq(answer, "\r\n") {
		if line == "" || strings.HasPrefix(line, "a=candidate:") || line == "a=end-of-candidates" {
			continue
		}
		if strings.HasPrefix(line, "m=") {
			if lines++; lines == 2 {
				write()
			}
		}
		b.WriteString(line + "\r\n")
	}
	if lines == 1 {
		write()
	}
	return b.String()
}
