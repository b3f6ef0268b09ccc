package forward

import (
	"math/rand/v2"
	"testing"
)

// oneSize is L1T3: one size in three rates.
var oneSize = pattern{
	targets: 3,
	frames: []patternFrame{
		{Layer{0, 0}, "SSS", nil},
		{Layer{0, 0}, "SSS", []int{4}},
		{Layer{0, 1}, "-SS", []int{2}},
		{Layer{0, 2}, "--D", []int{1}},
	},
}

// apart is L2T2_KEY: the larger size builds on the smaller in keyframes only.
var apart = pattern{
	offset: 9, targets: 4,
	frames: []patternFrame{
		{Layer{0, 0}, "SSSS", nil},
		{Layer{0, 0}, "SS--", []int{4}},
		{Layer{0, 1}, "-D--", []int{2}},
		{Layer{1, 0}, "--SS", []int{1}},
		{Layer{1, 0}, "--SS", []int{4}},
		{Layer{1, 1}, "---D", []int{2}},
	},
}

// moment is one frame of a stream.
type moment struct {
	number   uint16
	template int
	key      bool
}

// stream makes pictures of a pattern. Keyframes come where key says, by picture.
func (p pattern) stream(first uint16, pictures int, key func(int) bool) (out []moment) {
	number := first
	add := func(template int, k bool) {
		out = append(out, moment{number, template, k})
		number++
	}
	phase := 0
	for i := range pictures {
		k := key(i)
		if k {
			phase = 0
		}
		switch {
		case p.frames[len(p.frames)-1].layer.Spatial == 0: // 0 2 1 2
			switch {
			case k:
				add(0, true)
			case phase%4 == 0:
				add(1, false)
			case phase%4 == 2:
				add(2, false)
			default:
				add(3, false)
			}
		case k:
			add(0, true)
			add(3, false)
		case phase%2 == 0:
			add(1, false)
			add(4, false)
		default:
			add(2, false)
			add(5, false)
		}
		phase++
	}
	return out
}

// watch is a viewer of a pattern's stream: it checks that what comes through can
// be decoded.
type watch struct {
	t         *testing.T
	p         pattern
	structure Structure
	selection Selection
	sent      map[uint16]bool // frames that came to the server
	decoded   map[uint16]bool
}

func newWatch(t *testing.T, p pattern) *watch {
	return &watch{t: t, p: p, sent: map[uint16]bool{}, decoded: map[uint16]bool{}}
}

// show plays a frame and tells its layer, if it is passed on.
func (w *watch) show(m moment) (Layer, bool) {
	w.t.Helper()
	d, err := ParseDependency(w.p.descriptor(m.template, m.number, m.key, nil), &w.structure)
	if err != nil {
		w.t.Fatal(err)
	}
	w.sent[m.number] = true
	if !w.selection.Frame(&d, &w.structure) {
		return Layer{}, false
	}
	for _, diff := range w.p.frames[m.template].diffs {
		if r := m.number - uint16(diff); w.sent[r] && !w.decoded[r] {
			w.t.Fatalf("frame %d was passed on, and %d was held back, which it refers to", m.number, r)
		}
	}
	w.decoded[m.number] = true
	return d.Layer, true
}

func first(i int) bool { return i == 0 }

// rates counts what is passed on of each layer.
func (w *watch) rates(ms []moment) map[Layer]int {
	n := map[Layer]int{}
	for _, m := range ms {
		if l, ok := w.show(m); ok {
			n[l]++
		}
	}
	return n
}

func TestOnlyTheLayerThatIsWantedIsPassedOn(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    pattern
		want Layer
		n    map[Layer]int // of 40 pictures
	}{
		{"all rates", oneSize, Layer{0, 2}, map[Layer]int{{0, 0}: 10, {0, 1}: 10, {0, 2}: 20}},
		{"half the rate", oneSize, Layer{0, 1}, map[Layer]int{{0, 0}: 10, {0, 1}: 10}},
		{"a quarter of it", oneSize, Layer{0, 0}, map[Layer]int{{0, 0}: 10}},
		{"more than there is", oneSize, Layer{7, 7}, map[Layer]int{{0, 0}: 10, {0, 1}: 10, {0, 2}: 20}},
		{"the large size takes the small", twoSizes, Layer{1, 1}, map[Layer]int{{0, 0}: 20, {0, 1}: 20, {1, 0}: 20, {1, 1}: 20}},
		{"the large at half rate", twoSizes, Layer{1, 0}, map[Layer]int{{0, 0}: 20, {1, 0}: 20}},
		{"the small", twoSizes, Layer{0, 1}, map[Layer]int{{0, 0}: 20, {0, 1}: 20}},
		{"sizes apart: the large alone", apart, Layer{1, 1}, map[Layer]int{{0, 0}: 1, {1, 0}: 20, {1, 1}: 20}},
		{"sizes apart: the small", apart, Layer{0, 0}, map[Layer]int{{0, 0}: 20}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWatch(t, tt.p)
			w.selection.Want(tt.want)
			got := w.rates(tt.p.stream(65500, 40, first))
			for _, l := range []Layer{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}} {
				if got[l] != tt.n[l] {
					t.Errorf("%d frames of %v, want %d", got[l], l, tt.n[l])
				}
			}
		})
	}
}

