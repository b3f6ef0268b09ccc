package chat

import (
	"context"
	"errors"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// Guarding is how a thread is guarded at a moment.
type Guarding struct {
	Mode       guard.Mode
	Default    bool // the mode is the server's, the host app has not said
	Rearm      bool
	Exceptions []guard.Exception
	Active     bool      // texts are judged now
	ChangesAt  time.Time // when time alone changes Active; zero: never
}

// HoldsBack reports whether contact details are kept from the others now.
func (g Guarding) HoldsBack() bool { return g.Active && g.Mode >= guard.MaskOnly }

// A Policy is what a host app says about guarding a thread.
type Policy struct {
	Mode       guard.Mode
	Default    bool // take the server's mode instead
	Rearm      bool // guard again after the contract ended
	Exceptions []guard.Exception
}

// Guarding returns how a thread is guarded now, or ErrNoThread.
func (c *Clerk) Guarding(ctx context.Context, id interview.ThreadID) (Guarding, error) {
	t, err := c.thread(ctx, id)
	if err != nil {
		return Guarding{}, err
	}
	g, _, err := c.guarding(ctx, t, time.Now())
	return g, err
}

// SetPolicy stores how a thread is to be guarded, and returns how it is. Of the
// exceptions that came of appeals those stay that p has, by their decisions; it
// cannot add any. It returns ErrNoThread for a thread that is not there, or an
// *ExceptionError.
func (c *Clerk) SetPolicy(ctx context.Context, id interview.ThreadID, p Policy) (g Guarding, err error) {
	err = c.write(ctx, func() ([]Event, error) {
		t, err := c.thread(ctx, id)
		if err != nil {
			return nil, err
		}
		before, kept, err := c.guarding(ctx, t, time.Now())
		if err != nil {
			return nil, err
		}
		kept.Mode, kept.Rearm, kept.Exceptions = p.Mode.String(), p.Rearm, nil
		if p.Default {
			kept.Mode = ""
		}
		for n, e := range p.Exceptions {
			if e.Reason == guard.Appealed {
				if e, err = before.appealed(e, n); err != nil {
					return nil, err
				}
			}
			kept.Exceptions = append(kept.Exceptions, store.GuardException{
				Reason: e.Reason.String(), By: e.By, Note: e.Note, From: e.From, Until: e.Until, Decision: e.Decision,
			})
		}
		g = c.work(kept, t, time.Now())
		return c.settle(ctx, kept, g)
	})
	c.hurry()
	return g, err
}

// Refresh looks whether what is known of a thread's guard still holds, and
// tells when it does not. It is called when the contract has changed.
func (c *Clerk) Refresh(ctx context.Context, id interview.ThreadID) error {
	err := c.write(ctx, func() ([]Event, error) {
		t, err := c.thread(ctx, id)
		if err != nil {
			return nil, err
		}
		now, kept, err := c.guarding(ctx, t, time.Now())
		if err != nil || now.Active == kept.Active && now.ChangesAt.Equal(kept.ChangesAt) {
			return nil, err
		}
		return c.settle(ctx, kept, now)
	})
	c.hurry()
	return err
}

// settle stores how a thread is guarded, and tells when that is news.
func (c *Clerk) settle(ctx context.Context, kept store.Guarding, now Guarding) ([]Event, error) {
	var events []Event
	if now.Active != kept.Active {
		e := Event{Type: EventLifted, At: stamp(time.Now()), Thread: kept.Thread, Guarding: &now}
		if now.Active {
			e.Type = EventArmed
		}
		events = append(events, e)
	}
	kept.Active, kept.ChangesAt = now.Active, now.ChangesAt
	messages, err := c.messages(events...)
	if err != nil {
		return nil, err
	}
	return events, c.cfg.Store.PutGuarding(ctx, kept, messages...)
}

// guarding returns how a thread is guarded now, and what is stored about it.
func (c *Clerk) guarding(ctx context.Context, t interview.Thread, now time.Time) (Guarding, store.Guarding, error) {
	kept, err := c.cfg.Store.Guarding(ctx, t.ID)
	if errors.Is(err, store.ErrNotFound) {
		kept, err = store.Guarding{Thread: t.ID}, nil
		kept.Active = c.work(kept, interview.Thread{}, now).Active // as it is without a contract, which is no news
	}
	if err != nil {
		return Guarding{}, kept, err
	}
	return c.work(kept, t, now), kept, nil
}

// work works out how a thread is guarded.
func (c *Clerk) work(kept store.Guarding, t interview.Thread, now time.Time) Guarding {
	g := Guarding{Mode: c.cfg.Mode, Default: kept.Mode == "", Rearm: kept.Rearm}
	if mode, ok := guard.ParseMode(kept.Mode); ok {
		g.Mode = mode
	}
	for _, e := range kept.Exceptions {
		reason, _ := guard.ParseReason(e.Reason)
		g.Exceptions = append(g.Exceptions, guard.Exception{
			Reason: reason, By: e.By, Note: e.Note, From: e.From, Until: e.Until, Decision: e.Decision, Hashes: e.Hashes,
		})
	}
	policy, contract := c.policy(g), contract(t)
	g.Active = policy.Active(contract, now)
	if next, ok := policy.NextChange(contract, now); ok && g.Mode != guard.Off {
		g.ChangesAt = stamp(next)
	}
	return g
}

// policy is g in the guard's words.
func (c *Clerk) policy(g Guarding) guard.Policy {
	return guard.Policy{Mode: g.Mode, Allowed: c.cfg.Allowed, Exceptions: g.Exceptions, RearmWhenEnded: g.Rearm}
}

func contract(t interview.Thread) guard.Contract {
	// A state that the guard does not know is no contract: it guards.
	state, _ := guard.ParseContractState(string(t.Contract.State))
	return guard.Contract{State: state, EffectiveAt: t.Contract.EffectiveAt}
}

const (
	lookAgain  = time.Hour   // at the latest, whatever the store said
	storeRetry = time.Second // after it failed
	dueAtOnce  = 100
)

// wait tells when a guard has lifted or come back by itself, and lets files fail
// that nobody took or brought.
func (c *Clerk) wait() {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		select {
		case <-c.life.Done():
			return
		case <-c.look:
		case <-alarm.C:
		}
		next, err := c.due()
		files, filesErr := c.dueFiles()
		if !files.IsZero() && files.Before(next) {
			next = files
		}
		if err = errors.Join(err, filesErr); err != nil && c.life.Err() == nil {
			c.cfg.Logger.Error("guards and files cannot be looked after", "err", err)
			next = time.Now().Add(storeRetry)
		}
		alarm.Reset(time.Until(next))
	}
}

// due refreshes what is due, and returns when to look again.
func (c *Clerk) due() (next time.Time, err error) {
	now := time.Now()
	threads, next, err := c.cfg.Store.DueGuardings(c.life, now, dueAtOnce)
	if err != nil {
		return next, err
	}
	for _, id := range threads {
		if err := c.Refresh(c.life, id); err != nil {
			return next, err
		}
	}
	switch latest := now.Add(lookAgain); {
	case len(threads) == dueAtOnce:
		return now, nil
	case next.IsZero() || next.After(latest):
		return latest, nil
	}
	return next, nil
}

func (c *Clerk) hurry() {
	select {
	case c.look <- struct{}{}:
	default:
	}
}
