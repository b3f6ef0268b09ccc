package recording

import (
	"context"
	"slices"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/recorder"
	"parley/recorder/render"
)

// DeleteOf destroys what was recorded of one person, keys first, and leaves what is
// of the others. What shows everybody goes with it: the film, and the transcript of
// all. That there is nothing is no error; otherwise the
// errors are those of Delete.
func (l *Library) DeleteOf(ctx context.Context, id interview.RecordingID, who interview.UserID, reason string) error {
	r, err := l.cfg.Store.Recording(ctx, id)
	switch {
	case err != nil:
		return err
	case r.Status == store.RecordingDeleted:
		return ErrDeleted
	case r.Status == store.RecordingOpen:
		return ErrOpen
	case r.Held:
		return ErrHeld
	}
	m, err := l.Manifest(ctx, id)
	if err != nil {
		return err
	}
	names := []string{render.Film, render.Sound, render.Thumbnail, transcript.Merged, transcript.Index}
	gone := int64(0)
	for _, f := range m.Files {
		if f.Participant == string(who) {
			names = append(names, f.Name)
			gone += f.Size
		}
	}
	if gone == 0 {
		return nil
	}
	for n, p := range m.People {
		if p.ID == string(who) {
			names = append(names, transcript.FileName(n))
		}
	}
	if films := l.films.Load(); films != nil {
		if err := films.Cancel(ctx, string(id)); err != nil {
			return err
		}
	}
	l.forgetFilm(id)
	if err := l.forget(id, names...); err != nil {
		return err
	}
	r.Size -= gone
	return l.put(r, interview.EventTracksDeleted, reason, who)
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
