package forward

import "time"

// Line is the fixed relation of a seat's RTP time to the server's clock. It
// never changes while the seat exists; whoever sits there is fitted to it, so
// that a viewer's idea of the seat's clock survives every change.
type Line struct {
	Epoch time.Time
	Base  uint32 // RTP time at Epoch
	Rate  uint32 // ticks per second
}

// At gives the RTP time of t.
func (l Line) At(t time.Time) uint32 {
	d := t.Sub(l.Epoch)
	whole, rest := d/time.Second, d%time.Second
	return l.Base + uint32(int64(whole)*int64(l.Rate)) + uint32(int64(rest)*int64(l.Rate)/int64(time.Second))
}

// clockWindow is how long a Clock trusts a minimum. A publisher's clock may drift
// by 50 ppm against ours: 1.5 ms in a window.
const clockWindow = 30 * time.Second

// Clock relates a publisher's wall clock, as its sender reports tell it, to
// ours: the smallest difference between a report's arrival and its NTP time is
// the clocks' offset plus the shortest way. One Clock serves all of a publisher's
// sources, which is what keeps them in step with each other.
type Clock struct {
	known             bool
	current, previous time.Duration
	since             time.Time
}

// Observe takes one sender report's NTP time and its arrival.
func (c *Clock) Observe(ntp, arrival time.Time) {
	d := arrival.Sub(ntp)
	switch {
	case !c.known:
		c.known, c.current, c.previous, c.since = true, d, d, arrival
	case arrival.Sub(c.since) > clockWindow:
		c.previous, c.current, c.since = c.current, d, arrival
	case d < c.current:
		c.current = d
	}
}

// Local turns a time of the publisher's clock into ours. It reports false until
// a report has been observed.
func (c *Clock) Local(ntp time.Time) (time.Time, bool) {
	return ntp.Add(min(c.current, c.previous)), c.known
}

// ntpEpoch is 1900-01-01 in Unix seconds (RFC 3550 §4).
const ntpEpoch = -2208988800

// FromNTP turns a 64-bit NTP timestamp into a time.
func FromNTP(ntp uint64) time.Time {
	return time.Unix(int64(ntp>>32)+ntpEpoch, int64((ntp&0xffffffff)*1e9>>32))
}

// ToNTP turns a time into a 64-bit NTP timestamp.
func ToNTP(t time.Time) uint64 {
	return uint64(t.Unix()-ntpEpoch)<<32 | uint64(t.Nanosecond())<<32/1e9
}
