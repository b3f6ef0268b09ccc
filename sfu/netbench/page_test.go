package netbench

import (
	"time"

	"parley/sfu"
)

// What a page does for the sound's sake (web/src/media/thrift.ts), in bit/s: with less
// than tooLittle beside the sound for pauseAfter the camera is not sent, and again when
// there is enough, or to try.
const (
	lookEvery    = 2 * time.Second
	tooLittle    = 60_000
	enough       = 90_000
	thinBelow    = 200_000 // sound and all
	thinUntil    = 300_000
	thinWhatever = 100_000 // is lost
	thinLoss     = 0.1
	thinSound    = 35_000
	thinCopies   = 20_000
	onceBelow    = 45_000
	lossyFor     = 20 * time.Second
	tightFor     = 4 * time.Second
	longQueue    = 400 * time.Millisecond
	pauseAfter   = 2 * time.Second
	widerFor     = 4 * time.Second
	tryAfter     = 10 * time.Second
	tryAtMost    = 80 * time.Second
	failedWithin = 20 * time.Second
	cleanLoss    = 0.02
)

// tcpRetry is how long it takes at the least until a segment that got lost is sent again.
const tcpRetry = 200 * time.Millisecond

// thrift is what a page remembers of it.
type thrift struct {
	held     bool
	thin     bool      // sound
	wider    time.Time // since when there is room for all of it
	lost     time.Time // something of it
	tight    time.Time // there was no room for it to go twice
	quickest time.Duration
	since    time.Time // it has been otherwise than what is done
	turned   time.Time
	wait     time.Duration
	jam      bool // by the server's word
	jammed   time.Time
}

// say tells a page something over its socket, which shares the way down with everything
// else: what the queue drops is sent again.
func (r *room) say(p *person, said func()) { r.sayAgain(p, said, tcpRetry) }

func (r *room) sayAgain(p *person, said func(), retry time.Duration) {
	const segment = 150
	_, own := p.Links()
	_, shared := r.router.Links()
	now := time.Now()
	at, ok := own.Pass(now, segment)
	if ok {
		at, ok = shared.Pass(at, segment)
	}
	if !ok {
		time.AfterFunc(retry, func() { r.sayAgain(p, said, 2*retry) })
		return
	}
	time.AfterFunc(at.Sub(now), said)
}

// watchUpload looks at a person's way up as their page does, until the room closes.
func (p *person) watchUpload() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	th := thrift{wait: tryAfter}
	before := p.Sent(sfu.Mic)
	for {
		select {
		case e := <-p.jams:
			p.save(th.hear(time.Now(), e.On, e.Bitrate))
			continue
		case <-ticker.C:
		case <-p.room.closed:
			return
		}
		now := p.Sent(sfu.Mic)
		sound := (now.Bytes - before.Bytes) * 8 / int(lookEvery/time.Second)
		before = now
		loss := max(now.FractionLost, p.Sent(sfu.Camera).FractionLost)
		rtt := p.RTT()
		if th.quickest == 0 || rtt < th.quickest {
			th.quickest = rtt
		}
		queue := rtt > th.quickest+longQueue
		p.save(th.look(time.Now(), p.Target(), sound, loss, queue))
	}
}

// saving is what is given up.
type saving struct{ held, thin, once bool }

func (p *person) save(s saving) {
	p.Spare(s.thin, s.once)
	if s.held != p.held.Load() {
		p.held.Store(s.held)
		p.Hold(sfu.Camera, s.held)
	}
}

// look takes what the page sees every two seconds.
func (t *thrift) look(now time.Time, available, sound int, loss float64, queue bool) saving {
	var s saving
	s.thin, s.once = t.thinner(now, available, loss, queue)
	if s.thin {
		sound = min(sound, least(s.once))
	}
	left := available - sound
	if queue {
		left = 0
	}
	s.held = t.without(now, left, queue)
	return s
}

// least is what thin sound takes.
func least(once bool) int {
	if once {
		return thinSound
	}
	return thinSound + thinCopies
}

// hear takes the server's word for a queue on the way up, and for what arrives through it.
func (t *thrift) hear(now time.Time, on bool, arrives int) saving {
	t.jam = on
	if on {
		t.jammed, t.wider = now, time.Time{}
		t.thin = t.thin || arrives < thinUntil
	}
	if on && arrives < onceBelow {
		t.tight = now
	}
	s := saving{thin: t.thin, once: t.once(now)}
	if on && !t.held && arrives-least(s.once) < tooLittle {
		t.fail(now, 4)
		t.turn(true, now)
	}
	s.held = t.held
	return s
}

// fail settles how long it takes to the next try: longer by a factor where one has failed.
func (t *thrift) fail(now time.Time, longer time.Duration) {
	if t.wait = min(longer*t.wait, tryAtMost); !t.failed(now) {
		t.wait = tryAfter
	}
}

func (t *thrift) failed(now time.Time) bool {
	return !t.turned.IsZero() && now.Sub(t.turned) < failedWithin
}

// thinner decides whether the sound takes less than usual, and whether nothing of it is
// sent twice.
func (t *thrift) thinner(now time.Time, available int, loss float64, queue bool) (thin, once bool) {
	if loss >= cleanLoss {
		t.lost = now
	}
	if queue && available < onceBelow {
		t.tight = now
	}
	switch {
	case !t.thin:
		t.thin = queue || available < thinWhatever || available < thinBelow && loss < thinLoss
		t.wider = time.Time{}
	case queue || available < thinUntil || t.jam || !t.jammed.IsZero() && now.Sub(t.jammed) < tryAfter:
		t.wider = time.Time{}
	case t.wider.IsZero():
		t.wider = now
	default:
		t.thin = now.Sub(t.wider) < widerFor
	}
	return t.thin, t.once(now)
}

// once decides whether nothing of the sound is sent twice: where nothing gets lost, or a
// queue has told that there is no room. What a browser believes in where it sends no
// picture is only the least that it ever does.
func (t *thrift) once(now time.Time) bool {
	return t.thin && (now.Sub(t.lost) >= lossyFor || !t.tight.IsZero() && (t.jam || now.Sub(t.tight) < tightFor))
}

// without decides whether the camera is held back, by what there is beside the sound.
func (t *thrift) without(now time.Time, left int, queue bool) bool {
	if t.held {
		wide := t.lasts(left >= enough, now, pauseAfter) && now.Sub(t.jammed) >= t.wait
		if !t.jam && (wide || now.Sub(t.turned) >= t.wait && now.Sub(t.lost) >= tryAfter && left > 0) {
			t.turn(false, now)
		}
		return t.held
	}
	failed, patience, longer := t.failed(now), pauseAfter, time.Duration(2)
	if failed && queue {
		patience, longer = 0, 4
	}
	if t.lasts(left < tooLittle, now, patience) {
		t.fail(now, longer)
		t.turn(true, now)
	}
	return t.held
}

// lasts reports whether something has been so for d.
func (t *thrift) lasts(so bool, now time.Time, d time.Duration) bool {
	if !so {
		t.since = time.Time{}
		return false
	}
	if t.since.IsZero() {
		t.since = now
	}
	return now.Sub(t.since) >= d
}

func (t *thrift) turn(held bool, now time.Time) {
	t.held, t.since, t.turned = held, time.Time{}, now
}
