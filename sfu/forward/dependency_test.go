package forward

import (
	"encoding/hex"
	"errors"
	"testing"
)

// writer writes bits.
type writer struct {
	b []byte
	n int
}

func (w *writer) put(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// pattern is an SVC stream's structure, as a test says it: what each template's
// frame is to each target.
type pattern struct {
	offset  int
	targets int
	frames  []patternFrame
	sizes   []Size
}

type patternFrame struct {
	layer   Layer
	targets string // a letter a target: - not present, D discardable, S switch, R required
	diffs   []int
}

func (p pattern) write(w *writer) {
	w.put(p.offset, 6)
	w.put(p.targets-1, 5)
	for i := range p.frames {
		switch {
		case i == len(p.frames)-1:
			w.put(3, 2)
		case p.frames[i+1].layer.Spatial > p.frames[i].layer.Spatial:
			w.put(2, 2)
		case p.frames[i+1].layer.Temporal > p.frames[i].layer.Temporal:
			w.put(1, 2)
		default:
			w.put(0, 2)
		}
	}
	for _, f := range p.frames {
		for _, c := range f.targets {
			w.put(map[rune]int{'-': 0, 'D': 1, 'S': 2, 'R': 3}[c], 2)
		}
	}
	for _, f := range p.frames {
		for _, d := range f.diffs {
			w.put(1, 1)
			w.put(d-1, 4)
		}
		w.put(0, 1)
	}
	putBelow(w, 0, p.targets+1) // no chains
	w.put(min(len(p.sizes), 1), 1)
	for _, s := range p.sizes {
		w.put(int(s.Width)-1, 16)
		w.put(int(s.Height)-1, 16)
	}
}

// putBelow writes ns(n).
func putBelow(w *writer, v, n int) {
	bits := 0
	for x := n; x != 0; x >>= 1 {
		bits++
	}
	if m := 1<<bits - n; v < m {
		w.put(v, bits-1)
	} else {
		w.put((v+m)>>1, bits-1)
		w.put((v+m)&1, 1)
	}
}

// descriptor writes the descriptor of a frame made from a template.
func (p pattern) descriptor(template int, number uint16, structure bool, custom []int) []byte {
	w := &writer{}
	w.put(3, 2) // start and end
	w.put((p.offset+template)%64, 6)
	w.put(int(number), 16)
	if !structure && custom == nil {
		return w.b
	}
	w.put(btoi(structure), 1)
	w.put(0, 1)
	w.put(0, 1)
	w.put(btoi(custom != nil), 1)
	w.put(0, 1)
	if structure {
		p.write(w)
	}
	if custom != nil {
		for _, d := range custom {
			w.put(2, 2)
			w.put(d-1, 8)
		}
		w.put(0, 2)
	}
	return w.b
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// twoSizes is L2T2: two sizes, each at full and half rate, the larger building on
// the smaller.
var twoSizes = pattern{
	offset: 60, targets: 4, // S0T0, S0T1, S1T0, S1T1
	frames: []patternFrame{
		{Layer{0, 0}, "SSSS", nil},
		{Layer{0, 0}, "SSRR", []int{4}},
		{Layer{0, 1}, "-D-R", []int{2}},
		{Layer{1, 0}, "--SS", []int{1}},
		{Layer{1, 0}, "--RR", []int{4, 1}},
		{Layer{1, 1}, "---D", []int{2, 1}},
	},
	sizes: []Size{{640, 360}, {1280, 720}},
}

func TestADescriptorIsReadWithItsStructure(t *testing.T) {
	var s Structure
	d, err := ParseDependency(twoSizes.descriptor(0, 65535, true, nil), &s)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Keyframe || !d.Start || !d.End || d.Number != 65535 || d.nDiffs != 0 || d.Of(3) != Switch {
		t.Errorf("keyframe read as %+v", d)
	}
	if s.Targets != 4 || s.Spatial != 2 || s.Temporal != 2 || s.Sizes[1] != (Size{1280, 720}) || s.Active != 15 {
		t.Errorf("structure: %d targets, %d sizes, %d rates, %v, active %b", s.Targets, s.Spatial, s.Temporal, s.Sizes, s.Active)
	}
	for target, want := range []Layer{{0, 0}, {0, 1}, {1, 0}, {1, 1}} {
		if got := s.TargetLayer(target); got != want {
			t.Errorf("target %d is %v, want %v", target, got, want)
		}
	}
	d, err = ParseDependency(twoSizes.descriptor(5, 3, false, nil), &s) // its id has wrapped
	if err != nil || d.Layer != (Layer{1, 1}) || d.nDiffs != 2 || d.diffs[0] != 2 || d.Of(3) != Discardable || d.Of(2) != NotPresent {
		t.Errorf("frame read as %+v, %v", d, err)
	}
	d, err = ParseDependency(twoSizes.descriptor(5, 3, false, []int{200}), &s)
	if err != nil || d.nDiffs != 1 || d.diffs[0] != 200 {
		t.Errorf("custom references read as %+v, %v", d, err)
	}
}

func TestTheTargetOfALayerIsAmongThoseSent(t *testing.T) {
	var s Structure
	if _, err := ParseDependency(twoSizes.descriptor(0, 1, true, nil), &s); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		active uint32
		want   Layer
		target int
		ok     bool
	}{
		{15, Layer{7, 7}, 3, true},
		{15, Layer{0, 7}, 1, true},
		{15, Layer{1, 0}, 2, true},
		{3, Layer{7, 7}, 1, true}, // the larger size is not sent now
		{0, Layer{7, 7}, 0, false},
	} {
		s.Active = tt.active
		if got, ok := s.Target(tt.want); got != tt.target || ok != tt.ok {
			t.Errorf("%v of %b: %d, %v; want %d, %v", tt.want, tt.active, got, ok, tt.target, tt.ok)
		}
	}
}

func TestABadDescriptorIsRefusedAndChangesNothing(t *testing.T) {
	key := twoSizes.descriptor(0, 1, true, nil)
	var none Structure
	if _, err := ParseDependency(twoSizes.descriptor(1, 2, false, nil), &none); !errors.Is(err, errNoStructure) {
		t.Errorf("without a structure: %v", err)
	}
	for n := range len(key) {
		var s Structure
		if _, err := ParseDependency(key[:n], &s); err == nil {
			t.Errorf("cut to %d of %d bytes it was accepted", n, len(key))
		}
		if s != (Structure{}) {
			t.Errorf("cut to %d bytes it left a structure", n)
		}
	}
	var s Structure
	if _, err := ParseDependency(key, &s); err != nil {
		t.Fatal(err)
	}
	was := s
	if _, err := ParseDependency(twoSizes.descriptor(6, 2, false, nil), &s); !errors.Is(err, errNoTemplate) || s != was {
		t.Errorf("of a template that is not there: %v", err)
	}
	many := twoSizes.descriptor(1, 2, false, []int{1, 2, 3, 4, 5, 6, 7, 8, 9})
	if _, err := ParseDependency(many, &s); !errors.Is(err, errDescriptorWide) || s != was {
		t.Errorf("with nine references: %v", err)
	}
}

// What Chromium 156 sends with a keyframe of the smallest size.
const (
	chromiumL1T3    = "800001800214eaa860414d1410208427027f0167"
	chromiumL3T3    = "c10001c0081485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926e082b04a0941b820ac1282503157f974000ca864330e222222eca8655304224230eca87753013f00b3027f016704ff02cf0380"
	chromiumL3T3Key = "c00001c0081485214eaaaaa8000600004000100002aa80a8000600004000100002a000a800060000400016d549241b5524906d54923157e001974ca864330e222396eca8655304224390eca87753013f00b3027f016704ff02cf0380"
)

func TestWhatChromiumSendsIsRead(t *testing.T) {
	three := [MaxSpatial]Size{{320, 180}, {640, 360}, {1280, 720}}
	for _, tt := range []struct {
		name, hex         string
		targets, chains   int
		spatial, temporal int
		sizes             [MaxSpatial]Size
		number            uint16
		nested            uint32 // of the highest target
		active            uint32
	}{
		{"L1T3", chromiumL1T3, 3, 1, 1, 3, [MaxSpatial]Size{{640, 360}}, 1, 0b111, 0b111},
		{"L3T3", chromiumL3T3, 9, 3, 3, 3, three, 1, 0b111111111, 0b111},
		{"L3T3_KEY", chromiumL3T3Key, 9, 3, 3, 3, three, 1, 0b111000000, 0b111},
	} {
		b, err := hex.DecodeString(tt.hex)
		if err != nil {
			t.Fatal(err)
		}
		var s Structure
		d, err := ParseDependency(b, &s)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if s.Targets != tt.targets || s.Chains != tt.chains || s.Spatial != tt.spatial || s.Temporal != tt.temporal || s.Sizes != tt.sizes {
			t.Errorf("%s: %d targets, %d chains, %d sizes, %d rates, %v", tt.name, s.Targets, s.Chains, s.Spatial, s.Temporal, s.Sizes)
		}
		if d.Number != tt.number || !d.Keyframe || d.nDiffs != 0 || d.Layer != (Layer{}) {
			t.Errorf("%s: keyframe read as %+v", tt.name, d)
		}
		if got := s.nested[s.Targets-1]; got != tt.nested || s.Active != tt.active {
			t.Errorf("%s: of the highest target %09b are parts, %09b are sent; want %09b and %09b", tt.name, got, s.Active, tt.nested, tt.active)
		}
	}
}

func TestASizeThatIsSeenIsSent(t *testing.T) {
	var s Structure
	if _, err := ParseDependency(twoSizes.descriptor(0, 1, true, nil), &s); err != nil {
		t.Fatal(err)
	}
	s.Silent(1)
	if s.Active != 3 {
		t.Errorf("%b are sent, want the small size alone", s.Active)
	}
	if _, err := ParseDependency(twoSizes.descriptor(1, 2, false, nil), &s); err != nil || s.Active != 3 {
		t.Errorf("a small frame made it %b, %v", s.Active, err)
	}
	if _, err := ParseDependency(twoSizes.descriptor(4, 3, false, nil), &s); err != nil || s.Active != 15 {
		t.Errorf("a large frame made it %b, %v", s.Active, err)
	}
}

func TestAFrameNumberIsWritten(t *testing.T) {
	b := twoSizes.descriptor(0, 7, true, nil)
	SetDependencyNumber(b, 0xabcd)
	var s Structure
	if d, err := ParseDependency(b, &s); err != nil || d.Number != 0xabcd || !d.Keyframe {
		t.Errorf("%+v, %v", d, err)
	}
}

func FuzzDependency(f *testing.F) {
	f.Add(twoSizes.descriptor(0, 1, true, nil), twoSizes.descriptor(5, 2, false, []int{3}))
	f.Add(oneSize.descriptor(0, 1, true, nil), oneSize.descriptor(3, 2, false, nil))
	for _, h := range []string{chromiumL1T3, chromiumL3T3, chromiumL3T3Key} {
		b, err := hex.DecodeString(h)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, []byte{0xc1, 0, 2})
	}
	f.Fuzz(func(t *testing.T, key, frame []byte) {
		var s Structure
		var c Selection
		for _, b := range [][]byte{key, frame, key} {
			was := s
			d, err := ParseDependency(b, &s)
			if err != nil {
				if s != was {
					t.Fatal("a refused descriptor changed the structure")
				}
				continue
			}
			c.Want(Layer{uint8(len(key)), uint8(len(frame))})
			c.Frame(&d, &s)
			c.Last(&d, &s)
			c.NeedsKeyframe(&s)
			c.Layer(&s)
		}
	})
}
