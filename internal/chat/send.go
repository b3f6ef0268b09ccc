package chat

import (
	"context"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// A Draft is a message that somebody wants to send.
type Draft struct {
	Thread    interview.ThreadID
	Interview interview.ID // the room it is written in; empty: in none
	Author    interview.Participant
	Surface   guard.Surface
	Text      string
	// Ref is the sender's own name for the message: sent again under the same
	// one, it is the same message. Empty: it is a new one.
	Ref string
}

// Sent is what became of a draft. Message is zero when it was blocked.
type Sent struct {
	Verdict
	Message store.ChatMessage
}

// Send judges a message, stores what may be delivered and tells of it. One that is
// known under its Ref is returned as it was delivered and judged then. Rules
// that are broken come back as *interview.Error, an unknown thread as
// ErrNoThread.
func (c *Clerk) Send(ctx context.Context, d Draft) (sent Sent, err error) {
	if err := interview.CheckMessage(d.Text); err != nil {
		return sent, err
	}
	t, err := c.thread(ctx, d.Thread)
	if err != nil {
		return sent, err
	}
	if before, known, err := c.sentBefore(ctx, t, d); known || err != nil {
		return before, err
	}
	text := Text{Surface: d.Surface, Text: d.Text, Actor: d.Author.ID, Interview: d.Interview}
	if text.Earlier, err = c.cfg.Store.LastTexts(ctx, d.Thread, d.Author.ID, guard.MaxEarlier); err != nil {
		return sent, err
	}
	v, decision, err := c.judge(ctx, t, text)
	if err != nil {
		return sent, err
	}
	sent.Verdict = v
	if v.Action == guard.Block {
		return sent, c.keep(ctx, *decision, d.Interview)
	}
	known := false
	err = c.write(ctx, func() (events []Event, err error) {
		sent.Message, events, known, err = c.store(ctx, d, v, decision)
		return events, err
	})
	if err == nil && known { // twice at the same moment
		sent, _, err = c.sentBefore(ctx, t, d)
	}
	return sent, unknown(full(err))
}

// full makes a refusal of a thread that takes no more.
func full(err error) error {
	if errors.Is(err, store.ErrFull) {
		return &interview.Error{Code: interview.CodeThreadFull, Message: "This thread holds as many messages as it can."}
	}
	return err
}

// store keeps a message that may be delivered, and what was found in it. known says
// that it was kept already.
func (c *Clerk) store(ctx context.Context, d Draft, v Verdict, decision *store.GuardDecision) (m store.ChatMessage, events []Event, known bool, err error) {
	m = store.ChatMessage{
		Thread: d.Thread, ID: "tm_" + ulid.Make().String(), Ref: d.Ref, Interview: d.Interview, Author: d.Author.Named(),
		At: stamp(time.Now()), Text: d.Text,
	}
	if m.Ref == "" {
		m.Ref = m.ID
	}
	if v.Action == guard.Mask {
		m.Text, m.Masked = v.Masked, v.Masked != d.Text
	}
	for _, f := range v.Findings {
		m.Reward = m.Reward || f.Category == guard.RewardOffer && v.Action >= guard.Nudge
	}
	if decision != nil {
		decision.Passed = m.ID
	}
	m, known, err = c.cfg.Store.AddMessage(ctx, m, decision, func(m store.ChatMessage) ([]store.Message, error) {
		events = append(events, Event{Type: EventMessage, At: m.At, Thread: m.Thread, Interview: m.Interview, Message: &m})
		if decision != nil {
			events = append(events, told(*decision, d.Interview))
		}
		return c.messages(events...)
	})
	if err != nil || known {
		return m, nil, known, err
	}
	c.counts.messages.Add(1)
	if decision != nil {
		c.counts.decided(*decision)
	}
	return m, events, false, nil
}

// History returns a thread's messages, oldest first: the last ones before the
// number before, or of all when that is 0, at most limit and no more text than
// size bytes, but one at least. more says whether there are older ones.
func (c *Clerk) History(ctx context.Context, thread interview.ThreadID, before int64, limit, size int) (found []store.ChatMessage, more bool, err error) {
	found, err = c.cfg.Store.ThreadMessages(ctx, thread, before, limit+1)
	if err != nil {
		return nil, false, err
	}
	if len(found) > limit {
		found, more = found[len(found)-limit:], true
	}
	for n := len(found) - 1; n >= 0; n-- {
		if size -= len(found[n].Text); size < 0 && n < len(found)-1 {
			return found[n+1:], true, nil
		}
	}
	return found, more, nil
}
