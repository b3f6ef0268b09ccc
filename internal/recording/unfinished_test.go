package recording

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder/archive"
	"parley/recorder/render"
	"parley/recorder/vault"
)

// faults breaks steps of the library at its database and at its storage. What comes
// after a step that fails does not happen either when all of it is broken: that is
// what a crash leaves behind.
type faults struct {
	mu     sync.Mutex
	broken []string
}

var errFault = errors.New("the disk is on fire")

func (f *faults) set(steps ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = steps
}

func (f *faults) at(step string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.Contains(f.broken, step) {
		return errFault
	}
	return nil
}

type faultyStore struct {
	Store
	*faults
}

func (s faultyStore) AddWish(ctx context.Context, w store.Wish) error {
	if err := s.at("promise"); err != nil {
		return err
	}
	return s.Store.AddWish(ctx, w)
}

func (s faultyStore) PutRecording(ctx context.Context, r store.Recording, messages ...store.Message) error {
	if err := s.at("put"); err != nil {
		return err
	}
	return s.Store.PutRecording(ctx, r, messages...)
}

func (s faultyStore) SetTranscript(ctx context.Context, r store.Recording, taken []interview.Consent, messages ...store.Message) error {
	if err := s.at("rewrite"); err != nil {
		return err
	}
	return s.Store.SetTranscript(ctx, r, taken, messages...)
}

func (s faultyStore) DropWish(ctx context.Context, w store.Wish) error {
	if err := s.at("drop"); err != nil {
		return err
	}
	return s.Store.DropWish(ctx, w)
}

type faultyStorage struct {
	archive.Storage
	*faults
}

func (s faultyStorage) Remove(ctx context.Context, key string) error {
	if err := s.at("remove"); err != nil {
		return err
	}
	return s.Storage.Remove(ctx, key)
}

// Whatever interrupts the destruction of what is of one person, it is done to the end,
// and told once, without anybody asking again: by the same server, or by the next.
func TestWhatIsOfOnePersonIsDestroyedToTheEndWhateverInterruptsIt(t *testing.T) {
	for name, broken := range map[string][]string{
		"nothing":                {},
		"a crash after the keys": {"put", "rewrite", "remove", "drop"},
		"what is on file":        {"put"},
		"a crash after the file": {"remove", "drop"},
		"what is stored":         {"remove"},
		"the end":                {"drop"},
	} {
		t.Run(name, func(t *testing.T) { interrupt(t, broken) })
	}
}

func interrupt(t *testing.T, broken []string) {
	for how, restart := range map[string]bool{"by the same server": false, "by the next": true} {
		t.Run(how, func(t *testing.T) {
			f := &faults{}
			bucket := t.TempDir()
			storyWith(t, faultyStorage{archive.NewDirectory(bucket), f}, func(t *testing.T, h *house) {
				h.faults = func(s Store) Store { return faultyStore{s, f} }
				h.stop()
				h.start()
				id := h.both()
				f.set(broken...)
				err := h.library.DeleteOf(t.Context(), id, femi.ID, "host")
				if fails := len(broken) > 0 && broken[0] != "drop"; (err != nil) != fails || fails && !errors.Is(err, errFault) {
					t.Fatalf("destroyed with %v", err)
				}
				time.Sleep(time.Second) // it is tried again, in vain
				if restart {
					h.stop()
				}
				f.set()
				if restart {
					h.start()
				}
				time.Sleep(2 * retryEvery)
				h.onlyOf(id, clara.ID, bucket)
			})
		})
	}
}

// both records Clara and Femi, and waits until that is in the storage.
func (h *house) both() interview.RecordingID {
	h.t.Helper()
	c, f := h.visit(clara), h.visit(femi)
	h.record(c, f)
	time.Sleep(3 * time.Second)
	h.must(c.StopRecording(h.t.Context()))
	id := h.now().Recording.ID
	h.kept(id)
	time.Sleep(time.Second)
	return id
}

