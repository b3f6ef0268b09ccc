package sfu

import (
	"time"

	"parley/sfu/allocate"
	"parley/sfu/bwe"
)

// How a viewer's connection is shared out.
const (
	chooseEvery  = 200 * time.Millisecond
	audioBitrate = 50_000 // set aside for a seat's sound, headers included

	leastAudio    = 25_000 // who is silent may speak
	soundOverhead = 36     // bytes of header, number and tag

	// A viewer's connection is probed up to this before anything is shown, and taken for
	// it where the viewer tells nothing of what arrives.
	openingWant = 2_000_000
)

// downlink is what a viewer's connection can carry, and how it is shared between
// the viewer's places. Owned by the shard.
type downlink struct {
	estimator  *bwe.Estimator
	allocator  allocate.Allocator
	nextChoice time.Time
	seats      []allocate.Seat // scratch
	probe      probe
	mending    mending
	budget     budget
}

// probe is padding that is still to be sent at a rate, to see whether the path
// carries more.
type probe struct {
	left  int // bytes
	rate  int // bit/s
	small bool
	at    time.Time
}

// smallProbe is bytes of a probe that are too few for whole packets of a picture: what
// comes of it would be told from two or three arrivals.
const smallProbe = 4_000

// sawTWCC takes the viewer's feedback on what arrived when.
func (t *transport) sawTWCC(body []byte) {
	if err := t.down.estimator.Feedback(body, t.shard.now); err != nil {
		t.shard.count.drops[malformed]++
		return
	}
	t.pacer.rate = t.down.estimator.Pace()
	if t.ready() {
		t.missed(t.down.estimator.Missing())
	}
}

// sawREMB takes the estimate of a viewer that makes its own.
func (t *transport) sawREMB(bitrate int) { t.down.estimator.REMB(bitrate, t.shard.now) }

// places are the viewer's places with their lines, the screen's last.
func (t *transport) places(do func(n int, s *seat)) {
	for i := range t.seats {
		do(i, &t.seats[i])
	}
	do(ScreenPlace, &t.screen)
}

// share decides which layer each place is sent.
func (t *transport) share() {
	now := t.shard.now
	if now.Before(t.down.nextChoice) {
		return
	}
	t.down.nextChoice = now.Add(chooseEvery)
	t.down.estimator.RTT(t.rtt)
	t.pacer.rate = t.down.estimator.Pace()
	audio, want, only := 0, 0, t.onlyPublisher()
	t.down.seats = t.down.seats[:0]
	t.places(func(n int, s *seat) {
		if s.audio != nil && s.audio.sits != nil && s.audio.sits.open {
			audio += s.audio.bitrate(now)
		}
		if d := s.video; d != nil && d.sits != nil && d.sits.open {
			seat := t.describe(n, s, only)
			t.down.seats = append(t.down.seats, seat)
			// What a publisher sends may be small for want of a budget.
			want += max(seat.Layers[len(seat.Layers)-1].Bitrate, assumed[len(assumed)-1].Bitrate)
		}
	})
	if t.down.estimator.Opening(now) {
		want = max(want, openingWant)
	}
	if t.jam.on {
		want = 0 // reports stand in the queue as well: what a probe finds is known too late
	}
	t.down.estimator.Want(audio + want + want/4)
	mends := min(t.down.mending.takes(now), t.down.estimator.Estimate()/2)
	for _, c := range t.down.allocator.Allocate(t.down.estimator.Estimate()-mends, audio, t.down.seats, now) {
		t.choose(c)
	}
	t.tellBudget(only, mends)
}

// tally is what a line of sound takes, measured for a second at a time.
type tally struct {
	since           time.Time
	packets, octets uint32
	copied          uint32
	bitrate         int
}

// bitrate is what a line of sound takes, headers included: audioBitrate until it
// has been measured.
func (d *downTrack) bitrate(now time.Time) int {
	y := &d.tally
	if span := now.Sub(y.since); span >= measureFor {
		bytes := int(d.octets-y.octets) + int(d.packets-y.packets)*soundOverhead + int(d.copied-y.copied)
		if y.since.IsZero() || d.packets == y.packets || span > 2*measureFor {
			y.bitrate = audioBitrate
		} else {
			y.bitrate = max(rateOver(bytes, span), leastAudio)
		}
		y.since, y.packets, y.octets, y.copied = now, d.packets, d.octets, d.copied
	}
	return y.bitrate
}

