package allocate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func face() []Layer {
	return []Layer{{150_000, 320, 180, true}, {500_000, 640, 360, true}, {1_500_000, 1280, 720, true}}
}

// frames is one size at three rates.
func frames() []Layer {
	return []Layer{{200_000, 1280, 720, true}, {400_000, 1280, 720, true}, {800_000, 1280, 720, true}}
}

func settle(a *Allocator, estimate, audio int, seats []Seat, now *time.Time, d time.Duration) []int {
	var got []int
	for end := now.Add(d); now.Before(end); *now = now.Add(100 * time.Millisecond) {
		got = got[:0]
		for _, c := range a.Allocate(estimate, audio, seats, *now) {
			got = append(got, c.Layer)
		}
	}
	return got
}

func TestWhatEachSeatGets(t *testing.T) {
	const audio = 100_000
	slides := []Layer{{400_000, 1920, 1080, true}}
	small := func(s Seat) Seat { s.Width, s.Height = 300, 169; return s }
	for _, c := range []struct {
		name     string
		estimate int
		seats    []Seat
		want     []int
	}{
		{"nobody", 1_000_000, nil, nil},
		{"nothing sent", 1_000_000, []Seat{{}}, []int{-1}},
		{"plenty", 6_000_000, []Seat{{Layers: face()}}, []int{2}},
		{"no headroom for the top", 1_650_000, []Seat{{Layers: face()}}, []int{1}},
		{"a small place needs no large layer", 6_000_000, []Seat{small(Seat{Layers: face()})}, []int{0}},
		{"a small place takes all frames of a size", 6_000_000, []Seat{small(Seat{Layers: frames()})}, []int{2}},
		{"frames give way", 700_000, []Seat{{Layers: frames()}}, []int{1}},
		{"hidden", 6_000_000, []Seat{{Layers: face(), Hidden: true}}, []int{-1}},
		{"everybody before anybody more", 600_000, []Seat{{ID: 0, Layers: face()}, {ID: 1, Layers: face()}, {ID: 2, Layers: face()}}, []int{0, 0, 0}},
		{"the speaker goes up first", 900_000, []Seat{{ID: 0, Layers: face()}, {ID: 1, Layers: face(), Speaking: true}}, []int{0, 1}},
		{"the pinned before the speaker", 900_000, []Seat{{ID: 0, Layers: face(), Pinned: true}, {ID: 1, Layers: face(), Speaking: true}}, []int{1, 0}},
		{"the pinned gets the top before others get more", 2_100_000, []Seat{{ID: 0, Layers: face(), Pinned: true}, {ID: 1, Layers: face()}}, []int{2, 0}},
		{"the screen before faces", 500_000, []Seat{{ID: 0, Layers: face()}, {ID: 1, Layers: slides, Screen: true}}, []int{-1, 0}},
		{"a lowest layer within tolerance", 100_000 + 125_000, []Seat{{Layers: face()}}, []int{0}},
		{"below the floor", 100_000 + 115_000, []Seat{{Layers: face()}}, []int{-1}},
		{"audio takes all", 90_000, []Seat{{Layers: face()}}, []int{-1}},
		{"inactive layers are not chosen", 6_000_000, []Seat{{Layers: []Layer{{150_000, 320, 180, true}, {500_000, 640, 360, true}, {0, 1280, 720, false}}}}, []int{1}},
		{"only the top is active", 6_000_000, []Seat{small(Seat{Layers: []Layer{{0, 320, 180, false}, {0, 640, 360, false}, {1_200_000, 1280, 720, true}}})}, []int{2}},
		{"an unmeasured layer is not free", 700_000, []Seat{{Layers: []Layer{{150_000, 320, 180, true}, {0, 1280, 720, true}}}}, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := epoch
			if got := settle(&Allocator{}, c.estimate, audio, c.seats, &now, 3*time.Second); !slices.Equal(got, c.want) {
				t.Errorf("got layers %v, want %v", got, c.want)
			}
		})
	}
}

