package recorder

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/frames"
)

func TestGate(t *testing.T) {
	mic := func(id string) lineKey { return lineKey{id, Mic} }
	say := func(id string, a Answer) func(*gate) {
		return func(g *gate) {
			if _, _, err := g.answer(Consent{Participant: id, Kind: KindRecording, Answer: a}); err != nil {
				panic(err)
			}
		}
	}
	join := func(id string) func(*gate) { return func(g *gate) { g.join(id) } }
	leave := func(id string) func(*gate) { return func(g *gate) { g.leave(id) } }
	pause := func(on bool) func(*gate) { return func(g *gate) { g.paused = on } }
	mute := func(id string) func(*gate) { return func(g *gate) { g.muted[mic(id)] = true } }
	yes, no, back := Granted, Declined, Withdrawn
	for _, c := range []struct {
		name    string
		mode    Mode
		steps   []func(*gate)
		reason  Reason // "" while it runs
		waiting []string
		open    []string
	}{
		{"nobody is there", ModeAll, nil, ReasonEmpty, nil, nil},
		{"nobody has answered", ModeAll, []func(*gate){join("a"), join("b")}, ReasonConsent, []string{"a", "b"}, nil},
		{"one of two has agreed", ModeAll, []func(*gate){join("a"), join("b"), say("a", yes)}, ReasonConsent, []string{"b"}, nil},
		{"both have agreed", ModeAll, []func(*gate){join("a"), join("b"), say("a", yes), say("b", yes)}, "", nil, []string{"a", "b"}},
		{"consent may come before joining", ModeAll, []func(*gate){say("a", yes), join("a")}, "", nil, []string{"a"}},
		{"a third joins late", ModeAll, []func(*gate){join("a"), say("a", yes), join("c")}, ReasonConsent, []string{"c"}, nil},
		{"and leaves", ModeAll, []func(*gate){join("a"), say("a", yes), join("c"), leave("c")}, "", nil, []string{"a"}},
		{"one declines", ModeAll, []func(*gate){join("a"), join("b"), say("a", yes), say("b", no)}, ReasonDeclined, []string{"b"}, nil},
		{"one withdraws", ModeAll, []func(*gate){join("a"), join("b"), say("a", yes), say("b", yes), say("b", back)}, ReasonWithdrawn, []string{"b"}, nil},
		{"one who has left is not kept", ModeAll, []func(*gate){join("a"), say("a", yes), join("b"), say("b", yes), leave("b")}, "", nil, []string{"a"}},
		{"coming back needs no new answer", ModeAll, []func(*gate){join("a"), say("a", yes), leave("a"), join("a")}, "", nil, []string{"a"}},
		{"per track, one has agreed", ModePerTrack, []func(*gate){join("a"), join("b"), join("c"), say("a", yes), say("c", no)}, "", nil, []string{"a"}},
		{"per track, nobody has", ModePerTrack, []func(*gate){join("a"), say("a", no)}, ReasonEmpty, []string{"a"}, nil},
		{"off keeps nobody", ModeOff, []func(*gate){join("a"), say("a", yes)}, ReasonOff, nil, nil},
		{"paused", ModeAll, []func(*gate){join("a"), say("a", yes), pause(true)}, ReasonPaused, nil, nil},
		{"muted", ModePerTrack, []func(*gate){join("a"), join("b"), say("a", yes), say("b", yes), mute("b")}, "", nil, []string{"a"}},
		{"another kind opens nothing", ModeAll, []func(*gate){join("a"), func(g *gate) {
			_, _, _ = g.answer(Consent{Participant: "a", Kind: KindTranscription, Answer: Granted})
		}}, ReasonConsent, []string{"a"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGate(c.mode)
			for _, step := range c.steps {
				step(&g)
			}
			v := g.verdict()
			if v.running != (c.reason == "") || v.reason != c.reason || !slices.Equal(v.waiting, c.waiting) {
				t.Errorf("got %+v, want reason %q, waiting for %v", v, c.reason, c.waiting)
			}
			for _, id := range []string{"a", "b", "c"} {
				if got, want := g.open(mic(id)), slices.Contains(c.open, id); got != want {
					t.Errorf("%s: open is %v, want %v", id, got, want)
				}
			}
		})
	}
}

