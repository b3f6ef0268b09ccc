package sfu

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pion/rtcp"

	"parley/sfu/forward"
)

// downTrack is one line of a seat: a continuous RTP stream to its viewer,
// whoever sits there. Owned by the shard.
type downTrack struct {
	viewer    *transport
	video     bool
	ssrc, rtx uint32
	cname     string
	payloads  payloads
	line      forward.Line
	numbers   forward.Rewriter

	sits   *upTrack // who sits here
	target int      // the layer of it that suits the viewer; none when negative
	want   *layer   // the layer that is to be sent: the target, or the nearest there is
	from   *layer   // whose packets are being sent; differs from want until its first keyframe

	history    *history // video only
	rtxSeq     uint16
	lastOut    uint16 // newest number sent
	padded     int    // copies sent as padding
	starved    bool   // paused because the connection does not carry it
	packets    uint32
	octets     uint32
	sentAt     time.Time
	nextReport time.Time
}

// topLayer is a target above every layer.
const topLayer = 7

func newDownTrack(viewer *transport, video bool, ssrc, rtxSSRC uint32, cname string, p payloads, now time.Time) *downTrack {
	d := &downTrack{
		viewer: viewer, video: video, ssrc: ssrc, rtx: rtxSSRC, cname: cname, payloads: p,
		line:   forward.Line{Epoch: now, Base: rand.Uint32(), Rate: rateOf(video)},
		rtxSeq: uint16(rand.Uint32()),
		target: topLayer,
	}
	d.numbers.Start(uint16(rand.Uint32() >> 1 & 0x3fff)) // low, so that the rollover counters of both ends start alike
	return d
}

func rateOf(video bool) uint32 {
	if video {
		return 90000
	}
	return 48000
}

// show seats u here; nil empties the seat. The one who sat here goes on being
// shown until u has a keyframe, so that a change is never a black gap.
func (d *downTrack) show(u *upTrack) {
	if d.sits == u {
		return
	}
	if d.sits != nil {
		d.sits.seats = slices.DeleteFunc(d.sits.seats, func(o *downTrack) bool { return o == d })
	}
	d.sits = u
	if u != nil {
		u.seats = append(u.seats, d)
	}
	d.choose()
}

// paused reports whether the viewer is sent nothing here by choice.
func (d *downTrack) paused() bool { return d.target < 0 }

// choose settles which layer is sent, as the target and what arrives are now.
func (d *downTrack) choose() {
	if d.sits == nil || d.paused() {
		d.take(nil)
		return
	}
	d.take(d.sits.nearest(d.target))
}

// take makes l the layer that is to be sent; nil stops.
func (d *downTrack) take(l *layer) {
	if l == nil {
		if d.from != nil {
			d.from.leave(d)
			d.from = nil
		}
		if d.want != nil {
			d.want.leave(d)
			d.want = nil
		}
		return
	}
	if d.want == l {
		return
	}
	if d.want != nil && d.want != d.from {
		d.want.leave(d)
	}
	d.want = l
	l.enter(d)
	if d.video && d.from != l {
		l.needKeyframe()
	}
}

// forward sends one packet to the viewer, if it is the viewer's turn for it.
func (d *downTrack) forward(l *layer, p *packet) {
	v := d.viewer
	if !v.ready() {
		return
	}
	pt := d.payloads.pt[p.codec]
	if pt == 0 && p.codec == red {
		plain := *p // this viewer takes Opus without the copies
		plain.codec = opus
		plain.payload, _ = forward.PrimaryOfRED(p.payload)
		p, pt = &plain, d.payloads.pt[opus]
	}
	if pt == 0 {
		v.shard.count.drops[noCodec]++
		return
	}
	if d.from != l && !d.splice(l, p) {
		return
	}
	seq, ok := d.numbers.Seq(p.seq)
	if !ok {
		v.shard.count.drops[duplicate]++
		return
	}
	if d.video {
		d.history.add(seq, p.seq, v.shard.now)
		d.lastOut = seq
	}
	d.send(p, pt, seq, d.numbers.Timestamp(p.ts))
}

