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
// otherwise the errors are those of Delete. With any other error it is on file what is
// wanted, and what is left of it is done later, over crashes too.
func (l *Library) DeleteOf(ctx context.Context, id interview.RecordingID, who interview.UserID, reason string) error {
	l.making.Lock()
	defer l.making.Unlock()
	p, err := l.partOf(ctx, id, who)
	if err != nil || len(p.own) == 0 {
		return err
	}
	w := store.Wish{Recording: id, User: who, Reason: reason, At: now()}
	if err := l.promise(w); err != nil {
		return err
	}
	err = l.destroyPart(ctx, p, reason)
	if err != nil || l.cfg.Store.DropWish(l.ctx, w) != nil {
		l.arrive(arrival{id: id, discard: true})
	}
	return err
}

// part is what is of one person in a recording.
type part struct {
	recording store.Recording
	manifest  recorder.Manifest // without what was destroyed
	who       interview.UserID
	own       []string // files of theirs, and what is made of them alone, destroyed or not
	left      bool     // some have their keys
}

// shared are the files that are made of what everybody said and showed.
var shared = []string{transcript.Merged, transcript.Index, render.Film, render.Sound, render.Thumbnail}

// partOf returns what is of somebody in a recording; own is empty where there never
// was anything. The errors are those of Delete. The caller holds making.
func (l *Library) partOf(ctx context.Context, id interview.RecordingID, who interview.UserID) (part, error) {
	r, err := l.deletable(ctx, id)
	if err != nil {
		return part{}, err
	}
	m, err := l.written(ctx, id)
	if err != nil {
		return part{}, err
	}
	p := part{recording: r, who: who}
	theirs := func(f recorder.File) bool { return f.Participant == string(who) }
	for _, f := range m.Files {
		if theirs(f) {
			p.own = append(p.own, f.Name)
		}
	}
	for n, person := range m.People {
		if person.ID == string(who) && len(p.own) > 0 {
			p.own = append(p.own, transcript.FileName(n))
		}
	}
	p.manifest, err = l.without(m)
	p.left = slices.ContainsFunc(p.manifest.Files, theirs)
	return p, err
}

// destroyPart destroys what is of somebody, as far as that was not done before: each
// of its steps may have been the last one before a crash. The caller holds making.
func (l *Library) destroyPart(ctx context.Context, p part, reason string) error {
	if len(p.own) == 0 {
		return nil
	}
	if p.left {
		if err := l.destroyKeys(ctx, p); err != nil {
			return err
		}
	}
	files, err := l.vault.Files(p.manifest.Recording)
	if err != nil {
		return err
	}
	kept := map[string]int64{} // what has a key, and how large it is
	for _, f := range files {
		kept[f.Name] = f.Size
	}
	// One that cannot be done now keeps nobody from the others.
	return errors.Join(l.lessen(p, kept, reason), l.rewrite(p, kept), l.clear(p, kept))
}

// destroyKeys destroys the keys of what is somebody's and of what shows everybody, after
// it has noted that a film is to be made again.
func (l *Library) destroyKeys(ctx context.Context, p part) error {
	id := p.recording.ID
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
	names := slices.Concat(p.own, shared)
	// What lies open has no key, and would be sealed with the next that comes. It goes
	// first: with the keys gone it cannot be told from what is made again.
	if err := l.removeOpen(id, names...); err != nil {
		return err
	}
	if err := l.vault.Forget(string(id), names...); err != nil {
		return err
	}
	if l.scribe != nil { // whoever listens to it at this moment goes on with the others
		return l.scribe.cancel(ctx, id)
	}
	return nil
}

// lessen puts on file that a part was destroyed, unless it is: the size that is on file
// tells.
func (l *Library) lessen(p part, kept map[string]int64, reason string) error {
	size := int64(0)
	for _, f := range p.manifest.Files {
		size += kept[f.Name]
	}
	for _, name := range []string{render.Film, render.Sound, render.Thumbnail} {
		size += kept[name]
	}
	r := p.recording
	if !p.left && r.Size == size {
		return nil
	}
	r.Size = size
	return l.put(r, interview.EventTracksDeleted, reason, p.who)
}

// rewrite has what was said put together again, without somebody whose part is
// destroyed, unless it is.
func (l *Library) rewrite(p part, kept map[string]int64) error {
	r := p.recording
	_, together := kept[transcript.Merged]
	switch {
	case r.Transcript != store.TranscriptQueued && (r.Transcript != store.TranscriptReady || together):
		return nil
	case l.scribe == nil: // nobody would take it up
		l.arrive(arrival{id: r.ID, settle: true})
		return nil
	}
	r.Transcript, r.TranscriptProblem = store.TranscriptQueued, ""
	err := l.cfg.Store.SetTranscript(l.ctx, r, nil)
	l.scribe.add(r.ID)
	return err
}

// clear removes the files of a part that have no key any more.
func (l *Library) clear(p part, kept map[string]int64) error {
	var wrong []error
	for _, name := range slices.Concat(p.own, shared) {
		if _, sealed := kept[name]; !sealed { // otherwise it was made again
			wrong = append(wrong, l.archive.RemoveFile(l.ctx, string(p.recording.ID), name+vault.Sealed))
		}
	}
	return errors.Join(wrong...)
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
	wrong := []error{l.removeOpen(id, names...)}
	for _, name := range names {
		wrong = append(wrong, l.archive.RemoveFile(l.ctx, string(id), name+vault.Sealed))
	}
	return errors.Join(wrong...)
}

// removeOpen removes files that are not sealed.
func (l *Library) removeOpen(id interview.RecordingID, names ...string) error {
	var wrong []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(l.dir(id), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			wrong = append(wrong, err)
		}
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
