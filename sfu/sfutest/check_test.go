package sfutest

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// film is a script of frames for a videoCheck.
type film struct {
	check videoCheck
	sync  syncCheck
	seq   uint16
	now   time.Time
}

// shot is a frame as it goes over the wire.
type shot struct {
	who     string
	number  uint32
	key     bool
	picture uint16
	packets int
	lose    []int // indexes that never come
	ts      uint32
	gap     time.Duration // before it, 0 is 100 ms
}

func (f *film) play(shots ...shot) {
	for _, s := range shots {
		if s.gap == 0 {
			s.gap = 100 * time.Millisecond
		}
		f.now = f.now.Add(s.gap)
		for i := range s.packets {
			f.seq++
			if slices.Contains(s.lose, i) {
				continue
			}
			d := descriptor{start: i == 0, key: s.key, picture: s.picture, tl0: uint8(s.picture)}
			st := stamp{number: s.number, index: uint16(i), count: uint16(s.packets), captured: f.now, publisher: s.who}
			p := rtp.Packet{Payload: st.append(d.append(nil))}
			p.SequenceNumber, p.Timestamp, p.Marker = f.seq, s.ts, i == s.packets-1
			f.check.take(&p, f.now, &f.sync)
		}
	}
}

func TestTheVideoCheckSeesWhatIsWrong(t *testing.T) {
	key := shot{who: "a", number: 1, key: true, picture: 32767, packets: 3, ts: 1000}
	second := shot{who: "a", number: 2, picture: 0, packets: 2, ts: 2000}
	third := shot{who: "a", number: 3, picture: 1, packets: 2, ts: 3000}
	with := func(s shot, change func(*shot)) shot { change(&s); return s }
	for _, tt := range []struct {
		name       string
		shots      []shot
		frames     int
		broken     int
		skipped    int
		violations int
	}{
		{"nothing", []shot{key, second, third}, 3, 0, 0, 0},
		{"no keyframe first", []shot{second, third}, 0, 0, 2, 0},
		{"a lost packet inside", []shot{key, with(second, func(s *shot) { s.lose = []int{0} }), third, with(third, func(s *shot) { s.number, s.picture, s.ts, s.gap = 4, 2, 4000, time.Second })}, 1, 1, 2, 0},
		{"a lost end", []shot{key, with(second, func(s *shot) { s.lose = []int{1} }), third, with(third, func(s *shot) { s.number, s.picture, s.ts, s.gap = 4, 2, 4000, time.Second })}, 1, 1, 2, 0},
		{"whole frames lost", []shot{key, with(second, func(s *shot) { s.lose = []int{0, 1} }), third, with(third, func(s *shot) { s.number, s.picture, s.ts, s.gap = 4, 2, 4000, time.Second })}, 1, 0, 2, 0},
		{"a missing frame without a hole", []shot{key, with(third, func(s *shot) { s.picture = 0 })}, 1, 0, 1, 1},
		{"picture id jumps", []shot{key, with(second, func(s *shot) { s.picture = 7 })}, 2, 0, 0, 2},
		{"time goes back", []shot{key, with(second, func(s *shot) { s.ts = 500 })}, 2, 0, 0, 1},
		{"one timestamp for two frames", []shot{with(key, func(s *shot) { s.packets = 2 }), with(second, func(s *shot) { s.ts = 1000 })}, 2, 0, 0, 1},
		{"another publisher at a keyframe", []shot{key, {who: "b", number: 70, key: true, picture: 0, packets: 3, ts: 9000}}, 2, 0, 0, 0},
		{"another publisher in the middle", []shot{key, {who: "b", number: 70, picture: 0, packets: 3, ts: 9000}}, 1, 0, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := film{now: time.Unix(0, 0)}
			f.play(tt.shots...)
			v := f.check.result()
			if v.Frames != tt.frames || v.Broken != tt.broken || v.Skipped != tt.skipped || len(v.Violations) != tt.violations {
				t.Errorf("%d frames, %d broken, %d skipped, violations %q; want %d, %d, %d and %d violations",
					v.Frames, v.Broken, v.Skipped, v.Violations, tt.frames, tt.broken, tt.skipped, tt.violations)
			}
		})
	}
}

func TestAFreezeIsCountedAndASwitchIsNot(t *testing.T) {
	f := film{now: time.Unix(0, 0)}
	who := "a"
	for i := range uint32(40) {
		s := shot{who: who, number: i, key: i == 0, picture: uint16(i), packets: 1, ts: 9000 * (i + 1)}
		switch i {
		case 20:
			s.gap = 700 * time.Millisecond
		case 30:
			who, s.who, s.key, s.gap = "b", "b", true, time.Second
		}
		f.play(s)
	}
	v := f.check.result()
	if v.Freezes != 1 || v.MaxGap != 700*time.Millisecond {
		t.Errorf("%d freezes, longest gap %v, want 1 and 700ms", v.Freezes, v.MaxGap)
	}
	if len(v.Switches) != 1 || v.Switches[0].From != "a" || v.Switches[0].To != "b" || v.Switches[0].Gap != time.Second {
		t.Errorf("switches %+v, want one from a to b after 1s", v.Switches)
	}
}