// describe tells the allocator of a place; only is whose budget the viewer's is.
func (t *transport) describe(n int, s *seat, only *transport) allocate.Seat {
	u := s.video.sits
	out := allocate.Seat{
		ID: n, Screen: u.source == Screen,
		Width: s.wish.Width, Height: s.wish.Height, Hidden: s.wish.Hidden, Pinned: s.wish.Pinned,
	}
	if v := u.transport.stage.voices[u.transport.id]; v != nil {
		out.Speaking = v.Active()
	}
	if l := u.svc(); l != nil && len(l.svc.rungs) > 0 {
		out.Layers = l.svc.describe(u.source == Screen)
	} else {
		for i, l := range u.layers {
			out.Layers = append(out.Layers, l.describe(i, len(u.layers), t.shard.now))
		}
	}
	if only == u.transport {
		// It follows the budget: what it takes now is not what it needs.
		for i := range out.Layers {
			out.Layers[i].Bitrate = min(out.Layers[i].Bitrate, leastVideo*(i+1)/len(out.Layers))
		}
	}
	return out
}

// choose carries out the allocator's choice for a place.
func (t *transport) choose(c allocate.Choice) {
	t.places(func(n int, s *seat) {
		if n != c.ID || s.video == nil {
			return
		}
		d := s.video
		d.target = t.makeWay(d, c.Layer)
		d.choose()
		starved := d.paused() && !s.wish.Hidden && !t.down.estimator.Opening(t.shard.now)
		if starved != d.starved {
			d.starved = starved
			t.stage.deliver(Paused{Peer: t.id, Place: n, On: starved})
		}
	})
}

// A picture makes way at once for sound that stands in a queue, and comes back
// when the queue is gone.
const (
	unbearable = 300 * time.Millisecond
	gone       = 100 * time.Millisecond
)

// makeWay takes a picture away while the queue on the way to the viewer is long.
func (t *transport) makeWay(d *downTrack, layer int) int {
	queue := t.down.estimator.Queue()
	if queue > unbearable || d.jammed && queue > gone {
		d.jammed = layer == 0
	} else {
		d.jammed = false
	}
	if d.jammed {
		return -1
	}
	return layer
}

// What a layer takes before it has been measured, by its size relative to the
// largest: what the page asks its encoder for.
var assumed = [...]allocate.Layer{
	{Bitrate: 150_000, Width: 320, Height: 180},
	{Bitrate: 400_000, Width: 640, Height: 360},
	{Bitrate: 1_500_000, Width: 1280, Height: 720},
}

// firstBitrate is what a camera without layers begins with, as browsers do, until
// it has been measured.
const firstBitrate = 300_000

// describe tells the allocator of a layer: as it was measured while it arrives, as
// it may be expected otherwise.
func (l *layer) describe(i, of int, now time.Time) allocate.Layer {
	a := assumed[min(i+len(assumed)-of, len(assumed)-1)]
	if of == 1 {
		a.Bitrate = firstBitrate
	}
	if l.width > 0 {
		a.Width, a.Height = l.width, l.height
	}
	// A layer that does not arrive may be one that nobody has asked for yet, or
	// one whose publisher is cut off for a moment; nearest finds what there is.
	a.Active = true
	if l.live(now) && l.bitrate > 0 {
		a.Bitrate = l.bitrate
	}
	return a
}

// sendProbe sends what the estimator wants to see sent: copies of recent packets,
// beyond what is shown, at the rate that is to be tried.
func (t *transport) sendProbe() {
	now, p := t.shard.now, &t.down.probe
	if p.left <= 0 {
		next, ok := t.down.estimator.Probe(now)
		if !ok {
			return
		}
		*p = probe{left: next.Bytes, rate: next.Rate, small: next.Bytes < smallProbe, at: now.Add(-tickEvery)}
	}
	due := int(int64(p.rate) / 8 * int64(now.Sub(p.at)) / int64(time.Second))
	p.at = now
	for due > 0 && p.left > 0 {
		n := t.pad(p.small)
		if n == 0 {
			p.left = 0 // there is no line for it
			return
		}
		due -= n
		p.left -= n
	}
}

// pad sends one packet that carries nothing new, on the line that was busy last,
// and returns its size. It may have to be small.
func (t *transport) pad(small bool) int {
	var best *downTrack
	t.places(func(_ int, s *seat) {
		if d := s.video; d != nil && (best == nil || d.sentAt.After(best.sentAt)) {
			best = d
		}
	})
	if best == nil {
		return 0
	}
	if small {
		return best.blank()
	}
	return best.pad()
}
