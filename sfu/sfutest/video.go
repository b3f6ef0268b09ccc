package sfutest

import (
	"fmt"
	"slices"
	"time"

	"github.com/pion/rtp"
)

const (
	maxViolations = 20                     // that are kept
	keyframeEvery = 500 * time.Millisecond // requests, at most
)

// Switch is a change of who is shown.
type Switch struct {
	From, To string
	At       time.Time
	Gap      time.Duration // between the last picture of one and the first of the other
}

// Video is what has come of pictures. Frames counts what a decoder shows:
// whole pictures that need no picture which did not come.
type Video struct {
	Publisher  string // of the last frame
	Packets    int
	Duplicates int // packets that came twice
	Late       int // packets that filled a hole, by retransmission or reordering
	Lost       int // packets that never came
	Frames     int
	Keyframes  int
	Layer      int           // of the last frame: 0 for q, 1 for h, 2 for f
	Width      int           // of the last keyframe, of one layer
	Temporal   int           // layer of the last frame, of several in one stream
	Sizes      [3]int        // frames of each size of such a stream
	Broken     int           // frames with packets missing
	Skipped    int           // whole frames that need one that did not come
	Freezes    int           // as WebRTC's statistics define them, without a switch
	Frozen     time.Duration // sum of the freezes
	MaxGap     time.Duration // longest time between frames, without a switch
	Delay      time.Duration // from capture to reception of the last frame
	MaxDelay   time.Duration
	First      time.Time // when the first frame came
	Last       time.Time // and the last
	Switches   []Switch
	Violations []string // what no stream may do; at most 20
}

// videoCheck reads one place's pictures.
type videoCheck struct {
	Video
	order reorder
	began arrivals // its counts at the last reset

	frame     frame // being put together
	previous  frame // last whole or broken
	seen      bool  // there is a previous
	broken    bool  // until the next keyframe
	missed    bool  // packets, since the last that came
	requested time.Time
	screen    screen
	svc       svcCheck
}

// frame is a picture of which packets have come.
type frame struct {
	open       bool
	damaged    bool // packets of it are missing
	hole       bool // packets before it are missing
	got        int
	key        bool
	timestamp  uint32
	descriptor descriptor
	stamp      stamp
}

func (v *videoCheck) result() Video {
	r := v.Video
	n := v.order.arrivals.since(v.began)
	r.Packets, r.Duplicates, r.Late = n.packets, n.duplicates, n.late
	r.Switches, r.Violations = slices.Clone(r.Switches), slices.Clone(r.Violations)
	return r
}

func (v *videoCheck) reset() {
	v.Video = Video{Publisher: v.Publisher, Last: v.Last, Layer: v.Layer, Width: v.Width}
	v.began = v.order.arrivals
}

func (v *videoCheck) violation(format string, args ...any) {
	if len(v.Violations) < maxViolations {
		v.Violations = append(v.Violations, fmt.Sprintf(format, args...))
	}
}

func (v *videoCheck) take(p *rtp.Packet, now time.Time, sync *syncCheck) {
	a := arrival{at: now, timestamp: p.Timestamp, marker: p.Marker, empty: len(p.Payload) == 0}
	switch {
	case a.empty:
	case p.PayloadType == vp9Type || p.PayloadType == av1Type:
		s, rest, ok := parseSVC(p)
		if ok {
			if a.stamp, ok = parseStamp(rest, v.Publisher); ok {
				ok = s.contents(rest, a.stamp)
			}
		}
		a.svc, a.bad = s, !ok
		a.descriptor.key = s.key && s.start
	default:
		d, rest, ok := parseDescriptor(p.Payload)
		if ok {
			a.stamp, ok = parseStamp(rest, v.Publisher)
		}
		a.descriptor, a.bad = d, !ok
	}
	v.order.put(p.SequenceNumber, a, func(a *arrival, missing int) { v.next(a, missing, now, sync) })
}

