package recording

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/interview"
	"parley/recorder/render"
)

// FilmName is the file that holds the whole conversation in one picture.
const FilmName = render.Film

// Directories of the worker that makes films, inside Config.Dir.
const (
	filmJobs   = "films"     // what is to be made
	filmSource = "rendering" // links to what was recorded, until the film is made
	filmOut    = "rendered"  // what is made, until it is sealed
)

// A Film is what has become of a recording's film. Progress is a part of 1.
type Film struct {
	State    string // "none", "queued", "running" or "ready"
	Progress float64
}

// openFilms begins the worker with what was left, if the program can do it.
func (l *Library) openFilms() {
	if l.cfg.FFmpeg == nil {
		return
	}
	if err := l.cfg.FFmpeg.Try(l.ctx); err != nil {
		if l.ctx.Err() == nil {
			l.cfg.Logger.Info("no films are made of recordings", "err", err)
		}
		return
	}
	films, err := render.NewWorker(render.Config{
		FFmpeg: l.cfg.FFmpeg, Directory: filepath.Join(l.cfg.Dir, filmJobs), Deliver: l.rendered, Log: l.cfg.Logger,
	})
	if err != nil {
		l.cfg.Logger.Error("films of recordings cannot be kept", "err", err)
		return
	}
	l.films.Store(films)
	l.notedFilms()
}

// film has a recording's film made. The worker reads links to the files: they are
// sealed meanwhile, and what the links hold goes when the film is there.
func (l *Library) film(id interview.RecordingID) error {
	films := l.films.Load()
	if films == nil {
		return nil
	}
	source := l.filmDir(filmSource, id)
	if err := os.MkdirAll(source, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(l.dir(id))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") {
			err := os.Link(filepath.Join(l.dir(id), name), filepath.Join(source, name))
			if err != nil && !errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("keep %s for the film: %w", name, err)
			}
		}
	}
	return films.Add(render.Job{ID: string(id), Source: source, Out: l.filmDir(filmOut, id)})
}

// rendered is told by the worker what became of a film.
func (l *Library) rendered(e render.Event) {
	id := interview.RecordingID(e.ID)
	switch e.State {
	case render.Done:
		l.arrive(arrival{id: id, film: true})
	case render.Failed:
		l.forgetFilm(id)
	}
}

// takeFilm seals a film beside what it was made of.
func (l *Library) takeFilm(id interview.RecordingID) error {
	l.making.Lock()
	defer l.making.Unlock()
	if films := l.films.Load(); films != nil {
		if _, busy := films.Status(string(id)); busy {
			return nil // another is made in place of this one
		}
	}
	r, err := l.cfg.Store.Recording(l.ctx, id)
	if err != nil {
		return err
	}
	out := l.filmDir(filmOut, id)
	made, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) || !r.DeletedAt.IsZero() {
		l.forgetFilm(id)
		return nil
	} else if err != nil {
		return err
	}
	if err := os.MkdirAll(l.dir(id), 0o700); err != nil { // it may have been moved away
		return err
	}
	for _, e := range made {
		info, err := e.Info()
		if err != nil {
			return err
		}
		r.Size += info.Size()
		if err := os.Rename(filepath.Join(out, e.Name()), filepath.Join(l.dir(id), e.Name())); err != nil {
			return err
		}
	}
	if err := l.keep(id); err != nil {
		return err
	}
	l.forgetFilm(id)
	return l.put(r, interview.EventRecordingRendered, "", "")
}

// forgetFilm removes what lay open for a film.
func (l *Library) forgetFilm(id interview.RecordingID) {
	for _, kind := range []string{filmSource, filmOut} {
		if err := os.RemoveAll(l.filmDir(kind, id)); err != nil {
			l.cfg.Logger.Error("what was kept for a film is not removed", "recording", string(id), "err", err)
		}
	}
}

// Film says what has become of a recording's film.
func (l *Library) Film(id interview.RecordingID) Film {
	if films := l.films.Load(); films != nil {
		if e, ok := films.Status(string(id)); ok {
			return Film{State: string(e.State), Progress: e.Progress}
		}
	}
	if _, ok := l.FilmSize(id); ok {
		return Film{State: "ready", Progress: 1}
	}
	return Film{State: "none"}
}

// FilmSize returns how large a recording's film is; ok is false where there is none.
func (l *Library) FilmSize(id interview.RecordingID) (size int64, ok bool) {
	return l.size(id, FilmName)
}

// size returns how large a file of a recording is; ok is false where there is none.
func (l *Library) size(id interview.RecordingID, name string) (size int64, ok bool) {
	files, err := l.vault.Files(string(id))
	if err != nil {
		return 0, false
	}
	for _, f := range files {
		if f.Name == name {
			return f.Size, true
		}
	}
	return 0, false
}

func (l *Library) filmDir(kind string, id interview.RecordingID) string {
	return filepath.Join(l.cfg.Dir, kind, string(id))
}
