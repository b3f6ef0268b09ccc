package sfutest

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// Sent is what a source has sent, and what was asked of it.
type Sent struct {
	Packets, Frames, Keyframes int // audio packets count as frames
	Bytes                      int // with the headers of RTP and below
	PLIs, FIRs, NACKs          int // NACKs counts the packets asked for
	ReceiverReports            int
	FractionLost               float64 // as last reported; 0 when that is long ago
}

// source publishes on one line. Its goroutine runs between Send and Stop.
type source struct {
	browser *Browser
	kind    sfu.Source
	line    *webrtc.RTPTransceiver
	layers  []*layer // one, or three of simulcast
	epoch   time.Time

	mu           sync.Mutex
	quit         chan struct{} // nil while stopped
	resumed      bool          // nothing sent since Send
	talking      bool
	held         bool    // by Hold
	thin, once   bool    // by Spare
	gathered     []stamp // frames of a thin packet
	mid          string
	level        uint8 // id of the audio level extension
	midID, ridID uint8 // ids of the extensions that name layers
	descriptorID uint8
	svc          *svc // by SetSVC
	sent         Sent
	ccs          int       // see Feedbacks
	told         time.Time // FractionLost
	before       []byte    // the frame of sound before
}

func (b *Browser) addSource(k sfu.Source) *source {
	b.network.t.Helper()
	codec, stream := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus}, b.name
	if k.Video() {
		codec.MimeType = webrtc.MimeTypeVP8
	} else if !b.profile.plain {
		codec = webrtc.RTPCodecCapability{MimeType: mimeTypeRED, ClockRate: 48000, Channels: 2}
	}
	if k == sfu.Screen || k == sfu.ScreenAudio {
		stream += "-screen"
	}
	s := &source{browser: b, kind: k, epoch: time.Now(), talking: true}
	style := NoSimulcast
	if k == sfu.Camera {
		style = b.profile.simulcast
	}
	s.layers = layers(style, b.profile.rates[k])
	for i, l := range s.layers {
		var options []func(*webrtc.TrackLocalStaticRTP)
		if l.rid != "" {
			options = append(options, webrtc.WithRTPStreamID(l.rid))
		}
		static, err := webrtc.NewTrackLocalStaticRTP(codec, k.String(), stream, options...)
		b.must(err, "make a track")
		l.track = &track{TrackLocalStaticRTP: static}
		if i > 0 {
			b.must(s.line.Sender().AddEncoding(l.track), "add a layer")
			continue
		}
		s.line, err = b.pc.AddTransceiverFromTrack(l.track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		b.must(err, "add a line")
	}
	for i, e := range s.line.Sender().GetParameters().Encodings {
		s.layers[i].ssrc = uint32(e.SSRC)
	}
	for _, l := range s.layers {
		b.wg.Go(func() { s.readRTCP(l) })
	}
	return s
}

// Send starts publishing a source, or does nothing if it is. Video begins with
// a keyframe, and has another when asked.
func (b *Browser) Send(k sfu.Source) { b.source(k).start() }

// Stop stops publishing a source; its line stays.
func (b *Browser) Stop(k sfu.Source) { b.source(k).stop() }

