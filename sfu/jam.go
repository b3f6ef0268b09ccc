package sfu

import "time"

// jam is the state of a publisher's way up.
type jam struct {
	wait     time.Duration // how long what arrives has stood in a queue
	on       bool
	began    time.Time // anything came for the first time
	bearable time.Time // since when it is
	at       time.Time // its budget was last told
	budget   int       // that its viewer's estimate gives it

	// What arrives is counted while a queue stands. The owner has been told that so much
	// of it arrives; 0 is that there is no jam.
	since time.Time
	bytes int
	from  time.Duration // wait, when counting began
	told  int           // bit/s
	until time.Time     // what arrives was sent before that
}

const (
	// goneWithin is how long a queue that is bearable again may take to go: what remains
	// then is a path that has become longer, or sound in longer packets.
	goneWithin = time.Second

	// What arrives through a queue is counted for so long before the owner is told of it.
	// A burst that a wireless link has held back is over by then, or comes at a rate that
	// says so.
	jamCounted = 250 * time.Millisecond

	// jamObeyed is how long it takes until what arrives shows what the telling has done: the
	// queue, which may be a second, and two ways. Until then less arrives because less is
	// sent, beside others who share the way and send more.
	jamObeyed = 1200 * time.Millisecond

	// settled is how long after the beginning a jam says something of the way: at first the
	// keyframes of everybody stand in it, and what came first may have waited itself.
	settled = 2 * time.Second

	// noPicture is what must arrive through a queue for a picture beside the sound, which is
	// then thin: with less there is no use in passing on what comes of it, seconds late.
	noPicture = thinSound + leastVideo
	thinSound = 35_000

	belowRTP = 28 // bytes of UDP and IP
)

// mindJam lowers what a publisher may send to next to nothing while its way up holds a
// long queue, so that the queue goes and sound comes in time: the picture stands still
// anyway, and what arrives is no measure while others share the way. The server sees
// the queue a round trip before the publisher does.
func (t *transport) mindJam() {
	now, j := t.shard.now, &t.jam
	j.wait = t.queued()
	if t.jammed() {
		t.giveUp()
	}
	if t.jammed() || !j.on {
		j.bearable = now
	}
	switch {
	case t.jammed() || j.on && j.wait > gone && now.Sub(j.bearable) < goneWithin:
		if !j.on || now.Sub(j.at) > chooseEvery {
			j.on, j.at = true, now
			t.sendBudget(j.allows())
		}
	case j.on:
		j.on = false
		t.sendBudget(j.budget)
	}
	t.tellJam()
}

// queued is how long what arrives has stood in a queue on the way up. A queue holds sound
// and pictures alike: pictures alone come late from an encoder that stands still for a
// moment, sound alone from a browser whose RTP time has lost samples. What a full queue
// has dropped of the sound does not come at all.
func (t *transport) queued() time.Duration {
	var mic, picture *layer
	wait := time.Duration(0)
	for l := range t.layers() {
		if !l.live(t.shard.now) {
			continue
		}
		if t.jam.began.IsZero() {
			t.jam.began = t.shard.now
		}
		switch {
		case l.track.source == Mic:
			mic = l
			continue
		case l.track.source.Video():
			picture = l
		}
		wait = max(wait, l.wait())
	}
	switch {
	case mic == nil:
		return wait
	case picture == nil, !t.jam.settled(t.shard.now):
		return max(wait, mic.wait())
	}
	return min(wait, mic.wait()+mic.missed())
}

// missed is for how long a layer's next packet has been expected; 0 for sound that is
// not sent while nobody speaks.
func (l *layer) missed() time.Duration {
	every := l.pace.every(l.track.rate)
	if every == 0 || every > longestSound {
		return 0
	}
	return max(0, l.track.transport.shard.now.Sub(l.heardAt)-every)
}

// longestSound is how far apart packets of sound are at the most. Those that only say
// that there is silence are 400 ms apart.
const longestSound = 120 * time.Millisecond

