package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
// have one.
func (l *Library) noteFilm(id interview.RecordingID) error {
	if l.Film(id).State == "none" {
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
	defer l.making.Unlock()
	if _, err := os.Stat(l.filmNote(id)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	m, err := l.Manifest(l.ctx, id)
	_, there := l.FilmSize(id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrDeleted) || err == nil && (there || len(m.Files) == 0) {
		return os.Remove(l.filmNote(id)) // nothing is left to make one of
	}
	if err != nil {
		return err
	}
	if err := films.Cancel(l.ctx, string(id)); err != nil {
		return err
	}
	l.forgetFilm(id)
	if err := l.unseal(id, m); err != nil {
		l.forgetFilm(id)
		return fmt.Errorf("open what is left for the film: %w", err)
	}
	if err := films.Add(render.Job{ID: string(id), Source: l.filmDir(filmSource, id), Out: l.filmDir(filmOut, id)}); err != nil {
		return err
	}
	return os.Remove(l.filmNote(id))
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
	sealed, err := l.sealed(l.ctx, id, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return errors.Join(err, sealed.Close())
	}
	_, err = io.Copy(out, io.NewSectionReader(sealed.Reader, 0, sealed.Size()))
	return errors.Join(err, out.Close(), sealed.Close())
}
