package forward

import (
	"slices"
	"testing"
)

func TestCopiesAreTheNewestAndTheWanted(t *testing.T) {
	for _, start := range []uint16{0, 65530, 32765} {
		var s Sound
		ts := uint32(start) * 960
		came := []uint16{0, 1, 2, 4, 5, 3, 6} // 3 was restored late
		for _, i := range came {
			s.Keep(start+i, ts+uint32(i)*960, []byte{byte(i)})
		}
		now := ts + 7*960
		tests := []struct {
			depth  int
			wanted []uint16
			want   []byte
		}{
			{0, nil, nil},
			{1, nil, []byte{6}},
			{2, nil, []byte{3, 6}}, // in the order in which they came
			{1, []uint16{0}, []byte{0, 6}},
			{0, []uint16{2, 4}, []byte{2, 4}},
			{20, nil, []byte{0, 1, 2, 3, 4, 5, 6}},
		}
		for _, tt := range tests {
			var w Wanted
			for _, i := range tt.wanted {
				w.Add(start + i)
			}
			var got []byte
			for _, c := range s.Copies(nil, now, tt.depth, &w) {
				got = append(got, c.Payload...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("from %d, depth %d, wanted %v: %v, want %v", start, tt.depth, tt.wanted, got, tt.want)
			}
		}
		s.Clear()
		if got := s.Copies(nil, now, 5, &Wanted{}); len(got) > 0 {
			t.Errorf("%d frames after Clear", len(got))
		}
	}
}

func TestRedundancyRisesAtOnceAndFallsSlowly(t *testing.T) {
	var r Redundancy
	for _, tt := range []struct {
		loss float64
		fits int
		want int
	}{{0, 9, 0}, {0.02, 9, 1}, {0.3, 9, 3}, {0.3, 1, 1}, {0.05, 9, 2}, {0, 0, 0}} {
		if got := r.Update(tt.loss, tt.fits, &Wanted{}); got != tt.want {
			t.Errorf("loss %.2f, room for %d: %d, want %d", tt.loss, tt.fits, got, tt.want)
		}
	}
	r.Update(0.3, 9, &Wanted{})
	for i := range 3 * (calmUpdates + 1) {
		if got, least := r.Update(0, 9, &Wanted{}), 3-(i+1)/(calmUpdates+1); got != least {
			t.Fatalf("after %d updates without loss: %d, want %d", i+1, got, least)
		}
	}
}

func TestRunsThatAreLostAreRepeatedWhole(t *testing.T) {
	var r Redundancy
	var w Wanted
	for i := range uint16(5) {
		w.Add(65533 + i)
	}
	if got := r.Update(0.05, 9, &w); got != 5 {
		t.Errorf("after a run of 5: %d", got)
	}
	if got := r.Update(0.05, 3, &w); got != 3 {
		t.Errorf("with room for 3: %d", got)
	}
}

func FuzzSound(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 5}, uint32(960), uint8(3))
	f.Fuzz(func(t *testing.T, script []byte, step uint32, depth uint8) {
		var s Sound
		var w Wanted
		var ts uint32
		b := make([]byte, 1200)
		for i, c := range script {
			ts += step * uint32(c%4)
			s.Keep(uint16(i), ts, script[:i])
			if c%3 == 0 {
				w.Add(uint16(i) - uint16(c))
			}
			copies := s.Copies(nil, ts, int(depth), &w)
			for j, k := range copies {
				if k.Offset == 0 || k.Offset > maxCopyOffset || j > 0 && k.Offset > copies[j-1].Offset {
					t.Fatalf("copies %+v", copies)
				}
			}
			if r, ok := ParseRED(b[:PutRED(b, 111, copies, []byte{1})]); !ok || len(r.Primary) != 1 {
				t.Fatal("not read back")
			}
		}
	})
}