func TestWhatANoComesTo(t *testing.T) {
	g := newGate(ModeAll)
	for _, c := range []struct {
		answer, want Answer
		forget       bool
	}{
		{Withdrawn, Declined, false}, {Granted, Granted, false}, {Declined, Withdrawn, true},
		{Declined, Withdrawn, false}, {Granted, Granted, false}, {Withdrawn, Withdrawn, true},
	} {
		got, forget, err := g.answer(Consent{Participant: "a", Kind: KindRecording, Answer: c.answer})
		if err != nil || got.Answer != c.want || forget != c.forget {
			t.Errorf("%s: got %s, forget %v, err %v; want %s, %v", c.answer, got.Answer, forget, err, c.want, c.forget)
		}
	}
	if _, _, err := g.answer(Consent{Participant: "a", Kind: KindRecording, Answer: "maybe"}); err == nil {
		t.Error("an answer that is none was taken")
	}
}

// FuzzNotOneByteOfTheUnwilling runs random sequences against the real writer: every
// packet is marked, and the files are searched for the marks of those that were sent
// while their sender had not agreed, was muted, had left, or the recording stood still.
// Those that were sent while all was well must be there.
func FuzzNotOneByteOfTheUnwilling(f *testing.F) {
	f.Add([]byte{0, 10, 0, 20, 0x40, 12, 0x60, 0x61, 0x62, 9, 0x60, 11, 0x60, 9, 8, 0x60}, true)
	f.Add([]byte{0, 1, 2, 10, 11, 12, 0x60, 0x65, 0x6A, 13, 0x60, 9, 14, 15, 0x65, 0x60}, true)
	f.Add([]byte{0, 10, 0x60, 0x61, 9, 20, 0x60, 9, 10, 0x70, 0x60, 30, 0x60, 33, 0x60, 9}, false)
	f.Add([]byte{0, 1, 10, 11, 0x60, 3, 0x70, 0x60, 0, 0x60, 9, 40, 0x60, 43, 0x60, 50, 51, 0x60}, false)
	f.Add([]byte{0, 0x60, 12, 48, 0x60, 9, 34, 0x60, 35, 48, 0x60, 9}, false) // said, agreed, repaired; paused, resumed
	for seed := range byte(24) {                                              // longer, and the same every time
		ops := make([]byte, 120)
		x := uint32(seed) + 1
		for i := range ops {
			x = x*1664525 + 1013904223
			ops[i] = byte(x >> 24)
		}
		f.Add(ops, seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, ops []byte, all bool) {
		if len(ops) > 400 {
			return
		}
		dir := t.TempDir()
		o := newOracle(ModePerTrack)
		if all {
			o = newOracle(ModeAll)
		}
		synctest.Test(t, func(t *testing.T) { o.run(t, dir, ops) })
		o.search(t, filepath.Join(dir, "rec"))
	})
}

// oracle knows, in its own way, what may be kept.
type oracle struct {
	mode      Mode
	present   map[string]bool
	answer    map[string]Answer
	muted     map[string]bool
	paused    bool
	lines     map[string]*fakeLine
	sent      int
	forbidden map[string]string // mark and why
	maybe     map[string]string // allowed, not surely on disk, and whose
	required  map[string]string
}

type fakeLine struct {
	track *Track
	video bool
	seq   uint16
	ts    uint32
	last  [][]byte // packets sent while it was shut
}

func newOracle(mode Mode) *oracle {
	return &oracle{
		mode: mode, present: map[string]bool{}, answer: map[string]Answer{}, muted: map[string]bool{}, lines: map[string]*fakeLine{},
		forbidden: map[string]string{}, maybe: map[string]string{}, required: map[string]string{},
	}
}

