package sfutest

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

const (
	audioEvery = 20 * time.Millisecond
	audioSize  = 80   // bytes of an audio packet's payload
	opusTOC    = 0xfc // 20 ms of stereo, full band (RFC 6716 §3.1)
	loud       = 20   // audio levels in -dBov (RFC 6464)
	silence    = 127
)

// Sent is what a source has sent, and what was asked of it.
type Sent struct {
	Packets, Frames, Keyframes int // audio packets count as frames
	PLIs, FIRs, NACKs          int // NACKs counts the packets asked for
	ReceiverReports            int
	FractionLost               float64 // as last reported
}

// source publishes on one line. Its goroutine runs between Send and Stop.
type source struct {
	browser *Browser
	kind    sfu.Source
	line    *webrtc.RTPTransceiver
	track   *webrtc.TrackLocalStaticRTP
	epoch   time.Time // RTP time starts here
	base    uint32    // and from this
	level   uint8     // id of the audio level extension

	// Of the sending goroutine, one after another.
	seq        uint16
	number     uint32
	descriptor descriptor
	payload    []byte

	mu      sync.Mutex
	quit    chan struct{} // nil while stopped
	resumed bool          // nothing sent since Send
	talking bool
	wantKey bool
	sent    Sent
	ccs     int // see Feedbacks
}

func (b *Browser) addSource(k sfu.Source) *source {
	b.network.t.Helper()
	mime, stream := webrtc.MimeTypeOpus, b.name
	if k.Video() {
		mime = webrtc.MimeTypeVP8
	}
	if k == sfu.Screen || k == sfu.ScreenAudio {
		stream += "-screen"
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, k.String(), stream)
	b.must(err, "make a track")
	line, err := b.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	b.must(err, "add a line")
	s := &source{
		browser: b, kind: k, line: line, track: track, epoch: time.Now(),
		base: rand.Uint32(), seq: uint16(rand.Uint32()), talking: true,
		descriptor: descriptor{picture: uint16(rand.Uint32()) & 0x7fff, tl0: uint8(rand.Uint32())},
	}
	b.wg.Go(s.readRTCP)
	return s
}

// Send starts publishing a source, or does nothing if it is. Video begins with
// a keyframe, and has another when asked.
func (b *Browser) Send(k sfu.Source) { b.source(k).start() }

// Stop stops publishing a source; its line stays.
func (b *Browser) Stop(k sfu.Source) { b.source(k).stop() }

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
	s.level = extensionID(s.line.Sender())
}

func (s *source) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit != nil {
		return
	}
	quit := make(chan struct{})
	s.quit = quit
	s.wantKey, s.resumed = true, true
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
		s.capture(quit)
		select {
		case <-ticker.C:
		case <-quit:
			return
		}
	}
}

// capture sends what is heard or seen now.
func (s *source) capture(quit chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit != quit {
		return
	}
	now := time.Now()
	st := stamp{number: s.number, count: 1, captured: now, first: s.resumed, publisher: s.browser.name}
	s.resumed = false
	s.number++
	s.sent.Frames++
	if s.kind.Video() {
		s.picture(st)
	} else {
		s.sound(st)
	}
}

func (s *source) sound(st stamp) {
	s.payload = append(s.payload[:0], opusTOC)
	s.payload = fill(st.append(s.payload), audioSize)
	p := s.packet(48000, st.captured)
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
	s.write(p)
}

func (s *source) picture(st stamp) {
	rate := s.browser.profile.rates[s.kind]
	n := rate.Packets
	s.descriptor.key = s.wantKey
	if s.wantKey {
		n = rate.KeyPackets
		s.sent.Keyframes++
	}
	s.wantKey = false
	st.count = uint16(n)
	for i := range n {
		s.descriptor.start = i == 0
		st.index = uint16(i)
		s.payload = fill(st.append(s.descriptor.append(s.payload[:0])), rate.Size)
		p := s.packet(90000, st.captured)
		p.Marker = i == n-1
		s.write(p)
	}
	s.descriptor.picture = (s.descriptor.picture + 1) & 0x7fff
	s.descriptor.tl0++
}

// fill makes b n bytes long, if it is shorter.
func fill(b []byte, n int) []byte {
	for len(b) < n {
		b = append(b, byte(len(b)))
	}
	return b
}

func (s *source) packet(clock int64, at time.Time) *rtp.Packet {
	ticks := int64(at.Sub(s.epoch)/time.Microsecond) * clock / 1e6
	p := &rtp.Packet{Payload: s.payload}
	p.Version = 2
	p.SequenceNumber = s.seq
	p.Timestamp = s.base + uint32(ticks)
	s.seq++
	return p
}

func (s *source) write(p *rtp.Packet) {
	s.sent.Packets++
	// Before the connection is there, and after, packets are lost, as on a
	// network that is down.
	_ = s.track.WriteRTP(p)
}

// readRTCP serves what the other end asks for. Retransmission is Pion's, and
// happens while we read.
func (s *source) readRTCP() {
	for {
		packets, _, err := s.line.Sender().ReadRTCP()
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
		s.wantKey = true
	case *rtcp.FullIntraRequest:
		s.sent.FIRs++
		s.wantKey = true
	case *rtcp.TransportLayerNack:
		for _, n := range p.Nacks {
			s.sent.NACKs += len(n.PacketList())
		}
	case *rtcp.TransportLayerCC:
		s.ccs++
	case *rtcp.ReceiverReport:
		s.reported(p.Reports)
	case *rtcp.SenderReport:
		s.reported(p.Reports)
	}
}

func (s *source) reported(reports []rtcp.ReceptionReport) {
	for _, r := range reports {
		if r.SSRC == uint32(s.line.Sender().GetParameters().Encodings[0].SSRC) {
			s.sent.ReceiverReports++
			s.sent.FractionLost = float64(r.FractionLost) / 256
			s.browser.measure(r)
		}
	}
}