func TestUpIsAtOnceUntilAFallAndThenTakesASecondOfHeadroom(t *testing.T) {
	a, now, seats := &Allocator{}, epoch, []Seat{{Layers: face()}}
	if got := settle(a, 1_000_000, 0, seats, &now, time.Second); got[0] != 1 {
		t.Fatalf("got layer %d, want 1", got[0])
	}
	settle(a, 1_700_000, 0, seats, &now, 5*time.Second) // enough, without headroom
	if got := a.Allocate(1_730_000, 0, seats, now); got[0].Layer != 2 {
		t.Errorf("with headroom, for the first time, got layer %d, want 2 at once", got[0].Layer)
	}
	if got := settle(a, 1_510_000, 0, seats, &now, 5*time.Second); got[0] != 2 {
		t.Errorf("while it still fits got layer %d, want 2", got[0])
	}
	if got := a.Allocate(1_400_000, 0, seats, now); got[0].Layer != 1 {
		t.Errorf("when it does not fit got layer %d, want 1", got[0].Layer)
	}
	if got := settle(a, 1_730_000, 0, seats, &now, 900*time.Millisecond); got[0] != 1 {
		t.Errorf("within a second of headroom got layer %d, want 1", got[0])
	}
	if got := settle(a, 1_730_000, 0, seats, &now, 300*time.Millisecond); got[0] != 2 {
		t.Errorf("after a second of headroom got layer %d, want 2", got[0])
	}
}

func TestAPausedPictureComesBackByItself(t *testing.T) {
	a, now, seats := &Allocator{}, epoch, []Seat{{Layers: face()}}
	settle(a, 300_000, 0, seats, &now, time.Second)
	if got := settle(a, 100_000, 0, seats, &now, 2*time.Second); got[0] != -1 {
		t.Fatalf("got layer %d, want none", got[0])
	}
	if got := settle(a, 130_000, 0, seats, &now, 5*time.Second); got[0] != -1 {
		t.Errorf("without headroom got layer %d, want none", got[0])
	}
	if got := settle(a, 180_000, 0, seats, &now, 1200*time.Millisecond); got[0] != 0 {
		t.Errorf("with headroom got layer %d, want 0", got[0])
	}
}

func TestAShortDipDoesNotPauseAPicture(t *testing.T) {
	a, now, seats := &Allocator{}, epoch, []Seat{{Layers: face()}}
	settle(a, 300_000, 0, seats, &now, time.Second)
	for range 5 {
		if got := settle(a, 50_000, 0, seats, &now, time.Second); got[0] != 0 {
			t.Fatalf("got layer %d in a dip, want 0", got[0])
		}
		settle(a, 200_000, 0, seats, &now, time.Second)
	}
}

func TestAShownPlaceIsFilledAtOnce(t *testing.T) {
	a, now := &Allocator{}, epoch
	settle(a, 2_000_000, 0, []Seat{{Layers: face(), Hidden: true}}, &now, time.Second)
	if got := a.Allocate(2_000_000, 0, []Seat{{Layers: face()}}, now); got[0].Layer != 2 {
		t.Errorf("got layer %d, want 2", got[0].Layer)
	}
}

func TestAnEstimateThatSwingsDoesNotMakeLayersFlap(t *testing.T) {
	a, now, seats := &Allocator{}, epoch, []Seat{{Layers: face()}}
	changes, before := 0, -2
	for i := range 120 {
		estimate := 1_900_000
		if i%4 == 3 {
			estimate = 1_300_000
		}
		if got := settle(a, estimate, 0, seats, &now, time.Second)[0]; got != before {
			changes, before = changes+1, got
		}
	}
	if changes > 10 {
		t.Errorf("%d changes of layer in two minutes, want at most 10", changes)
	}
}

func TestWordsInTurnDoNotSwapLayers(t *testing.T) {
	a, now, changes := &Allocator{}, epoch, 0
	before := []int{}
	for i := range 40 {
		seats := []Seat{{ID: 0, Layers: face(), Speaking: i%2 == 0}, {ID: 1, Layers: face(), Speaking: i%2 == 1}}
		got := settle(a, 900_000, 0, seats, &now, 2*time.Second)
		if !slices.Equal(got, before) {
			changes, before = changes+1, got
		}
	}
	if changes > 3 {
		t.Errorf("%d changes in 80 s of talk in turn, want at most 3", changes)
	}
}