// why is why somebody's packets must not be kept, empty when they may.
func (o *oracle) why(who, source string) string {
	switch {
	case o.paused:
		return "paused"
	case !o.present[who]:
		return "absent"
	case o.answer[who] != Granted:
		return "has not agreed"
	case o.muted[who+source]:
		return "muted"
	}
	for other, here := range o.present {
		if o.mode == ModeAll && here && o.answer[other] != Granted {
			return "somebody else has not agreed"
		}
	}
	return ""
}

func (o *oracle) run(t *testing.T, dir string, ops []byte) {
	r, rec := start(t, dir, Options{Mode: o.mode})
	people := []string{"ann", "bob", "eve"}
	connect := func(who string, source Source, codec frames.Codec) {
		key := who + string(source)
		seq := uint16(o.sent * 77)
		tr := track(t, rec, TrackOptions{Participant: who, Source: source, Codec: codec})
		o.lines[key] = &fakeLine{track: tr, video: codec.Video(), seq: seq, ts: uint32(seq) * 99}
	}
	for _, who := range people {
		connect(who, Mic, frames.Opus)
		connect(who, Camera, frames.VP8)
	}
	answers := []Answer{Granted, Declined, Withdrawn}
	for _, op := range ops {
		who := people[int(op)%3]
		source := []Source{Mic, Camera}[int(op)/3%2]
		switch {
		case op < 3:
			ok(t, rec.Join(Person{ID: who}))
			o.present[who] = true
		case op < 6:
			ok(t, rec.Leave(who))
			o.present[who] = false
		case op < 10: // long enough for all that is kept to be on disk
			time.Sleep(1200 * time.Millisecond)
			for mark, whose := range o.maybe {
				o.required[mark] = whose
			}
			clear(o.maybe)
		case op < 22:
			a := answers[int(op-10)/3%3]
			ok(t, rec.Consent(Consent{Participant: who, Kind: KindRecording, Answer: a}))
			o.answer[who] = a
			if a != Granted {
				for mark, whose := range o.maybe {
					if whose == who {
						delete(o.maybe, mark) // it may be on disk or not
					}
				}
			}
		case op < 34:
			ok(t, rec.Mute(who, source, op%2 == 0))
			o.muted[who+string(source)] = op%2 == 0
		case op < 40:
			if o.paused = op%2 == 0; o.paused {
				ok(t, rec.Pause(who))
			} else {
				ok(t, rec.Resume(who))
			}
		case op < 46:
			connect(who, source, map[Source]frames.Codec{Mic: frames.Opus, Camera: frames.VP8}[source])
		case op < 52: // what was sent while it was shut is repaired now
			l := o.lines[who+string(source)]
			for _, p := range l.last {
				l.track.RTP(time.Now(), p)
			}
		default:
			for range 3 {
				o.send(who, source)
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
	time.Sleep(time.Second)
	rec.Stop("")
	m, err := rec.Wait(t.Context())
	ok(t, err)
	ok(t, r.Close(t.Context()))
	verified(t, filepath.Join(dir, "rec"), m)
}

// send sends one marked packet.
func (o *oracle) send(who string, source Source) {
	l := o.lines[who+string(source)]
	o.sent++
	mark := fmt.Sprintf("<%s %s %06d>", who, source, o.sent)
	p := []byte{0x80, 96 | 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint16(p[2:], l.seq)
	binary.BigEndian.PutUint32(p[4:], l.ts)
	l.seq++
	if l.video {
		l.ts += 1800
		p = append(p, 0x10)                                        // RFC 7741: the beginning of a frame
		p = append(p, 0, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 180, 0, 0) // RFC 6386: a keyframe
	} else {
		l.ts += 960
		p = append(p, 0xFC) // 20 ms
	}
	p = append(p, mark...)
	if why := o.why(who, string(source)); why != "" {
		o.forbidden[mark] = why
		l.last = append(l.last, p)
	} else {
		o.maybe[mark] = who
		l.last = nil
	}
	l.track.RTP(time.Now(), p)
}

// search looks for the marks in all files.
func (o *oracle) search(t *testing.T, dir string) {
	var all []byte
	entries, err := os.ReadDir(dir)
	ok(t, err)
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		ok(t, err)
		all = append(all, b...)
	}
	for mark, why := range o.forbidden {
		if bytes.Contains(all, []byte(mark)) {
			t.Errorf("%s is in the files: %s", mark, why)
		}
	}
	for mark := range o.required {
		if !bytes.Contains(all, []byte(mark)) {
			t.Errorf("%s is not in the files", mark)
		}
	}
}

// ann returns an oracle of somebody alone who publishes sound, and sends what send
// says, in a recording.
func ann(t *testing.T, story func(t *testing.T, o *oracle, rec *Recording)) *oracle {
	t.Helper()
	dir := t.TempDir()
	o := newOracle(ModeAll)
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{})
		ok(t, rec.Join(Person{ID: "ann"}))
		o.present["ann"] = true
		o.lines["annmic"] = &fakeLine{track: track(t, rec, TrackOptions{Participant: "ann", Source: Mic, Codec: frames.Opus})}
		story(t, o, rec)
		stop(t, r, rec)
	})
	o.search(t, filepath.Join(dir, "rec"))
	return o
}

