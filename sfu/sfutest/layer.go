package sfutest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

const (
	keyFactor = 4   // a keyframe is as large as so many other frames
	repay     = 0.3 // share of each frame after it that makes up for that
	burst     = 2.5 // a frame leaves so many times as fast as it was made
)

// Simulcast is a style of simulcast.
type Simulcast uint8

// The styles of simulcast.
const (
	NoSimulcast Simulcast = iota
	// ChromiumStyle has no SSRCs in the offer, and names layers in the packets
	// until the other end has reported on them.
	ChromiumStyle
	// FirefoxStyle has SSRCs in the offer, and always names layers.
	FirefoxStyle
)

// layer is one encoding of a source. Its fields belong to the sending
// goroutine or are guarded by the source's mu.
type layer struct {
	rid           string
	index         uint8
	track         *track
	width, height int
	min, max      int // bit/s

	ssrc       uint32
	seq        uint16
	number     uint32
	base       uint32 // RTP time starts from this
	descriptor descriptor
	debt       float64 // bytes above the target so far

	wantKey bool
	off     bool // by SetLayers
	starved bool // by the budget
	named   bool // by the packets, until reported on
}

// layers are what browsers make of a 720p camera.
func layers(style Simulcast, r VideoRate) []*layer {
	if style == NoSimulcast {
		return []*layer{newLayer("", 1280, 720, 30_000, r.Max)}
	}
	all := []*layer{
		newLayer("q", 320, 180, 30_000, 150_000),
		newLayer("h", 640, 360, 150_000, 500_000),
		newLayer("f", 1280, 720, 600_000, max(r.Max, 600_000)),
	}
	for i, l := range all {
		l.index = uint8(i)
	}
	return all
}

func newLayer(rid string, width, height, minimum, maximum int) *layer {
	return &layer{
		rid: rid, width: width, height: height, min: minimum, max: maximum, named: rid != "",
		seq: uint16(rand.Uint32()), base: rand.Uint32(), wantKey: true,
		descriptor: descriptor{picture: uint16(rand.Uint32()) & 0x7fff, tl0: uint8(rand.Uint32()), width: uint16(width), height: uint16(height)},
	}
}

// SetLayers makes the camera send the layers named and no others, as the page
// does with setParameters. A layer that comes back begins with a keyframe.
func (b *Browser) SetLayers(rids ...string) {
	for _, s := range b.sources {
		s.mu.Lock()
		for _, l := range s.layers {
			if l.rid == "" {
				continue
			}
			off := !slices.Contains(rids, l.rid)
			l.wantKey = l.wantKey || l.off && !off
			l.off = off
		}
		s.mu.Unlock()
	}
}

// share gives each layer that is on its part of a budget, from the smallest up,
// and tells which are starved. The caller holds the source's mu.
func (s *source) share(total int) []int {
	rates := make([]int, len(s.layers))
	smallest := true
	for i, l := range s.layers {
		if l.off {
			continue
		}
		rate := min(l.max, total)
		starved := rate < l.min && !smallest
		smallest = false
		l.wantKey = l.wantKey || l.starved && !starved
		l.starved = starved
		if !starved {
			rates[i] = max(rate, leastPicture)
			total -= rate
		}
	}
	return rates
}

// frame is how many bytes the layer's next frame has at a rate. After a
// keyframe the others are smaller until the rate is kept.
func (l *layer) frame(bitrate, fps int) int {
	usual := float64(bitrate) / 8 / float64(fps)
	size := usual * keyFactor
	if !l.wantKey {
		size = usual - min(l.debt, repay*usual)
	}
	l.debt = max(0, l.debt+size-usual)
	return max(int(size), 60)
}

// encode makes the packets of a layer's frame.
func (s *source) encode(l *layer, st stamp, packets, size int) []*rtp.Packet {
	l.descriptor.key = l.wantKey
	if l.wantKey {
		s.sent.Keyframes++
	}
	l.wantKey = false
	st.count, st.number, st.layer = uint16(packets), l.number, l.index
	l.number++
	out := make([]*rtp.Packet, 0, packets)
	for i := range packets {
		l.descriptor.start = i == 0
		st.index = uint16(i)
		p := s.packet(l, 90000, st.captured)
		p.Payload = fill(st.append(l.descriptor.append(nil)), size)
		p.Marker = i == packets-1
		s.name(l, p)
		out = append(out, p)
	}
	l.descriptor.picture = (l.descriptor.picture + 1) & 0x7fff
	l.descriptor.tl0++
	return out
}

// name puts the names of line and layer into a packet, where they are needed.
func (s *source) name(l *layer, p *rtp.Packet) {
	if !l.named || s.midID == 0 || s.ridID == 0 {
		return
	}
	_ = p.SetExtension(s.midID, []byte(s.mid))
	_ = p.SetExtension(s.ridID, []byte(l.rid))
}

// packet begins a packet of a layer.
func (s *source) packet(l *layer, clock int64, at time.Time) *rtp.Packet {
	ticks := int64(at.Sub(s.epoch)/time.Microsecond) * clock / 1e6
	p := &rtp.Packet{}
	p.Version = 2
	p.SequenceNumber = l.seq
	p.Timestamp = l.base + uint32(ticks)
	l.seq++
	return p
}

// withoutSSRCs takes the SSRCs out of a simulcast line, as Chromium offers it.
func withoutSSRCs(offer string, mid string) (string, error) {
	var d sdp.SessionDescription
	if err := d.UnmarshalString(offer); err != nil {
		return "", err
	}
	for _, m := range d.MediaDescriptions {
		if id, _ := m.Attribute("mid"); id == mid {
			m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool { return strings.HasPrefix(a.Key, "ssrc") })
		}
	}
	b, err := d.Marshal()
	return string(b), err
}