// splice lets l take over the stream at p. Video waits for a keyframe.
func (d *downTrack) splice(l *layer, p *packet) bool {
	if l != d.want || p.late {
		return false
	}
	if d.video && !p.keyframe {
		l.needKeyframe()
		return false
	}
	if d.from != nil {
		d.from.leave(d)
	}
	d.from = l
	d.numbers.Splice(p.seq, p.ts, d.line.At(l.captured(p.ts)), p.vp8)
	if d.video {
		if d.history == nil {
			d.history = &history{earned: resendBurst, began: d.viewer.shard.now}
		}
		d.history.splice(l, d.numbers.Numbers())
	}
	if d.nextReport.After(d.viewer.shard.now) {
		d.nextReport = d.viewer.shard.now // the seat's new sync should not wait
	}
	d.viewer.shard.count.switches++
	return true
}

// send encrypts a packet straight into the outgoing batch.
func (d *downTrack) send(p *packet, pt uint8, seq uint16, ts uint32) {
	v := d.viewer
	b := v.shard.conn.Slot()
	if len(p.payload)+maxOverhead > len(b) {
		v.shard.count.drops[malformed]++
		return
	}
	n := putHeader(b, pt, p.marker, seq, ts, d.ssrc)
	n += v.putTWCC(b)
	copy(b[n:], p.payload)
	if p.codec == vp8 {
		pid, tl0 := d.numbers.VP8(p.vp8)
		p.vp8.Rewrite(b[n:], pid, tl0)
	}
	n += len(p.payload)
	d.packets++
	d.octets += uint32(len(p.payload))
	d.sentAt = v.shard.now
	v.sendRTP(b, n)
}

// skip keeps the numbering whole when l's packet p is not passed on.
func (d *downTrack) skip(l *layer, p *packet) {
	if d.from != l || !d.viewer.ready() || d.numbers.Skip(p.seq) {
		return
	}
	if pt := d.payloads.pt[p.codec]; pt != 0 {
		if seq, ok := d.numbers.Seq(p.seq); ok {
			d.send(&packet{codec: noPayload, marker: p.marker}, pt, seq, d.numbers.Timestamp(p.ts))
		}
	}
}

// resend answers a viewer's NACK for one packet.
func (d *downTrack) resend(seq uint16) {
	if d.history == nil || d.rtx == 0 {
		return
	}
	if e, sp := d.history.due(seq, d.viewer.shard.now, d.viewer.rtt); e != nil && d.copy(e, sp) > 0 {
		d.viewer.shard.count.retransmitted++
	}
}

// copy sends a packet again, from its layer's cache, on the line's stream of
// retransmissions (RFC 4588). It returns its size, 0 when it is not there any more.
func (d *downTrack) copy(e *sent, sp *splice) int {
	v := d.viewer
	p, ok := sp.from.cache.get(e.in)
	if !ok || !p.understand() {
		return 0
	}
	pt := d.payloads.rtx[p.codec]
	b := v.shard.conn.Slot()
	if pt == 0 || len(p.payload)+maxOverhead > len(b) {
		return 0
	}
	d.rtxSeq++
	n := putHeader(b, pt, p.marker, d.rtxSeq, p.ts+sp.numbers.TS, d.rtx)
	n += v.putTWCC(b)
	binary.BigEndian.PutUint16(b[n:], e.out) // RFC 4588 §4
	n += rtxSize
	copy(b[n:], p.payload)
	if p.codec == vp8 {
		pid, tl0 := sp.numbers.VP8(p.vp8)
		p.vp8.Rewrite(b[n:], pid, tl0)
	}
	n += len(p.payload)
	return v.sendRTP(b, n)
}

// pad sends a copy of a recent packet, to see what the path carries. Browsers
// take copies for that. It returns the size, 0 when there is nothing to copy.
func (d *downTrack) pad() int {
	if d.history == nil {
		return 0
	}
	e, sp := d.history.recent(d.lastOut - uint16(d.padded%padOver))
	d.padded++
	if e == nil {
		return 0
	}
	return d.copy(e, sp)
}

// padOver is how many of the newest packets padding is made of.
const padOver = 16

