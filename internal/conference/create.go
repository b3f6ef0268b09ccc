package conference

import (
	"context"
	"errors"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// Create asks for an interview in a thread.
type Create struct {
	Thread   interview.ThreadID
	Mode     interview.Mode
	By       interview.UserID // may be empty
	StartsAt time.Time        // zero: ring now
	// Recording says whether the interview may be recorded. Empty: as Config says.
	Recording interview.RecordingMode
	Length    time.Duration // how long it is meant to last; zero: nobody said
	Zone      string        // the time zone it is planned in; may be empty

	IdempotencyScope, IdempotencyKey string // an empty key: none
	RequestHash                      []byte
}

// Create makes an interview and opens its room, or returns the one that rings or
// is live in the thread already, or the one that an earlier request with the
// same key made; created tells them apart. Refusals are *Error: CodeNotFound for
// an unknown thread, CodeIdempotencyConflict, CodeNoZoom, CodeGoingAway, or the domain's.
func (r *Rooms) Create(ctx context.Context, c Create) (iv interview.Interview, created bool, err error) {
	done, err := r.oneAtATime(ctx)
	if err != nil {
		return iv, false, err
	}
	defer done()
	if c.Mode == interview.ModeZoom && !r.cfg.Zoom {
		return iv, false, errNoZoom()
	}
	thread, err := r.cfg.Store.Thread(ctx, c.Thread)
	if errors.Is(err, store.ErrNotFound) {
		return iv, false, &Error{Code: CodeNotFound, Message: "There is no such thread.", cause: err}
	}
	if err != nil {
		return iv, false, err
	}
	if c.StartsAt.IsZero() {
		live, err := r.cfg.Store.OpenInterview(ctx, c.Thread)
		if err == nil {
			return r.repeat(ctx, c, live)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return iv, false, err
		}
	}
	return r.create(ctx, c, thread)
}

// oneAtATime waits until no other interview is being made or moved: a double
// click finds the first click's interview, and two appointments do not take the
// same time. The caller calls done.
func (r *Rooms) oneAtATime(ctx context.Context) (done func(), err error) {
	select {
	case r.creating <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done = func() { <-r.creating }
	if r.isClosing() {
		done()
		return nil, errGoingAway()
	}
	return done, nil
}

// repeat answers a request with the interview that is under way, unless its key
// says that it is about an earlier one.
func (r *Rooms) repeat(ctx context.Context, c Create, live interview.Interview) (interview.Interview, bool, error) {
	existing, err := r.remember(ctx, c, live.ID)
	if err != nil {
		return interview.Interview{}, false, err
	}
	if existing == "" || existing == live.ID {
		return live, false, nil
	}
	iv, err := r.Interview(ctx, existing)
	return iv, false, err
}

func (r *Rooms) create(ctx context.Context, c Create, thread interview.Thread) (interview.Interview, bool, error) {
	iv, events, err := c.make(interview.ID(r.cfg.NewID()), thread, r.cfg.Policy)
	if err != nil {
		return interview.Interview{}, false, refusal(err)
	}
	iv.Recording.Transcripts = r.cfg.Transcripts
	if iv.Recording.Mode, err = r.recordingMode(c.Recording); err != nil {
		return interview.Interview{}, false, err
	}
	existing, err := r.remember(ctx, c, iv.ID)
	if err != nil {
		return interview.Interview{}, false, err
	}
	if existing != "" {
		earlier, err := r.Interview(ctx, existing)
		return earlier, false, err
	}
	if !c.StartsAt.IsZero() {
		if err := r.free(ctx, c.Thread, c.appointment(), ""); err != nil {
			return interview.Interview{}, false, err
		}
	}
	if err := r.admit(*iv, thread, events, nil); err != nil {
		return interview.Interview{}, false, err
	}
	return *iv, true, nil
}

// admit stores a new interview, with the proposal it comes of unless that is nil,
// opens its room and tells of it: who acts on the news finds the room, and hears of
// nothing that happens in it before.
func (r *Rooms) admit(iv interview.Interview, thread interview.Thread, events []interview.Event, p *interview.Proposal) error {
	if err := r.save(iv, events, p); err != nil {
		return err
	}
	r.start(iv, thread, events)
	r.cfg.Logger.Info("interview created", "interview", string(iv.ID), "thread", string(iv.Thread), "state", string(iv.State), "mode", string(iv.Mode))
	return nil
}

// make makes the interview that is asked for.
func (c Create) make(id interview.ID, t interview.Thread, p interview.Policy) (*interview.Interview, []interview.Event, error) {
	now := time.Now()
	if c.StartsAt.IsZero() {
		return interview.Ring(id, t, c.Mode, c.By, now, p)
	}
	return interview.Schedule(id, t, c.Mode, c.By, c.appointment(), now)
}

func (c Create) appointment() interview.Appointment {
	return interview.Appointment{StartsAt: c.StartsAt, Length: c.Length, Zone: c.Zone}
}

// remember ties the request's key to an interview, and returns the one it is
// tied to already, if any.
func (r *Rooms) remember(ctx context.Context, c Create, id interview.ID) (existing interview.ID, err error) {
	if c.IdempotencyKey == "" {
		return "", nil
	}
	existing, err = r.cfg.Store.RememberKey(ctx, c.IdempotencyScope, c.IdempotencyKey, c.RequestHash, id, time.Now())
	if errors.Is(err, store.ErrConflict) {
		return "", &Error{Code: CodeIdempotencyConflict, Message: "This idempotency key was used with another request.", cause: err}
	}
	return existing, err
}

func (r *Rooms) isClosing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closing
}
