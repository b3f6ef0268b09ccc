package recorder

import (
	"encoding/binary"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/frames"
)

// told are the states a recording went through.
func (n *news) told() (all []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.all {
		if c, is := e.(Changed); is {
			all = append(all, string(c.State)+" "+string(c.Reason))
		}
	}
	return all
}

func TestALateComerPausesUntilTheyAnswer(t *testing.T) {
	clip(t, frames.VP8)
	clip(t, frames.Opus)
	dir := t.TempDir()
	var n news
	var m Manifest
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{Deliver: n.deliver, Interview: "iv"})
		sound, pictures, lines := publish(t, rec, "ann")
		ok(t, rec.Join(Person{ID: "ann", Name: "Ann"}))
		ok(t, rec.Join(Person{ID: "bob", Name: "Bob"}))
		feed(t, sound, pictures, lines, 2*time.Second)
		ok(t, rec.Consent(Consent{Participant: "ann", Kind: KindRecording, Answer: Granted}))
		ok(t, rec.Consent(Consent{Participant: "bob", Kind: KindRecording, Answer: Granted}))
		feed(t, sound, pictures, lines, 3*time.Second)
		ok(t, rec.Mark("Question 1", "ann"))
		feed(t, sound, pictures, lines, 1*time.Second)
		ok(t, rec.Join(Person{ID: "eve", Name: "Eve"}))
		feed(t, sound, pictures, lines, 7*time.Second)
		ok(t, rec.Consent(Consent{Participant: "eve", Kind: KindRecording, Answer: Granted}))
		feed(t, sound, pictures, lines, 4*time.Second)
		ok(t, rec.Mark("Question 2", "ann"))
		ok(t, rec.Pause("ann"))
		feed(t, sound, pictures, lines, 3*time.Second)
		ok(t, rec.Resume("ann"))
		feed(t, sound, pictures, lines, 2*time.Second)
		m = stop(t, r, rec)
	})
	verified(t, filepath.Join(dir, "rec"), m)
	want := []string{"waiting consent", "waiting consent", "waiting consent", "running ", "paused consent", "running ", "paused paused", "running "}
	if got := n.told(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	near := func(what string, got, want int64) {
		t.Helper()
		if got < want-60 || got > want+60 {
			t.Errorf("%s: %d ms, want %d", what, got, want)
		}
	}
	near("duration", m.DurationMS, 10_000)
	if len(m.Files) != 2 || len(m.Pauses) != 2 || len(m.Chapters) != 2 || len(m.People) != 3 {
		t.Fatalf("%+v", m)
	}
	for _, f := range m.Files {
		near(f.Name+" begins", f.StartMS, 0)
		near(f.Name, f.DurationMS, 10_000)
	}
	near("pause 1", m.Pauses[0].AtMS, 4000)
	near("pause 2", m.Pauses[1].AtMS, 8000)
	if p := m.Pauses[0]; p.Reason != ReasonConsent || !reflect.DeepEqual(p.Waiting, []string{"eve"}) || p.To.Sub(p.From) != 7*time.Second {
		t.Errorf("pause 1: %+v", p)
	}
	near("chapter 1", m.Chapters[0].AtMS, 3000)
	near("chapter 2", m.Chapters[1].AtMS, 8000)
	if receipts := m.Receipts("eve"); len(receipts) != 1 || receipts[0].Interview != "iv" || receipts[0].Answer != Granted {
		t.Errorf("receipts: %+v", receipts)
	}
}

func TestAConnectionMadeAnewGoesOnInTheSameFile(t *testing.T) {
	clip(t, frames.VP8)
	clip(t, frames.Opus)
	dir := t.TempDir()
	var m Manifest
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{})
		agree(t, rec, "ann")
		sound, pictures, lines := publish(t, rec, "ann")
		feed(t, sound, pictures, lines, 2*time.Second)
		ok(t, rec.Mute("ann", Mic, true))
		time.Sleep(2 * time.Second) // the network is gone
		sound.Close()
		ok(t, rec.Leave("ann"))
		ok(t, rec.Join(Person{ID: "ann"}))
		sound, pictures, lines = publish(t, rec, "ann")
		ok(t, rec.Mute("ann", Mic, false))
		feed(t, sound, pictures, lines, 2*time.Second)
		m = stop(t, r, rec)
	})
	dir = filepath.Join(dir, "rec")
	verified(t, dir, m)
	if len(m.Files) != 2 {
		t.Fatalf("%d files", len(m.Files))
	}
	for _, f := range m.Files {
		if f.DurationMS < 5900 || f.DurationMS > 6100 || len(f.Gaps) != 1 {
			t.Errorf("%s: %d ms, gaps %v", f.Name, f.DurationMS, f.Gaps)
		}
		p := ffprobe(t, filepath.Join(dir, f.Name), true)
		if f.Source == Mic {
			if len(f.Muted) != 1 || f.Muted[0].FromMS < 1900 || f.Muted[0].ToMS > 4100 {
				t.Errorf("muted %v", f.Muted)
			}
			// A player that counts samples must find as many as there is time.
			if got := p.frames(t); got < 295 || got > 305 {
				t.Errorf("%d packets of 20 ms in 6 s", got)
			}
		}
	}
}