// answers tells the recording and the oracle what ann answers.
func (o *oracle) answers(t *testing.T, rec *Recording, a Answer) {
	t.Helper()
	ok(t, rec.Consent(Consent{Participant: "ann", Kind: KindRecording, Answer: a}))
	o.answer["ann"] = a
}

// settle says that what was sent must, or must not, be in the files.
func (o *oracle) settle(why string) {
	for mark := range o.maybe {
		if why == "" {
			o.required[mark] = "ann"
		} else {
			o.forbidden[mark] = why
		}
	}
	clear(o.maybe)
}

func TestWithdrawalForgetsWhatIsNotOnDisk(t *testing.T) {
	for _, since := range []time.Duration{0, 100 * time.Millisecond} { // in the queue, in the writer
		t.Run(since.String(), func(t *testing.T) {
			o := ann(t, func(t *testing.T, o *oracle, rec *Recording) {
				o.answers(t, rec, Granted)
				o.send("ann", Mic)
				time.Sleep(time.Second)
				o.send("ann", Mic)
				time.Sleep(2 * roundEvery) // both are on disk, and for a while nothing else will be
				o.settle("")
				o.send("ann", Mic)
				time.Sleep(since)
				o.answers(t, rec, Withdrawn)
				o.settle("withdrawn before it was on disk")
			})
			if len(o.required) != 2 || len(o.forbidden) != 1 {
				t.Fatalf("%d required, %d forbidden: the test tests nothing", len(o.required), len(o.forbidden))
			}
		})
	}
}

func TestWhatWasSaidBeforeIsNotRepairedIntoTheFile(t *testing.T) {
	for _, reason := range []string{"has not agreed", "paused"} {
		t.Run(reason, func(t *testing.T) {
			o := ann(t, func(t *testing.T, o *oracle, rec *Recording) {
				l := o.lines["annmic"]
				if reason == "paused" {
					o.answers(t, rec, Granted)
					o.send("ann", Mic)
					ok(t, rec.Pause("ann"))
					o.paused = true
				}
				for range 3 {
					o.send("ann", Mic)
				}
				before := l.last
				if reason == "paused" {
					ok(t, rec.Resume("ann"))
					o.paused = false
				} else {
					o.answers(t, rec, Granted)
				}
				l.track.RTP(time.Now(), before[1])
				o.send("ann", Mic)
				l.track.RTP(time.Now(), before[2])
				l.track.RTP(time.Now(), before[0])
				o.settle("")
				time.Sleep(time.Second)
			})
			if len(o.required) == 0 || len(o.forbidden) != 3 {
				t.Fatalf("%d required, %d forbidden: the test tests nothing", len(o.required), len(o.forbidden))
			}
		})
	}
}