func TestLipSyncSeesUnequalReports(t *testing.T) {
	var s syncCheck
	captured := time.Unix(1_700_000_000, 0)
	ntp := func(t time.Time) uint64 {
		return uint64(t.Unix()+2208988800)<<32 | uint64(t.Nanosecond())<<32/1e9
	}
	skewed := captured.Add(37 * time.Second) // a wrong clock, the same for both
	s.report(false, &rtcp.SenderReport{NTPTime: ntp(skewed), RTPTime: 480_000})
	s.report(true, &rtcp.SenderReport{NTPTime: ntp(skewed), RTPTime: 90_000})
	measure := func(late uint32) time.Duration {
		at := captured.Add(time.Second)
		s.sound(&arrival{at: at, timestamp: 480_000 + 48_000, stamp: stamp{captured: at, publisher: "a"}})
		s.picture(&arrival{at: at, timestamp: 90_000 + 90_000 + late, stamp: stamp{captured: at, publisher: "a"}})
		return s.Last.Round(time.Millisecond)
	}
	if got := measure(0); got != 0 {
		t.Errorf("a wrong clock parts sound from picture by %v", got)
	}
	if got := measure(9000); got != 100*time.Millisecond {
		t.Errorf("pictures 100 ms late measured as %v", got)
	}
	if s.Worst.Round(time.Millisecond) != 100*time.Millisecond || s.Measured != 2 || s.Reports != 2 {
		t.Errorf("result %+v", s.LipSync)
	}
	s.report(true, &rtcp.SenderReport{NTPTime: ntp(captured), RTPTime: 90_000}) // another's clock
	if got := measure(0); got != -37*time.Second {
		t.Errorf("reports 37 s apart measured as %v", got)
	}
}

func TestReorderPassesInOrderAndGivesUpHoles(t *testing.T) {
	type event struct {
		seq     uint16
		missing int
	}
	for _, start := range []uint16{0, 65530, 65535, 32766} {
		r := &reorder{}
		now := time.Unix(0, 0)
		var got []event
		put := func(offsets ...int) {
			for _, o := range offsets {
				seq := start + uint16(o)
				r.put(seq, arrival{at: now, timestamp: uint32(seq)}, func(a *arrival, missing int) {
					got = append(got, event{uint16(a.timestamp) - start, missing})
				})
			}
		}
		expect := func(what string, want ...event) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("from %d, %s: passed %v, want %v", start, what, got, want)
			}
			got = nil
		}
		put(0, 1, 3, 4)
		expect("a hole", event{0, 0}, event{1, 0})
		put(2)
		expect("filled", event{2, 0}, event{3, 0}, event{4, 0})
		put(2, 4)
		expect("twice")
		put(7, 6, 9)
		now = now.Add(patience + time.Millisecond)
		put(10)
		expect("given up", event{6, 1}, event{7, 0})
		now = now.Add(patience + time.Millisecond)
		put(11)
		expect("the next hole given up", event{9, 1}, event{10, 0}, event{11, 0})
		put(12 + 2*window)
		now = now.Add(patience + time.Millisecond)
		put(13 + 2*window)
		expect("a long hole", event{12 + 2*window, 2 * window}, event{13 + 2*window, 0})
		if r.duplicates != 2 || r.late != 1 || r.packets != 12 {
			t.Errorf("from %d: counted %+v", start, r.arrivals)
		}
	}
}

func TestPayloadsAreReadBack(t *testing.T) {
	st := stamp{number: 1 << 30, index: 3, count: 9, captured: time.Unix(5, 7), first: true, publisher: "ünna"}
	for _, d := range []descriptor{{}, {start: true}, {start: true, key: true}, {picture: 0x7fff, tl0: 255}} {
		b := fill(st.append(d.append(nil)), 200)
		gotD, rest, ok := parseDescriptor(b)
		if !ok || gotD.start != d.start || gotD.picture != d.picture || gotD.tl0 != d.tl0 || gotD.key != (d.start && d.key) {
			t.Errorf("descriptor %+v read as %+v, %v", d, gotD, ok)
		}
		if got, ok := parseStamp(rest, ""); !ok || got != st {
			t.Errorf("stamp %+v read as %+v, %v", st, got, ok)
		}
	}
}

func FuzzPayload(f *testing.F) {
	d := descriptor{start: true, key: true}
	f.Add(stamp{publisher: "a"}.append(d.append(nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, rest, ok := parseDescriptor(b); ok {
			parseStamp(rest, "a")
		}
		parseStamp(b, "a")
	})
}
