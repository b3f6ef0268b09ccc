package sfu

import (
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"parley/sfu/bwe"
	"parley/sfu/forward"
	"parley/sfu/socket"
)

// How often a publisher hears what arrived.
const (
	feedbackEvery = 100 * time.Millisecond // TWCC
	sparseEvery   = 250 * time.Millisecond // the same, to who sends no more than sparseBelow
	sparseBelow   = 60_000                 // bit/s: ten reports a second are a fifth of a way of 40 kbit/s
	receiptEvery  = time.Second            // reception reports
)

// transport is the shard's side of a peer: its keys, its address, what it sends
// and what it is sent. Owned by the shard.
type transport struct {
	id     PeerID
	shard  *shard
	stage  *stage
	allow  [sources]bool
	closed bool

	dest      *socket.Dest // where to send; nil until ICE has chosen
	path      path
	names     names
	in, out   *srtp.Context
	inHeader  rtp.Header // scratch for the SRTP contexts
	outHeader rtp.Header
	ssrc      uint32 // ours, as a receiver

	ext            extensions
	payloads       [sources]payloads
	streams        map[uint32]stream
	mids           map[string]*upTrack
	up             [sources]*upTrack
	seats          []seat
	screen         seat
	downs          map[uint32]*downTrack
	unknown        int
	clock          forward.Clock
	rtt            time.Duration
	twccSeq        uint16
	feedback       *twcc.Recorder
	nextTWCC       time.Time
	nextRR         time.Time
	nextRedundancy time.Time
	meter          meter
	down           downlink
	jam            jam
	pacer          pacer
	heardTWCC      bool
}

// assumedRTT is taken until a round trip has been measured.
const assumedRTT = 100 * time.Millisecond

// names are what a transport's ICE agent is called, and was. Guarded by the mux.
type names struct {
	now     credentials
	formers []*former // oldest first
	gone    bool
}

// stream is what an incoming SSRC is.
type stream struct {
	layer *layer
	rtx   bool
}

// seat is a place in a viewer's connection: its lines, and who sits there.
type seat struct {
	audio, video *downTrack
	wish         Wish
}

func (s seat) show(audio, video *upTrack) {
	if s.audio != nil {
		s.audio.show(audio)
	}
	if s.video != nil {
		s.video.show(video)
	}
}

func newTransport(id PeerID, s *shard, st *stage, allow []Source, ssrc uint32) *transport {
	t := &transport{
		id: id, shard: s, stage: st, ssrc: ssrc,
		streams:  map[uint32]stream{},
		mids:     map[string]*upTrack{},
		downs:    map[uint32]*downTrack{},
		feedback: twcc.NewRecorder(ssrc),
		rtt:      assumedRTT,
		jam:      jam{budget: unlimited},
		down:     downlink{estimator: bwe.New(bwe.Config{}, time.Now())},
	}
	for _, a := range allow {
		t.allow[a] = true
	}
	for i := range t.up {
		src := Source(i)
		t.up[i] = newUpTrack(t, src)
	}
	return t
}

// ready reports whether packets can be sent to the peer.
func (t *transport) ready() bool { return t.out != nil && t.dest != nil }

func (t *transport) keys(in, out *srtp.Context) {
	if t.closed {
		return
	}
	t.in, t.out = in, out
}

func (t *transport) fail(r FailureReason) {
	t.shard.count.failed(r)
	t.stage.deliver(Failed{Peer: t.id, Reason: r})
}

// tick does what time asks for: retries, feedback, reports.
func (t *transport) tick() {
	if !t.ready() {
		return
	}
	now := t.shard.now
	t.watch()
	for _, u := range t.up {
		u.tick()
	}
	t.mindJam()
	t.share()
	t.repeatSound()
	t.sendProbe()
	if t.heardTWCC && !now.Before(t.nextTWCC) {
		t.nextTWCC, t.heardTWCC = now.Add(t.feedbackEvery()), false
		for _, p := range t.feedback.BuildFeedbackPacket() {
			t.sendRTCP(p)
		}
	}
	if !now.Before(t.nextRR) {
		t.nextRR = now.Add(receiptEvery)
		t.sendReceipts()
	}
	t.sendSeatReports()
	if now.Sub(t.meter.since) >= qualityEvery {
		t.tellQuality()
	}
}

// feedbackEvery is how often the publisher hears what arrived.
func (t *transport) feedbackEvery() time.Duration {
	arriving := 0
	for l := range t.layers() {
		switch {
		case !l.live(t.shard.now):
		case l.bitrate == 0: // not measured yet: it begins
			return feedbackEvery
		default:
			arriving += l.bitrate
		}
	}
	if arriving < sparseBelow {
		return sparseEvery
	}
	return feedbackEvery
}

// tellQuality tells the owner how the connection did.
func (t *transport) tellQuality() {
	first := t.meter.since.IsZero()
	up, down := t.meter.read(t.shard.now)
	if !first {
		if t.ext.twcc != 0 {
			down.Estimate = t.down.estimator.Estimate()
		}
		if t.repeats() { // which the viewer does not count as lost
			down.Loss = max(down.Loss, t.down.estimator.Loss())
		}
		t.stage.deliver(Quality{Peer: t.id, Up: up, Down: down})
	}
}

// close takes the transport out of every list of its shard.
func (t *transport) close() {
	if t.closed {
		return
	}
	t.closed = true
	t.in, t.out, t.dest = nil, nil, nil
	t.up[Mic].silence()
	for _, u := range t.up {
		u.close()
	}
	for _, d := range t.downs {
		d.close()
	}
	t.shard.unpublish(t)
	t.shard.remove(t)
}

// wish notes what the viewer makes of a place.
func (t *transport) wish(place int, w Wish) {
	switch {
	case place == ScreenPlace:
		t.screen.wish = w
	case place >= 0 && place < len(t.seats):
		t.seats[place].wish = w
	}
}

// show seats from in a place of this transport; nil empties it.
func (t *transport) show(place int, from *transport) {
	if t.closed || from != nil && from.closed {
		from = nil
	}
	var audio, video *upTrack
	target, first, second := t.screen, ScreenAudio, Screen
	if place != ScreenPlace {
		if place < 0 || place >= len(t.seats) {
			return
		}
		target, first, second = t.seats[place], Mic, Camera
	}
	if from != nil {
		audio, video = from.up[first], from.up[second]
	}
	target.show(audio, video)
	if t.down.nextChoice = (time.Time{}); t.ready() {
		t.share() // before any layer's keyframe
	}
}
