package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
	"parley/recorder/render"
)

// againNote ends the name of the note that a recording's film is to be made again.
// It lies beside the worker's jobs: what is destroyed of one person takes the film of
// everybody with it, and a crash in between must not take it from the others.
const againNote = ".again"

func (l *Library) filmNote(id interview.RecordingID) string {
	return filepath.Join(l.cfg.Dir, filmJobs, string(id)+againNote)
}

// noteFilm notes that a recording's film is to be made again, if it has one or is to
// have one: what it is made of lies open until it is sealed.
func (l *Library) noteFilm(id interview.RecordingID) error {
	_, there := l.FilmSize(id)
	if _, err := os.Stat(l.filmDir(filmSource, id)); !there && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(l.cfg.Dir, filmJobs), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(l.filmNote(id), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// notedFilms takes up the films that were to be made again when the server stopped.
func (l *Library) notedFilms() {
	notes, err := filepath.Glob(filepath.Join(l.cfg.Dir, filmJobs, "*"+againNote))
	if err != nil {
		return // the pattern is right
	}
	for _, note := range notes {
		l.arrive(arrival{id: interview.RecordingID(strings.TrimSuffix(filepath.Base(note), againNote)), again: true})
	}
}

// filmAgain has a recording's film made of what is left of it. It is sealed by now,
// and lies open again until the film is there.
func (l *Library) filmAgain(id interview.RecordingID) error {
	films := l.films.Load()
	if films == nil {
		return nil // the next start that can make films does
	}
	l.making.Lock()
	m, err := l.leftForFilm(id)
	l.making.Unlock()
	if err != nil || len(m.Files) == 0 {
		return err
	}
	if err := films.Cancel(l.ctx, string(id)); err != nil {
		return err
	}
	l.forgetFilm(id)
	// It may be large, and far away: whoever has something destroyed does not wait for it.
	wrong := l.unseal(id, m)
	l.making.Lock()
	defer l.making.Unlock()
	switch left, err := l.leftForFilm(id); {
	case err != nil:
		wrong = err
	case len(left.Files) < len(m.Files): // and it is asked for again, unless nothing is left
		wrong = nil
	case wrong != nil:
		wrong = fmt.Errorf("open what is left for the film: %w", wrong)
	default:
		if err := films.Add(render.Job{ID: string(id), Source: l.filmDir(filmSource, id), Out: l.filmDir(filmOut, id)}); err != nil {
			return err
		}
		return os.Remove(l.filmNote(id))
	}
	l.forgetFilm(id)
	return wrong
}

// leftForFilm returns what a recording's film is to be made of again; without files
// none is to be made. The caller holds making.
func (l *Library) leftForFilm(id interview.RecordingID) (recorder.Manifest, error) {
	if _, err := os.Stat(l.filmNote(id)); errors.Is(err, fs.ErrNotExist) {
		return recorder.Manifest{}, nil
	}
	// Only what is on file says that nothing is left: files that are not found may be in
	// a storage that is away, and the note is all that remembers the film.
	r, err := l.cfg.Store.Recording(l.ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && r.Status == store.RecordingDeleted {
		return recorder.Manifest{}, os.Remove(l.filmNote(id))
	}
	if err != nil {
		return recorder.Manifest{}, err
	}
	m, err := l.Manifest(l.ctx, id)
	if _, there := l.FilmSize(id); err == nil && (there || len(m.Files) == 0) {
		return recorder.Manifest{}, os.Remove(l.filmNote(id))
	}
	return m, err
}

// unseal puts what a manifest holds where the worker reads it.
func (l *Library) unseal(id interview.RecordingID, m recorder.Manifest) error {
	source := l.filmDir(filmSource, id)
	if err := os.MkdirAll(source, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(source, manifestName), text, 0o600); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := l.unsealFile(id, f.Name, filepath.Join(source, f.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Library) unsealFile(id interview.RecordingID, name, path string) error {
	object, err := l.object(l.ctx, id, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	err = l.vault.Extract(l.ctx, string(id), name, object, object.Size(), path)
	return errors.Join(err, object.Close())
}
