package sfu

import (
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

	sits    *upTrack  // who sits here
	target  int       // the layer of it that suits the viewer; none when negative
	patient time.Time // since when a smaller layer is waited for than there is
	want    *layer    // the layer that is to be sent: the target, or the nearest there is
	from    *layer    // whose packets are being sent; differs from want until its first keyframe

	history    *history           // these three video only
	codec      codec              // of what is being sent
	selection  *forward.Selection // of a stream that holds several layers
	repeats    forward.Redundancy // these five sound only
	redundancy int                // frames that each packet repeats
	plain      bool               // not even what the publisher repeats
	wanted     forward.Wanted
	jitter     time.Duration // as the viewer last reported
	rtxSeq     uint16
	lastOut    uint16 // newest number sent
	padded     int    // copies sent as padding
	starved    bool   // paused because the connection does not carry it
	tally      tally  // these three audio only
	said       *said  // nil until something is
	copied     uint32 // bytes of packets sent again
	jammed     bool   // paused while a long queue drains
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
	if l := d.sits.svc(); l != nil {
		d.take(l)
		d.aim(l)
		return
	}
	l := d.sits.nearest(d.target)
	if wished := d.sits.layers[min(d.target, len(d.sits.layers)-1)]; d.tooMuch(l, wished) {
		l = wished
	}
	d.take(l)
}

// tooMuch reports whether a layer that is there, larger than the one that is wished for,
// is more than the viewer's connection carries: then the one wished for is waited for,
// which the publisher is asked for, unless it does not come.
func (d *downTrack) tooMuch(l, wished *layer) bool {
	now := d.viewer.shard.now
	if l == wished || l == d.from || l.bitrate <= wished.bitrate || l.bitrate <= d.viewer.down.estimator.Estimate() {
		d.patient = time.Time{}
		return false
	}
	if d.patient.IsZero() {
		d.patient = now
	}
	return now.Sub(d.patient) < layerWithin
}

// layerWithin is how long a layer that the publisher is asked for may take to come.
const layerWithin = 2 * time.Second

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
		d.viewer.pacer.drop(d.ssrc)
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
	if !d.video {
		said := d.voiced(l, p)
		p = &said
	}
	pt := d.payloads.pt[p.codec]
	if pt == 0 {
		v.shard.count.drops[noCodec]++
		return
	}
	if d.video && d.from == l && d.codec != p.codec && !p.late {
		d.from = nil // the publisher has changed it, and begins anew
	}
	if d.from != l && !d.splice(l, p) {
		return
	}
	if p.frame != nil {
		own := *p
		if p = &own; !d.selects(l, p) {
			d.skip(l, p)
			return
		}
	}
	seq, ok := d.numbers.Seq(p.seq)
	if !ok {
		v.shard.count.drops[duplicate]++
		return
	}
	if d.video {
		d.history.add(seq, p.seq, p.marker, v.shard.now)
		d.lastOut = seq
	}
	d.send(p, pt, seq, d.numbers.Timestamp(p.ts))
}

// splice lets l take over the stream at p. Video waits for a keyframe.
func (d *downTrack) splice(l *layer, p *packet) bool {
	if l != d.want || p.late || d.video && l.track.transport.jam.narrow() {
		return false
	}
	if d.video && !p.keyframe {
		l.needKeyframe()
		return false
	}
	if d.from != nil {
		d.from.leave(d)
	}
	d.from, d.codec = l, p.codec
	d.numbers.Splice(p.seq, p.ts, d.line.At(l.captured(p.ts)), p.picture)
	if p.frame != nil {
		d.selection = &forward.Selection{}
		d.aim(l)
	}
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
	size := len(p.payload) + len(p.descriptor) + maxOverhead
	waits := d.video && !p.late && v.waits(size)
	b := v.shard.conn.Slot()
	if size > len(b) {
		v.shard.count.drops[malformed]++
		return
	}
	n := putHeader(b, pt, p.marker, seq, ts, d.ssrc)
	picture := d.numbers.Picture(p.picture)
	switch {
	case p.frame != nil && v.ext.descriptor != 0:
		n += v.putDescribed(b, p.descriptor, picture.Frame, waits)
	case waits:
		n += v.leaveTWCC()
	default:
		n += v.putTWCC(b)
	}
	copy(b[n:], p.payload)
	p.picture.Rewrite(b[n:], picture)
	n += len(p.payload)
	d.packets++
	d.octets += uint32(len(p.payload))
	d.sentAt = v.shard.now
	if waits {
		v.hold(b[:n])
		return
	}
	if n = v.sendRTP(b, n); n > 0 && !d.video {
		d.remember(b[:n], seq)
		if d.payloads.pt[red] == 0 && d.redundancy > 0 {
			d.repeat(seq, p.late)
		}
	}
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
