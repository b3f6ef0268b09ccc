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
	longQueue    = 400 * time.Millisecond
	pauseAfter   = 2 * time.Second
	widerFor     = 4 * time.Second
	tryAfter     = 10 * time.Second
	tryAtMost    = 80 * time.Second
	failedWithin = 20 * time.Second
	cleanLoss    = 0.02
)

// thrift is what a page remembers of it.
type thrift struct {
	held     bool
	thin     bool      // sound
	wider    time.Time // since when there is room for all of it
	lost     time.Time // something of it
	quickest time.Duration
	since    time.Time // it has been otherwise than what is done
	turned   time.Time
	wait     time.Duration
}

// watchUpload looks at a person's way up as their page does, until the room closes.
func (p *person) watchUpload() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	th := thrift{wait: tryAfter}
	before := p.Sent(sfu.Mic)
	for {
		select {
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
		thin, once := th.thinner(time.Now(), p.Target(), loss, queue)
		p.Spare(thin, once)
		switch {
		case once:
			sound = min(sound, thinSound)
		case thin:
			sound = min(sound, thinSound+thinCopies)
		}
		left := p.Target() - sound
		if queue {
			left = 0
		}
		if held := th.look(time.Now(), left, loss, queue); held != p.held.Load() {
			p.held.Store(held)
			p.Hold(sfu.Camera, held)
		}
	}
}

// thinner decides whether the sound takes less than usual, and whether nothing of it is
// sent twice.
func (t *thrift) thinner(now time.Time, available int, loss float64, queue bool) (thin, once bool) {
	if loss >= cleanLoss {
		t.lost = now
	}
	switch {
	case !t.thin:
		t.thin = queue || available < thinWhatever || available < thinBelow && loss < thinLoss
		t.wider = time.Time{}
	case queue || available < thinUntil:
		t.wider = time.Time{}
	case t.wider.IsZero():
		t.wider = now
	default:
		t.thin = now.Sub(t.wider) < widerFor
	}
	return t.thin, t.thin && (available < onceBelow || now.Sub(t.lost) >= lossyFor)
}

// look decides whether the camera is held back, by what there is beside the sound.
func (t *thrift) look(now time.Time, left int, loss float64, queue bool) bool {
	if t.held {
		wide := t.lasts(left >= enough, now, pauseAfter)
		if wide || now.Sub(t.turned) >= t.wait && loss < cleanLoss && left > 0 {
			t.turn(false, now)
		}
		return t.held
	}
	failed, patience, longer := !t.turned.IsZero() && now.Sub(t.turned) < failedWithin, pauseAfter, time.Duration(2)
	if failed && queue {
		patience, longer = 0, 4
	}
	if t.lasts(left < tooLittle, now, patience) {
		if t.wait = min(longer*t.wait, tryAtMost); !failed {
			t.wait = tryAfter
		}
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
