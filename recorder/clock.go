package recorder

import "time"

// The bounds of what a line may claim about its time.
const (
	maxTransit = 2 * time.Second        // a frame is not older, or further ahead, than this
	maxSlew    = 5                      // milliseconds by which a second of a line is bent
	stepFrom   = 250 * time.Millisecond // an error that bending would take too long for
)

// lineClock gives each frame of a line its time on the server's clock. Until the
// first report that is guessed from the arrival of the first frame.
type lineClock struct {
	rate int64

	anchored bool
	last     uint32    // timestamp
	ticks    int64     // the same, unwrapped
	base     int64     // ticks
	baseAt   time.Time // what base is on the server's clock
	bentTo   int64     // ticks up to which the line has been bent

	ahead time.Duration // by how much the fastest frame was faster than the first, while nothing else is known

	heard    bool // a report
	reported bool // it is believed
	sent     time.Time
	sentTS   uint32
	sentAt   int64 // ticks, once it is believed
	bias     lineBias
}

// lineBias is how wrong guesses about a line have been: later than the arrival of the
// fastest frame by so much, usually less than nothing.
type lineBias struct {
	known bool
	late  time.Duration
}

// report takes a sender report (RFC 3550 §6.4.1) whose NTP time is the server's. A
// first report tells how wrong the guess was: by so much the whole line up to here,
// and what follows, is to be put later.
func (c *lineClock) report(arrived time.Time, ntp uint64, ts uint32) (correction time.Duration) {
	// The monotonic reading of the arrival goes over to the report, so that a
	// server whose clock is set does not tear lines apart.
	c.sent = arrived.Add(ntpTime(ntp).Sub(arrived.Round(0)))
	c.sentTS, c.heard = ts, true
	if !c.anchored {
		return 0 // at looks at it
	}
	return c.believe()
}

// believe compares the last report with the line.
func (c *lineClock) believe() (correction time.Duration) {
	first := !c.reported
	c.sentAt = c.unwrap(c.sentTS)
	late := c.lateness(c.ticks)
	c.reported = late.Abs() <= maxTransit // or it speaks of another line, or of no clock
	if !first || !c.reported {
		return 0
	}
	c.baseAt = c.baseAt.Add(late)
	c.bias = lineBias{true, c.bias.late + late - c.ahead}
	return late
}

// at returns the time of a frame on the server's clock.
func (c *lineClock) at(ts uint32, arrived time.Time) time.Time {
	if !c.anchored {
		c.anchor(ts, arrived)
		if c.heard {
			c.believe()
		}
	}
	c.ticks, c.last = c.unwrap(ts), ts
	if c.reported {
		c.bend()
	}
	t := c.now(c.ticks)
	if guess := arrived.Add(c.bias.late); !c.reported && guess.Before(t) {
		if c.bias.known {
			c.baseAt = c.baseAt.Add(guess.Sub(t)) // the frame before was slower
			t = guess
		} else {
			c.ahead = min(c.ahead, guess.Sub(t)) // the first report moves all of it
		}
	}
	if off := arrived.Sub(t); off.Abs() > maxTransit {
		c.anchor(ts, arrived)
		t = c.baseAt
	}
	return t
}

// anchor guesses the time of a frame from its arrival, and from what is known of
// how long frames of this line are under way.
func (c *lineClock) anchor(ts uint32, arrived time.Time) {
	c.last, c.ticks = ts, 0
	c.base, c.bentTo = 0, 0
	c.baseAt = arrived.Add(c.bias.late)
	c.anchored, c.reported, c.ahead = true, false, 0
}

// bend brings the line nearer to what the reports say, a little with each second.
func (c *lineClock) bend() {
	late := c.lateness(c.ticks)
	if late.Abs() > stepFrom {
		c.baseAt = c.baseAt.Add(late)
		c.bentTo = c.ticks
		return
	}
	most := c.span(c.ticks-c.bentTo) * maxSlew / 1000
	if most <= 0 {
		return
	}
	c.bentTo = c.ticks
	c.baseAt = c.baseAt.Add(min(max(late, -most), most))
	if c.ticks-c.base > c.rate*3600 { // keep the products small
		c.baseAt, c.base = c.now(c.ticks), c.ticks
	}
}

// lateness is by how much the line at some ticks should be later than it is.
func (c *lineClock) lateness(ticks int64) time.Duration {
	return c.sent.Add(c.span(ticks - c.sentAt)).Sub(c.now(ticks))
}

func (c *lineClock) now(ticks int64) time.Time {
	return c.baseAt.Add(c.span(ticks - c.base))
}

// unwrap makes ticks of a timestamp near the last.
func (c *lineClock) unwrap(ts uint32) int64 {
	return c.ticks + int64(int32(ts-c.last))
}

func (c *lineClock) span(ticks int64) time.Duration {
	return time.Duration(ticks) * time.Second / time.Duration(c.rate)
}

// ntpTime is the time an NTP timestamp says, within the era of this century.
func ntpTime(ntp uint64) time.Time {
	seconds := int64(ntp>>32) - 2208988800
	if ntp>>63 == 0 { // after February 2036
		seconds += 1 << 32
	}
	nanos := (ntp & 0xFFFFFFFF) * uint64(time.Second) >> 32
	return time.Unix(seconds, int64(nanos))
}
