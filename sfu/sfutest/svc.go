package sfutest

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// Payload types of the codecs that hold layers; that of RTX follows.
const (
	vp9Type = 98
	av1Type = 45
)

const descriptorURI = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"

// svc is an encoder that puts several layers into one stream. It is guarded by the
// source's mu.
type svc struct {
	payloadType uint8
	pattern
	number  uint32 // of the next frame
	picture uint16
	tl0     uint8
	phase   int // pictures since the keyframe
}

// SetSVC makes a source send one stream of several layers on its first encoding, as
// the page does with setParameters: L3T3_KEY of a camera, L1T3 of a screen. Without a
// codec it sends what it offered. It begins with a keyframe.
func (b *Browser) SetSVC(k sfu.Source, c sfu.Codec) {
	s := b.source(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wantKeys(0)
	if c == "" {
		s.svc = nil
		return
	}
	sizes, payloadType := 1, uint8(av1Type)
	if k == sfu.Camera {
		sizes = 3
	}
	if c == sfu.VP9 {
		payloadType = vp9Type
	}
	s.svc = &svc{
		payloadType: payloadType, pattern: pattern{sizes},
		number: rand.Uint32() >> 8, picture: uint16(rand.Uint32()), tl0: uint8(rand.Uint32()),
	}
}

// layered makes the packets of a picture in all its sizes. The caller holds mu.
func (s *source) layered(st stamp, every time.Duration) (out []outgoing) {
	r, l, e := s.browser.profile.rates[s.kind], s.layers[0], s.svc
	total := r.Max
	if total == 0 {
		total = r.FPS * r.Packets * r.Size * 8
	}
	total = min(total, s.browser.budget.picture())
	if l.wantKey {
		e.phase = 0
		s.sent.Keyframes++
	}
	kind := template(e.phase)
	if temporal(kind) == 0 {
		e.tl0++
	}
	parts := (1<<(2*e.sizes) - 1) / 3 // 1, 4, 16 …
	for size := range e.sizes {
		bytes := float64(total) * float64(int(1)<<(2*size)) / float64(parts) / 8 / float64(r.FPS)
		if l.wantKey {
			bytes *= keyFactor
		}
		for _, p := range s.svcFrame(st, size, kind, max(int(bytes), 80)) {
			out = append(out, outgoing{layer: l, packet: p, as: e.payloadType})
		}
		e.number++
	}
	for i := range out[min(1, len(out)):] {
		gap := time.Duration(float64(len(out[i].packet.Payload)*8) / (burst * float64(total)) * float64(time.Second))
		out[i+1].wait = min(gap, every/time.Duration(len(out)))
	}
	l.number++
	l.wantKey = false
	e.picture++
	e.phase++
	return out
}

// svcFrame makes the packets of one size of a picture.
func (s *source) svcFrame(st stamp, size, kind, bytes int) (out []*rtp.Packet) {
	l, e := s.layers[0], s.svc
	n := (bytes + maxPayload - 1) / maxPayload
	st.number, st.count, st.layer = l.number, uint16(n), uint8(size<<2|temporal(kind))
	for i := range n {
		st.index = uint16(i)
		p := s.packet(l, 90000, st.captured)
		p.Marker = i == n-1 && size == e.sizes-1
		p.Extension, p.ExtensionProfile = true, 0x1000
		_ = p.SetExtension(s.descriptorID, e.descriptor(i == 0, i == n-1, size, kind, uint16(e.number)))
		s.name(l, p)
		body := st.append(e.payload(i, n, size, kind))
		body = binary.BigEndian.AppendUint32(body, e.number)
		body = append(body, byte(e.diff(size, kind)))
		p.Payload = fill(body, bytes/n)
		out = append(out, p)
	}
	return out
}

// payload is what stands before a packet's contents: a VP9 payload descriptor (RFC
// 9628 §4.2), or an AV1 aggregation header (AV1 RTP specification §4.4).
func (e *svc) payload(i, n, size, kind int) []byte {
	key := kind == keyTemplate
	set := func(on bool, bit byte) byte {
		if on {
			return bit
		}
		return 0
	}
	if e.payloadType == av1Type {
		return []byte{set(i > 0, 0x80) | set(i < n-1, 0x40) | 0x10 | set(key && i == 0 && size == 0, 0x08), 0x32}
	}
	structure := key && i == 0 && size == 0
	b := []byte{0x80 | set(!key, 0x40) | 0x20 | set(i == 0, 0x08) | set(i == n-1, 0x04) | set(structure, 0x02)}
	b = binary.BigEndian.AppendUint16(b, 0x8000|e.picture)
	b = append(b, byte(temporal(kind)<<5|size<<1)|0x10|set(key && size > 0, 0x01), e.tl0)
	if structure {
		b = append(b, byte(e.sizes-1)<<5|0x10)
		for j := range e.sizes {
			width, height := e.size(j)
			b = binary.BigEndian.AppendUint16(b, uint16(width))
			b = binary.BigEndian.AppendUint16(b, uint16(height))
		}
	}
	return b
}

// track sends packets also with another payload type than that of the codec that
// was agreed on first, as an encoder does whose codec was changed.
type track struct {
	*webrtc.TrackLocalStaticRTP
	writer webrtc.TrackLocalWriter
	ssrc   uint32
}

// Bind remembers where packets go.
func (t *track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.writer, t.ssrc = c.WriteStream(), uint32(c.SSRC())
	return t.TrackLocalStaticRTP.Bind(c)
}

// write sends a packet, with the payload type as where it is not 0.
func (t *track) write(p *rtp.Packet, as uint8) error {
	if as == 0 || t.writer == nil {
		return t.WriteRTP(p)
	}
	p.PayloadType, p.SSRC = as, t.ssrc
	_, err := t.writer.WriteRTP(&p.Header, p.Payload)
	return err
}
