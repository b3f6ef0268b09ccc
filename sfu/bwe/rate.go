package bwe

import (
	"math"
	"time"
)

const (
	// draft-ietf-rmcat-gcc-02 §5.5: beta 0.85, eta 1.08 a second, half a packet a
	// response time near the capacity (libwebrtc: a whole one, and 4 kbit/s at
	// least), never above 1.5 times what arrives.
	backOff       = 0.85
	growth        = 1.08
	leastGrowth   = 4_000.0
	aboveAcked    = 1.5
	aboveAckedAdd = 10_000.0
	lidGrowth     = 1.02 // a second, for lidTime after loss was found to be a limit
	lidTime       = 15 * time.Second
	reportDelay   = 100 * time.Millisecond // what reports add to a round trip

	// capacitySmoothing and capacityWidth (in deviations) are the draft's, too.
	capacitySmoothing = 0.05
	capacityWidth     = 3.0
)

// capacity is what arrived when the connection was found full.
type capacity struct {
	mean, spread float64 // spread is the variance over the mean, in kbit/s, as in libwebrtc
}

func (c *capacity) known() bool { return c.mean > 0 }

func (c *capacity) bounds() (low, high float64) {
	d := capacityWidth * math.Sqrt(c.spread*c.mean/1000) * 1000
	return max(0, c.mean-d), c.mean + d
}

func (c *capacity) add(bps float64) {
	if low, high := c.bounds(); c.known() && (bps < low || bps > high) {
		c.mean = 0
	}
	if !c.known() {
		c.mean, c.spread = bps, 0.4
		return
	}
	c.mean += capacitySmoothing * (bps - c.mean)
	miss := (c.mean - bps) / 1000
	c.spread += capacitySmoothing * (miss*miss/max(c.mean/1000, 1) - c.spread)
	// 0.4 and 2.5 kbit/s keep the band between 10 % and 35 % at 500 kbit/s.
	c.spread = min(max(c.spread, 0.4), 2.5)
}

// control is the rate that follows from delay and acknowledgements.
type control struct {
	rate      float64
	grown     time.Duration // when it last changed
	decreased time.Duration // when it last fell
	fell      bool          // ever
	capacity  capacity
	peak      float64 // the highest of late, that a drop may heal to
	peakAt    time.Duration
	lidUntil  time.Duration // loss was found to be a limit: grow slowly until then
}

// peakFor is how long a rate that once was is thought possible again.
const peakFor = 2 * time.Minute

func (c *control) mark(now time.Duration) {
	if c.rate >= c.peak || now-c.peakAt > peakFor {
		c.peak, c.peakAt = c.rate, now
	}
}

// dropped reports whether the rate is well below what it has been.
func (c *control) dropped() bool { return c.rate < 0.7*c.peak }

// grow raises the rate: by a share while the capacity is far, by a packet per
// response time near it. Acked is what arrives.
func (c *control) grow(now, rtt time.Duration, acked float64) {
	passed := min(now-c.grown, time.Second).Seconds()
	c.grown = now
	low, high := c.capacity.bounds()
	if c.capacity.known() && acked > high {
		c.capacity.mean = 0
	}
	add := 0.0
	if c.capacity.known() && c.rate > low {
		frame := c.rate / 30
		packets := math.Ceil(frame / (1200 * 8))
		response := (min(rtt, time.Second) + reportDelay).Seconds()
		add = max(leastGrowth, frame/packets/response) * passed
	} else {
		add = max(c.rate*(math.Pow(growth, passed)-1), leastGrowth*passed)
	}
	if now < c.lidUntil {
		add = min(add, max(leastGrowth*passed, c.rate*(math.Pow(lidGrowth, passed)-1)))
	}
	if most := aboveAcked*acked + aboveAckedAdd; c.rate < most {
		c.rate = min(c.rate+add, most)
	}
}

// fall lowers the rate below what arrives.
func (c *control) fall(now time.Duration, acked float64) {
	c.capacity.add(acked)
	c.rate = min(c.rate, backOff*acked)
	c.grown, c.decreased, c.fell = now, now, true
}

// mayFall reports whether the last fall has had time to show.
func (c *control) mayFall(now, rtt time.Duration) bool {
	return !c.fell || now-c.decreased >= min(max(rtt, 10*time.Millisecond), 200*time.Millisecond)+reportDelay
}