// next takes a packet in order.
func (v *videoCheck) next(a *arrival, missing int, now time.Time, sync *syncCheck) {
	if missing > 0 {
		v.Lost += missing
		v.missed = true
		v.frame.damaged = true
	}
	if a.empty {
		return
	}
	if a.bad {
		v.violation("a packet is not what anybody sent")
		return
	}
	if a.svc.is {
		v.svcNext(a, missing, now, sync)
		return
	}
	f := &v.frame
	if !f.open || f.timestamp != a.timestamp {
		v.finish(false, a, now, sync)
		*f = frame{
			open: true, hole: v.missed, damaged: v.missed && !a.descriptor.start, key: a.descriptor.start && a.descriptor.key,
			timestamp: a.timestamp, descriptor: a.descriptor, stamp: a.stamp,
		}
	} else if a.stamp.publisher != f.stamp.publisher || a.stamp.number != f.stamp.number || a.descriptor.picture != f.descriptor.picture {
		v.violation("two frames with one timestamp %d: %s %d and %s %d", a.timestamp,
			f.stamp.publisher, f.stamp.number, a.stamp.publisher, a.stamp.number)
	}
	v.missed = false
	f.got++
	if a.marker {
		v.finish(true, a, now, sync)
	}
}

// finish ends the frame being put together.
func (v *videoCheck) finish(marked bool, a *arrival, now time.Time, sync *syncCheck) {
	f := &v.frame
	if !f.open {
		return
	}
	whole := marked && !f.damaged && f.got == int(f.stamp.count)
	if !whole && !f.damaged {
		v.violation("frame %d of %s has %d of %d packets, and none is missing", f.stamp.number, f.stamp.publisher, f.got, f.stamp.count)
	}
	follows := v.continues(f)
	if !whole {
		v.Broken++
		v.broken = true
	} else if f.key || follows && !v.broken {
		v.broken = false
		v.show(f, now)
		sync.picture(a)
	} else {
		v.Skipped++
		v.broken = true
	}
	v.previous, v.seen = *f, true
	*f = frame{}
}

// continues checks the frame against the one before, and tells whether it may
// refer to it.
func (v *videoCheck) continues(f *frame) bool {
	if !v.seen {
		return false
	}
	p := &v.previous
	if int32(f.timestamp-p.timestamp) <= 0 {
		v.violation("timestamp went from %d to %d", p.timestamp, f.timestamp)
	}
	same := f.stamp.publisher == p.stamp.publisher
	if f.hole {
		return false
	}
	if want := (p.descriptor.picture + 1) & 0x7fff; f.descriptor.picture != want {
		v.violation("picture id went from %d to %d", p.descriptor.picture, f.descriptor.picture)
	}
	if f.descriptor.tl0 != p.descriptor.tl0+1 {
		v.violation("TL0PICIDX went from %d to %d", p.descriptor.tl0, f.descriptor.tl0)
	}
	if !f.key && !same {
		v.violation("%s follows %s without a keyframe", f.stamp.publisher, p.stamp.publisher)
	}
	if !f.key && same && f.stamp.number != p.stamp.number+1 {
		v.violation("frame %d of %s follows %d, and no packet is missing", f.stamp.number, f.stamp.publisher, p.stamp.number)
	}
	return same && f.stamp.number == p.stamp.number+1
}

// show counts a frame that a decoder would show.
func (v *videoCheck) show(f *frame, now time.Time) {
	v.Frames++
	v.Layer = int(f.stamp.layer)
	if f.key {
		v.Keyframes++
		v.Width = int(f.descriptor.width)
	}
	gap := now.Sub(v.Last)
	switched := v.Publisher != f.stamp.publisher
	switch {
	case v.Last.IsZero(), f.stamp.first && !switched:
	case switched:
		v.Switches = append(v.Switches, Switch{From: v.Publisher, To: f.stamp.publisher, At: now, Gap: gap})
	default:
		v.MaxGap = max(v.MaxGap, gap)
	}
	begins := switched || f.stamp.first
	if frozen := v.screen.show(f.stamp.captured, now, begins); frozen > 0 {
		v.Freezes++
		v.Frozen += frozen
	}
	if v.First.IsZero() {
		v.First = now
	}
	v.Publisher, v.Last = f.stamp.publisher, now
	v.Delay = now.Sub(f.stamp.captured)
	v.MaxDelay = max(v.MaxDelay, v.Delay)
}

// needsKeyframe tells whether it is time to ask for one, as a browser does
// that cannot go on.
func (v *videoCheck) needsKeyframe(now time.Time) bool {
	if !v.broken || now.Sub(v.requested) < keyframeEvery {
		return false
	}
	v.requested = now
	return true
}
