package recording

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/recorder/archive"
	"parley/sfu"
	"parley/sfu/sfutest"
)

var (
	clara = interview.Participant{ID: "client", Name: "Clara Novak", Role: interview.RoleInterviewer}
	femi  = interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee}
)

// house is rooms, media, database and library, in virtual time.
type house struct {
	t       *testing.T
	dir     string
	network *sfutest.Network
	engine  *sfu.Engine
	store   *store.Store
	library *Library
	rooms   *conference.Rooms
	iv      interview.Interview
	storage archive.Storage
	faults  func(s Store) Store // nil: the library's database has none

	mu   sync.Mutex
	told []interview.Event // by the library
}

func story(t *testing.T, tell func(t *testing.T, h *house)) {
	t.Helper()
	storyWith(t, nil, tell)
}

func storyWith(t *testing.T, storage archive.Storage, tell func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, dir: storetest.Dir(t), network: sfutest.NewNetwork(t), storage: storage}
		var err error
		h.engine, err = sfu.New(sfu.Config{Listen: netip.AddrPortFrom(h.network.ServerAddr(), 5000), Net: h.network.Server()})
		h.must(err)
		defer h.engine.Close()
		h.start()
		defer func() { h.stop() }()
		thread := interview.Thread{ID: "t1", Participants: []interview.Participant{clara, femi}}
		h.must(h.store.PutThread(t.Context(), thread, time.Now()))
		h.iv, _, err = h.rooms.Create(t.Context(), conference.Create{Thread: "t1", Mode: interview.ModeVideo, By: clara.ID, Recording: interview.RecordingAll})
		h.must(err)
		tell(t, h)
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) start() {
	h.t.Helper()
	var err error
	h.store, err = store.Open(h.t.Context(), h.dir, slog.New(slog.DiscardHandler))
	h.must(err)
	cfg := Config{
		Dir: filepath.Join(h.dir, "recordings"), KeyFile: filepath.Join(h.dir, "recording.key"), Store: h.store, Keep: time.Hour,
		Storage: h.storage, Publish: h.hear,
	}
	if h.faults != nil {
		cfg.Store = h.faults(cfg.Store)
	}
	h.library, err = Open(h.t.Context(), cfg)
	h.must(err)
	h.rooms, err = conference.Open(h.t.Context(), conference.Config{Engine: h.engine, Store: h.store, Recorder: h.library})
	h.must(err)
}

func (h *house) hear(e interview.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, e)
}

func (h *house) stop() {
	ctx := context.WithoutCancel(h.t.Context())
	h.must(errors.Join(h.rooms.Close(ctx), h.library.Close(ctx), h.store.Close()))
}

// guest is somebody in the room, with a browser.
type guest struct {
	*conference.Session
	h       *house
	browser *sfutest.Browser

	mu      sync.Mutex
	changes []interview.EventKind
}

// visit brings somebody in who sends sound and picture.
func (h *house) visit(p interview.Participant, options ...sfutest.Option) *guest {
	h.t.Helper()
	g := &guest{h: h}
	s, _, err := h.rooms.Attach(h.t.Context(), conference.Attach{Interview: h.iv.ID, Participant: p, Device: string(p.ID), Deliver: g.hear})
	h.must(err)
	g.Session = s
	g.connect(h.network.Browser(string(p.ID), options...))
	h.must(s.Enter(h.t.Context()))
	return g
}

// connect takes a browser, which may be another one than before.
func (g *guest) connect(browser *sfutest.Browser) {
	h := g.h
	h.t.Helper()
	g.browser = browser
	o := browser.Offer(1)
	media := conference.Offer{SDP: o.SDP, Sources: map[interview.Source]string{
		interview.SourceMic: o.Sources[sfu.Mic], interview.SourceCamera: o.Sources[sfu.Camera],
		interview.SourceScreen: o.Sources[sfu.Screen], interview.SourceScreenAudio: o.Sources[sfu.ScreenAudio],
	}, Screen: conference.Lines(o.Screen)}
	for _, l := range o.Seats {
		media.Seats = append(media.Seats, conference.Lines(l))
	}
	answer, err := g.Offer(h.t.Context(), media)
	h.must(err)
	h.must(browser.Accept(answer))
	<-browser.Connected()
	for source, name := range map[sfu.Source]interview.Source{sfu.Mic: interview.SourceMic, sfu.Camera: interview.SourceCamera} {
		browser.Send(source)
		h.must(g.Publish(h.t.Context(), name, true))
	}
}

func (g *guest) hear(n conference.Notice) {
	if c, ok := n.(conference.RecordingChanged); ok {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.changes = append(g.changes, c.Kind)
	}
}

// told returns what the guest was told of the recording since the last call.
func (g *guest) told() []interview.EventKind {
	synctest.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.changes
	g.changes = nil
	return all
}