func TestTheRateFallsAtOnceAndRisesWhereItCan(t *testing.T) {
	w := newWatch(t, oneSize)
	ms := oneSize.stream(0, 40, first)
	w.selection.Want(Layer{0, 2})
	w.rates(ms[:8])
	w.selection.Want(Layer{0, 0})
	if n := w.rates(ms[8:16]); n[Layer{0, 0}] != 2 || len(n) != 1 {
		t.Errorf("after the fall came %v", n)
	}
	w.selection.Want(Layer{0, 2})
	if w.selection.NeedsKeyframe(&w.structure) {
		t.Error("another rate asks for a keyframe")
	}
	if n := w.rates(ms[16:24]); n[Layer{0, 2}] != 4 || n[Layer{0, 1}] != 2 {
		t.Errorf("after the rise came %v", n)
	}
}

func TestTheRateRisesOnlyAtAFrameThatAllowsIt(t *testing.T) {
	for indication, want := range map[string]bool{"-S": true, "-R": false, "-D": false} {
		p := pattern{targets: 2, frames: []patternFrame{
			{Layer{0, 0}, "SS", nil},
			{Layer{0, 0}, "SR", []int{1}},
			{Layer{0, 1}, indication, []int{1}},
		}}
		w := newWatch(t, p)
		w.selection.Want(Layer{0, 0})
		w.rates([]moment{{0, 0, true}, {1, 1, false}})
		w.selection.Want(Layer{0, 1})
		if _, got := w.show(moment{2, 2, false}); got != want {
			t.Errorf("a frame that is %q to the higher rate was passed on: %v, want %v", indication, got, want)
		}
	}
}

func TestTwoSizesMoreInOnePictureAreBothTaken(t *testing.T) {
	p := pattern{targets: 3, frames: []patternFrame{
		{Layer{0, 0}, "SSS", nil},
		{Layer{0, 0}, "SRR", []int{1}},
		{Layer{1, 0}, "-SR", []int{1}},
		{Layer{2, 0}, "--S", []int{1}},
	}}
	w := newWatch(t, p)
	w.selection.Want(Layer{2, 0})
	w.show(moment{0, 0, true})
	w.structure.Silent(1) // as a browser begins that does not know what its connection carries
	w.structure.Silent(2)
	w.show(moment{1, 1, false})
	w.structure.Active = 7
	if n := w.rates([]moment{{2, 1, false}, {3, 2, false}, {4, 3, false}}); len(n) != 3 {
		t.Errorf("of a picture in three sizes came %v", n)
	}
}

func TestAFrameThatRefersToOneHeldBackIsHeldBack(t *testing.T) {
	for diff, want := range map[int]bool{1: false, 4: true, kept: false} {
		w := newWatch(t, oneSize)
		w.selection.Want(Layer{0, 0})
		w.rates(oneSize.stream(0, 4, first))
		d, err := ParseDependency(oneSize.descriptor(1, 4, false, []int{diff}), &w.structure)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.selection.Frame(&d, &w.structure); got != want {
			t.Errorf("a frame that refers to the one %d before was passed on: %v, want %v", diff, got, want)
		}
	}
}

func TestASizeThatWasNotHadWaitsForAKeyframe(t *testing.T) {
	for name, p := range map[string]pattern{"on top": twoSizes, "apart": apart} {
		t.Run(name, func(t *testing.T) {
			w := newWatch(t, p)
			ms := p.stream(0, 40, func(i int) bool { return i == 0 || i == 20 })
			w.selection.Want(Layer{0, 1})
			w.rates(ms[:20])
			w.selection.Want(Layer{1, 1})
			if !w.selection.NeedsKeyframe(&w.structure) {
				t.Error("no keyframe is asked for")
			}
			if n := w.rates(ms[20:40]); n[Layer{1, 0}]+n[Layer{1, 1}] != 0 || n[Layer{0, 0}] != 5 {
				t.Errorf("before the keyframe came %v", n)
			}
			if n := w.rates(ms[40:60]); n[Layer{1, 0}] != 5 || w.selection.NeedsKeyframe(&w.structure) {
				t.Errorf("after the keyframe came %v", n)
			}
		})
	}
}

