package chat

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// A Text is something that somebody wrote.
type Text struct {
	Surface guard.Surface
	Text    string
	Actor   interview.UserID // who wrote it; empty: not known
	// Earlier holds what they wrote just before, oldest first.
	Earlier   []string
	Interview interview.ID // where; empty: in none
}

// A Verdict is what is to be done with a text.
type Verdict struct {
	guard.Decision
	Guarding Guarding
	// Record is the id under which the decision is kept and can be contested;
	// empty: it is not kept, or nothing was found.
	Record string
}

// Judge says what is to be done with a text of a thread, whose contract is that
// of t: the thread need not be stored. With record, what was found is kept and
// told.
func (c *Clerk) Judge(ctx context.Context, t interview.Thread, text Text, record bool) (Verdict, error) {
	v, d, err := c.judge(ctx, t, text)
	if err != nil || d == nil || !record {
		v.Record = ""
		return v, err
	}
	return v, c.keep(ctx, *d, text.Interview)
}

// keep stores a decision and tells of it.
func (c *Clerk) keep(ctx context.Context, d store.GuardDecision, where interview.ID) error {
	err := c.write(ctx, func() ([]Event, error) {
		e := told(d, where)
		messages, err := c.messages(e)
		if err != nil {
			return nil, err
		}
		return []Event{e}, c.cfg.Store.AddGuardDecision(ctx, d, messages...)
	})
	if err == nil {
		c.counts.decided(d)
	}
	return err
}

// judge is Judge without keeping anything; d is nil when nothing was found.
func (c *Clerk) judge(ctx context.Context, t interview.Thread, text Text) (v Verdict, d *store.GuardDecision, err error) {
	now := time.Now()
	g, _, err := c.guarding(ctx, t, now)
	if err != nil {
		return v, nil, err
	}
	v.Guarding = g
	policy := c.policy(g)
	if !g.Active {
		policy.Mode = guard.Off
	}
	check := guard.Check{
		Text: text.Text, Surface: text.Surface, Earlier: text.Earlier, Policy: policy, Key: c.cfg.Key, Cleared: policy.Cleared(now),
	}
	v.Decision = c.guard.Check(check)
	if len(v.Findings) == 0 {
		return v, nil, nil
	}
	v.Record = "gd_" + ulid.Make().String()
	d = &store.GuardDecision{
		ID: v.Record, Thread: t.ID, Actor: text.Actor, At: stamp(now),
		Surface: text.Surface.String(), Action: v.Action.String(), Version: v.Version,
	}
	occasion := guard.Occasion{At: d.At, Thread: string(t.ID), Actor: string(text.Actor)}
	for i, r := range guard.Audit(occasion, check, v.Decision) {
		d.Findings = append(d.Findings, store.GuardFinding{
			Category: r.Category.String(), Rule: r.Rule, Score: r.Score, Hash: r.Hash, Preview: r.Preview,
			Start: v.Findings[i].Start, End: v.Findings[i].End,
		})
	}
	return v, d, nil
}

// told is the event that tells of a decision.
func told(d store.GuardDecision, where interview.ID) Event {
	e := Event{Type: EventFlagged, At: d.At, Thread: d.Thread, Interview: where, Decision: &d}
	switch d.Action {
	case guard.Mask.String():
		e.Type = EventMasked
	case guard.Block.String():
		e.Type = EventBlocked
	}
	return e
}
