package sfu

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"

	"parley/sfu/forward"
)

// Tap is given what a source publishes, without a seat and a viewer: for a
// recorder. Its methods are called by the shard's goroutine, never by two at once.
// They must return at once and must not call into the engine, and copy what they
// keep. Taps are told apart by ==.
//
// It is given one continuous line, whatever layer arrives and whoever it follows:
// sequence numbers go on without a gap but where packets are lost, and RTP times
// are fitted to the server's clock, as they are in a seat. Packets that were lost
// and repaired, or overtaken, come late. While nothing arrives, or the gate of the
// source is closed, nothing comes, and the numbers go on with what comes next.
// Pictures begin with a keyframe, at first and whenever something is missing
// before them on purpose.
type Tap interface {
	// RTP takes one packet, decrypted and without padding: its payload type is one
	// of the Tapped… constants, its header extensions those that it came with. An
	// empty one only holds its number.
	RTP(arrived time.Time, packet []byte)
	// SenderReport tells which moment an RTP time of the line was, by the server's
	// clock, in NTP's format: from then on, and so for all lines that it gives.
	SenderReport(arrived time.Time, ntp uint64, rtp uint32)
}

// Payload types of what a Tap is given, whatever the browser called them.
const (
	TappedOpus = 111 // also of what came with redundancy (RFC 2198)
	TappedVP8  = 96
	TappedH264 = 102
)

var tappedTypes = [codecs]uint8{opus: TappedOpus, vp8: TappedVP8, h264: TappedH264}

// Tap gives tap what the peer publishes as s, in the best layer that arrives. It
// counts as somebody who watches: layers are sent for it, and a keyframe is asked
// for now and after losses. A tap follows one source at a time: one that has
// followed another source of the room goes on with its line here, as when a
// participant comes back as a new peer.
func (p *Peer) Tap(s Source, tap Tap) {
	if s >= sources || !slices.Contains(p.allow, s) {
		return
	}
	p.room.shard.do(func() { p.transport.tap(s, tap) })
}

// Keyframe asks the peer for a keyframe of a source, as often as one may be asked
// for, for a tap that has lost something.
func (p *Peer) Keyframe(s Source) {
	if s >= sources {
		return
	}
	p.room.shard.do(func() {
		if u := p.transport.up[s]; !p.transport.closed {
			u.nearest(topLayer).needKeyframe()
		}
	})
}

// Untap ends a tap. Once it has returned, the tap is not called any more. It does
// nothing for a tap that has ended, or never began.
func (r *Room) Untap(tap Tap) {
	r.shard.wait(func() {
		if l := r.stage.taps[tap]; l != nil {
			l.follow(nil)
			delete(r.stage.taps, tap)
		}
	})
}

// tapped is the line of one tap. Owned by the shard.
type tapped struct {
	tap     Tap
	shard   *shard
	ssrc    uint32
	line    forward.Line
	numbers forward.Rewriter

	follows *upTrack
	want    *layer // the layer that is to be given: the best that arrives
	from    *layer // whose packets are being given; differs from want until its first keyframe

	cut bool // the newest packet given did not end its frame

	before   *layer // from, before the last splice: what it still repairs has its number
	numbered forward.Rewriter
}

func (t *transport) tap(s Source, tap Tap) {
	if t.closed {
		return
	}
	l := t.stage.taps[tap]
	if l == nil {
		l = &tapped{
			tap: tap, shard: t.shard, ssrc: rand.Uint32(),
			line: forward.Line{Epoch: t.shard.now, Rate: rateOf(s.Video())},
		}
		l.numbers.Start(1)
		t.stage.taps[tap] = l
	}
	if l.line.Rate == rateOf(s.Video()) {
		l.follow(t.up[s])
	}
}

// follow makes u the source; nil is none.
func (l *tapped) follow(u *upTrack) {
	if l.follows == u {
		return
	}
	if l.follows != nil {
		l.follows.taps = slices.DeleteFunc(l.follows.taps, func(o *tapped) bool { return o == l })
	}
	l.follows, l.want, l.from, l.before = u, nil, nil, nil
	if u != nil {
		u.taps = append(u.taps, l)
		l.choose()
	}
}

