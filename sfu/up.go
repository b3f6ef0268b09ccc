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

// upTrack is a published source as it arrives. It exists from the start of its
// transport, so that seats can be given to it before its first packet. Owned by
// the shard.
type upTrack struct {
	transport *transport
	source    Source
	ssrc      uint32 // 0 until learnt
	open      bool   // the gate: closed, nothing passes
	rate      uint32
	receiver  forward.Receiver
	cache     cache
	viewers   []*downTrack // those that take its packets: seated here, or still showing it

	report       senderReport
	askedAt      time.Time // last keyframe request sent
	wantKeyframe bool      // somebody waits for one
}

// senderReport is the newest SR of a stream: the relation of its RTP time to its
// publisher's clock.
type senderReport struct {
	ntp uint64
	rtp uint32
	at  time.Time
}

// packet takes one decrypted packet of the track.
func (u *upTrack) packet(p *packet) {
	s := u.transport.shard
	video := u.source.Video()
	switch u.receiver.Arrive(p.seq, s.now, video) {
	case forward.Duplicate:
		s.count.drops[duplicate]++
		return
	case forward.Late:
		p.late = true
	case forward.Restarted:
		u.cache.clear()
		u.interrupt()
	}
	if video && u.receiver.Missing() {
		u.askMissing()
	}
	if !p.late {
		u.receiver.Jitter(p.ts, s.now.UnixNano()/1000*int64(u.rate)/1e6)
	}
	u.pass(p)
}

// pass hands a packet that has not been seen before to the viewers.
func (u *upTrack) pass(p *packet) {
	s := u.transport.shard
	if !u.open {
		return
	}
	if len(p.payload) == 0 { // a probe for bandwidth
		for _, d := range u.viewers {
			d.skip(u, p)
		}
		return
	}
	if !p.understand() {
		s.count.drops[malformed]++
		return
	}
	if u.source.Video() {
		u.cache.put(p, s.now)
	}
	if p.keyframe && !p.late {
		u.wantKeyframe = false
	}
	for i := len(u.viewers) - 1; i >= 0; i-- { // a splice may take the viewer off another track's list
		u.viewers[i].forward(u, p)
	}
}

// interrupt makes every viewer start afresh at the track's next keyframe.
func (u *upTrack) interrupt() {
	for _, d := range u.viewers {
		if d.from == u {
			d.from = nil
		}
	}
}

// gate opens or closes the track.
func (u *upTrack) gate(open bool) {
	if u.open == open {
		return
	}
	u.open = open
	if !open {
		u.interrupt()
	}
	if u.source == Mic {
		u.silence()
	}
}

// silence takes the microphone's voice out of the room's talk.
func (u *upTrack) silence() {
	t := u.transport
	v := t.stage.voices[t.id]
	if v == nil {
		return
	}
	if v.Silence() {
		t.stage.deliver(Speaking{Peer: t.id, On: false})
	}
	delete(t.stage.voices, t.id)
}

// askMissing sends a NACK for what is due.
func (u *upTrack) askMissing() {
	s := u.transport.shard
	s.asks = u.receiver.Ask(s.asks[:0], s.now, u.transport.rtt)
	if len(s.asks) == 0 {
		return
	}
	s.count.nacksOut += uint64(len(s.asks))
	slices.Sort(s.asks)
	u.transport.sendRTCP(&rtcp.TransportLayerNack{
		SenderSSRC: u.transport.ssrc,
		MediaSSRC:  u.ssrc,
		Nacks:      rtcp.NackPairsFromSequenceNumbers(s.asks),
	})
}

// needKeyframe asks the publisher for a keyframe, now or when it may be asked
// again.
func (u *upTrack) needKeyframe() {
	if u.ssrc == 0 || !u.open || !u.source.Video() {
		return
	}
	s := u.transport.shard
	if s.now.Sub(u.askedAt) < keyframeSpacing {
		u.wantKeyframe = true
		return
	}
	u.askedAt, u.wantKeyframe = s.now, false
	s.count.keyframesOut++
	u.transport.sendRTCP(&rtcp.PictureLossIndication{SenderSSRC: u.transport.ssrc, MediaSSRC: u.ssrc})
}

func (u *upTrack) tick() {
	if u.ssrc == 0 {
		return
	}
	if u.receiver.Missing() {
		u.askMissing()
	}
	if u.receiver.GaveUp() || u.wantKeyframe {
		u.needKeyframe()
	}
}

// sawReport takes a sender report of the track.
func (u *upTrack) sawReport(ntp uint64, ts uint32) {
	now := u.transport.shard.now
	u.report = senderReport{ntp: ntp, rtp: ts, at: now}
	u.transport.clock.Observe(forward.FromNTP(ntp), now)
}

// captured tells when a packet's moment was, by our clock. Without a sender
// report yet it is the arrival.
func (u *upTrack) captured(ts uint32) time.Time {
	now := u.transport.shard.now
	if u.report.ntp == 0 {
		return now
	}
	at, ok := u.transport.clock.Local(forward.FromNTP(u.report.ntp))
	if !ok {
		return now
	}
	ticks := int64(int32(ts - u.report.rtp))
	return at.Add(time.Duration(ticks * int64(time.Second) / int64(u.rate)))
}

// close empties the seats that show the track and gives back its memory. Seats
// keep their place for whoever is shown next.
func (u *upTrack) close() {
	for len(u.viewers) > 0 {
		d := u.viewers[0]
		if d.want == u {
			d.want = nil
		}
		if d.from == u {
			d.from = nil
		}
		u.leave(d)
	}
	u.cache = cache{}
}

func (u *upTrack) leave(d *downTrack) {
	if i := slices.Index(u.viewers, d); i >= 0 {
		u.viewers = slices.Delete(u.viewers, i, i+1)
	}
}

func (u *upTrack) enter(d *downTrack) {
	if !slices.Contains(u.viewers, d) {
		u.viewers = append(u.viewers, d)
	}
}
