package recording

import (
	"context"
	"fmt"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// event is something that happens to a recording now.
func event(r store.Recording, kind interview.EventKind, reason string) interview.Event {
	return interview.Event{Kind: kind, At: time.Now().UTC().Truncate(time.Microsecond), Interview: r.Interview, Thread: r.Thread, Recording: r.ID, Reason: reason}
}

// messages is what webhooks tell of events.
func (l *Library) messages(ctx context.Context, r store.Recording, events ...interview.Event) ([]store.Message, error) {
	if l.cfg.Encode == nil {
		return nil, nil
	}
	iv, err := l.cfg.Store.Interview(ctx, r.Interview)
	if err != nil {
		return nil, err
	}
	var all []store.Message
	for _, e := range events {
		body, err := l.cfg.Encode(e, iv)
		if err != nil {
			return nil, fmt.Errorf("tell of recording %s: %w", r.ID, err)
		}
		all = append(all, store.NewMessage(string(e.Kind), e.Subject(), e.At, body))
	}
	return all, nil
}

// publish hands events on that are stored.
func (l *Library) publish(events ...interview.Event) {
	for _, e := range events {
		l.cfg.Logger.Info(string(e.Kind), "recording", string(e.Recording), "interview", string(e.Interview), "reason", e.Reason)
		if l.cfg.Publish != nil {
			l.cfg.Publish(e)
		}
	}
}

// person is somebody as the interview knows them.
func person(iv interview.Interview, id interview.UserID) interview.Participant {
	for _, s := range iv.Stays {
		if s.Participant.ID == id {
			return s.Participant
		}
	}
	return interview.Participant{ID: id}
}