func (g *guest) agree(state interview.ConsentState) {
	g.h.t.Helper()
	g.h.must(g.Consent(g.h.t.Context(), g.h.now().Recording.ID, interview.Consent{State: state, Text: "1", Language: "en"}))
}

func (h *house) now() interview.Interview {
	h.t.Helper()
	iv, err := h.rooms.Interview(h.t.Context(), h.iv.ID)
	h.must(err)
	return iv
}

// record lets Clara ask and Femi agree, and waits for the countdown.
func (h *house) record(c, f *guest) {
	h.t.Helper()
	h.must(c.Record(h.t.Context(), interview.Consent{Text: "1", Language: "en"}))
	f.agree(interview.ConsentGranted)
	time.Sleep(interview.Countdown + 10*time.Millisecond)
}

// kept waits until a recording was taken in.
func (h *house) kept(id interview.RecordingID) store.Recording {
	h.t.Helper()
	for range 100 {
		r, err := h.library.Recording(h.t.Context(), id)
		if err == nil && r.Status != store.RecordingOpen {
			return r
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Fatal("the recording is not taken in")
	return store.Recording{}
}

func TestARecordingIsKeptSealedOpenedAndDestroyed(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		h.record(c, f)
		time.Sleep(10 * time.Second)
		h.must(c.MarkRecording(t.Context(), "Question 2"))
		time.Sleep(5 * time.Second)
		h.must(f.StopRecording(t.Context()))
		want := []interview.EventKind{
			interview.EventRecordingAsked, interview.EventConsentChanged, interview.EventConsentChanged, interview.EventRecordingStarting,
			interview.EventRecordingStarted, interview.EventRecordingMarked, interview.EventRecordingStopped,
		}
		if got := f.told(); !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}

		id := h.now().Recording.ID
		r := h.kept(id)
		if r.Status != store.RecordingKept || r.Reason != interview.ReasonStopped || r.Size == 0 {
			t.Errorf("on file: %+v", r)
		}
		m, err := h.library.Manifest(t.Context(), id)
		h.must(err)
		if len(m.Files) != 4 || m.DurationMS < 14_500 || m.DurationMS > 15_500 || len(m.Chapters) != 1 {
			t.Fatalf("the manifest has %d files, %d ms, %d chapters", len(m.Files), m.DurationMS, len(m.Chapters))
		}
		// From the last consent, and the five seconds to object, to the first that is kept.
		for _, each := range m.Files {
			if each.StartMS > 300 {
				t.Errorf("%s begins after %d ms", each.Name, each.StartMS)
			}
		}
		file, err := h.library.Open(t.Context(), id, m.Files[0].Name, store.View{User: clara.ID})
		h.must(err)
		head := make([]byte, 4)
		_, err = io.ReadFull(file, head)
		h.must(errors.Join(err, file.Close()))
		if string(head) != "\x1a\x45\xdf\xa3" {
			t.Errorf("the file begins with %x, which is no Matroska", head)
		}
		if raw, err := os.ReadFile(filepath.Join(h.library.dir(id), m.Files[0].Name+".age")); err != nil || string(raw[:4]) == string(head) {
			t.Errorf("on the disk it is not sealed: %v", err)
		}
		if views, err := h.library.Views(t.Context(), id); err != nil || len(views) != 1 || views[0].User != clara.ID {
			t.Errorf("views: %+v, %v", views, err)
		}

		receipt, err := h.library.Delete(t.Context(), id, "", "host")
		h.must(err)
		if len(receipt.Files) < 5 || receipt.Recording != string(id) {
			t.Errorf("receipt: %+v", receipt)
		}
		if _, err := h.library.Open(t.Context(), id, m.Files[0].Name, store.View{}); !errors.Is(err, ErrDeleted) {
			t.Errorf("a destroyed recording was opened: %v", err)
		}
		if _, err := os.Stat(h.library.dir(id)); !os.IsNotExist(err) {
			t.Errorf("its files are there: %v", err)
		}
	})
}