// simple are packets of frames of one packet: VP8 of a size, or sound.
type simple struct {
	seq uint16
	ts  uint32
}

func (s *simple) vp8(key bool, width, height int, ticks uint32) []byte {
	b := []byte{0x10, 1, 0, 0}
	if key {
		b = []byte{0x10, 0, 0, 0, 0x9D, 0x01, 0x2A, byte(width), byte(width >> 8), byte(height), byte(height >> 8)}
	}
	return s.packet(append(b, make([]byte, 100)...), ticks)
}

func (s *simple) packet(payload []byte, ticks uint32) []byte {
	p := []byte{0x80, 96 | 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint16(p[2:], s.seq)
	binary.BigEndian.PutUint32(p[4:], s.ts)
	s.seq++
	s.ts += ticks
	return append(p, payload...)
}

func TestAnotherSizeNeedsNoOtherFile(t *testing.T) {
	dir := t.TempDir()
	var m Manifest
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{})
		agree(t, rec, "ann")
		tr := track(t, rec, TrackOptions{Participant: "ann", Source: Screen, Codec: frames.VP8})
		var s simple
		for _, size := range [][2]int{{320, 180}, {1280, 720}, {640, 360}} {
			for n := range 25 {
				tr.RTP(time.Now(), s.vp8(n == 0, size[0], size[1], 3600))
				time.Sleep(40 * time.Millisecond)
			}
		}
		m = stop(t, r, rec)
	})
	verified(t, filepath.Join(dir, "rec"), m)
	if len(m.Files) != 1 || len(m.Files[0].Sizes) != 3 || m.Files[0].Sizes[1].Width != 1280 {
		t.Fatalf("%+v", m.Files)
	}
	if got := m.Files[0].Sizes[2].AtMS; got < 1950 || got > 2050 {
		t.Errorf("the third size is from %d ms on", got)
	}
	if p := ffprobe(t, filepath.Join(dir, "rec", m.Files[0].Name), false); p.Streams[0].Width != 1280 || p.Streams[0].Height != 720 {
		t.Errorf("the head says %dx%d", p.Streams[0].Width, p.Streams[0].Height)
	}
}

func TestKeyframesAreAskedForAndNotTooOften(t *testing.T) {
	dir := t.TempDir()
	var asked []time.Duration
	var m Manifest
	var kept time.Duration
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{})
		began := time.Now()
		want := make(chan struct{}, 100)
		tr := track(t, rec, TrackOptions{Participant: "ann", Source: Camera, Codec: frames.VP8, Keyframe: func() {
			asked = append(asked, time.Since(began))
			want <- struct{}{}
		}})
		var s simple
		answer := time.Duration(-1)
		for i := range 50 * 25 { // fifty seconds
			select {
			case <-want:
				answer = 80 * time.Millisecond // to the sender, its encoder, and back
			default:
			}
			key := answer == 0
			if i == 25 {
				agree(t, rec, "ann")
			}
			p := s.vp8(key, 320, 180, 3600)
			if key && kept == 0 {
				kept = time.Since(began) - time.Second
			}
			if i < 500 || i > 502 { // lost after twenty seconds
				tr.RTP(time.Now(), p)
			}
			if answer >= 0 {
				answer -= 40 * time.Millisecond
			}
			time.Sleep(40 * time.Millisecond)
		}
		m = stop(t, r, rec)
	})
	verified(t, filepath.Join(dir, "rec"), m)
	if kept <= 0 || kept > 300*time.Millisecond {
		t.Errorf("the first picture was kept %v after the consent", kept)
	}
	// At first, after the loss, and every twenty seconds so that it can be sought.
	if len(asked) < 3 || len(asked) > 5 {
		t.Errorf("asked at %v", asked)
	}
	for i := 1; i < len(asked); i++ {
		if asked[i]-asked[i-1] < keyframeAgain {
			t.Errorf("asked at %v and %v", asked[i-1], asked[i])
		}
	}
	if f := m.Files[0]; f.Lost != 3 || f.Damaged == 0 || f.Frames < 1200 {
		t.Errorf("lost %d packets and %d frames, kept %d", f.Lost, f.Damaged, f.Frames)
	}
}
