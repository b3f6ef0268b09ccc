package recording

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/recorder"
	"parley/recorder/archive"
	"parley/recorder/render"
	"parley/recorder/vault"
)

// Store is what the library is remembered by; *store.Store is one.
type Store interface {
	Interview(ctx context.Context, id interview.ID) (interview.Interview, error)
	PutRecording(ctx context.Context, r store.Recording, messages ...store.Message) error
	HoldRecording(ctx context.Context, id interview.RecordingID, on bool) error
	Recording(ctx context.Context, id interview.RecordingID) (store.Recording, error)
	InterviewRecordings(ctx context.Context, id interview.ID) ([]store.Recording, error)
	OpenRecordings(ctx context.Context) ([]store.Recording, error)
	ExpiredRecordings(ctx context.Context, before time.Time, limit int) ([]store.Recording, error)
	AddView(ctx context.Context, id interview.RecordingID, v store.View) error
	Views(ctx context.Context, id interview.RecordingID, limit int) ([]store.View, error)
	Receipts(ctx context.Context, id interview.ID) ([]store.Receipt, error)
	SetTranscript(ctx context.Context, r store.Recording, taken []interview.Consent, messages ...store.Message) error
	UntranscribedRecordings(ctx context.Context) ([]store.Recording, error)
	AddWish(ctx context.Context, w store.Wish) error
	DropWish(ctx context.Context, w store.Wish) error
	Wishes(ctx context.Context, id interview.RecordingID) ([]store.Wish, error)
}

// Config configures [Open].
type Config struct {
	Dir     string // of the recordings, each in a directory of its own
	KeyFile string // of the operator's keys; made when it is not there
	Store   Store
	Keep    time.Duration // how long recordings are kept; zero: until somebody deletes them
	// Storage is where sealed recordings go; nil: they stay in Dir.
	Storage archive.Storage
	// FFmpeg makes films of them; nil: none are made. It need not have been tried:
	// Open does not wait for that, but the first recordings to be taken in do.
	FFmpeg *render.FFmpeg
	// Transcripts puts into writing what those said who agreed to that, of AtOnce
	// recordings at a time, or of one; nil: nothing is.
	Transcripts *transcript.Maker
	AtOnce      int
	// NoTranscripts is why nothing is put into writing though it should be; it is what
	// TranscriptProblem says.
	NoTranscripts string
	// Encode makes what webhooks tell of an event; nil: nothing is told.
	Encode func(e interview.Event, iv interview.Interview) ([]byte, error)
	// Publish hands an event to whoever listens now; nil: nobody. It must not block.
	Publish func(e interview.Event)
	Logger  *slog.Logger // nil: no logs
}

const (
	keysDir     = "keys" // of the vault, inside Dir
	sweepEvery  = time.Hour
	retryEvery  = time.Minute
	sweepAtOnce = 100
	writeLimit  = 10 * time.Second // for one write to the store
)

// Library holds all recordings. Its methods may be called from any goroutine.
type Library struct {
	cfg      Config
	recorder *recorder.Recorder
	vault    *vault.Vault
	archive  *archive.Archive
	films    atomic.Pointer[render.Worker] // nil: no films are made, or not yet
	scribe   *scribe                       // nil: nothing is put into writing
	made     bool                          // the key file was made now
	ctx      context.Context
	stop     context.CancelFunc
	wg       sync.WaitGroup
	wake     chan struct{}
	looks    looks

	// making is held while something that is made of a recording is sealed, and
	// while it or somebody's part is destroyed: nothing of that is made afterwards.
	making sync.Mutex

	mu      sync.Mutex
	pending []arrival // to be taken in
}

// arrival is a recording that was closed, or one to be taken in again.
type arrival struct {
	id       interview.RecordingID
	manifest recorder.Manifest
	again    bool       // and that one is to be made of what is left
	film     bool       // it is the recording's film that has come
	discard  bool       // somebody wants it destroyed
	over     bool       // nothing is written of it any more
	forgot   store.Wish // is carried out while it goes on

	written *written // what somebody said in it has come
	settle  bool     // what was said is all there, or somebody took theirs back
	problem string   // or something kept it from being there
	answer  chan<- error
}