// Hold sends nothing of a source that is being sent, or again what is captured,
// beginning with a keyframe: what the page does for the sound's sake with
// setParameters.
func (b *Browser) Hold(k sfu.Source, on bool) {
	s := b.source(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = on
	if !on {
		s.wantKeys(0)
	}
	if k == sfu.Camera {
		b.budget.hold(on)
	}
}

// Spare makes the microphone send less than usual: 60 ms in a packet at half the
// bitrate, and nothing twice. It is what the page gets of Chromium on a narrow way up,
// with setParameters.
func (b *Browser) Spare(thin, once bool) {
	s := b.source(sfu.Mic)
	s.mu.Lock()
	defer s.mu.Unlock()
	b.budget.spare(thin)
	if s.thin != thin || s.once != once {
		s.thin, s.once, s.gathered, s.before = thin, once, nil, nil
	}
}

// Talk says by the audio level of the microphone whether somebody speaks. At
// first somebody does.
func (b *Browser) Talk(on bool) {
	s := b.source(sfu.Mic)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.talking = on
}

// Sent is what a source has sent.
func (b *Browser) Sent(k sfu.Source) Sent {
	s := b.source(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.sent
	if time.Since(s.told) > lossHolds {
		sent.FractionLost = 0
	}
	return sent
}

// lossHolds is how long what was reported lost says something about the way: of a source
// that is not sent nothing is reported.
const lossHolds = 4 * time.Second

// Feedbacks is how many packets of congestion control feedback have come back.
// They speak of the whole connection, on the line of any one source.
func (b *Browser) Feedbacks() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, s := range b.sources {
		s.mu.Lock()
		n += s.ccs
		s.mu.Unlock()
	}
	return n
}

func (b *Browser) source(k sfu.Source) *source {
	b.network.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sources[k]
	if s == nil {
		b.network.t.Fatalf("browser %s does not offer %v", b.name, k)
	}
	return s
}

// negotiated is called once there is an answer.
func (s *source) negotiated() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.level = extensionID(s.line.Sender(), sdp.AudioLevelURI)
	s.midID = extensionID(s.line.Sender(), sdp.SDESMidURI)
	s.ridID = extensionID(s.line.Sender(), sdp.SDESRTPStreamIDURI)
	s.descriptorID = extensionID(s.line.Sender(), descriptorURI)
	s.mid = s.line.Mid()
}

func (s *source) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit != nil {
		return
	}
	quit := make(chan struct{})
	s.quit = quit
	s.resumed = true
	s.wantKeys(0)
	s.browser.wg.Go(func() { s.run(quit) })
}

func (s *source) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit != nil {
		close(s.quit)
		s.quit = nil
	}
}

func (s *source) run(quit chan struct{}) {
	every := audioEvery
	if s.kind.Video() {
		every = time.Second / time.Duration(s.browser.profile.rates[s.kind].FPS)
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		s.capture(quit, every)
		select {
		case <-ticker.C:
		case <-quit:
			return
		}
	}
}

// readRTCP serves what the other end asks for. Retransmission is Pion's, and
// happens while we read.
func (s *source) readRTCP(l *layer) {
	for {
		packets, err := l.read(s.line.Sender())
		if err != nil {
			return
		}
		s.mu.Lock()
		for _, p := range packets {
			s.heard(p)
		}
		s.mu.Unlock()
	}
}

// heard takes a packet of RTCP. The caller holds mu.
func (s *source) heard(p rtcp.Packet) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication:
		s.sent.PLIs++
		s.wantKeys(p.MediaSSRC)
	case *rtcp.FullIntraRequest:
		s.sent.FIRs++
		for _, f := range p.FIR {
			s.wantKeys(f.SSRC)
		}
	case *rtcp.TransportLayerNack:
		for _, n := range p.Nacks {
			s.sent.NACKs += len(n.PacketList())
		}
	case *rtcp.TransportLayerCC:
		s.ccs++
		s.browser.budget.feedback(p, time.Now())
	case *rtcp.ReceiverEstimatedMaximumBitrate:
		s.browser.budget.limit(int(p.Bitrate))
	case *rtcp.ReceiverReport:
		s.reported(p.Reports)
	case *rtcp.SenderReport:
		s.reported(p.Reports)
	}
}

func (s *source) reported(reports []rtcp.ReceptionReport) {
	for _, r := range reports {
		for _, l := range s.layers {
			if r.SSRC == l.ssrc {
				s.sent.ReceiverReports++
				s.told = time.Now()
				s.sent.FractionLost = float64(r.FractionLost) / 256
				l.named = l.named && s.browser.profile.simulcast == FirefoxStyle
				s.browser.measure(r)
			}
		}
	}
}

// wantKeys makes the next frame of a layer a keyframe; 0 means every layer. The
// caller holds mu.
func (s *source) wantKeys(ssrc uint32) {
	for _, l := range s.layers {
		l.wantKey = l.wantKey || ssrc == 0 || ssrc == l.ssrc
	}
}

// read reads what the other end sends on a layer.
func (l *layer) read(sender *webrtc.RTPSender) (packets []rtcp.Packet, err error) {
	if l.rid == "" {
		packets, _, err = sender.ReadRTCP()
	} else {
		packets, _, err = sender.ReadSimulcastRTCP(l.rid)
	}
	return packets, err
}