// choose settles which layer is given, as things arrive now.
func (l *tapped) choose() {
	best := l.follows.nearest(topLayer)
	if best == l.want {
		return
	}
	l.want = best
	if best != l.from {
		best.needKeyframe()
	}
}

// interrupt makes the line start afresh with from's next keyframe.
func (l *tapped) interrupt(from *layer) {
	if l.from == from {
		l.from = nil
	}
}

// take gives the tap a packet of one of its source's layers, if it is that layer's
// turn.
func (l *tapped) take(from *layer, p *packet) {
	pt := tappedTypes[p.codec]
	payload := p.payload
	if p.codec == red {
		pt = TappedOpus
		payload, _ = forward.PrimaryOfRED(payload)
	}
	if pt == 0 {
		if l.from == from && !p.late {
			l.from = nil // it comes in a form that is not given
		}
		return
	}
	if l.before == from && p.late {
		if seq, ok := l.numbered.Late(p.seq); ok {
			l.give(p, payload, pt, seq, &l.numbered)
			return
		}
	}
	if l.from != from && !l.splice(from, p) {
		return
	}
	if seq, ok := l.numbers.Seq(p.seq); ok {
		if !p.late {
			l.cut = from.track.source.Video() && !p.marker
		}
		l.give(p, payload, pt, seq, &l.numbers)
	}
}

// skip keeps the numbering whole where from's packet p is empty.
func (l *tapped) skip(from *layer, p *packet) {
	if l.from != from || l.numbers.Skip(p.seq) {
		return
	}
	if seq, ok := l.numbers.Seq(p.seq); ok && p.codec < codecs {
		l.give(&packet{ts: p.ts, marker: p.marker}, nil, tappedTypes[p.codec], seq, &l.numbers)
	}
}

// splice lets from take over the line at p.
func (l *tapped) splice(from *layer, p *packet) bool {
	if from != l.want || p.late {
		return false
	}
	if from.track.source.Video() && !p.keyframe {
		from.needKeyframe()
		return false
	}
	l.before, l.numbered = l.from, l.numbers
	if l.cut {
		l.numbers.Gap() // the rest of its last frame is lost, or comes too late
	}
	l.from = from
	l.numbers.Splice(p.seq, p.ts, l.line.At(from.captured(p.ts)), p.picture)
	l.report(from)
	return true
}

// give puts a packet together for the tap.
func (l *tapped) give(p *packet, payload []byte, pt uint8, seq uint16, numbers *forward.Rewriter) {
	b := l.shard.scratch[:]
	n := putHeader(b, pt, p.marker, seq, numbers.Timestamp(p.ts), l.ssrc)
	if n+len(p.extensions)+len(payload) > len(b) {
		l.shard.count.drops[malformed]++
		return
	}
	if len(p.extensions) > 0 {
		b[0] |= 0x10
		n += copy(b[n:], p.extensions)
	}
	copy(b[n:], payload)
	p.picture.Rewrite(b[n:], numbers.Picture(p.picture))
	l.tap.RTP(l.shard.now, b[:n+len(payload)])
}

// report tells the tap what from's newest sender report says of its line.
func (l *tapped) report(from *layer) {
	if l.from != from || from.report.ntp == 0 {
		return
	}
	if at, ok := from.track.transport.clock.Local(forward.FromNTP(from.report.ntp)); ok {
		l.tap.SenderReport(l.shard.now, forward.ToNTP(at), from.report.rtp+l.numbers.Offset())
	}
}

// extensionsOf is a packet's header extensions with their own header, empty where
// it has none. The packet's header has been parsed.
func extensionsOf(b []byte, size int) []byte {
	if b[0]&0x10 == 0 {
		return nil
	}
	at := headerSize + 4*int(b[0]&0x0f)
	if at+4+4*int(binary.BigEndian.Uint16(b[at+2:])) != size {
		return nil
	}
	return b[at:size]
}
