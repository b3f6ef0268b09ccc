package recording

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/recorder"
	"parley/recorder/render"
	"parley/recorder/vault"
)

// DeleteOf destroys what was recorded of one person, keys first, and leaves what is
// of the others. What shows everybody goes with it, the film and the transcript of
// all, and is made again of what is left. That there is nothing is no error;
// otherwise the errors are those of Delete.
func (l *Library) DeleteOf(ctx context.Context, id interview.RecordingID, who interview.UserID, reason string) error {
	l.making.Lock()
	defer l.making.Unlock()
	r, err := l.deletable(ctx, id)
	if err != nil {
		return err
	}
	m, err := l.Manifest(ctx, id)
	if err != nil {
		return err
	}
	names := []string{transcript.Merged, transcript.Index}
	size := int64(0)
	for _, f := range m.Files {
		if f.Participant == string(who) {
			names = append(names, f.Name)
			size += f.Size
		}
	}
	if size == 0 {
		return nil
	}
	for n, p := range m.People {
		if p.ID == string(who) {
			names = append(names, transcript.FileName(n))
		}
	}
	for _, name := range []string{render.Film, render.Sound, render.Thumbnail} {
		n, _ := l.size(id, name) // 0 where there is none
		names, size = append(names, name), size+n
	}
	if err := l.noteFilm(id); err != nil {
		return err
	}
	l.arrive(arrival{id: id, again: true}) // looked at when this is done, however it ends
	if films := l.films.Load(); films != nil {
		if err := films.Cancel(ctx, string(id)); err != nil {
			return err
		}
	}
	l.forgetFilm(id)
	if err := l.vault.Forget(string(id), names...); err != nil {
		return err
	}
	// It is destroyed: that is on file though what is left cannot be removed now.
	r.Size -= size
	if err := l.put(r, interview.EventTracksDeleted, reason, who); err != nil {
		return err
	}
	return errors.Join(l.rewrite(ctx, r), l.remove(id, names...))
}

// rewrite has what was said put together again, without somebody whose part is
// destroyed. Whoever listens to it at this moment stops, and goes on with the others.
func (l *Library) rewrite(ctx context.Context, r store.Recording) error {
	var wrong error
	if l.scribe != nil {
		wrong = l.scribe.cancel(ctx, r.ID)
	}
	switch {
	case r.Transcript != store.TranscriptReady && r.Transcript != store.TranscriptQueued:
		return wrong
	case l.scribe == nil: // nobody would take it up
		l.arrive(arrival{id: r.ID, settle: true})
		return wrong
	}
	r.Transcript, r.TranscriptProblem = store.TranscriptQueued, ""
	wrong = errors.Join(wrong, l.cfg.Store.SetTranscript(ctx, r, nil))
	l.scribe.add(r.ID)
	return wrong
}

// forget destroys the keys of some files, and then the files.
func (l *Library) forget(id interview.RecordingID, names ...string) error {
	if err := l.vault.Forget(string(id), names...); err != nil {
		return err
	}
	return l.remove(id, names...)
}

// remove removes files that have no key any more, and what lies open of them: it
// was not sealed yet, and would be with the next that comes.
func (l *Library) remove(id interview.RecordingID, names ...string) error {
	var wrong []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(l.dir(id), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			wrong = append(wrong, err)
		}
		wrong = append(wrong, l.archive.RemoveFile(l.ctx, string(id), name+vault.Sealed))
	}
	return errors.Join(wrong...)
}

// without takes out of a manifest what has been destroyed since.
func (l *Library) without(m recorder.Manifest) (recorder.Manifest, error) {
	gone, err := l.vault.Forgotten(m.Recording)
	if err != nil {
		return m, err
	}
	for _, g := range gone {
		m.Files = slices.DeleteFunc(m.Files, func(f recorder.File) bool {
			if f.Name != g.Name {
				return false
			}
			m.Forgotten = append(m.Forgotten, recorder.Gone{Name: f.Name, Participant: f.Participant, Source: f.Source, At: g.At})
			return true
		})
	}
	return m, nil
}
