package chat

import (
	"context"
	"errors"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// sentBefore returns what became of a draft that was sent before under its name.
// It is not judged again: the answer is about the message that was delivered then.
// known is false for one that was not, or was blocked.
func (c *Clerk) sentBefore(ctx context.Context, t interview.Thread, d Draft) (sent Sent, known bool, err error) {
	if d.Ref == "" {
		return sent, false, nil
	}
	m, err := c.cfg.Store.MessageByRef(ctx, d.Thread, d.Author.ID, d.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return sent, false, nil
	}
	if err != nil {
		return sent, false, err
	}
	sent.Message = m
	sent.Verdict, err = c.verdictOn(ctx, t, m.ID, d.Text, m.Text)
	if sent.Record == "" { // it was kept long enough
		switch {
		case m.Masked:
			sent.Action = guard.Mask
		case m.Reward:
			sent.Action = guard.Nudge
		}
	}
	return sent, true, err
}

// offeredBefore is sentBefore for a file.
func (c *Clerk) offeredBefore(ctx context.Context, t interview.Thread, d FileDraft) (out Offered, known bool, err error) {
	o, err := c.cfg.Store.FileByRef(ctx, d.Thread, d.Author.ID, d.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return out, false, nil
	}
	if err != nil {
		return out, false, err
	}
	out.Offer = o
	if out.Verdict, err = c.verdictOn(ctx, t, string(o.ID), d.File.Name, o.File.Name); err != nil {
		return out, true, err
	}
	err = c.write(ctx, func() ([]Event, error) {
		out.Upload = c.upload(o.ID)
		return nil, nil
	})
	return out, true, err
}

// verdictOn is the verdict, as it was kept, on what came through under an id. text
// is how it was sent, and delivered what became of it.
func (c *Clerk) verdictOn(ctx context.Context, t interview.Thread, passed, text, delivered string) (v Verdict, err error) {
	v.Decision = guard.Decision{Action: guard.Allow, Masked: delivered, Version: guard.Version}
	if v.Guarding, _, err = c.guarding(ctx, t, time.Now()); err != nil {
		return v, err
	}
	d, err := c.cfg.Store.DecisionAbout(ctx, passed)
	if errors.Is(err, store.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Record, v.Version = d.ID, d.Version
	v.Action, _ = guard.ParseAction(d.Action)
	for _, f := range d.Findings {
		category, _ := guard.ParseCategory(f.Category)
		if f.Start >= f.End || f.End > len(text) {
			continue // not known where, or the name was given to another text
		}
		v.Findings = append(v.Findings, guard.Finding{
			Category: category, Start: f.Start, End: f.End, Score: f.Score, Rule: f.Rule, MessageKey: "guard." + f.Rule,
		})
	}
	return v, nil
}
