package forward

import (
	"encoding/binary"
	"errors"
)

// Bounds of a dependency descriptor: those of its fields, or less where no
// encoder comes near them.
const (
	MaxTargets = 32 // decode targets
	MaxSpatial = 4  // layers

	maxTemplates = 64
	maxChains    = 8
	maxDiffs     = 8 // frames that one frame refers to
	maxTemporal  = 8
)

// Indication says what a frame is to a decode target (AV1 RTP specification
// §A.8.2, decode target indication).
type Indication uint8

// The indications, in the order of their codes.
const (
	NotPresent  Indication = iota // the target does without it
	Discardable                   // of the target, and nothing of it refers to it
	Switch                        // of the target, and whoever has it can go on with the target
	Required                      // of the target
)

// indications are those of one frame, two bits a target.
type indications uint64

func (d indications) of(target int) Indication { return Indication(d >> (2 * target) & 3) }

// Errors of a dependency descriptor.
var (
	errDescriptorShort = errors.New("forward: a dependency descriptor ends too early")
	errNoStructure     = errors.New("forward: a dependency descriptor comes before its structure")
	errDescriptorWide  = errors.New("forward: a dependency descriptor has more templates, layers, chains or references than are kept")
	errNoTemplate      = errors.New("forward: a dependency descriptor names a template that is not there")
)

// template is what frames have in common that stand at the same place of the
// pattern.
type template struct {
	spatial, temporal uint8
	targets           indications
	diffs             [maxDiffs]uint16
	nDiffs            uint8
	chains            [maxChains]uint8
}

// Structure is the pattern that a stream's descriptors refer to: it comes with a
// keyframe and holds until the next comes. The zero value is none.
type Structure struct {
	offset    int // id of the first template
	templates int
	template  [maxTemplates]template

	Targets     int    // decode targets, 0 where there is no structure
	Active      uint32 // those that are sent at present, a bit each
	Chains      int
	protectedBy [MaxTargets]uint8  // the chain of a target
	layers      [MaxTargets]Layer  // the highest of a target
	nested      [MaxTargets]uint32 // targets whose frames are all among a target's own
	Spatial     int                // layers
	Temporal    int
	Sizes       [MaxSpatial]Size // of the spatial layers, zero where it is not told
}

// Layer is a place in an SVC stream.
type Layer struct{ Spatial, Temporal uint8 }

// Size is of a picture, in pixels.
type Size struct{ Width, Height uint16 }

// Dependency is a frame's dependency descriptor, as each of its packets carries
// it.
type Dependency struct {
	Start, End bool // first and last packet of the frame
	Number     uint16
	Layer      Layer
	Keyframe   bool // it brings the structure

	targets indications
	diffs   [maxDiffs]uint16
	nDiffs  uint8
	chains  [maxChains]uint8
}

// Of says what the frame is to a decode target.
func (d *Dependency) Of(target int) Indication { return d.targets.of(target) }

// ParseDependency reads a dependency descriptor (AV1 RTP specification §A.8) with
// the structure of its stream, which it replaces when the descriptor brings
// another, and of which it says what is active. On an error the structure is as it
// was.
func ParseDependency(b []byte, s *Structure) (Dependency, error) {
	var d Dependency
	if len(b) < 3 {
		return d, errDescriptorShort
	}
	r := bits{b: b}
	d.Start, d.End = r.flag(), r.flag()
	id := r.read(6)
	d.Number = uint16(r.read(16))
	var active, customTargets, customDiffs, customChains bool
	if len(b) > 3 {
		d.Keyframe, active = r.flag(), r.flag()
		customTargets, customDiffs, customChains = r.flag(), r.flag(), r.flag()
	}
	in := s
	if d.Keyframe {
		next, err := parseStructure(&r)
		if err != nil {
			return d, err
		}
		in = &next
	}
	if in.Targets == 0 {
		return d, errNoStructure
	}
	sent := in.Active
	if active {
		sent = uint32(r.read(in.Targets/2))<<(in.Targets-in.Targets/2) | uint32(r.read(in.Targets-in.Targets/2))
	}
	index := (id + 64 - in.offset) % 64
	if index >= in.templates {
		return d, errNoTemplate
	}
	t := &in.template[index]
	d.Layer = Layer{t.spatial, t.temporal}
	d.targets, d.diffs, d.nDiffs, d.chains = t.targets, t.diffs, t.nDiffs, t.chains
	if customTargets {
		d.targets = readTargets(&r, in.Targets)
	}
	if customDiffs {
		if err := d.readDiffs(&r); err != nil {
			return d, err
		}
	}
	if customChains {
		for i := range in.Chains {
			d.chains[i] = uint8(r.read(8))
		}
	}
	if r.short {
		return d, errDescriptorShort
	}
	if d.Keyframe {
		*s = *in
	}
	s.Active = sent | s.shownBy(&d)
	return d, nil
}

// shownBy is the targets that a frame is the top of: they are sent, whatever was
// said before. Chromium does not tell of each size that it adds.
func (s *Structure) shownBy(d *Dependency) (active uint32) {
	for i := range s.Targets {
		if d.Of(i) != NotPresent && s.layers[i].Spatial == d.Layer.Spatial {
			active |= 1 << i
		}
	}
	return active
}