// onlyOf checks that a recording holds what is of one person, that it says so, and that
// it was told once what was destroyed.
func (h *house) onlyOf(id interview.RecordingID, who interview.UserID, bucket string) {
	h.t.Helper()
	h.destroyed(id, who)
	h.fulfilled()
	m, err := h.library.written(h.t.Context(), id)
	h.must(err)
	size := int64(0)
	for _, f := range m.Files {
		there, err := filepath.Glob(filepath.Join(bucket, string(id), f.Name+"*"))
		h.must(err)
		if mine := f.Participant == string(who); mine != (len(there) == 1) {
			h.t.Errorf("of %s there is %v", f.Name, there)
		} else if mine {
			size += f.Size
		}
	}
	if r, err := h.library.Recording(h.t.Context(), id); err != nil || r.Status != store.RecordingKept || r.Size != size {
		h.t.Errorf("on file: %+v, %v, want %d bytes", r, err, size)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	told := slices.DeleteFunc(slices.Clone(h.told), func(e interview.Event) bool { return e.Kind != interview.EventTracksDeleted })
	if len(told) != 1 || told[0].Participant.ID != femi.ID || told[0].Reason != "host" {
		h.t.Errorf("told: %+v", told)
	}
}

// What a crash has interrupted is ended when the server starts, in the name of whoever
// began it.
func TestWhoHadARecordingDestroyedIsOnFileThoughAnotherServerEndedIt(t *testing.T) {
	f := &faults{}
	storyWith(t, faultyStorage{archive.NewDirectory(t.TempDir()), f}, func(t *testing.T, h *house) {
		id := h.both()
		f.set("remove")
		if _, err := h.library.Delete(t.Context(), id, femi.ID, "host"); !errors.Is(err, errFault) {
			t.Fatalf("destroyed with %v", err)
		}
		h.stop()
		f.set()
		h.start()
		time.Sleep(time.Second)
		if r, err := h.library.Recording(t.Context(), id); err != nil || r.Status != store.RecordingDeleted || r.DeletedBy != string(femi.ID) {
			t.Errorf("on file: %+v, %v", r, err)
		}
	})
}

func TestNothingIsDestroyedOfOnePersonBeforeItIsPromised(t *testing.T) {
	f := &faults{}
	story(t, func(t *testing.T, h *house) {
		h.faults = func(s Store) Store { return faultyStore{s, f} }
		h.stop()
		h.start()
		id := h.both()
		f.set("promise")
		if err := h.library.DeleteOf(t.Context(), id, femi.ID, "host"); !errors.Is(err, errFault) {
			t.Fatalf("destroyed with %v", err)
		}
		f.set()
		time.Sleep(2 * retryEvery)
		h.destroyed(id, clara.ID, femi.ID)
		h.fulfilled()
	})
}

// A wish of their own is not taken for carried out because the keys are gone: nobody
// has been told, and the files are there.
func TestWishIsCarriedOutToTheEndThoughTheKeysAreGone(t *testing.T) {
	f := &faults{}
	perTrack(t, func(t *testing.T, h *house, c, g *guest, id interview.RecordingID) {
		g.agree(interview.ConsentDeclined)
		h.must(c.StopRecording(t.Context()))
		before := h.kept(id)
		h.must(h.library.wish(id, femi.ID))
		h.stop()
		time.Sleep(time.Minute)
		h.faults = func(s Store) Store { return faultyStore{s, f} }
		f.set("put")
		h.start()
		h.destroyed(id, clara.ID)
		if r, err := h.library.Recording(t.Context(), id); err != nil || r.Size != before.Size {
			t.Errorf("on file: %+v, %v", r, err)
		}
		h.stop()
		f.set()
		h.start()
		h.fulfilled()
		if r, err := h.library.Recording(t.Context(), id); err != nil || r.Size >= before.Size {
			t.Errorf("on file: %+v, %v", r, err)
		}
	})
}

// A crash between the promise and the keys leaves the wish, and the film's note.
func TestAPromiseIsKeptThoughTheKeysWereNotReachedYet(t *testing.T) {
	bucket := t.TempDir()
	storyWith(t, archive.NewDirectory(bucket), func(t *testing.T, h *house) {
		id := h.both()
		keys := filepath.Join(h.dir, "recordings", keysDir, string(id)+".key")
		h.library.making.Lock()
		p, err := h.library.partOf(t.Context(), id, femi.ID)
		h.must(err)
		h.must(h.library.promise(store.Wish{Recording: id, User: femi.ID, Reason: "host", At: now()}))
		h.must(os.Rename(keys, keys+".away"))
		h.must(os.Mkdir(keys, 0o700))
		if err := h.library.destroyPart(t.Context(), p, "host"); err == nil {
			t.Error("destroyed without its keys")
		}
		h.library.making.Unlock()
		h.must(os.Remove(keys))
		h.must(os.Rename(keys+".away", keys))
		h.destroyed(id, clara.ID, femi.ID)
		h.stop()
		h.start()
		h.onlyOf(id, clara.ID, bucket)
	})
}

// What was made again of the others stays when the end of it comes late.
func TestFilmAndTranscriptThatWereMadeAgainStayWhenADestructionIsEnded(t *testing.T) {
	f := &faults{}
	d := newFilmDesk(t)
	d.close()
	d.faults = f
	d.open()
	id := d.record(speaker{clara, 440, yes}, speaker{femi, 1000, yes})
	d.becomes(id, "ready")
	before := d.filmed(id, 440, 1000)
	f.set("put", "rewrite", "drop")
	if err := d.library.DeleteOf(t.Context(), id, femi.ID, "host"); !errors.Is(err, errFault) {
		t.Fatalf("destroyed with %v", err)
	}
	d.close()
	f.set("drop") // the next server does all of it, and does not know
	d.open()
	if after := d.filmed(id, 440, 1000); after[0] < before[0]/2 || after[1] > before[1]/50 {
		t.Errorf("of the tones the film has %v, and had %v", after, before)
	}
	d.becomes(id, "ready")
	sum := func() string {
		files, err := d.library.vault.Files(string(id))
		d.must(err)
		for _, each := range files {
			if each.Name == render.Film {
				return each.Sum.String()
			}
		}
		return ""
	}
	film, asked := sum(), d.fake.Requests()
	d.close()
	f.set()
	d.open()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if left, err := d.store.Wishes(t.Context(), id); err == nil && len(left) == 0 {
			break
		}
	}
	d.idle()
	if left, err := d.store.Wishes(t.Context(), id); err != nil || len(left) > 0 {
		t.Errorf("on file: %+v, %v", left, err)
	}
	if film == "" || sum() != film || d.library.Film(id).State != "ready" {
		t.Errorf("the film is %+v, %q, and was %q", d.library.Film(id), sum(), film)
	}
	d.becomes(id, "ready")
	if n := d.fake.Requests(); n > asked+1 { // it is tried at the start
		t.Errorf("%d times it was asked again what they say", n-asked)
	}
	r, err := d.library.Recording(t.Context(), id)
	d.must(err)
	m, err := d.library.Manifest(t.Context(), id)
	d.must(err)
	size := int64(0)
	for _, each := range m.Files {
		size += each.Size
	}
	for _, name := range []string{render.Film, render.Sound, render.Thumbnail} {
		n, _ := d.library.size(id, name)
		size += n
	}
	if r.Size != size {
		t.Errorf("on file are %d bytes, want %d", r.Size, size)
	}
}

