package sfutest

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// ScreenPlace is the place of Seat where a shared screen is shown.
const ScreenPlace = sfu.ScreenPlace

// Browser is a scripted browser: a Pion client on a host of its own.
// Its methods may be called from any goroutine; faults of the test itself end
// the test.
type Browser struct {
	name    string
	network *Network
	host    *host
	profile profile
	pc      *webrtc.PeerConnection
	wg      sync.WaitGroup
	closing sync.Once

	connected chan struct{} // closed at the first connection
	quit      chan struct{} // closed by Close
	tap       *tap
	budget    *budget

	mu       sync.Mutex
	closed   bool
	hurried  bool // for the paths of this offer
	rtt      time.Duration
	state    webrtc.PeerConnectionState
	sources  map[sfu.Source]*source
	places   map[int]*Received
	seats    []pair
	screen   pair
	receives map[string]*stream // by mid
}

// pair is the two lines of a place.
type pair struct{ audio, video *webrtc.RTPTransceiver }

// Browser adds a browser to the network. Its name is in all that it publishes.
func (n *Network) Browser(name string, options ...Option) *Browser {
	n.t.Helper()
	b := &Browser{
		name: name, network: n, profile: defaultProfile(), connected: make(chan struct{}),
		sources: map[sfu.Source]*source{}, places: map[int]*Received{}, receives: map[string]*stream{},
	}
	for _, o := range options {
		o(&b.profile)
	}
	b.quit, b.tap, b.budget = make(chan struct{}), newTap(b), newBudget()
	b.host = n.newHost(name, n.nextAddr())
	b.host.router = b.profile.router
	b.SetPath(b.profile.up, b.profile.down)
	pc, err := newPeerConnection(b)
	b.must(err, "open")
	b.pc = pc
	pc.OnConnectionStateChange(b.stateChanged)
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) { b.watch(track, receiver) })
	for _, s := range b.profile.sources {
		b.sources[s] = b.addSource(s)
	}
	b.wg.Go(b.retry)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.browsers = append(n.browsers, b)
	return b
}

func (b *Browser) must(err error, doing string) {
	b.network.t.Helper()
	if err != nil {
		b.network.t.Fatalf("browser %s: %s: %v", b.name, doing, err)
	}
}

// Name is the browser's name.
func (b *Browser) Name() string { return b.name }

// PC is the connection, for what the script does not cover.
func (b *Browser) PC() *webrtc.PeerConnection { return b.pc }

// Offer offers as the web page does: a line for each source, then pairs of
// lines for the seats, then one pair for the screen. A later offer may ask for
// more seats, never for fewer. It does not wait for candidates.
func (b *Browser) Offer(seats int) sfu.Offer {
	b.network.t.Helper()
	return b.offer(seats, nil)
}

// Restart offers again with another ufrag, as a page does that has lost its
// path. Pion, unlike browsers, gives up the old path at once.
func (b *Browser) Restart() sfu.Offer {
	b.network.t.Helper()
	b.mu.Lock()
	seats := len(b.seats)
	b.hurried = false
	b.mu.Unlock()
	return b.offer(seats, &webrtc.OfferOptions{ICERestart: true})
}

func (b *Browser) offer(seats int, options *webrtc.OfferOptions) sfu.Offer {
	b.network.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	first := b.screen.audio == nil
	for n := len(b.seats); n < seats; n++ {
		b.seats = append(b.seats, b.addPair(n))
	}
	if first {
		b.screen = b.addPair(ScreenPlace)
	}
	description, err := b.pc.CreateOffer(options)
	b.must(err, "make an offer")
	b.must(b.pc.SetLocalDescription(description), "set its own offer")
	o := sfu.Offer{SDP: description.SDP, Sources: map[sfu.Source]string{}, Screen: b.linesOf(ScreenPlace, b.screen)}
	for s, source := range b.sources {
		o.Sources[s] = source.line.Mid()
	}
	if b.profile.described && !strings.Contains(o.SDP, "extmap-allow-mixed") {
		o.SDP = strings.Replace(o.SDP, "t=0 0\r\n", "t=0 0\r\na=extmap-allow-mixed\r\n", 1)
	}
	if camera := o.Sources[sfu.Camera]; camera != "" && b.profile.simulcast == ChromiumStyle {
		o.SDP, err = withoutSSRCs(o.SDP, camera)
		b.must(err, "take the SSRCs out of its offer")
	}
	for n, p := range b.seats {
		o.Seats = append(o.Seats, b.linesOf(n, p))
	}
	return o
}

