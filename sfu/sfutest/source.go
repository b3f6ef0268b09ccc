package sfutest

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

const (
	audioEvery = 20 * time.Millisecond
	maxPayload = 1100 // bytes of a video packet's payload
	audioSize  = 80   // bytes of an audio packet's payload
	frameTicks = 960  // of RTP time in a frame
	thinFrames = 3    // of a packet of thin sound
	thinSize   = 120  // bytes of its payload
	opusTOC    = 0xfc // 20 ms of stereo, full band (RFC 6716 §3.1)
	loud       = 20   // audio levels in -dBov (RFC 6464)
	silence    = 127
	belowRTP   = 44 // bytes of IP, UDP and what encryption adds
)

// Sent is what a source has sent, and what was asked of it.
type Sent struct {
	Packets, Frames, Keyframes int // audio packets count as frames
	Bytes                      int // with the headers of RTP and below
	PLIs, FIRs, NACKs          int // NACKs counts the packets asked for
	ReceiverReports            int
	FractionLost               float64 // as last reported
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
	sent         Sent
	ccs          int    // see Feedbacks
	before       []byte // the frame of sound before
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
		var err error
		l.track, err = webrtc.NewTrackLocalStaticRTP(codec, k.String(), stream, options...)
		b.must(err, "make a track")
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
	return s.sent
}

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

// outgoing is a packet on its way out of the encoder.
type outgoing struct {
	layer  *layer
	packet *rtp.Packet
	wait   time.Duration // before it leaves
}

// capture sends what is heard or seen now.
func (s *source) capture(quit chan struct{}, every time.Duration) {
	s.mu.Lock()
	if s.quit != quit {
		s.mu.Unlock()
		return
	}
	st := stamp{count: 1, captured: time.Now(), first: s.resumed, publisher: s.browser.name}
	s.resumed = false
	if s.held {
		s.mu.Unlock()
		return
	}
	s.sent.Frames++
	var out []outgoing
	if s.kind.Video() {
		out = s.picture(st, every)
	} else {
		out = s.sound(st)
	}
	s.sent.Packets += len(out)
	for _, o := range out {
		s.sent.Bytes += o.packet.MarshalSize() + belowRTP
	}
	s.mu.Unlock()
	for _, o := range out {
		if o.wait > 0 {
			time.Sleep(o.wait)
		}
		// Before the connection is there, and after, packets are lost, as on a
		// network that is down.
		_ = o.layer.track.WriteRTP(o.packet)
	}
}

// sound makes a packet of sound, or none yet. The caller holds mu.
func (s *source) sound(st stamp) []outgoing {
	l := s.layers[0]
	st.number = l.number
	st.fec = s.sent.FractionLost > 0 // as Opus is told to when there is loss
	l.number++
	size := audioSize
	if s.thin {
		if s.gathered = append(s.gathered, st); len(s.gathered) < thinFrames {
			return nil
		}
		st, size = s.gathered[0], thinSize
		st.count = thinFrames
		s.gathered = s.gathered[:0]
	}
	p := s.packet(l, 48000, st.captured)
	frame := fill(st.append([]byte{opusTOC}), size)
	p.Payload = frame
	if !s.browser.profile.plain {
		before := s.before
		if st.first || s.once {
			before = nil
		}
		p.Payload = repeat(s.browser.profile.opus, before, frameTicks*uint32(st.count), frame)
		s.before = frame
	}
	p.Marker = st.number == 0
	if s.level != 0 {
		level := rtp.AudioLevelExtension{Level: silence}
		if s.talking {
			level = rtp.AudioLevelExtension{Level: loud, Voice: true}
		}
		if b, err := level.Marshal(); err == nil {
			_ = p.SetExtension(s.level, b)
		}
	}
	return []outgoing{{layer: l, packet: p}}
}

// picture makes the packets of a frame in each layer. The caller holds mu.
func (s *source) picture(st stamp, every time.Duration) (out []outgoing) {
	r := s.browser.profile.rates[s.kind]
	if r.Max == 0 {
		n := r.Packets
		if s.layers[0].wantKey {
			n = r.KeyPackets
		}
		for _, p := range s.encode(s.layers[0], st, n, r.Size) {
			out = append(out, outgoing{layer: s.layers[0], packet: p})
		}
		return out
	}
	rates := s.share(s.browser.budget.picture())
	total := 0
	for i, l := range s.layers {
		if rates[i] == 0 {
			continue
		}
		total += rates[i]
		size := l.frame(rates[i], r.FPS)
		n := (size + maxPayload - 1) / maxPayload
		for _, p := range s.encode(l, st, n, size/n) {
			out = append(out, outgoing{layer: l, packet: p})
		}
	}
	for i := range out[min(1, len(out)):] { // within the frame's time, whatever its size
		gap := time.Duration(float64(len(out[i].packet.Payload)*8) / (burst * float64(total)) * float64(time.Second))
		out[i+1].wait = min(gap, every/time.Duration(len(out)))
	}
	return out
}

// fill makes b n bytes long, if it is shorter.
func fill(b []byte, n int) []byte {
	for len(b) < n {
		b = append(b, byte(len(b)))
	}
	return b
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
