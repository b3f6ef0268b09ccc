package sfutest

import (
	"time"

	"github.com/pion/rtp"
)

const (
	audioEvery = 20 * time.Millisecond
	maxPayload = 1100 // bytes of a video packet's payload
	audioSize  = 80   // bytes of an audio packet's payload
	frameTicks = 960  // of RTP time in a frame
	thinFrames = 3    // of a packet of thin sound
	leanFrames = 6    // where there is room for nothing else
	thinSize   = 40   // bytes of a frame of it
	opusTOC    = 0xfc // 20 ms of stereo, full band (RFC 6716 §3.1)
	loud       = 20   // audio levels in -dBov (RFC 6464)
	silence    = 127
	belowRTP   = 44 // bytes of IP, UDP and what encryption adds
)

// outgoing is a packet on its way out of the encoder.
type outgoing struct {
	layer  *layer
	packet *rtp.Packet
	as     uint8         // a payload type other than its line's
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
		_ = o.layer.track.write(o.packet, o.as)
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
		s.gathered = append(s.gathered, st)
		n := s.browser.budget.frames()
		if len(s.gathered) < n {
			return nil
		}
		n = len(s.gathered)
		st, size = s.gathered[0], n*thinSize
		st.count = uint16(n)
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
	if s.svc != nil {
		return s.layered(st, every)
	}
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
