package sfu

import (
	"slices"
	"time"

	"github.com/pion/rtcp"

	"parley/sfu/forward"
)

// keyframeSpacing is how often one up track is asked for a keyframe at the most,
// whoever and however many want it.
const keyframeSpacing = 400 * time.Millisecond

// Bounds of a layer's life signs.
const (
	silentAfter = 500 * time.Millisecond // without a packet, a layer is not there
	measureFor  = time.Second            // a bitrate is taken over
	torn        = 20                     // packets missing after a silence: a keyframe is sooner here than they are
)

// layer is one stream of a published source, as it arrives: the whole source, or
// one of the sizes that its browser encodes (RFC 8853), told by its RID. It exists
// from the start of its transport, so that seats can be given to it before its
// first packet. Owned by the shard.
type layer struct {
	track    *upTrack
	rid      string // empty where the source has one layer
	ssrc     uint32 // 0 until learnt
	receiver forward.Receiver
	backlog  forward.Backlog
	pace     pace // of sound
	cache    cache
	sound    forward.Sound // of a microphone
	svc      *layered      // nil until it holds several layers
	viewers  []*downTrack  // those that take its packets: seated here, or still showing it

	report       senderReport
	askedAt      time.Time // last keyframe request sent
	wantKeyframe bool      // somebody waits for one
	wantedAt     time.Time // since when the publisher knows that the layer is wanted; zero while it is not

	heardAt       time.Time // last packet
	width, height int       // of the newest keyframe, 0 where the codec does not say
	bytes         int       // since measuredAt
	measuredAt    time.Time
	bitrate       int
}

// senderReport is the newest SR of a stream: the relation of its RTP time to its
// publisher's clock.
type senderReport struct {
	ntp uint64
	rtp uint32
	at  time.Time
}

// packet takes one decrypted packet of the track.
func (l *layer) packet(p *packet) {
	s := l.track.transport.shard
	video := l.track.source.Video()
	gap := s.now.Sub(l.heardAt)
	l.heard(s.now, len(p.payload))
	switch l.receiver.Arrive(p.seq, s.now, true) {
	case forward.Duplicate:
		s.count.drops[duplicate]++
		return
	case forward.Late:
		p.late = true
	case forward.Restarted:
		l.cache.clear()
		l.interrupt()
	}
	if video && gap > silentAfter && l.receiver.GiveUp(torn) {
		l.interrupt()
		l.askedAt = time.Time{} // who was gone did not hear it
		l.needKeyframe()
	}
	if p.codec == red && l.receiver.Missing() {
		l.unfold(p)
	}
	if l.receiver.Missing() {
		l.askMissing()
	}
	if !p.late {
		l.receiver.Jitter(p.ts, s.now.UnixNano()/1000*int64(l.track.rate)/1e6)
		l.backlog.Observe(p.ts, s.now, l.track.rate)
		if !video {
			l.pace.observe(p.seq, p.ts)
		}
	}
	l.pass(p)
}

// pass hands a packet that has not been seen before to the viewers.
func (l *layer) pass(p *packet) {
	s := l.track.transport.shard
	if !l.track.open {
		return
	}
	if len(p.payload) == 0 { // a probe for bandwidth
		for _, d := range l.viewers {
			d.skip(l, p)
		}
		for _, t := range l.track.taps {
			t.skip(l, p)
		}
		return
	}
	if !p.understand() || l.track.source.Video() && !l.place(p) {
		s.count.drops[malformed]++
		return
	}
	if l.track.source.Video() {
		l.cache.put(p, s.now)
	} else {
		l.keep(p)
	}
	if p.keyframe && !p.late {
		l.wantKeyframe = false
		l.width, l.height = int(p.width), int(p.height)
	}
	for i := len(l.viewers) - 1; i >= 0; i-- { // a splice may take the viewer off another track's list
		l.viewers[i].forward(l, p)
	}
	for _, t := range l.track.taps {
		t.take(l, p)
	}
}

// heard notes a packet's arrival.
func (l *layer) heard(now time.Time, bytes int) {
	if now.Sub(l.heardAt) > silentAfter {
		l.bytes, l.measuredAt = 0, now
	}
	l.heardAt = now
	l.bytes += bytes + headerSize
	if d := now.Sub(l.measuredAt); d >= measureFor {
		l.bitrate = int(int64(l.bytes) * 8 * int64(time.Second) / int64(d))
		l.bytes, l.measuredAt = 0, now
	}
}

// live reports whether the layer arrives at present.
func (l *layer) live(now time.Time) bool { return l.ssrc != 0 && now.Sub(l.heardAt) < silentAfter }