// pace is how far apart the packets of a stream are in RTP time, whatever got lost
// between them.
type pace struct {
	known bool
	seq   uint16
	ts    uint32
	ticks uint32
}

func (p *pace) observe(seq uint16, ts uint32) {
	if n := seq - p.seq; p.known && n > 0 {
		p.ticks = (ts - p.ts) / uint32(n)
	}
	p.known, p.seq, p.ts = true, seq, ts
}

func (p *pace) every(rate uint32) time.Duration {
	return time.Duration(p.ticks) * time.Second / time.Duration(rate)
}

// settled reports whether a jam says something of the way.
func (j *jam) settled(now time.Time) bool { return !j.began.IsZero() && now.Sub(j.began) >= settled }

// tellJam tells the owner of a jam, and how much arrives through it: what is beyond that
// only makes the queue longer, or is dropped at its end. Through a queue that shrinks as much
// arrives as is sent, which tells nothing.
func (t *transport) tellJam() {
	now, j := t.shard.now, &t.jam
	switch {
	case !j.on && j.told > 0:
		j.told = 0
		t.stage.deliver(Jammed{Peer: t.id})
	case j.wait <= gone, !j.settled(now):
		j.since = time.Time{}
	case j.since.IsZero():
		j.since, j.bytes, j.from = now, 0, j.wait
	case now.Sub(j.since) >= 2*jamCounted, now.Sub(j.since) >= jamCounted && t.jammed():
		arrives, shrinks := rateOver(j.bytes, now.Sub(j.since)), j.wait < j.from
		j.since, j.bytes, j.from = now, 0, j.wait
		if !t.jammed() || shrinks || j.told > 0 && !j.other(arrives, now) {
			return
		}
		if j.told == 0 || arrives < j.told {
			j.until = now.Add(jamObeyed)
		}
		j.told = max(arrives, 1)
		t.stage.deliver(Jammed{Peer: t.id, On: true, Bitrate: j.told})
		if j.narrow() {
			t.cut()
		}
	}
}

// What is told is told again below the one and above the other per cent of it.
const (
	lessThrough = 80
	moreThrough = 150
)

// other reports whether so different an amount arrives than was told that it is told again: at
// first only more, for others who share the way may have had it for a moment.
func (j *jam) other(arrives int, now time.Time) bool {
	if now.Before(j.until) {
		return arrives > j.told*moreThrough/100
	}
	return arrives < j.told*lessThrough/100
}

// allows is what a publisher may send: in a jam, no more than thin sound beside the least of
// a picture, and less than is known to arrive, so that the queue goes.
func (j *jam) allows() int {
	switch {
	case !j.on:
		return j.budget
	case j.told > 0:
		return min(j.budget, noPicture, max(j.told*jamShare/100, leastAudio))
	}
	return min(j.budget, noPicture)
}

// jamShare is per cent of what arrives through a queue.
const jamShare = 85

// narrow reports whether there is a jam that lets no picture through.
func (j *jam) narrow() bool { return j.told > 0 && j.told < noPicture }

// cut passes on no more of the pictures until they begin afresh: what the queue holds of
// them would only fill the viewers' ways, on which the publisher is to be told.
func (t *transport) cut() {
	for l := range t.layers() {
		if !l.track.source.Video() {
			continue
		}
		for _, d := range l.viewers {
			if d.from == l {
				d.from = nil
				d.viewer.pacer.drop(d.ssrc)
			}
		}
		l.wantKeyframe = true
	}
}

// giveUp waits no longer for what the queue on the way up has dropped: to ask for all of
// it when the queue is gone would fill it again, and a keyframe is less.
func (t *transport) giveUp() {
	for l := range t.layers() {
		if l.receiver.GiveUp(0) && l.track.source.Video() {
			l.interrupt()
			l.wantKeyframe = true
		}
	}
}

// jammed reports whether the way up holds a queue so long that repairs come too late
// to be seen or heard, and would keep sound waiting with everything else.
func (t *transport) jammed() bool { return t.jam.wait > unbearable }
