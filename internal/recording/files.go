package recording

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
	"parley/recorder/archive"
	"parley/recorder/vault"
)

// ErrDeleted says that a recording's files were destroyed, ErrOpen that it is being
// written, ErrHeld that it may not be deleted.
var (
	ErrDeleted = errors.New("this recording was deleted")
	ErrOpen    = errors.New("this recording is not finished")
	ErrHeld    = errors.New("this recording is held: it may not be deleted")
)

const manifestName = "manifest.json"

// File is one file of a recording, opened. Closing it is the caller's.
type File struct {
	*vault.Reader
	Modified time.Time

	sealed archive.Object
}

// Close closes the file.
func (f *File) Close() error { return f.sealed.Close() }

// Recording returns what is on file of a recording, or an error that is
// store.ErrNotFound.
func (l *Library) Recording(ctx context.Context, id interview.RecordingID) (store.Recording, error) {
	return l.cfg.Store.Recording(ctx, id)
}

// Recordings returns every recording of an interview, deleted ones too.
func (l *Library) Recordings(ctx context.Context, id interview.ID) ([]store.Recording, error) {
	return l.cfg.Store.InterviewRecordings(ctx, id)
}

// Receipts returns every answer to being recorded that was given in an interview.
func (l *Library) Receipts(ctx context.Context, id interview.ID) ([]store.Receipt, error) {
	return l.cfg.Store.Receipts(ctx, id)
}

// Views returns the latest hundred looks at a recording, newest first.
func (l *Library) Views(ctx context.Context, id interview.RecordingID) ([]store.View, error) {
	return l.cfg.Store.Views(ctx, id, 100)
}

// Manifest returns what a recording holds: what was destroyed since it was written is
// not in it. The error is ErrOpen, ErrDeleted or
// store.ErrNotFound where there is nothing to open.
func (l *Library) Manifest(ctx context.Context, id interview.RecordingID) (recorder.Manifest, error) {
	m, err := l.written(ctx, id)
	if err != nil {
		return m, err
	}
	return l.without(m)
}

// written returns what a recording held when it was closed. The errors are those of
// Manifest.
func (l *Library) written(ctx context.Context, id interview.RecordingID) (m recorder.Manifest, err error) {
	f, err := l.open(ctx, id, manifestName)
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err := json.NewDecoder(io.NewSectionReader(f.Reader, 0, f.Size())).Decode(&m); err != nil {
		return m, fmt.Errorf("the manifest of recording %s: %w", id, err)
	}
	return m, nil
}

// Open opens a file of a recording for somebody, and writes down that they look at
// it. A name that the recording does not have is store.ErrNotFound; otherwise the
// errors are those of Manifest.
func (l *Library) Open(ctx context.Context, id interview.RecordingID, name string, by store.View) (*File, error) {
	f, err := l.open(ctx, id, name)
	if err != nil {
		return nil, err
	}
	by.At, by.File = time.Now().UTC().Truncate(time.Microsecond), name
	if !l.looks.first(id, by) {
		return f, nil
	}
	if err := l.cfg.Store.AddView(ctx, id, by); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// looks remembers who has looked at what of late: a player asks for the same file
// in many pieces, and that is one look.
type looks struct {
	mu   sync.Mutex
	seen map[look]time.Time
}

type look struct {
	id   interview.RecordingID
	user interview.UserID
	key  string
	file string
}

const (
	oneLook  = time.Hour
	maxLooks = 10_000
)

// first reports whether this is a look of its own.
func (s *looks) first(id interview.RecordingID, v store.View) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := look{id, v.User, v.APIKey, v.File}
	if at, ok := s.seen[k]; ok && v.At.Sub(at) < oneLook {
		return false
	}
	if s.seen == nil || len(s.seen) >= maxLooks {
		s.seen = make(map[look]time.Time) // some looks are then written twice
	}
	s.seen[k] = v.At
	return true
}

func (l *Library) open(ctx context.Context, id interview.RecordingID, name string) (*File, error) {
	r, err := l.cfg.Store.Recording(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case r.Status == store.RecordingOpen:
		return nil, ErrOpen
	case r.Status == store.RecordingDeleted:
		return nil, ErrDeleted
	}
	f, err := l.sealed(ctx, id, name)
	if err == nil {
		f.Modified = r.EndedAt
	}
	return f, err
}

// sealed opens a file by its name, wherever it is; ctx holds for all reading.
func (l *Library) sealed(ctx context.Context, id interview.RecordingID, name string) (*File, error) {
	object, err := l.object(ctx, id, name)
	if err != nil {
		return nil, err
	}
	reader, err := l.vault.Open(string(id), name, object, object.Size())
	if err != nil {
		return nil, errors.Join(err, object.Close())
	}
	return &File{Reader: reader, sealed: object}, nil
}