// interrupt makes every viewer start afresh at the track's next keyframe.
func (l *layer) interrupt() {
	l.sound.Clear()
	for _, d := range l.viewers {
		if d.from == l {
			d.from = nil
		}
	}
	for _, t := range l.track.taps {
		t.interrupt(l)
	}
}

// needed reports whether the layer's packets go anywhere, or are waited for.
func (l *layer) needed() bool {
	for _, t := range l.track.taps {
		if t.want == l || t.from == l {
			return true
		}
	}
	return len(l.viewers) > 0
}

// askMissing sends a NACK for what is due.
func (l *layer) askMissing() {
	s := l.track.transport.shard
	if !l.track.source.Video() {
		l.receiver.Expire(s.now, soundMissingFor)
	}
	if l.track.transport.jammed() {
		return // what the queue dropped would only lengthen it
	}
	s.asks = l.receiver.Ask(s.asks[:0], s.now, l.track.transport.rtt)
	if len(s.asks) == 0 {
		return
	}
	s.count.nacksOut += uint64(len(s.asks))
	slices.Sort(s.asks)
	l.track.transport.sendRTCP(&rtcp.TransportLayerNack{
		SenderSSRC: l.track.transport.ssrc,
		MediaSSRC:  l.ssrc,
		Nacks:      rtcp.NackPairsFromSequenceNumbers(s.asks),
	})
}

// needKeyframe asks the publisher for a keyframe, now or when it may be asked
// again.
func (l *layer) needKeyframe() {
	if l.ssrc == 0 || !l.track.open || !l.track.source.Video() {
		return
	}
	s := l.track.transport.shard
	if s.now.Sub(l.askedAt) < keyframeSpacing || l.track.transport.jam.narrow() {
		l.wantKeyframe = true
		return
	}
	l.askedAt, l.wantKeyframe = s.now, false
	s.count.keyframesOut++
	l.track.transport.sendRTCP(&rtcp.PictureLossIndication{SenderSSRC: l.track.transport.ssrc, MediaSSRC: l.ssrc})
}

func (l *layer) tick() {
	if l.ssrc == 0 {
		return
	}
	if l.receiver.Missing() {
		l.askMissing()
	}
	if l.svc != nil && l.svc.on {
		l.svc.tick(l.track.transport.shard.now)
	}
	if l.track.transport.jammed() {
		return
	}
	if l.receiver.GaveUp() || l.wantKeyframe {
		l.needKeyframe()
	}
}

// wait is how long the layer's packets stand in a queue on their way up. One that
// does not arrive tells nothing: its last packet is not for ever the state of the way.
func (l *layer) wait() time.Duration {
	if !l.live(l.track.transport.shard.now) {
		return 0
	}
	return l.backlog.Wait(l.track.rate)
}

// sawReport takes a sender report of the track.
func (l *layer) sawReport(ntp uint64, ts uint32) {
	now := l.track.transport.shard.now
	l.report = senderReport{ntp: ntp, rtp: ts, at: now}
	l.backlog.Report(forward.FromNTP(ntp), ts, l.track.rate)
	l.track.transport.clock.Observe(forward.FromNTP(ntp), now)
	for _, t := range l.track.taps {
		t.report(l)
	}
}

// captured tells when a packet's moment was, by our clock. Without a sender
// report yet it is the arrival.
func (l *layer) captured(ts uint32) time.Time {
	now := l.track.transport.shard.now
	if l.report.ntp == 0 {
		return now
	}
	at, ok := l.track.transport.clock.Local(forward.FromNTP(l.report.ntp))
	if !ok {
		return now
	}
	ticks := int64(int32(ts - l.report.rtp))
	return at.Add(time.Duration(ticks * int64(time.Second) / int64(l.track.rate)))
}

// close lets go of the viewers and gives back the memory. Seats keep their place
// for whoever is shown next.
func (l *layer) close() {
	for len(l.viewers) > 0 {
		d := l.viewers[0]
		if d.want == l {
			d.want = nil
		}
		if d.from == l {
			d.from = nil
		}
		l.leave(d)
	}
	l.cache = cache{}
}

func (l *layer) leave(d *downTrack) {
	if i := slices.Index(l.viewers, d); i >= 0 {
		l.viewers = slices.Delete(l.viewers, i, i+1)
	}
}

func (l *layer) enter(d *downTrack) {
	if !slices.Contains(l.viewers, d) {
		l.viewers = append(l.viewers, d)
	}
}