// addPair adds the lines of a place. The caller holds mu.
func (b *Browser) addPair(place int) pair {
	b.network.t.Helper()
	b.places[place] = NewReceived()
	add := func(kind webrtc.RTPCodecType) *webrtc.RTPTransceiver {
		line, err := b.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		b.must(err, "add a line")
		return line
	}
	return pair{audio: add(webrtc.RTPCodecTypeAudio), video: add(webrtc.RTPCodecTypeVideo)}
}

// linesOf names the lines of a place, and remembers what arrives on them as
// the place's. The caller holds mu.
func (b *Browser) linesOf(place int, p pair) sfu.Lines {
	b.receives[p.audio.Mid()] = &stream{place: b.places[place], line: p.audio}
	b.receives[p.video.Mid()] = &stream{place: b.places[place], line: p.video, video: true}
	return sfu.Lines{Audio: p.audio.Mid(), Video: p.video.Mid()}
}

// Accept takes the answer to the last offer.
func (b *Browser) Accept(answer string) error {
	err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	if err != nil {
		return fmt.Errorf("browser %s: accept the answer: %w", b.name, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sources {
		s.negotiated()
	}
	if !b.hurried && !b.closed {
		b.hurried = true
		b.wg.Go(b.hurry)
	}
	return nil
}

// hurry makes Pion nominate a path as soon as a check has been answered, as
// browsers do, and not at the next of its checks, which are 200 ms apart. A new
// candidate is what makes it look again; these are TCP ones, which it has no use
// for.
func (b *Browser) hurry() {
	for port := range 300 {
		time.Sleep(time.Millisecond)
		if b.pc.ICEConnectionState() > webrtc.ICEConnectionStateChecking {
			return
		}
		candidate := fmt.Sprintf("candidate:9 1 tcp 1 10.255.255.1 %d typ host tcptype passive", 1000+port)
		mid := "0"
		if err := b.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: candidate, SDPMid: &mid}); err != nil {
			return // closed
		}
	}
}

// Connected is closed when the browser first connects.
func (b *Browser) Connected() <-chan struct{} { return b.connected }

// State is the state of the connection.
func (b *Browser) State() webrtc.PeerConnectionState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

func (b *Browser) stateChanged(s webrtc.PeerConnectionState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = s
	if s == webrtc.PeerConnectionStateConnected {
		select {
		case <-b.connected:
		default:
			close(b.connected)
		}
	}
}

// Seat is what has come on seat n, or with ScreenPlace on the screen's place.
func (b *Browser) Seat(n int) *Received {
	b.network.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.places[n]
	if r == nil {
		b.network.t.Fatalf("browser %s: there is no seat %d", b.name, n)
	}
	return r
}

// Close closes the browser as a closed tab does, and waits for it.
func (b *Browser) Close() {
	b.closing.Do(func() {
		b.mu.Lock()
		b.closed = true
		close(b.quit)
		sources := b.sources
		b.mu.Unlock()
		for _, s := range sources {
			s.stop()
		}
		if err := b.pc.GracefulClose(); err != nil {
			b.network.t.Errorf("browser %s: close: %v", b.name, err)
		}
		b.wg.Wait()
	})
}

// extensionID is the negotiated id of a header extension, or 0.
func extensionID(s *webrtc.RTPSender, uri string) uint8 {
	for _, e := range s.GetParameters().HeaderExtensions {
		if e.URI == uri {
			return uint8(e.ID)
		}
	}
	return 0
}

// roundTrip is the time to the other end and back, by its reports; until there
// is one, what browsers take it for.
func (b *Browser) roundTrip() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rtt == 0 {
		return nackRTT
	}
	return b.rtt
}

// RTT is the round trip that the other end's reports show, smoothed; 0 before any.
func (b *Browser) RTT() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rtt
}

// measure takes a report block on something of ours (RFC 3550 §6.4.1).
func (b *Browser) measure(r rtcp.ReceptionReport) {
	if r.LastSenderReport == 0 {
		return
	}
	now := toNTP(time.Now().Add(b.profile.skew)) >> 16
	if units := uint32(now) - r.LastSenderReport - r.Delay; units < 1<<20 {
		rtt := time.Duration(units) * time.Second >> 16
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.rtt == 0 {
			b.rtt = rtt
		}
		b.rtt += (rtt - b.rtt) / 4
	}
}
