package recording

import (
	"encoding/binary"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
)

// newFilmDesk is a desk that makes films as well.
func newFilmDesk(t *testing.T) *desk {
	d := newDesk(t)
	d.close()
	d.films = true
	d.mode = interview.RecordingPerTrack
	d.open()
	return d
}

// filmed waits for a recording's film, and returns how loud some tones are in it.
func (d *desk) filmed(id interview.RecordingID, tones ...float64) (loud []float64) {
	d.t.Helper()
	for end := time.Now().Add(2 * time.Minute); d.library.Film(id).State != "ready"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			d.t.Fatalf("the film is %+v", d.library.Film(id))
		}
	}
	f, err := d.library.Open(d.t.Context(), id, FilmName, store.View{User: clara.ID})
	d.must(err)
	defer f.Close()
	path := filepath.Join(d.t.TempDir(), FilmName)
	film, err := io.ReadAll(f.Reader)
	d.must(err)
	d.must(os.WriteFile(path, film, 0o600))
	raw, err := exec.CommandContext(d.t.Context(), "ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "16000", "-").Output()
	d.must(err)
	for _, hz := range tones {
		var re, im float64
		for n := 0; n+1 < len(raw); n += 2 {
			at := 2 * math.Pi * hz * float64(n/2) / 16000
			v := float64(int16(binary.LittleEndian.Uint16(raw[n:])))
			re, im = re+v*math.Cos(at), im+v*math.Sin(at)
		}
		loud = append(loud, math.Hypot(re, im)/float64(len(raw)/2))
	}
	return loud
}

func TestFilmAndTranscriptAreMadeAgainWithoutWhoIsDestroyed(t *testing.T) {
	d := newFilmDesk(t)
	id := d.record(speaker{clara, 440, yes}, speaker{femi, 1000, yes})
	d.becomes(id, "ready")
	before := d.filmed(id, 440, 1000)
	if before[0] < 100 || before[1] < 100 {
		t.Fatalf("the film has %v of both tones", before)
	}
	d.must(d.library.DeleteOf(t.Context(), id, femi.ID, interview.ReasonConsentWithdrawn))
	if _, there := d.library.FilmSize(id); there {
		t.Error("the film that shows them is there")
	}
	after := d.filmed(id, 440, 1000)
	if after[0] < before[0]/2 || after[1] > before[1]/50 {
		t.Errorf("of the tones the film has %v, and had %v", after, before)
	}
	d.becomes(id, "ready")
	m, err := d.library.Manifest(t.Context(), id)
	d.must(err)
	all := d.library.Transcripts(id, m.People)
	if len(all) != 2 || !slices.ContainsFunc(all, func(each Transcript) bool { return each.Name == transcript.Merged }) {
		t.Fatalf("transcripts: %+v", all)
	}
	for _, line := range d.reads(id, transcript.Merged) {
		if line.Speaker != clara.Name {
			t.Errorf("in the transcript of all: %+v", line)
		}
	}
	for _, dir := range []string{filmSource, filmOut} {
		if left, err := os.ReadDir(d.library.filmDir(dir, id)); err == nil {
			t.Errorf("left open in %s: %v", dir, left)
		}
	}
	d.must(d.library.DeleteOf(t.Context(), id, clara.ID, interview.ReasonConsentWithdrawn)) // nobody is left
	d.settled(id)
}

func TestFilmIsMadeAgainAfterAKill(t *testing.T) {
	d := newFilmDesk(t)
	id := d.record(speaker{clara, 440, nil}, speaker{femi, 1000, nil})
	d.filmed(id, 440)
	// What a kill leaves between what is destroyed and what is made again.
	d.must(d.library.noteFilm(id))
	d.must(d.library.vault.Forget(string(id), FilmName))
	d.close()
	d.open()
	if loud := d.filmed(id, 440); loud[0] < 100 {
		t.Errorf("the film has %v of the tone", loud)
	}
}

// A film that has been made and is not sealed yet is lost with who is destroyed like
// one that is being made.
func TestFilmThatIsNotSealedYetIsMadeAgain(t *testing.T) {
	d := newFilmDesk(t)
	d.library.making.Lock() // the library is at work
	id := d.record(speaker{clara, 440, nil}, speaker{femi, 1000, nil})
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		_, err := os.Stat(filepath.Join(d.library.filmDir(filmOut, id), FilmName))
		if err == nil && d.library.Film(id).State == "none" {
			break
		}
		if time.Now().After(end) {
			d.t.Fatalf("the film is %+v", d.library.Film(id))
		}
	}
	err := d.library.noteFilm(id)
	d.library.forgetFilm(id)
	d.library.arrive(arrival{id: id, again: true})
	d.library.making.Unlock()
	d.must(err)
	if loud := d.filmed(id, 440); loud[0] < 100 {
		t.Errorf("the film has %v of the tone", loud)
	}
}

// What is destroyed while it is opened for another film is in none, and does not
// stay open.
func TestWhatIsDestroyedWhileItIsOpenedForAFilmIsInNone(t *testing.T) {
	for name, destroy := range map[string]func(d *desk, id interview.RecordingID) error{
		"one": func(d *desk, id interview.RecordingID) error {
			return d.library.DeleteOf(d.t.Context(), id, femi.ID, interview.ReasonConsentWithdrawn)
		},
		"all": func(d *desk, id interview.RecordingID) error {
			_, err := d.library.Delete(d.t.Context(), id, "", "host")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFilmDesk(t)
			id := d.record(speaker{clara, 440, nil}, speaker{femi, 1000, nil})
			before := d.filmed(id, 440, 1000)
			d.must(d.library.noteFilm(id))
			d.must(d.library.vault.Forget(string(id), FilmName))
			d.library.arrive(arrival{id: id, again: true})
			source := d.library.filmDir(filmSource, id)
			for opened := 0; opened < 2 && d.library.Film(id).State != "ready"; {
				some, err := filepath.Glob(filepath.Join(source, "*"))
				d.must(err)
				opened = len(some)
			}
			d.must(destroy(d, id))
			if name == "one" {
				if after := d.filmed(id, 440, 1000); after[0] < before[0]/2 || after[1] > before[1]/50 {
					t.Errorf("of the tones the film has %v, and had %v", after, before)
				}
				return
			}
			d.settled(id)
			if left, err := os.ReadDir(source); err == nil {
				t.Errorf("left open: %v", left)
			}
		})
	}
}

// settled waits until no film is made of a recording, and none is to be.
func (d *desk) settled(id interview.RecordingID) {
	d.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		_, err := os.Stat(d.library.filmNote(id))
		if os.IsNotExist(err) && d.library.Film(id).State == "none" {
			return
		}
	}
	d.t.Errorf("the film is %+v", d.library.Film(id))
}