// reportEvery is how often a viewer hears how the stream's time relates to the
// clock.
const reportEvery = time.Second

// senderReport returns the seat's SR when one is due: the publisher's, moved to
// the seat's numbering and to our clock, so that audio and video stay in step and
// a change of publisher changes nothing (RFC 3550 §6.4.1).
func (d *downTrack) senderReport() *rtcp.SenderReport {
	now := d.viewer.shard.now
	l := d.from
	if l == nil || l.report.ntp == 0 || now.Before(d.nextReport) || now.Sub(d.sentAt) > 3*reportEvery {
		return nil
	}
	captured, ok := l.track.transport.clock.Local(forward.FromNTP(l.report.ntp))
	if !ok {
		return nil
	}
	d.nextReport = now.Add(reportEvery)
	elapsed := now.Sub(captured)
	ticks := int64(elapsed/time.Microsecond) * int64(l.track.rate) / 1e6
	return &rtcp.SenderReport{
		SSRC:        d.ssrc,
		NTPTime:     forward.ToNTP(now),
		RTPTime:     l.report.rtp + d.numbers.Offset() + uint32(ticks),
		PacketCount: d.packets,
		OctetCount:  d.octets,
	}
}

// close takes the track off every list.
func (d *downTrack) close() { d.show(nil) }

// Bounds on answering NACKs. A packet is sent again a few times, not before the
// last copy can have arrived; all copies together are bounded by what was sent in
// the first place, so that a viewer who asks for everything gets as much again.
const (
	historySize    = 512
	splicesKept    = 4
	maxResends     = 8
	resendSpacing  = 20 * time.Millisecond
	maxResendAfter = 100 * time.Millisecond
	resendShare    = 1   // copies earned by a packet sent
	resendBurst    = 200 // copies that may be saved up
)

// history remembers which incoming packet an outgoing number was.
type history struct {
	sent    [historySize]sent
	splices [splicesKept]splice
	current uint8
	earned  float64 // copies that may be sent
	began   time.Time
}

// stamp is a time in a history's milliseconds, which wrap after weeks.
func (h *history) stamp(now time.Time) uint32 { return uint32(now.Sub(h.began).Milliseconds()) }

type sent struct {
	at      uint32 // milliseconds since the history began
	out, in uint16
	splice  uint8
	tries   uint8
	used    bool
}

type splice struct {
	from    *layer
	numbers forward.Numbers
	count   uint8 // tells a reused place from the one an entry means
}

func (h *history) splice(from *layer, n forward.Numbers) {
	h.current++
	h.splices[h.current%splicesKept] = splice{from: from, numbers: n, count: h.current}
}

func (h *history) add(out, in uint16, now time.Time) {
	h.sent[out%historySize] = sent{at: h.stamp(now), out: out, in: in, splice: h.current, used: true}
	h.earned = min(h.earned+resendShare, resendBurst)
}

// due returns what a lost packet was, if it may be sent again now.
func (h *history) due(out uint16, now time.Time, rtt time.Duration) (*sent, *splice) {
	e := &h.sent[out%historySize]
	if !e.used || e.out != out || e.tries >= maxResends || h.earned < 1 {
		return nil, nil
	}
	sp := h.spliceOf(e)
	if sp == nil {
		return nil, nil
	}
	wait := min(max(rtt, resendSpacing), maxResendAfter)
	if since := time.Duration(h.stamp(now)-e.at) * time.Millisecond; e.tries > 0 && since < wait {
		return nil, nil
	}
	e.tries++
	e.at = h.stamp(now)
	h.earned--
	return e, sp
}

// recent returns a packet whatever was asked before, if it is still known.
func (h *history) recent(out uint16) (*sent, *splice) {
	e := &h.sent[out%historySize]
	if !e.used || e.out != out {
		return nil, nil
	}
	if sp := h.spliceOf(e); sp != nil {
		return e, sp
	}
	return nil, nil
}

// spliceOf returns the splice that an entry was sent under, if it is still kept.
func (h *history) spliceOf(e *sent) *splice {
	sp := &h.splices[e.splice%splicesKept]
	if sp.from == nil || sp.count != e.splice {
		return nil
	}
	return sp
}