// Silent takes a spatial layer for one that is not sent, until it is seen again.
func (s *Structure) Silent(spatial uint8) {
	for i := range s.Targets {
		if s.layers[i].Spatial == spatial {
			s.Active &^= 1 << i
		}
	}
}

// readDiffs reads the references of a frame that differ from its template's.
func (d *Dependency) readDiffs(r *bits) error {
	d.nDiffs = 0
	for size := r.read(2); size != 0; size = r.read(2) {
		if d.nDiffs == maxDiffs {
			return errDescriptorWide
		}
		d.diffs[d.nDiffs] = uint16(r.read(4*size)) + 1
		d.nDiffs++
	}
	return nil
}

func readTargets(r *bits, n int) (d indications) {
	for i := range n {
		d |= indications(r.read(2)) << (2 * i)
	}
	return d
}

// parseStructure reads a template dependency structure.
func parseStructure(r *bits) (s Structure, err error) {
	s.offset = r.read(6)
	s.Targets = r.read(5) + 1
	if err := s.readLayers(r); err != nil {
		return s, err
	}
	for i := range s.templates {
		s.template[i].targets = readTargets(r, s.Targets)
	}
	for i := range s.templates {
		t := &s.template[i]
		for r.flag() {
			if t.nDiffs == maxDiffs {
				return s, errDescriptorWide
			}
			t.diffs[t.nDiffs] = uint16(r.read(4)) + 1
			t.nDiffs++
		}
	}
	if err := s.readChains(r); err != nil {
		return s, err
	}
	if r.flag() {
		for i := range s.Spatial {
			s.Sizes[i] = Size{uint16(min(r.read(16)+1, 0xffff)), uint16(min(r.read(16)+1, 0xffff))}
		}
	}
	if r.short {
		return s, errDescriptorShort
	}
	s.derive()
	return s, nil
}

// readLayers reads the layers of the templates: each is as the one before, or of
// the next temporal or spatial layer.
func (s *Structure) readLayers(r *bits) error {
	const last = 3
	var at Layer
	for {
		if s.templates == maxTemplates || int(at.Spatial) == MaxSpatial || int(at.Temporal) == maxTemporal {
			return errDescriptorWide
		}
		t := &s.template[s.templates]
		t.spatial, t.temporal = at.Spatial, at.Temporal
		s.templates++
		s.Spatial = int(at.Spatial) + 1
		s.Temporal = max(s.Temporal, int(at.Temporal)+1)
		switch r.read(2) {
		case 1:
			at.Temporal++
		case 2:
			at.Spatial, at.Temporal = at.Spatial+1, 0
		case last:
			return nil
		}
		if r.short {
			return errDescriptorShort
		}
	}
}

func (s *Structure) readChains(r *bits) error {
	s.Chains = r.below(s.Targets + 1)
	if s.Chains > maxChains {
		return errDescriptorWide
	}
	if s.Chains == 0 {
		return nil
	}
	for i := range s.Targets {
		s.protectedBy[i] = uint8(r.below(s.Chains))
	}
	for i := range s.templates {
		for c := range s.Chains {
			s.template[i].chains[c] = uint8(r.read(4))
		}
	}
	return nil
}

// derive works out which layers a target has, and which targets are parts of it.
func (s *Structure) derive() {
	s.Active = 1<<s.Targets - 1
	for i := range s.Targets {
		s.nested[i] = 1<<s.Targets - 1
	}
	for n := range s.templates {
		t := &s.template[n]
		for i := range s.Targets {
			if t.targets.of(i) == NotPresent {
				for j := range s.Targets { // j needs a frame that i has not
					if t.targets.of(j) != NotPresent {
						s.nested[i] &^= 1 << j
					}
				}
				continue
			}
			s.layers[i].Spatial = max(s.layers[i].Spatial, t.spatial)
			s.layers[i].Temporal = max(s.layers[i].Temporal, t.temporal)
		}
	}
}

// Target finds the decode target of a layer: the highest of those that are sent and
// do not go above it. It reports false where there is none.
func (s *Structure) Target(l Layer) (int, bool) {
	best, found := 0, false
	for i := range s.Targets {
		t := s.layers[i]
		if s.Active&(1<<i) == 0 || t.Spatial > l.Spatial || t.Temporal > l.Temporal {
			continue
		}
		b := s.layers[best]
		if !found || t.Spatial > b.Spatial || t.Spatial == b.Spatial && t.Temporal > b.Temporal {
			best, found = i, true
		}
	}
	return best, found
}

// TargetLayer is the highest layer of a decode target.
func (s *Structure) TargetLayer(target int) Layer { return s.layers[target] }

// SetDependencyNumber writes another frame number into a descriptor. Of what
// descriptors say, it alone must go on when another stream takes over: references
// are counted back from it.
func SetDependencyNumber(b []byte, number uint16) { binary.BigEndian.PutUint16(b[1:], number) }