func TestASizeFallsAtOnceWhereItWasBuiltOn(t *testing.T) {
	w := newWatch(t, twoSizes)
	ms := twoSizes.stream(0, 20, first)
	w.selection.Want(Layer{1, 1})
	w.rates(ms[:9]) // in the middle of a picture
	w.selection.Want(Layer{0, 1})
	if w.selection.NeedsKeyframe(&w.structure) {
		t.Error("a keyframe is asked for")
	}
	n := w.rates(ms[9:])
	if n[Layer{1, 0}] != 1 || n[Layer{0, 0}]+n[Layer{0, 1}] != 15 {
		t.Errorf("after the fall came %v, want the picture finished and then the small size", n)
	}
}

func TestTheMarkerGoesWithTheLastFrameOfAPicture(t *testing.T) {
	for _, tt := range []struct {
		want Layer
		last Layer
	}{{Layer{1, 1}, Layer{1, 0}}, {Layer{0, 1}, Layer{0, 0}}} {
		w := newWatch(t, twoSizes)
		w.selection.Want(tt.want)
		for _, m := range twoSizes.stream(0, 3, first) {
			d, err := ParseDependency(twoSizes.descriptor(m.template, m.number, m.key, nil), &w.structure)
			if err != nil {
				t.Fatal(err)
			}
			pass := w.selection.Frame(&d, &w.structure)
			if got, want := pass && w.selection.Last(&d, &w.structure), d.Layer.Spatial == tt.last.Spatial; got != want {
				t.Errorf("wanting %v, frame %d of %v: last %v", tt.want, m.number, d.Layer, got)
			}
		}
	}
}

func TestALateFrameIsDecidedAsIfItHadComeInTime(t *testing.T) {
	w := newWatch(t, oneSize)
	ms := oneSize.stream(0, 12, first)
	w.selection.Want(Layer{0, 1})
	for _, i := range []int{0, 1, 2, 3, 6, 7, 8} { // a base frame is missing, and the next ones go on
		w.show(ms[i])
	}
	if !w.decoded[6] {
		t.Error("a frame was held back for one that may come yet")
	}
	if _, ok := w.show(ms[4]); !ok {
		t.Error("the missing frame was not passed on when it came")
	}
	if _, ok := w.show(ms[5]); ok {
		t.Error("a late frame of a rate that is not wanted was passed on")
	}
	if _, ok := w.show(ms[4]); !ok {
		t.Error("a second packet of a late frame was decided otherwise")
	}
}

func TestAThousandRandomChangesNeverPassOnWhatCannotBeDecoded(t *testing.T) {
	for name, p := range map[string]pattern{"rates": oneSize, "sizes on top": twoSizes, "sizes apart": apart} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			w := newWatch(t, p)
			keys := map[int]bool{0: true}
			reached, gap, asked := 0, 0, -1
			number, changes := uint16(65000), 0
			var want Layer
			for changes < 1000 {
				ms := p.stream(number, 4, func(i int) bool { k := keys[i]; delete(keys, i); return k })
				number += uint16(len(ms))
				for _, m := range ms {
					if r.IntN(50) == 0 {
						continue // lost on the way to the server, never to come
					}
					if _, ok := w.show(m); ok {
						gap = 0
					} else if gap++; gap > 16 {
						t.Fatalf("nothing was passed on for %d frames", gap)
					}
				}
				if w.selection.NeedsKeyframe(&w.structure) {
					keys[0] = true
					asked++
				} else if w.structure.Targets > 0 {
					if t, ok := w.structure.Target(want); ok && w.structure.TargetLayer(t) == w.selection.Layer(&w.structure) {
						reached++
					}
				}
				if r.IntN(3) == 0 {
					want = Layer{uint8(r.IntN(2)), uint8(r.IntN(3))}
					w.selection.Want(want)
					changes++
				}
			}
			if reached < 1000 {
				t.Errorf("what was wanted was reached in %d of about 3000 rounds", reached)
			}
		})
	}
}

func TestChoosingDoesNotAllocateMemory(t *testing.T) {
	var s Structure
	var c Selection
	key, frame := twoSizes.descriptor(0, 0, true, nil), twoSizes.descriptor(1, 4, false, nil)
	if n := testing.AllocsPerRun(100, func() {
		for _, b := range [2][]byte{key, frame} {
			d, err := ParseDependency(b, &s)
			if err != nil {
				t.Fatal(err)
			}
			c.Frame(&d, &s)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
