package netbench

import (
	"math"
	"sync/atomic"
	"testing"
	"time"

	"parley/sfu/sfutest"
	"parley/sfu/sfutest/link"
)

const (
	segment     = 1472 // bytes, and the link counts 28 more
	cubicScale  = 0.4  // segments a second cubed, RFC 9438 §5.1
	cubicBack   = 0.7
	leastWindow = 2.0
)

// download is a transfer over TCP, as far as the link that it fills can tell: slow
// start, then CUBIC (RFC 9438), which has the queue run over before it sends less.
type download struct {
	way   *link.Link
	back  time.Duration // of an acknowledgement
	bytes atomic.Int64  // that came, as the link counts them

	window, before float64   // segments; when it last ran over
	since          time.Time // then
	slow           bool      // start
	flying         []flight  // by arrival
	lost           time.Time // what was sent before is known to be lost
}

// flight is a segment on its way.
type flight struct {
	sent, known time.Time // known when its acknowledgement is there, or it is missed
	gone        bool
}

// run downloads until quit is closed.
func (d *download) run(quit chan struct{}) {
	d.window, d.slow = 10, true
	rtt := d.back
	for {
		now := time.Now()
		for len(d.flying) > 0 && !d.flying[0].known.After(now) {
			rtt = now.Sub(d.flying[0].sent)
			d.acknowledge(d.flying[0], now, rtt)
			d.flying = d.flying[1:]
		}
		for float64(len(d.flying)) < d.window {
			d.send(now, rtt)
		}
		wait := time.NewTimer(max(time.Until(d.flying[0].known), time.Microsecond))
		select {
		case <-wait.C:
		case <-quit:
			wait.Stop()
			return
		}
	}
}

func (d *download) send(now time.Time, rtt time.Duration) {
	f := flight{sent: now}
	out, ok := d.way.Pass(now, segment)
	if f.gone = !ok; ok {
		f.known = out.Add(d.back)
	} else {
		f.known = now.Add(rtt)
	}
	if n := len(d.flying); n > 0 && f.known.Before(d.flying[n-1].known) {
		f.known = d.flying[n-1].known // duplicate acknowledgements come in order, too
	}
	d.flying = append(d.flying, f)
}

func (d *download) acknowledge(f flight, now time.Time, rtt time.Duration) {
	switch {
	case f.gone && f.sent.After(d.lost):
		d.before, d.since, d.slow, d.lost = d.window, now, false, now
		d.window = max(cubicBack*d.window, leastWindow)
		return
	case f.gone:
		return
	case d.slow:
		d.window++
	default:
		k := math.Cbrt(d.before * (1 - cubicBack) / cubicScale)
		t := (now.Sub(d.since) + rtt).Seconds() - k
		if want := cubicScale*t*t*t + d.before; want > d.window {
			d.window += min((want-d.window)/d.window, 0.5)
		}
	}
	d.bytes.Add(segment + 28)
}

// A download alone fills its link.
func TestADownloadFillsALink(t *testing.T) {
	bubble(t, func(t *testing.T) {
		way := link.New(1, "way")
		way.Set(sfutest.Path{Delay: oneWay, Rate: 2_000_000, Queue: 200 * time.Millisecond})
		d := download{way: way, back: oneWay}
		quit, done := make(chan struct{}), make(chan struct{})
		go func() { defer close(done); d.run(quit) }()
		time.Sleep(30 * time.Second)
		close(quit)
		<-done
		if bits := float64(d.bytes.Load()) * 8 / 30; bits < 0.95*2_000_000 || bits > 2_000_000 {
			t.Errorf("%.0f bit/s of 2 Mbit/s", bits)
		}
		if s := way.Stats(); s.Dropped == 0 || s.Dropped > s.Packets/10 {
			t.Errorf("%d of %d dropped, want some", s.Dropped, s.Packets)
		}
	})
}
