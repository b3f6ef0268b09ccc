package signaling

import (
	"context"
	"unicode/utf8"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/signaling/wire"
)

// say sends a message, and tells its sender what became of it.
func (c *socket) say(ctx context.Context, m wire.Say) {
	sent, err := c.session.Say(ctx, m.Ref, m.Text)
	if err != nil {
		c.check(m, err)
		return
	}
	receipt := wire.Receipt{Ref: m.Ref, Action: sent.Action.String(), Decision: sent.Record}
	if sent.Message.ID != "" {
		delivered := chatMessage(sent.Message)
		receipt.Message = &delivered
	}
	receipt.Findings = findings(m.Text, sent.Verdict)
	c.out.put(item{message: receipt})
}

// history answers with a page of what was written.
func (c *socket) history(ctx context.Context, m wire.AskHistory) {
	h, err := c.session.History(ctx, m.Before)
	if err != nil {
		c.check(m, err)
		return
	}
	c.out.put(item{message: wire.History{
		Before: m.Before, Messages: each(h.Messages, chatMessage), More: h.More, Guarded: h.Guarded, MayWrite: h.MayWrite,
		Appeals: each(h.Appeals, appeal),
	}})
}

// complain passes a report on.
func (c *socket) complain(ctx context.Context, m wire.Complain) {
	r, err := c.session.Complain(ctx, interview.UserID(m.About), m.Reason, m.Words)
	if err != nil {
		c.check(m, err)
		return
	}
	c.out.put(item{message: wire.Complained{Ref: m.Ref, ID: r.ID}})
}

func appeal(a conference.Appealed) wire.Appeal {
	return wire.Appeal{Decision: a.Decision, State: wire.AppealState(a.State), At: a.At.UTC()}
}

// findings are what was found in a text, counted in characters where the
// verdict counts bytes.
func findings(text string, v conference.Verdict) []wire.Finding {
	out := make([]wire.Finding, len(v.Findings))
	for i, f := range v.Findings {
		start := utf8.RuneCountInString(text[:f.Start])
		out[i] = wire.Finding{Category: f.Category.String(), Start: start, End: start + utf8.RuneCountInString(text[f.Start:f.End])}
	}
	return out
}

func chatMessage(m conference.Message) wire.ChatMessage {
	out := wire.ChatMessage{
		N: m.N, ID: m.ID, From: person(m.Author), At: m.At.UTC(), Text: m.Text, Masked: m.Masked, Reward: m.Reward,
	}
	if f := m.File; f != nil {
		out.File = &wire.SharedFile{ID: string(f.ID), Size: f.Size, MediaType: f.Type, Link: f.Link}
	}
	return out
}
