package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// Way is the one path a guest takes.
type Way struct {
	// Only are the addresses media may be sent to; none: all that the answer names.
	Only []netip.Addr
	// Relay is an address of a relay in the form of RFC 7065, and what opens it;
	// empty: no relay.
	Relay, Username, Credential string
	// Dial opens the connection to a relay over TCP or TLS, with TLS done.
	Dial func(network, address string) (net.Conn, error)
}

// Guest is one end of a call. Its methods may be called from any goroutine.
type Guest struct {
	way  Way
	pc   *webrtc.PeerConnection
	mic  *webrtc.TrackLocalStaticRTP
	dial *dialer

	connected, failed chan struct{}
	once, lost        sync.Once
	heard             chan struct{} // one for each packet, until it is full

	life context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// enough packets of sound are a proof: a fifth of a second.
const enough = 10

const (
	opusType  = 111
	opusClock = 48000
	opusFrame = 20 * time.Millisecond
)

// silence is an Opus frame without sound (RFC 6716 §3.1: one CELT frame of 20 ms).
var silence = []byte{0xf8, 0xff, 0xfe}

// New makes a guest that takes a way. The caller closes it.
func New(way Way) (*Guest, error) {
	g := &Guest{
		way: way, dial: &dialer{open: way.Dial},
		connected: make(chan struct{}), failed: make(chan struct{}), heard: make(chan struct{}, enough),
	}
	g.life, g.stop = context.WithCancel(context.Background())
	var err error
	if g.pc, err = g.newConnection(); err != nil {
		return nil, err
	}
	if g.mic, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, "mic", "probe"); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	g.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		switch s {
		case webrtc.PeerConnectionStateConnected:
			g.once.Do(func() { close(g.connected) })
		case webrtc.PeerConnectionStateFailed:
			g.lost.Do(func() { close(g.failed) })
		}
	})
	g.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { g.listen(track) })
	return g, nil
}

func (g *Guest) newConnection() (*webrtc.PeerConnection, error) {
	m := &webrtc.MediaEngine{}
	opus := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: opusClock, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: opus, PayloadType: opusType}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, fmt.Errorf("register Opus: %w", err)
	}
	var s webrtc.SettingEngine
	s.LoggerFactory = quiet{}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIncludeLoopbackCandidate(true) // the server may be on this machine alone
	s.DisableActiveTCP(true)
	s.SetICEProxyDialer(g.dial)
	s.SetRelayAcceptanceMinWait(0)
	if len(g.way.Only) > 0 && g.way.Relay == "" {
		s.SetRemoteIPFilter(func(ip net.IP) bool {
			a, ok := netip.AddrFromSlice(ip)
			return ok && slices.Contains(g.way.Only, a.Unmap())
		})
	}
	c := webrtc.Configuration{BundlePolicy: webrtc.BundlePolicyMaxBundle}
	if g.way.Relay != "" {
		c.ICETransportPolicy = webrtc.ICETransportPolicyRelay
		c.ICEServers = []webrtc.ICEServer{{URLs: []string{g.way.Relay}, Username: g.way.Username, Credential: g.way.Credential}}
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(&interceptor.Registry{}), webrtc.WithSettingEngine(s))
	pc, err := api.NewPeerConnection(c)
	if err != nil {
		return nil, fmt.Errorf("make a connection: %w", err)
	}
	return pc, nil
}

// Offer offers a microphone and one seat without a picture. It waits until the
// relay, if there is one, has given an address, and says why it did not.
func (g *Guest) Offer(ctx context.Context) (sfu.Offer, error) {
	mic, err := g.pc.AddTransceiverFromTrack(g.mic, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return sfu.Offer{}, fmt.Errorf("add a microphone: %w", err)
	}
	seat, err := g.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	if err != nil {
		return sfu.Offer{}, fmt.Errorf("add a seat: %w", err)
	}
	var mu sync.Mutex
	candidates := 0
	g.pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			mu.Lock()
			candidates++
			mu.Unlock()
		}
	})
	gathered := webrtc.GatheringCompletePromise(g.pc)
	description, err := g.pc.CreateOffer(nil)
	if err != nil {
		return sfu.Offer{}, fmt.Errorf("make an offer: %w", err)
	}
	if err := g.pc.SetLocalDescription(description); err != nil {
		return sfu.Offer{}, fmt.Errorf("set the offer: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return sfu.Offer{}, g.because(errors.New("the relay did not answer in time"))
	}
	mu.Lock()
	none := candidates == 0
	mu.Unlock()
	if none {
		return sfu.Offer{}, g.because(errors.New("the relay gave no address"))
	}
	return sfu.Offer{
		SDP: g.pc.LocalDescription().SDP, Sources: map[sfu.Source]string{sfu.Mic: mic.Mid()}, Seats: []sfu.Lines{{Audio: seat.Mid()}},
	}, nil
}

// because adds why the relay could not be dialled, where that is known.
func (g *Guest) because(err error) error {
	if cause := g.dial.failure(); cause != nil {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// Accept takes the answer, and begins to speak.
func (g *Guest) Accept(answer string) error {
	if err := g.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return fmt.Errorf("take the answer: %w", err)
	}
	g.wg.Go(g.speak)
	return nil
}

// Connect waits until media can flow.
func (g *Guest) Connect(ctx context.Context) error {
	select {
	case <-g.connected:
		return nil
	case <-g.failed:
		return errors.New("no packet came back over this path")
	case <-ctx.Done():
		return errors.New("no packet came back over this path in time")
	}
}

// Hear waits until somebody else was heard since the guest came.
func (g *Guest) Hear(ctx context.Context) error {
	for range enough {
		select {
		case <-g.heard:
		case <-ctx.Done():
			return errors.New("connected, and nothing was heard")
		}
	}
	return nil
}

func (g *Guest) speak() {
	ticks := time.NewTicker(opusFrame)
	defer ticks.Stop()
	for n := uint32(1); ; n++ {
		select {
		case <-g.life.Done():
			return
		case <-ticks.C:
		}
		h := rtp.Header{Version: 2, Marker: n == 1, SequenceNumber: uint16(n), Timestamp: n * uint32(opusClock/(time.Second/opusFrame))}
		// Before it is connected there is nowhere to write to.
		_ = g.mic.WriteRTP(&rtp.Packet{Header: h, Payload: silence})
	}
}

// listen is called by Pion on a goroutine of the track's own, which Close waits for.
func (g *Guest) listen(track *webrtc.TrackRemote) {
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		if len(p.Payload) == 0 {
			continue // only to find out what the network carries
		}
		select {
		case g.heard <- struct{}{}:
		default:
		}
	}
}

// Close hangs up. It is idempotent.
func (g *Guest) Close() error {
	g.stop()
	g.wg.Wait()
	if err := g.pc.GracefulClose(); err != nil {
		return fmt.Errorf("hang up: %w", err)
	}
	return nil
}

// dialer remembers why a relay could not be dialled: Pion only logs it.
type dialer struct {
	open func(network, address string) (net.Conn, error)

	mu   sync.Mutex
	last error
}

// Dial is called by Pion for TURN over TCP and TLS, which it expects to be done.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	if d.open == nil {
		return nil, errors.New("there is no dialler")
	}
	c, err := d.open(network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = err
	return c, err
}

func (d *dialer) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// quiet keeps Pion from logging; what fails is told by the methods' errors.
type quiet struct{}

func (quiet) NewLogger(string) logging.LeveledLogger {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled
	return f.NewLogger("")
}