func TestAllocateDoesNotAllocateMemory(t *testing.T) {
	a, seats := &Allocator{}, []Seat{{ID: 0, Layers: face()}, {ID: 1, Layers: face()}, {ID: 2, Layers: face(), Screen: true}}
	now := epoch
	if n := testing.AllocsPerRun(100, func() {
		now = now.Add(time.Second)
		a.Allocate(2_000_000, 50_000, seats, now)
	}); n != 0 {
		t.Errorf("%v allocations a call, want 0", n)
	}
}

// room makes seats from chance.
func room(r *rand.Rand) []Seat {
	seats := make([]Seat, r.IntN(6))
	for i := range seats {
		s := &seats[i]
		*s = Seat{ID: i, Screen: r.IntN(5) == 0, Hidden: r.IntN(6) == 0, Pinned: r.IntN(4) == 0, Speaking: r.IntN(3) == 0}
		if r.IntN(2) == 0 {
			s.Width, s.Height = r.IntN(2000), r.IntN(1200)
		}
		for l := range r.IntN(4) {
			s.Layers = append(s.Layers, Layer{Bitrate: r.IntN(400_000 << (2 * l)), Width: 320 << l, Height: 180 << l, Active: r.IntN(4) > 0})
		}
	}
	return seats
}

func FuzzAllocate(f *testing.F) {
	for i := range uint64(50) {
		f.Add(i, 300_000*int(i), 40_000)
	}
	f.Fuzz(func(t *testing.T, seed uint64, estimate, audio int) {
		r := rand.New(rand.NewPCG(seed, 0))
		a, b, now := &Allocator{}, &Allocator{}, epoch
		var seats []Seat
		for range 10 { // one history for both
			seats = room(r)
			e := r.IntN(5_000_000)
			for range r.IntN(20) {
				now = now.Add(time.Duration(r.IntN(2000)) * time.Millisecond)
				check(t, a, e, audio, seats, a.Allocate(e, audio, seats, now))
				b.Allocate(e, audio, seats, now)
			}
		}
		more, other := estimate+r.IntN(2_000_000), now
		if more < estimate {
			return
		}
		got := settle(a, estimate, audio, seats, &now, 20*time.Second)
		check(t, a, estimate, audio, seats, a.choices)
		for i, layer := range settle(b, more, audio, seats, &other, 20*time.Second) {
			if layer < got[i] {
				t.Errorf("seat %d gets layer %d of %d bit/s and %d of %d, seats %+v", i, got[i], estimate, layer, more, seats)
			}
		}
	})
}

// check holds choices against what is always true.
// check holds a choice against what is always true. What is held on to for a moment
// does not count.
func check(t *testing.T, a *Allocator, estimate, audio int, seats []Seat, choices []Choice) {
	t.Helper()
	sum, lowest := 0, 0
	for i, c := range choices {
		if c.ID != seats[i].ID {
			t.Fatalf("choice %d is for seat %d, want %d", i, c.ID, seats[i].ID)
		}
		if c.Layer < 0 {
			continue
		}
		if seats[i].Hidden || !seats[i].Layers[c.Layer].Active {
			t.Errorf("seat %+v gets layer %d", seats[i], c.Layer)
		}
		if m := a.seats[c.ID]; !m.short.IsZero() {
			if c.Layer != seats[i].lowest() {
				t.Errorf("seat %+v holds on to layer %d, want the lowest", seats[i], c.Layer)
			}
			continue
		}
		sum += seats[i].cost(c.Layer)
		lowest += seats[i].cost(seats[i].lowest())
	}
	budget := max(0, max(0, estimate)-max(0, audio))
	if sum > budget && (sum > lowest || float64(sum)*tolerance > float64(budget)) {
		t.Errorf("%d bit/s chosen of %d", sum, budget)
	}
}