// Open opens the library. What a kill has left unfinished is closed first, and
// taken in. The caller closes the rooms before the library.
func Open(ctx context.Context, cfg Config) (*Library, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	keys, made, err := vault.OpenKeyring(cfg.KeyFile, time.Now())
	if err != nil {
		return nil, fmt.Errorf("the key of the recordings: %w", err)
	}
	tracks := filepath.Join(cfg.Dir, "tracks")
	recovered, err := recorder.Recover(tracks, cfg.Logger)
	if err != nil {
		return nil, err
	}
	l := &Library{cfg: cfg, made: made, wake: make(chan struct{}, 1)}
	if l.vault, err = vault.New(filepath.Join(cfg.Dir, keysDir), keys); err != nil {
		return nil, err
	}
	if l.recorder, err = recorder.New(recorder.Config{Directory: tracks, MinFree: minFree, Log: cfg.Logger}); err != nil {
		return nil, err
	}
	if l.archive, err = archive.New(archive.Config{Directory: tracks, Storage: cfg.Storage, Log: cfg.Logger}); err != nil {
		return nil, errors.Join(err, l.recorder.Close(ctx))
	}
	l.ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, r := range recovered {
		if r.Err != nil {
			cfg.Logger.Error("a recording that was interrupted cannot be closed", "recording", r.ID, "err", r.Err)
			continue
		}
		l.arrive(arrival{id: interview.RecordingID(r.ID), manifest: r.Manifest})
	}
	if err := errors.Join(l.unfinished(recovered), l.wished(), l.openScribe()); err != nil {
		return nil, errors.Join(err, l.Close(ctx))
	}
	l.wg.Go(l.run)
	return l, nil
}

// unfinished finds recordings that were closed and not taken in when the server
// stopped, and those whose files are gone.
func (l *Library) unfinished(recovered []recorder.Recovered) error {
	open, err := l.cfg.Store.OpenRecordings(l.ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		if slices.ContainsFunc(recovered, func(each recorder.Recovered) bool { return each.ID == string(r.ID) }) {
			continue
		}
		m, err := l.manifest(r.ID)
		if err != nil {
			l.cfg.Logger.Error("the files of a recording are gone", "recording", string(r.ID), "err", err)
			r.Status, r.EndedAt, r.Reason = store.RecordingBroken, time.Now().UTC().Truncate(time.Microsecond), interview.ReasonStorage
			if err := l.put(r, interview.EventRecordingReady, r.Reason, ""); err != nil {
				return err
			}
			continue
		}
		l.arrive(arrival{id: r.ID, manifest: m})
	}
	return nil
}

// manifest reads the manifest of a recording that is closed, sealed or not.
func (l *Library) manifest(id interview.RecordingID) (m recorder.Manifest, err error) {
	if raw, err := os.ReadFile(filepath.Join(l.dir(id), manifestName)); err == nil {
		return m, json.Unmarshal(raw, &m)
	}
	f, err := l.sealed(l.ctx, id, manifestName)
	if err != nil {
		return m, err
	}
	defer f.Close()
	return m, json.NewDecoder(io.NewSectionReader(f.Reader, 0, f.Size())).Decode(&m)
}

// minFree is how much room a disk must have for a recording to begin.
const minFree = 256 << 20

// Made reports whether the key file was made by Open: the operator should know,
// and keep a copy.
func (l *Library) Made() bool { return l.made }

// Stats returns the recorder's counters.
func (l *Library) Stats() recorder.Stats { return l.recorder.Stats() }

// Close ends every recording and waits until they are closed, or for ctx. What is
// not sealed by then is sealed after the next start.
func (l *Library) Close(ctx context.Context) error {
	err := l.recorder.Close(ctx)
	l.stop()
	l.wg.Wait()
	if films := l.films.Load(); films != nil {
		err = errors.Join(err, films.Close())
	}
	return errors.Join(err, l.archive.Close())
}

// arrive puts a closed recording where run finds it.
func (l *Library) arrive(a arrival) {
	l.mu.Lock()
	l.pending = append(l.pending, a)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *Library) take() []arrival {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.pending
	l.pending = nil
	return all
}

