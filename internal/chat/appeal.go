package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// Limits of appeals: somebody reads each of them.
const (
	maxOpenAppeals = 5  // of one person that nobody has decided
	maxDailyAppeal = 20 // of one person within 24 hours
	maxExceptions  = 64 // of one thread
	appealsTold    = 20 // of one person in a thread, the newest
)

// Errors of appeals. Each is an *interview.Error, for the person.
var (
	// ErrContested: somebody has contested the decision already, or all that was
	// found was contested in vain before.
	ErrContested = rule(interview.CodeContested, "This has been contested already.")
	// ErrNotContested: there is no open appeal to decide.
	ErrNotContested = rule(interview.CodeNotContested, "There is no open appeal against the decision.")
	// ErrNotTheirs: somebody else wrote what was found.
	ErrNotTheirs = rule(interview.CodeNotAllowed, "Only the person who wrote it can contest this.")
	// ErrTooManyAppeals: the person has contested as much as one may.
	ErrTooManyAppeals = rule(interview.CodeTooManyAppeals, "You have contested as much as one may. Wait until something of it is decided.")
	// ErrTooManyExceptions: the thread has as many exceptions as it can.
	ErrTooManyExceptions = rule(interview.CodeTooManyExceptions, "The thread has as many exceptions as it can. Take one back first.")
)

func rule(code, message string) error { return &interview.Error{Code: code, Message: message} }

// An ExceptionError says which of the exceptions of a policy cannot be.
type ExceptionError struct{ N int }

// Error says so.
func (e *ExceptionError) Error() string {
	return fmt.Sprintf("exception %d came of no appeal of the thread", e.N)
}

// Contest opens an appeal against a decision, in the words of the person, and
// tells of it. It returns store.ErrNotFound, ErrNotTheirs, ErrContested or
// ErrTooManyAppeals; words that are no plain text come back as *interview.Error.
func (c *Clerk) Contest(ctx context.Context, decision string, by interview.UserID, words string) (d store.GuardDecision, err error) {
	if err := interview.CheckMessage(words); err != nil {
		return d, err
	}
	now := stamp(time.Now())
	err = c.write(ctx, func() (events []Event, err error) {
		if err := c.mayContest(ctx, decision, by, now); err != nil {
			return nil, err
		}
		d, events, err = c.changeAppeal(ctx, decision, EventAppealed, now, func(d *store.GuardDecision) (*store.Guarding, error) {
			if !d.Appeal.At.IsZero() {
				return nil, ErrContested
			}
			appeal := guard.Record{}.Contest(now, string(by), words)
			d.Appeal = store.GuardAppeal{At: appeal.At, By: appeal.Actor, Words: appeal.Words}
			return nil, nil
		})
		return events, err
	})
	if err == nil {
		c.counts.appeals.Add(1)
	}
	return d, err
}

// mayContest refuses those who did not write what was found, and floods. What
// nobody is known to have written, such as a title, the people of the thread may
// contest.
func (c *Clerk) mayContest(ctx context.Context, decision string, by interview.UserID, now time.Time) error {
	d, err := c.cfg.Store.GuardDecision(ctx, decision)
	if err != nil {
		return err
	}
	if d.Actor != "" && d.Actor != by {
		return ErrNotTheirs
	}
	if d.Actor == "" {
		t, err := c.thread(ctx, d.Thread)
		if err != nil && !errors.Is(err, ErrNoThread) { // its title was refused, so that it was never stored
			return err
		}
		if err == nil && !slices.ContainsFunc(t.Participants, func(p interview.Participant) bool { return p.ID == by }) {
			return ErrNotTheirs
		}
	}
	if !d.Appeal.At.IsZero() {
		return ErrContested
	}
	past, err := c.cfg.Store.Contester(ctx, d, by, now.Add(-24*time.Hour))
	switch {
	case err != nil:
		return err
	case past.Again:
		return ErrContested
	case past.Open >= maxOpenAppeals, past.Recent >= maxDailyAppeal:
		return ErrTooManyAppeals
	}
	return nil
}

// Decide closes an appeal and tells of it. One that is upheld becomes an
// exception of the thread: what was found then is let through from now on. It
// returns store.ErrNotFound, ErrNotContested or ErrTooManyExceptions.
func (c *Clerk) Decide(ctx context.Context, decision string, by interview.UserID, upheld bool) (d store.GuardDecision, err error) {
	now := stamp(time.Now())
	err = c.write(ctx, func() (events []Event, err error) {
		var with *store.Guarding
		if upheld {
			if with, err = c.excepted(ctx, decision, by, now); err != nil {
				return nil, err
			}
		}
		d, events, err = c.changeAppeal(ctx, decision, EventAppealDecided, now, func(d *store.GuardDecision) (*store.Guarding, error) {
			if d.Appeal.At.IsZero() || !d.Appeal.DecidedAt.IsZero() {
				return nil, ErrNotContested
			}
			d.Appeal.DecidedAt, d.Appeal.DecidedBy, d.Appeal.Upheld = now, string(by), upheld
			return with, nil
		})
		return events, err
	})
	return d, err
}

// excepted is how a decision's thread is guarded after an appeal was upheld; nil
// when there is no such thread.
func (c *Clerk) excepted(ctx context.Context, decision string, by interview.UserID, now time.Time) (*store.Guarding, error) {
	d, err := c.cfg.Store.GuardDecision(ctx, decision)
	if err != nil {
		return nil, err
	}
	t, err := c.thread(ctx, d.Thread)
	if errors.Is(err, ErrNoThread) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, kept, err := c.guarding(ctx, t, now)
	if err != nil {
		return nil, err
	}
	if len(kept.Exceptions) >= maxExceptions {
		return nil, ErrTooManyExceptions
	}
	kept.Exceptions = append(kept.Exceptions, store.GuardException{
		Reason: guard.Appealed.String(), By: string(by), From: now, Decision: decision,
	})
	return &kept, nil
}

// changeAppeal stores what change leaves of a decision's appeal, and returns the
// event that tells of it.
func (c *Clerk) changeAppeal(ctx context.Context, decision, kind string, now time.Time, change func(*store.GuardDecision) (*store.Guarding, error)) (d store.GuardDecision, events []Event, err error) {
	d, err = c.cfg.Store.ChangeAppeal(ctx, decision, func(d *store.GuardDecision) (with store.AppealChange, err error) {
		if with.Guarding, err = change(d); err != nil {
			return with, err
		}
		told := *d
		events = []Event{{Type: kind, At: now, Thread: d.Thread, Decision: &told}}
		with.Messages, err = c.messages(events...)
		return with, err
	})
	return d, events, err
}

// Appeals returns what somebody contested in a thread, the newest first.
func (c *Clerk) Appeals(ctx context.Context, thread interview.ThreadID, by interview.UserID) ([]store.GuardDecision, error) {
	return c.cfg.Store.Appeals(ctx, thread, by, appealsTold)
}

// appealed finds the exception that came of the appeal that e names, with the
// time that e gives it. n is e's place in the policy.
func (g Guarding) appealed(e guard.Exception, n int) (guard.Exception, error) {
	for _, was := range g.Exceptions {
		if was.Reason == guard.Appealed && was.Decision == e.Decision {
			was.From, was.Until = e.From, e.Until
			return was, nil
		}
	}
	return e, &ExceptionError{N: n}
}
