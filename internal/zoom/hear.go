package zoom

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/internal/store"
)

// heardResults are what becomes of webhooks, in the order of their counters.
var heardResults = [...]string{"taken", "ignored", "refused", "failed"}

const (
	heardTaken = iota
	heardIgnored
	heardRefused
	heardFailed
)

// Hear takes one of Zoom's webhooks. answer is what to reply with, nil for
// nothing. The error is ErrSignature, ErrStale or ErrMalformed, or this server's
// own: Zoom sends a webhook again that was not taken. Hearing one twice, or late,
// does nothing.
func (d *Desk) Hear(ctx context.Context, h http.Header, body []byte) (answer *Validation, err error) {
	result := heardRefused
	defer func() { d.heard[result].Add(1) }()
	now := time.Now()
	if err := Verify(d.cfg.Secret, h, body, now); err != nil {
		return nil, err
	}
	e, err := Parse(body)
	if err != nil {
		return nil, err
	}
	if e.Kind == EventValidation {
		result = heardTaken
		v := Validate(d.cfg.Secret, e.Plain)
		return &v, nil
	}
	if e.Account != d.cfg.Account {
		return nil, ErrSignature
	}
	if result, err = d.take(ctx, e, now); err != nil {
		d.cfg.Logger.Error("webhook of Zoom not taken", "event", e.Kind, "err", err)
	}
	return nil, err
}

func (d *Desk) take(ctx context.Context, e Event, now time.Time) (result int, err error) {
	if e.Kind != EventStarted && e.Kind != EventEnded {
		return heardIgnored, nil
	}
	m, err := d.cfg.Store.ZoomMeetingByNumber(ctx, e.Number)
	if errors.Is(err, store.ErrNotFound) {
		return heardIgnored, nil // the account has other meetings too
	}
	if err != nil {
		return heardFailed, err
	}
	e.At = or(e.At, now)
	if e.Kind == EventStarted {
		err = d.cfg.Rooms.ZoomBegan(ctx, m.Interview, e.At) // its start_time may be the appointment
	} else {
		err = d.cfg.Rooms.ZoomOver(ctx, m.Interview, or(e.Began, e.At), or(e.Ended, e.At))
	}
	if err != nil {
		return heardFailed, err
	}
	return heardTaken, nil
}

func or(at, otherwise time.Time) time.Time {
	if at.IsZero() {
		return otherwise
	}
	return at
}

// Stats are the desk's counters and levels, with those of its client.
type Stats struct {
	ClientStats
	Webhooks map[string]uint64 // by result
	Quota    int               // meetings that can still be made today
	Problems int
}

// Stats returns the counters. It waits for nothing but itself.
func (d *Desk) Stats() Stats {
	s := Stats{Webhooks: map[string]uint64{}, Problems: len(d.Problems())}
	for i, name := range heardResults {
		s.Webhooks[name] = d.heard[i].Load()
	}
	if d.cfg.Client != nil {
		s.ClientStats, s.Quota = d.cfg.Client.Stats(), d.hosts.quota(time.Now())
	}
	return s
}

// MakesMeetings reports whether there is an account to make meetings with.
func (d *Desk) MakesMeetings() bool { return d.cfg.Client != nil }
