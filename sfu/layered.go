package sfu

import (
	"time"

	"parley/sfu/allocate"
	"parley/sfu/forward"
)

// layered is what is known of a stream that holds several layers (SVC), by the
// dependency descriptors of its frames. Owned by the shard.
type layered struct {
	on        bool // what arrives is such a stream
	structure forward.Structure
	frame     forward.Dependency // of the packet at hand
	rungs     []forward.Layer    // what a viewer may be given of it, small to large

	heard      [forward.MaxSpatial]time.Time // by size
	bytes      [forward.MaxTargets]int       // by decode target, since measuredAt
	bitrate    [forward.MaxTargets]int
	measuredAt time.Time
}

// place finds out where a packet belongs in a stream of several layers, if it does.
// It reports false for one that says so and of which it cannot be told: the
// keyframe that brings the structure is missing.
func (l *layer) place(p *packet) bool {
	if len(p.descriptor) == 0 || p.codec != vp9 && p.codec != av1 {
		p.descriptor = nil // browsers send one with VP8 as well, which goes without
		if l.svc != nil && l.svc.on && !p.late {
			l.svc.on = false
			l.track.chooseAnew()
		}
		return true
	}
	if l.svc == nil {
		l.svc = &layered{}
	}
	s, in := l.svc, &l.svc.structure
	if p.late && in.Targets > 0 {
		before := *in // what comes late changes nothing for those after it
		in = &before
	}
	var err error
	if s.frame, err = forward.ParseDependency(p.descriptor, in); err != nil {
		l.needKeyframe()
		return false
	}
	p.frame = &s.frame
	p.keyframe = p.frame.Keyframe && p.frame.Start
	p.picture.HasFrame, p.picture.Frame = true, p.frame.Number
	if p.late {
		return true
	}
	if p.keyframe {
		s.learn(l.track.source == Screen)
		size := s.structure.Sizes[max(s.structure.Spatial-1, 0)]
		p.width, p.height = size.Width, size.Height
	}
	s.count(p, l.track.transport.shard.now)
	if !s.on {
		s.on = true
		if p.keyframe {
			l.askedAt = s.heard[p.frame.Layer.Spatial] // now: this is what would be asked for
		}
		l.track.chooseAnew() // before its keyframe has gone by
	}
	return true
}

// learn takes in a structure: of a camera its sizes are what viewers are given, and
// where it has one size, or text that has to stay sharp, its frames a second.
func (s *layered) learn(screen bool) {
	n, rates := s.structure.Spatial, s.structure.Temporal
	top := forward.Layer{Spatial: uint8(n - 1), Temporal: uint8(rates - 1)}
	before := forward.Layer{}
	if len(s.rungs) > 0 {
		before = s.rungs[len(s.rungs)-1]
	}
	if before != top {
		s.bytes, s.bitrate, s.measuredAt = [forward.MaxTargets]int{}, [forward.MaxTargets]int{}, time.Time{}
	}
	s.rungs = s.rungs[:0]
	if screen || n == 1 {
		for i := range rates {
			s.rungs = append(s.rungs, forward.Layer{Spatial: top.Spatial, Temporal: uint8(i)})
		}
		return
	}
	for i := range n {
		s.rungs = append(s.rungs, forward.Layer{Spatial: uint8(i), Temporal: top.Temporal})
	}
}

// rung is the layer for a viewer's target: above all layers, until they are known.
func (s *layered) rung(target int) forward.Layer {
	if len(s.rungs) == 0 {
		return forward.Layer{Spatial: forward.MaxSpatial, Temporal: forward.MaxTargets}
	}
	return s.rungs[min(max(target, 0), len(s.rungs)-1)]
}

// count measures what each decode target takes.
func (s *layered) count(p *packet, now time.Time) {
	s.heard[p.frame.Layer.Spatial] = now
	for i := range s.structure.Targets {
		if p.frame.Of(i) != forward.NotPresent {
			s.bytes[i] += len(p.payload) + headerSize
		}
	}
	span := now.Sub(s.measuredAt)
	if span < measureFor {
		return
	}
	for i := range s.structure.Targets {
		if span < 2*measureFor {
			s.bitrate[i] = rateOver(s.bytes[i], span)
		}
		s.bytes[i] = 0
	}
	s.measuredAt = now
}

// tick notes sizes that do not arrive any more.
func (s *layered) tick(now time.Time) {
	for i := range s.structure.Spatial {
		if s.structure.Spatial > 1 && now.Sub(s.heard[i]) > silentAfter {
			s.structure.Silent(uint8(i))
		}
	}
}

// describe tells the allocator what a viewer may be given of the stream.
func (s *layered) describe(screen bool) []allocate.Layer {
	out := make([]allocate.Layer, len(s.rungs))
	for i, r := range s.rungs {
		t, ok := s.structure.Target(r)
		out[i] = allocate.Layer{
			Width: int(s.structure.Sizes[r.Spatial].Width), Height: int(s.structure.Sizes[r.Spatial].Height),
			Bitrate: s.bitrate[t],
			Active:  ok && s.structure.TargetLayer(t) == r,
		}
		switch n := len(s.rungs); {
		case out[i].Bitrate > 0:
		case screen || s.structure.Spatial == 1: // rates of one size
			out[i].Bitrate = firstBitrate * (i + 1) / n
		default:
			out[i].Bitrate = assumed[min(max(i+len(assumed)-n, 0), len(assumed)-1)].Bitrate
		}
	}
	return out
}

// svc is the stream that holds several layers, where one arrives; nil is none.
func (u *upTrack) svc() *layer {
	for _, l := range u.layers {
		if l.svc != nil && l.svc.on && (len(u.layers) == 1 || l.live(u.transport.shard.now)) {
			return l
		}
	}
	return nil
}

// chooseAnew lets everybody choose what to take, as what arrives has changed.
func (u *upTrack) chooseAnew() {
	for _, d := range u.seats {
		d.choose()
	}
	for _, t := range u.taps {
		t.choose()
	}
}

// aim sets which layer of the stream the viewer is to be given.
func (d *downTrack) aim(l *layer) {
	if l.svc == nil || !l.svc.on {
		return
	}
	if d.selection == nil {
		d.selection = &forward.Selection{}
	}
	d.selection.Want(l.svc.rung(d.target))
	if d.from == l && d.selection.NeedsKeyframe(&l.svc.structure) {
		l.needKeyframe()
	}
}

// selects reports whether the viewer is given a packet of several layers, and puts
// the marker on the last of what it is given of a picture.
func (d *downTrack) selects(l *layer, p *packet) bool {
	s := &l.svc.structure
	if p.codec == av1 && d.viewer.ext.descriptor == 0 {
		return true // nothing else would tell the viewer what is missing
	}
	if d.selection == nil { // who sat here before
		d.aim(l)
	}
	if !d.selection.Frame(p.frame, s) {
		return false
	}
	p.marker = p.marker || d.selection.Last(p.frame, s)
	return true
}