func TestWhoTakesTheirAgreementBackEndsItAndIsRecordedNoMore(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		h.record(c, f)
		time.Sleep(3 * time.Second)
		f.agree(interview.ConsentDeclined)
		id := h.now().Recording.ID
		r := h.kept(id)
		if r.Reason != interview.ReasonConsentWithdrawn {
			t.Errorf("ended because of %q", r.Reason)
		}
		time.Sleep(10 * time.Second)
		m, err := h.library.Manifest(t.Context(), id)
		h.must(err)
		if m.DurationMS > 3500 {
			t.Errorf("%d ms were recorded, of three seconds", m.DurationMS)
		}
		var refused *conference.Error
		if err := c.DiscardRecording(t.Context()); !errors.As(err, &refused) || refused.Code != conference.CodeNotAllowed {
			t.Errorf("Clara, who agreed, had it deleted: %v", err)
		}
		h.must(f.DiscardRecording(t.Context()))
		time.Sleep(time.Second)
		if r, err := h.library.Recording(t.Context(), id); err != nil || r.Status != store.RecordingDeleted || r.DeletedBy != string(femi.ID) {
			t.Errorf("deletion on wish: %+v, %v", r, err)
		}
		receipts, err := h.library.Receipts(t.Context(), h.iv.ID)
		h.must(err)
		if len(receipts) != 3 || receipts[2].Consent.State != interview.ConsentWithdrawn {
			t.Errorf("receipts: %+v", receipts)
		}
	})
}

func TestNothingIsKeptOfARecordingThatSomebodyObjectedTo(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		h.must(c.Record(t.Context(), interview.Consent{Text: "1", Language: "en"}))
		f.agree(interview.ConsentGranted)
		time.Sleep(2 * time.Second)
		f.agree(interview.ConsentDeclined)
		time.Sleep(10 * time.Second)
		if all, err := h.library.Recordings(t.Context(), h.iv.ID); err != nil || len(all) != 0 {
			t.Errorf("on file: %+v, %v", all, err)
		}
		left, err := os.ReadDir(filepath.Join(h.dir, "recordings", "tracks"))
		if err != nil || len(left) != 0 {
			t.Errorf("on the disk: %v, %v", left, err)
		}
	})
}

func TestAServerThatStopsClosesItsRecordings(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		h.record(c, f)
		time.Sleep(4 * time.Second)
		id := h.now().Recording.ID
		h.stop()
		h.start()
		r := h.kept(id)
		if r.Reason != interview.ReasonInterrupted || r.Size == 0 {
			t.Errorf("on file: %+v", r)
		}
		if m, err := h.library.Manifest(t.Context(), id); err != nil || m.DurationMS < 3500 {
			t.Errorf("%d ms, %v", m.DurationMS, err)
		}
		if state := h.now().Recording.State; state != interview.RecordingNone {
			t.Errorf("the interview is %q", state)
		}
	})
}

func TestRecordingsMoveToStorageAndAreOpenedAndDestroyedThere(t *testing.T) {
	bucket := t.TempDir()
	storyWith(t, archive.NewDirectory(bucket), func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		h.record(c, f)
		time.Sleep(2 * time.Second)
		h.must(f.StopRecording(t.Context()))
		id := h.now().Recording.ID
		h.kept(id)
		time.Sleep(time.Second)
		local, err := filepath.Glob(filepath.Join(h.library.dir(id), "*.age"))
		if err != nil || len(local) > 0 {
			t.Errorf("still here: %v, %v", local, err)
		}
		m, err := h.library.Manifest(t.Context(), id)
		h.must(err)
		file, err := h.library.Open(t.Context(), id, m.Files[0].Name, store.View{User: clara.ID})
		h.must(err)
		n, err := io.Copy(io.Discard, file.Reader)
		h.must(errors.Join(err, file.Close()))
		if n != m.Files[0].Size {
			t.Errorf("%d bytes came back of %d", n, m.Files[0].Size)
		}
		_, err = h.library.Delete(t.Context(), id, "", "host")
		h.must(err)
		left, err := filepath.Glob(filepath.Join(bucket, string(id), "*"))
		if err != nil || len(left) > 0 {
			t.Errorf("still in storage: %v, %v", left, err)
		}
	})
}

func TestRecordingsAreDestroyedWhenTheirTimeHasCome(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		c, f := h.visit(clara), h.visit(femi)
		var ids []interview.RecordingID
		for range 2 {
			h.record(c, f)
			time.Sleep(2 * time.Second)
			h.must(c.StopRecording(t.Context()))
			ids = append(ids, h.now().Recording.ID)
			h.kept(ids[len(ids)-1])
		}
		_, err := h.library.Hold(t.Context(), ids[0], true)
		h.must(err)
		if _, err := h.library.Delete(t.Context(), ids[0], "", "host"); !errors.Is(err, ErrHeld) {
			t.Errorf("a held recording was deleted: %v", err)
		}
		h.must(c.Leave(t.Context()))
		h.must(f.Leave(t.Context()))
		c.browser.Close() // or they would send for all that time
		f.browser.Close()
		time.Sleep(130 * time.Minute)
		for n, want := range []store.RecordingStatus{store.RecordingKept, store.RecordingDeleted} {
			if r, err := h.library.Recording(t.Context(), ids[n]); err != nil || r.Status != want {
				t.Errorf("%s: %+v, %v, want %s", ids[n], r, err, want)
			}
		}
	})
}
