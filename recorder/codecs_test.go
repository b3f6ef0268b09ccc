package recorder

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/frames"
)

// start returns a recorder in a directory and a recording in it. The directory is the
// outer test's: a bubble's goes with the bubble.
func start(t testing.TB, dir string, o Options) (*Recorder, *Recording) {
	t.Helper()
	r, err := New(Config{Directory: dir})
	if err != nil {
		t.Fatal(err)
	}
	if o.ID == "" {
		o.ID = "rec"
	}
	if o.Mode == "" {
		o.Mode = ModeAll
	}
	rec, err := r.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	return r, rec
}

// agree lets somebody join and agree.
func agree(t testing.TB, rec *Recording, id string) {
	t.Helper()
	ok(t, rec.Join(Person{ID: id, Name: "Somebody", Role: "interviewer"}))
	ok(t, rec.Consent(Consent{Participant: id, Kind: KindRecording, Answer: Granted, TextVersion: "1", Language: "en"}))
}

func track(t testing.TB, rec *Recording, o TrackOptions) *Track {
	t.Helper()
	tr, err := rec.Track(o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// stop ends a recording and closes its recorder.
func stop(t testing.TB, r *Recorder, rec *Recording) Manifest {
	t.Helper()
	rec.Stop("")
	m, err := rec.Wait(t.Context())
	ok(t, err)
	ok(t, r.Close(t.Context()))
	return m
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// verified fails when there is anything wrong with a recording.
func verified(t testing.TB, dir string, m Manifest) {
	t.Helper()
	report, err := Verify(dir, m.Head)
	ok(t, err)
	for _, p := range report.Problems {
		t.Errorf("verify: %s", p)
	}
}

func TestEveryCodecPlays(t *testing.T) {
	for _, codec := range []frames.Codec{frames.Opus, frames.VP8, frames.VP9, frames.AV1, frames.H264} {
		t.Run(string(codec), func(t *testing.T) {
			frames := clip(t, codec)
			var m Manifest
			parent := t.TempDir()
			dir := filepath.Join(parent, "rec")
			length := 40 * time.Millisecond
			if !codec.Video() {
				length = 20 * time.Millisecond
			}
			synctest.Test(t, func(t *testing.T) {
				r, rec := start(t, parent, Options{})
				agree(t, rec, "ann")
				source := Mic
				if codec.Video() {
					source = Camera
				}
				tr := track(t, rec, TrackOptions{Participant: "ann", Source: source, Codec: codec})
				l := newLine(codec, 1)
				for _, frame := range frames {
					for _, p := range l.packets(frame) {
						tr.RTP(time.Now(), p)
					}
					time.Sleep(length)
				}
				m = stop(t, r, rec)
			})
			verified(t, dir, m)
			if len(m.Files) != 1 {
				t.Fatalf("%d files", len(m.Files))
			}
			f := m.Files[0]
			p := ffprobe(t, filepath.Join(dir, f.Name), true)
			if got := p.Streams[0].Codec; got != string(codec) {
				t.Errorf("codec: got %s, want %s", got, codec)
			}
			want := time.Duration(len(frames)) * length
			if got := p.duration(t); (got - want).Abs() > 40*time.Millisecond {
				t.Errorf("duration: got %v, want %v", got, want)
			}
			if got := p.frames(t); codec.Video() && got != len(frames) {
				t.Errorf("frames: got %d, want %d", got, len(frames))
			}
			if codec.Video() && (p.Streams[0].Width != 320 || p.Streams[0].Height != 180) {
				t.Errorf("size: got %dx%d, want 320x180", p.Streams[0].Width, p.Streams[0].Height)
			}
			if got := time.Duration(f.DurationMS) * time.Millisecond; (got - want).Abs() > 40*time.Millisecond {
				t.Errorf("duration in the manifest: got %v, want %v", got, want)
			}
		})
	}
}