// object is a file as it is stored, sealed.
func (l *Library) object(ctx context.Context, id interview.RecordingID, name string) (archive.Object, error) {
	if !filepath.IsLocal(name) || filepath.Base(name) != name {
		return nil, store.ErrNotFound
	}
	object, err := l.archive.Open(ctx, string(id), name+vault.Sealed)
	if errors.Is(err, fs.ErrNotExist) {
		err = store.ErrNotFound
	}
	return object, err
}

// Delete destroys a recording: its keys first, then its files. by and reason are on
// the receipt, so they are ids and no names. Deleting it again returns the receipt
// again. The errors are ErrOpen, ErrHeld, or store.ErrNotFound.
func (l *Library) Delete(ctx context.Context, id interview.RecordingID, by interview.UserID, reason string) (vault.Receipt, error) {
	l.making.Lock()
	defer l.making.Unlock()
	r, err := l.deletable(ctx, id)
	if errors.Is(err, ErrDeleted) {
		return l.vault.Receipt(string(id))
	}
	if err != nil {
		return vault.Receipt{}, err
	}
	if films := l.films.Load(); films != nil {
		if err := films.Cancel(ctx, string(id)); err != nil {
			return vault.Receipt{}, err
		}
	}
	l.forgetFilm(id)
	if l.scribe != nil {
		if err := l.scribe.cancel(ctx, id); err != nil {
			return vault.Receipt{}, err
		}
	}
	receipt, err := l.vault.Destroy(ctx, string(id), vault.Order{By: string(by), Reason: reason}, func(ctx context.Context) error {
		return l.archive.Remove(ctx, string(id))
	})
	if err != nil {
		return vault.Receipt{}, err
	}
	by, reason = interview.UserID(receipt.By), receipt.Reason // of who began it, before a crash
	r.Status, r.DeletedAt, r.DeletedBy = store.RecordingDeleted, receipt.DestroyedAt, string(by)
	if r.DeletedBy == "" {
		r.DeletedBy = reason
	}
	return receipt, l.put(r, interview.EventRecordingDeleted, reason, by)
}

// deletable returns what is on file of a recording of which something may be
// destroyed. Otherwise the error is ErrOpen, ErrHeld, ErrDeleted or store.ErrNotFound.
func (l *Library) deletable(ctx context.Context, id interview.RecordingID) (store.Recording, error) {
	r, err := l.cfg.Store.Recording(ctx, id)
	switch {
	case err != nil:
		return r, err
	case r.Status == store.RecordingDeleted:
		return r, ErrDeleted
	case r.Status == store.RecordingOpen:
		return r, ErrOpen
	case r.Held:
		return r, ErrHeld
	}
	return r, nil
}

// AskForDeletion tells the host that somebody wishes a recording to be deleted.
func (l *Library) AskForDeletion(ctx context.Context, id interview.RecordingID, by interview.UserID) error {
	r, err := l.cfg.Store.Recording(ctx, id)
	if err != nil {
		return err
	}
	if r.Status == store.RecordingDeleted {
		return ErrDeleted
	}
	return l.put(r, interview.EventDeletionRequested, "", by)
}

// Hold says whether a recording may be deleted by nobody, for a dispute.
func (l *Library) Hold(ctx context.Context, id interview.RecordingID, on bool) (store.Recording, error) {
	l.making.Lock() // a deletion that has found no hold comes first
	defer l.making.Unlock()
	r, err := l.cfg.Store.Recording(ctx, id)
	if err != nil || r.Held == on {
		return r, err
	}
	if r.Status == store.RecordingDeleted {
		return r, ErrDeleted
	}
	if err := l.cfg.Store.HoldRecording(ctx, id, on); err != nil {
		return r, err
	}
	r.Held = on
	if !on { // somebody may have wished for it meanwhile
		l.arrive(arrival{id: id, discard: true})
	}
	return r, nil
}

// sweep destroys what is older than recordings are kept, and finishes what was
// begun to be destroyed.
func (l *Library) sweep() {
	if begun, err := l.vault.Destroying(); err == nil {
		for _, id := range begun {
			l.expire(interview.RecordingID(id))
		}
	}
	if l.cfg.Keep <= 0 {
		return
	}
	for l.ctx.Err() == nil {
		expired, err := l.cfg.Store.ExpiredRecordings(l.ctx, time.Now().Add(-l.cfg.Keep), sweepAtOnce)
		if err != nil {
			l.cfg.Logger.Error("old recordings cannot be looked up", "err", err)
			return
		}
		gone := 0
		for _, r := range expired {
			if l.expire(r.ID) {
				gone++
			}
		}
		if len(expired) < sweepAtOnce || gone == 0 {
			return
		}
	}
}

func (l *Library) expire(id interview.RecordingID) bool {
	if _, err := l.Delete(l.ctx, id, "", "retention"); err != nil {
		l.cfg.Logger.Error("a recording is not deleted yet", "recording", string(id), "err", err)
		return false
	}
	return true
}