// Where the files are may be away for a while: that a film is to be made again is
// forgotten only with the recording.
func TestThatAFilmIsToBeMadeAgainIsRememberedWhileTheFilesAreNotFound(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		id := h.both()
		h.must(os.MkdirAll(h.library.filmDir(filmSource, id), 0o700)) // it has been begun
		h.must(h.library.noteFilm(id))
		h.library.forgetFilm(id)
		noted := func() bool {
			_, err := os.Stat(h.library.filmNote(id))
			return err == nil
		}
		manifest := filepath.Join(h.library.dir(id), manifestName+vault.Sealed)
		h.must(os.Rename(manifest, manifest+".away"))
		h.library.making.Lock()
		m, err := h.library.leftForFilm(id)
		h.library.making.Unlock()
		if err == nil || len(m.Files) > 0 || !noted() {
			t.Errorf("with its manifest away: %+v, %v, noted is %v", m, err, noted())
		}
		h.must(os.Rename(manifest+".away", manifest))
		h.library.making.Lock()
		m, err = h.library.leftForFilm(id)
		h.library.making.Unlock()
		if err != nil || len(m.Files) != 4 || !noted() {
			t.Errorf("with its manifest back: %+v, %v, noted is %v", m, err, noted())
		}
		_, err = h.library.Delete(t.Context(), id, "", "host")
		h.must(err)
		h.library.making.Lock()
		m, err = h.library.leftForFilm(id)
		h.library.making.Unlock()
		if err != nil || len(m.Files) > 0 || noted() {
			t.Errorf("of one that is deleted: %+v, %v, noted is %v", m, err, noted())
		}
	})
}
