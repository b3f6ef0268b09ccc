package recording

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
)

// Verify checks a recording wherever it lies, all of it: that its files are those
// that were recorded, but for those that were destroyed on purpose, that its journal
// is whole, and that the journal ends as the database remembers. What is wrong is in
// the report. The errors are those of Manifest; that a storage cannot be reached is one.
func (l *Library) Verify(ctx context.Context, id interview.RecordingID) (recorder.Report, error) {
	r, err := l.cfg.Store.Recording(ctx, id)
	if err != nil {
		return recorder.Report{}, err
	}
	m, err := l.Manifest(ctx, id)
	if err != nil {
		return recorder.Report{}, err
	}
	destroyed := func(f recorder.File) bool {
		return slices.ContainsFunc(m.Forgotten, func(g recorder.Gone) bool { return g.Name == f.Name })
	}
	return recorder.VerifyFiles(shelf{ctx, l, id}, r.JournalHead, destroyed)
}

// shelf is a recording's sealed files as they were before. Nobody is noted to have
// looked at them.
type shelf struct {
	ctx     context.Context
	library *Library
	id      interview.RecordingID
}

func (s shelf) Open(name string) (fs.File, error) {
	f, err := s.library.open(s.ctx, s.id, name)
	if errors.Is(err, store.ErrNotFound) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return shelved{f, name}, nil
}

// shelved is a file of a shelf.
type shelved struct {
	*File
	name string
}

func (f shelved) Stat() (fs.FileInfo, error) { return f, nil }
func (f shelved) Name() string               { return f.name }
func (f shelved) Mode() fs.FileMode          { return 0o400 }
func (f shelved) ModTime() time.Time         { return f.Modified }
func (f shelved) IsDir() bool                { return false }
func (f shelved) Sys() any                   { return nil }
