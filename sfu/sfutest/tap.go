package sfutest

import (
	"bytes"
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// rtxMime marks the streams of retransmissions in Pion's stream infos.
const rtxMime = "video/rtx"

// tap takes received packets where they come in: Pion itself hands over
// retransmissions only together with the next packet of their stream. It also
// asks for what is missing, as a browser's NACK requester does.
type tap struct {
	interceptor.NoOp
	browser *Browser

	mu      sync.Mutex
	lines   map[uint32]*tapped // by the SSRC of the media
	repairs map[uint32]*tapped // by the SSRC of the retransmissions
	early   map[uint32][]early // what came before its SSRC was known
}

// early is a packet that Pion has looked at to make a track of its stream.
type early struct {
	at     time.Time
	packet *rtp.Packet
}

// soundBack is how many packets back sound is asked for: no buffer is longer.
const soundBack = 12

// maxEarly is how many such packets are kept of a stream.
const maxEarly = 100

// tapped is one stream of video or sound.
type tapped struct {
	stream *stream
	nacks  nackList
}

func newTap(b *Browser) *tap {
	return &tap{browser: b, lines: map[uint32]*tapped{}, repairs: map[uint32]*tapped{}, early: map[uint32][]early{}}
}

// NewInterceptor makes the tap its own factory: it is for one connection.
func (t *tap) NewInterceptor(string) (interceptor.Interceptor, error) { return t, nil }

// learn says what an SSRC is for.
func (t *tap) learn(ssrc, rtx uint32, s *stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := &tapped{stream: s}
	t.lines[ssrc] = l
	if rtx != 0 {
		t.repairs[rtx] = l
	}
	for _, e := range t.early[ssrc] {
		t.take(l, e.packet, e.at)
	}
	delete(t.early, ssrc)
}

// BindRemoteStream reads along.
func (t *tap) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	ssrc, repair := info.SSRC, info.MimeType == rtxMime
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, a, err := reader.Read(b, a)
		if err == nil {
			t.read(ssrc, repair, b[:n])
		}
		return n, a, err
	})
}

func (t *tap) read(ssrc uint32, repair bool, b []byte) {
	var p rtp.Packet
	if p.Unmarshal(b) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[ssrc]
	if repair {
		if l = t.repairs[ssrc]; len(p.Payload) < 2 {
			return // padding, to probe
		}
		p.PayloadType-- // that of what is repaired
		p.SequenceNumber, p.Payload = binary.BigEndian.Uint16(p.Payload), p.Payload[2:]
	}
	if l != nil {
		t.take(l, &p, time.Now())
	} else if kept := t.early[ssrc]; !repair && len(kept) < maxEarly {
		p.Payload = bytes.Clone(p.Payload)
		t.early[ssrc] = append(kept, early{time.Now(), &p})
	}
}

// take passes a packet on, and asks for what it shows to be missing. The caller
// holds mu.
func (t *tap) take(l *tapped, p *rtp.Packet, now time.Time) {
	needKey := l.stream.take(p, now)
	if l.stream.video {
		l.nacks.forget(l.stream.place.decoded())
	} else if l.nacks.forget(p.SequenceNumber - soundBack); !t.browser.profile.asks {
		return
	}
	if missing := l.nacks.received(p.SequenceNumber, now); len(missing) > 0 {
		t.browser.request(l.stream.ssrc, missing)
	}
	if needKey {
		t.browser.requestKeyframe(l.stream.ssrc)
	}
}

// retry asks again for what is still missing.
func (t *tap) retry(now time.Time, rtt time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for ssrc, l := range t.lines {
		if missing := l.nacks.due(now, rtt); len(missing) > 0 {
			t.browser.request(ssrc, missing)
		}
	}
}

// request asks for packets.
func (b *Browser) request(ssrc uint32, missing []uint16) {
	_ = b.pc.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(missing)}})
}

// retryEvery is how often a browser looks for requests to repeat.
const retryEvery = 20 * time.Millisecond

func (b *Browser) retry() {
	ticker := time.NewTicker(retryEvery)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			b.tap.retry(now, b.roundTrip())
		case <-b.quit:
			return
		}
	}
}