// run takes in what arrives, and destroys what has expired.
func (l *Library) run() {
	sweep, retry := time.NewTicker(sweepEvery), time.NewTicker(retryEvery)
	defer sweep.Stop()
	defer retry.Stop()
	l.openFilms()
	l.sweep()
	var later []arrival
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-l.wake:
		case <-retry.C:
			for _, a := range later {
				l.arrive(a)
			}
			later = nil
			continue
		case <-sweep.C:
			l.sweep()
			if l.scribe != nil {
				l.scribe.resume()
			}
			continue
		}
		for _, a := range l.take() {
			err := l.handle(a)
			if a.answer != nil {
				a.answer <- err
				continue
			}
			if err != nil && l.ctx.Err() == nil {
				l.cfg.Logger.Error("a recording is not taken in yet", "recording", string(a.id), "err", err)
				later = append(later, a)
			}
		}
	}
}

func (l *Library) handle(a arrival) error {
	switch {
	case a.film:
		return l.takeFilm(a.id)
	case a.again:
		return l.filmAgain(a.id)
	case a.discard:
		return l.carryOut(a.id, a.over)
	case a.forgot.User != "":
		return l.cfg.Store.DropWish(l.ctx, a.forgot)
	case a.written != nil:
		return l.takeTranscript(a.id, *a.written)
	case a.settle:
		return l.settleTranscripts(a.id, a.problem)
	}
	if err := l.takeIn(a); err != nil {
		return err
	}
	return l.carryOut(a.id, true)
}

// dir is where a recording's files are.
func (l *Library) dir(id interview.RecordingID) string {
	return filepath.Join(l.cfg.Dir, "tracks", string(id))
}

// takeIn seals a closed recording and says that it can be opened. It may be called
// again for one that was taken in before: then it only finishes what is left.
func (l *Library) takeIn(a arrival) error {
	r, err := l.cfg.Store.Recording(l.ctx, a.id)
	if errors.Is(err, store.ErrNotFound) || a.manifest.Started.IsZero() {
		// It never began: somebody objected in time, and nothing was kept of anybody.
		return os.RemoveAll(l.dir(a.id))
	}
	if err != nil {
		return err
	}
	if r.Status == store.RecordingDeleted {
		return os.RemoveAll(l.dir(a.id))
	}
	if r.Status == store.RecordingOpen {
		if err := l.film(a.id); err != nil {
			l.cfg.Logger.Error("no film is made of a recording", "recording", string(a.id), "err", err)
		}
		if err := l.queueTranscripts(r, a.manifest); err != nil {
			return err
		}
	}
	if err := l.keep(a.id); err != nil {
		return err
	}
	if r.Status != store.RecordingOpen {
		return nil
	}
	r.Status, r.EndedAt, r.Reason, r.JournalHead = store.RecordingKept, a.manifest.Ended, a.manifest.End, a.manifest.Head
	if a.manifest.Failure != "" || a.manifest.End == "recovered" {
		r.Status = store.RecordingBroken
	}
	for _, f := range a.manifest.Files {
		r.Size += f.Size
	}
	if err := l.put(r, interview.EventRecordingReady, r.Reason, ""); err != nil {
		return err
	}
	if l.scribe != nil {
		l.scribe.add(a.id)
	}
	return nil
}

// keep seals what lies open of a recording, and has it moved to where recordings go.
func (l *Library) keep(id interview.RecordingID) error {
	if err := l.vault.Seal(l.ctx, string(id), l.dir(id)); err != nil {
		return err
	}
	return l.archive.Add(string(id))
}

// put stores what became of a recording, and tells of it.
func (l *Library) put(r store.Recording, kind interview.EventKind, reason string, by interview.UserID) error {
	ctx, cancel := context.WithTimeout(l.ctx, writeLimit)
	defer cancel()
	e := event(r, kind, reason)
	if by != "" {
		iv, err := l.cfg.Store.Interview(ctx, r.Interview)
		if err != nil {
			return err
		}
		e.Participant = person(iv, by)
	}
	messages, err := l.messages(ctx, r, e)
	if err != nil {
		return err
	}
	if err := l.cfg.Store.PutRecording(ctx, r, messages...); err != nil {
		return err
	}
	l.publish(e)
	return nil
}
