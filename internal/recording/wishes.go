package recording

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
)

// Discard destroys a recording: see [conference.Recorder]. One that is not taken
// in yet is destroyed as soon as it is.
func (l *Library) Discard(id interview.RecordingID, by interview.UserID) error {
	if err := l.wish(id, by); err != nil {
		return err
	}
	l.arrive(arrival{id: id, discard: true})
	return nil
}

// wish puts on file that somebody wants a recording destroyed, or what is of them.
func (l *Library) wish(id interview.RecordingID, by interview.UserID) error {
	return l.promise(store.Wish{Recording: id, User: by, Reason: interview.ReasonConsentWithdrawn, At: now()})
}

// promise puts a wish on file.
func (l *Library) promise(w store.Wish) error {
	ctx, cancel := context.WithTimeout(l.ctx, writeLimit)
	defer cancel()
	return l.cfg.Store.AddWish(ctx, w)
}

// now is this moment as the database keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// wished takes up the wishes that were not carried out when the server stopped.
// What was recovered has arrived before.
func (l *Library) wished() error {
	wishes, err := l.cfg.Store.Wishes(l.ctx, "")
	if err != nil {
		return err
	}
	for n, w := range wishes {
		if !slices.ContainsFunc(wishes[:n], func(each store.Wish) bool { return each.Recording == w.Recording }) {
			l.arrive(arrival{id: w.Recording, discard: true, over: true})
		}
	}
	return nil
}

// carryOut destroys what people want destroyed of a recording that is closed. over
// says that it is: without, one that is not there may be about to begin.
func (l *Library) carryOut(id interview.RecordingID, over bool) error {
	wishes, err := l.cfg.Store.Wishes(l.ctx, id)
	if err != nil {
		return err
	}
	var wrong error
	for _, w := range wishes {
		switch err := l.destroyFor(w); {
		case errors.Is(err, ErrOpen):
			return nil // it is looked at again when it is closed
		case errors.Is(err, ErrHeld):
			continue // and when it is held no more
		case errors.Is(err, store.ErrNotFound):
			if there, err := l.onFile(id); there || err != nil || !over {
				wrong = errors.Join(wrong, err)
				continue // where its files are may be reached after the next start
			}
		case err != nil && !errors.Is(err, ErrDeleted):
			wrong = errors.Join(wrong, err)
			continue
		}
		wrong = errors.Join(wrong, l.cfg.Store.DropWish(l.ctx, w))
	}
	return wrong
}

// onFile tells a recording that never began from one whose files are not found.
func (l *Library) onFile(id interview.RecordingID) (bool, error) {
	_, err := l.cfg.Store.Recording(l.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// destroyFor destroys what of a recording is somebody's to have destroyed, unless
// the recorder has done so since they wished it: they may have agreed again. What the
// library itself has destroyed since is no reason to stop: it may have got no further.
func (l *Library) destroyFor(w store.Wish) error {
	m, err := l.written(l.ctx, w.Recording)
	if err != nil {
		return err
	}
	switch own := w.Reason == interview.ReasonConsentWithdrawn; {
	case own && m.Mode != recorder.ModePerTrack:
		_, err := l.Delete(l.ctx, w.Recording, w.User, w.Reason)
		return err
	case own && slices.ContainsFunc(m.Forgotten, func(g recorder.Gone) bool { return g.Participant == string(w.User) && g.At.After(w.At) }):
		return nil
	}
	l.making.Lock()
	defer l.making.Unlock()
	p, err := l.partOf(l.ctx, w.Recording, w.User)
	if err != nil {
		return err
	}
	return l.destroyPart(l.ctx, p, w.Reason)
}
