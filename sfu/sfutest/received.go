package sfutest

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Received is what has come on one place: a seat, the screen's, or taps.
type Received struct {
	mu    sync.Mutex
	video videoCheck
	audio audioCheck
	sync  syncCheck
}

// NewReceived checks what is put on it by way of Tap.
func NewReceived() *Received { return &Received{} }

// Video is what has come of pictures.
func (r *Received) Video() Video {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.video.result()
}

// Audio is what has come of sound.
func (r *Received) Audio() Audio {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.audio.result()
}

// LipSync is how far sound and picture are apart, by the sender reports.
func (r *Received) LipSync() LipSync {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sync.LipSync
}

// Reset forgets the counts, the gaps and the violations, and keeps the state
// of the streams: what comes next is still checked against what came before.
func (r *Received) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.video.reset()
	r.audio.reset()
	r.sync.LipSync = LipSync{}
}

// decoded is the number of the packet that is waited for.
func (r *Received) decoded() uint16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.video.order.next
}

// stream is one line of a place.
type stream struct {
	place *Received
	line  *webrtc.RTPTransceiver
	video bool
	ssrc  uint32
}

// watch reads a track until its connection closes.
func (b *Browser) watch(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := receiver.RTPTransceiver().Mid()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	s := b.receives[mid]
	if s == nil {
		b.network.t.Errorf("browser %s: a track came on line %q, which is no place", b.name, mid)
		return
	}
	s.ssrc = uint32(track.SSRC())
	b.tap.learn(s.ssrc, uint32(track.RtxSSRC()), s)
	b.wg.Go(func() { s.readRTCP(receiver) })
	b.wg.Go(func() { drain(track) })
}

func (b *Browser) requestKeyframe(ssrc uint32) {
	_ = b.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
}

// drain keeps Pion reading; the tap has taken the packets.
func drain(track *webrtc.TrackRemote) {
	buffer := make([]byte, 1600)
	for {
		if _, _, err := track.Read(buffer); err != nil {
			return
		}
	}
}

// take checks a packet, and tells whether a keyframe is needed.
func (s *stream) take(p *rtp.Packet, now time.Time) (needKey bool) {
	r := s.place
	r.mu.Lock()
	defer r.mu.Unlock()
	if !s.video {
		r.audio.take(p, now, &r.sync)
		return false
	}
	r.video.take(p, now, &r.sync)
	return r.video.needsKeyframe(now)
}

func (s *stream) readRTCP(receiver *webrtc.RTPReceiver) {
	for {
		packets, _, err := receiver.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if sr, ok := p.(*rtcp.SenderReport); ok {
				s.place.mu.Lock()
				s.place.sync.report(s.video, sr)
				s.place.mu.Unlock()
			}
		}
	}
}
