package sfutest

import (
	"fmt"
	"slices"
	"time"

	"github.com/pion/rtp"
)

// Audio is what has come of sound.
type Audio struct {
	Publisher  string // of the last packet
	Packets    int
	Duplicates int
	Late       int // packets that filled a hole
	Lost       int // packets that never came
	Played     int // packets' worth of time that was played, concealed or not
	Concealed  int // of them, what had not come in time
	MaxGap     time.Duration
	Delay      time.Duration // from capture to reception of the last packet
	MaxDelay   time.Duration
	First      time.Time
	Last       time.Time
	Switches   []Switch
	Violations []string // what no stream may do; at most 20
}

// audioCheck reads one place's sound.
type audioCheck struct {
	Audio
	order    reorder
	began    arrivals // its counts at the last reset
	previous arrival
	speaker  speaker
}

func (c *audioCheck) result() Audio {
	r := c.Audio
	n := c.order.arrivals.since(c.began)
	r.Packets, r.Duplicates, r.Late = n.packets, n.duplicates, n.late
	r.Switches, r.Violations = slices.Clone(r.Switches), slices.Clone(r.Violations)
	return r
}

func (c *audioCheck) reset() {
	c.Audio = Audio{Publisher: c.Publisher, Last: c.Last}
	c.began = c.order.arrivals
}

func (c *audioCheck) violation(format string, args ...any) {
	if len(c.Violations) < maxViolations {
		c.Violations = append(c.Violations, fmt.Sprintf(format, args...))
	}
}

func (c *audioCheck) take(p *rtp.Packet, now time.Time, sync *syncCheck) {
	payload := p.Payload
	if p.PayloadType == redType {
		r, ok := parseRED(payload)
		if !ok {
			c.violation("a packet has blocks that do not add up")
			return
		}
		for _, copied := range r.copies {
			c.hear(copied, now, true)
		}
		payload = r.primary
	}
	c.hear(payload, now, false)
	a := arrival{at: now, timestamp: p.Timestamp, marker: p.Marker, empty: len(payload) == 0}
	if !a.empty {
		var ok bool
		a.stamp, ok = parseStamp(payload[1:], c.Publisher)
		a.bad = !ok || payload[0] != opusTOC
	}
	c.order.put(p.SequenceNumber, a, func(a *arrival, missing int) {
		c.Lost += missing
		switch {
		case a.empty:
		case a.bad:
			c.violation("a packet is not what anybody sent")
		default:
			c.next(a, missing)
			sync.sound(a)
		}
	})
}

// next takes a packet in order.
func (c *audioCheck) next(a *arrival, missing int) {
	p := &c.previous
	switched := a.stamp.publisher != p.stamp.publisher
	switch gap := a.at.Sub(p.at); {
	case p.at.IsZero(), a.stamp.first && !switched:
	case switched:
		c.Switches = append(c.Switches, Switch{From: p.stamp.publisher, To: a.stamp.publisher, At: a.at, Gap: gap})
	default:
		c.MaxGap = max(c.MaxGap, gap)
	}
	if !p.at.IsZero() {
		c.continues(a, missing)
	}
	if c.First.IsZero() {
		c.First = a.at
	}
	c.Publisher, c.Last = a.stamp.publisher, a.at
	c.Delay = a.at.Sub(a.stamp.captured)
	c.MaxDelay = max(c.MaxDelay, c.Delay)
	c.previous = *a
}

// continues checks a packet against the one before.
func (c *audioCheck) continues(a *arrival, missing int) {
	p := &c.previous
	if int32(a.timestamp-p.timestamp) <= 0 {
		c.violation("timestamp went from %d to %d", p.timestamp, a.timestamp)
	}
	if a.stamp.publisher != p.stamp.publisher {
		return
	}
	if missing == 0 && a.stamp.number <= p.stamp.number {
		c.violation("packet %d of %s follows %d", a.stamp.number, a.stamp.publisher, p.stamp.number)
	}
}

// hear gives a frame to the speaker: the packet's own, or a copy.
func (c *audioCheck) hear(payload []byte, now time.Time, copied bool) {
	if len(payload) == 0 || payload[0] != opusTOC {
		return
	}
	st, ok := parseStamp(payload[1:], c.Publisher)
	if !ok {
		return
	}
	if c.speaker.counted == nil {
		c.speaker.counted = func(concealed bool) {
			c.Played++
			if concealed {
				c.Concealed++
			}
		}
	}
	for range max(st.count, 1) { // the frames of a packet follow each other
		c.speaker.take(&st, now, copied)
		st.number++
		st.captured = st.captured.Add(audioEvery)
	}
}
