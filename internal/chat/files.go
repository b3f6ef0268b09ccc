package chat

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// maxOpenFiles is how many files one person has under way in a thread.
const maxOpenFiles = 10

// A FileDraft is a file that somebody wants to give to a thread.
type FileDraft struct {
	Thread    interview.ThreadID
	Interview interview.ID
	Author    interview.Participant
	Ref       string // as in Draft, and never empty
	File      interview.File
}

// Offered is what became of a FileDraft. Offer is zero when the name was
// blocked. Upload is there when the host app has said where the file goes.
type Offered struct {
	Verdict
	Offer  interview.FileOffer
	Upload *Upload
}

// Files returns which files may be offered; ok is false when none may.
func (c *Clerk) Files() (p interview.FilePolicy, ok bool) {
	return c.cfg.Files.FilePolicy, len(c.cfg.Files.Origins) > 0
}

// OfferFile judges the name of a file and asks the host app for a place. The
// answer comes as an event. An offer that is known under its Ref is returned as
// it is. Rules that are broken come back as *interview.Error, an unknown thread
// as ErrNoThread.
func (c *Clerk) OfferFile(ctx context.Context, d FileDraft) (out Offered, err error) {
	policy, on := c.Files()
	if !on {
		return out, &interview.Error{Code: interview.CodeNotAllowed, Message: "Files cannot be shared here."}
	}
	if d.File, err = policy.Check(d.File); err != nil {
		return out, err
	}
	t, err := c.thread(ctx, d.Thread)
	if err != nil {
		return out, err
	}
	if before, known, err := c.offeredBefore(ctx, t, d); known || err != nil {
		return before, err
	}
	v, decision, err := c.judge(ctx, t, Text{Surface: guard.FileName, Text: d.File.Name, Actor: d.Author.ID, Interview: d.Interview})
	if err != nil {
		return out, err
	}
	out.Verdict = v
	asked := d // as it was sent: findings are places in it
	switch v.Action {
	case guard.Block:
		return out, c.keep(ctx, *decision, d.Interview)
	case guard.Mask:
		d.File.Name = v.Masked
	}
	err = c.write(ctx, func() (events []Event, err error) {
		out.Offer, events, err = c.addFile(ctx, d, decision)
		out.Upload = c.upload(out.Offer.ID)
		return events, err
	})
	c.hurry()
	if err == nil && decision != nil && decision.Passed == "" { // twice at the same moment
		out, _, err = c.offeredBefore(ctx, t, asked)
	}
	return out, unknown(full(err))
}

// upload is where a file is uploaded to, as far as the host app has said; nil: it has
// not. The caller is writing.
func (c *Clerk) upload(id interview.FileID) *Upload {
	if at, there := c.uploads[id]; there {
		return &at
	}
	return nil
}

func (c *Clerk) addFile(ctx context.Context, d FileDraft, decision *store.GuardDecision) (interview.FileOffer, []Event, error) {
	o, err := c.cfg.Store.FileByRef(ctx, d.Thread, d.Author.ID, d.Ref)
	if !errors.Is(err, store.ErrNotFound) {
		return o, nil, err
	}
	n, err := c.cfg.Store.OpenFiles(ctx, d.Thread, d.Author.ID)
	if err != nil {
		return o, nil, err
	}
	if n >= maxOpenFiles {
		return o, nil, &interview.Error{Code: interview.CodeTooManyFiles, Message: "Wait until the files you are sharing have arrived."}
	}
	now := time.Now()
	o = interview.FileOffer{
		ID: interview.FileID("fl_" + ulid.Make().String()), Thread: d.Thread, Interview: d.Interview, Ref: d.Ref, Author: d.Author.Named(),
		At: stamp(now), File: d.File, State: interview.FileOffered, Until: stamp(now.Add(interview.AnswerFileWithin)),
	}
	events := []Event{fileEvent(EventFileOffered, o)}
	if decision != nil {
		decision.Passed = string(o.ID)
		events = append(events, told(*decision, d.Interview))
	}
	messages, err := c.messages(events...)
	if err != nil {
		return o, nil, err
	}
	if err := c.cfg.Store.AddFile(ctx, o, decision, messages...); err != nil {
		return interview.FileOffer{}, nil, err
	}
	if decision != nil {
		c.counts.decided(*decision)
	}
	return o, events, nil
}

// File returns an offer, or store.ErrNotFound.
func (c *Clerk) File(ctx context.Context, id interview.FileID) (interview.FileOffer, error) {
	return c.cfg.Store.File(ctx, id)
}

// GrantFile says for the host app where a file is uploaded to, and where people
// open it then. It returns store.ErrNotFound or an *interview.Error.
func (c *Clerk) GrantFile(ctx context.Context, id interview.FileID, u Upload, link string) (interview.FileOffer, error) {
	u, err := c.cfg.Files.check(u)
	if err != nil {
		return interview.FileOffer{}, err
	}
	if len(link) > interview.MaxFileLink || !isPlace(link) {
		return interview.FileOffer{}, unusable("link", "The link must be an http or https address, or a path on Parley's own.")
	}
	return c.changeFile(ctx, id, func(o *interview.FileOffer) ([]Event, error) {
		if err := o.Grant(link, stamp(u.ExpiresAt), time.Now()); err != nil {
			return nil, err
		}
		u.ExpiresAt = o.Until
		e := fileEvent(EventFileGranted, *o)
		e.Upload = &u
		return []Event{e}, nil
	})
}

// DeclineFile says for the host app that it does not want a file. It returns as
// GrantFile.
func (c *Clerk) DeclineFile(ctx context.Context, id interview.FileID, reason string) (interview.FileOffer, error) {
	return c.changeFile(ctx, id, func(o *interview.FileOffer) ([]Event, error) {
		return []Event{fileEvent(EventFileDeclined, *o)}, o.Decline(reason)
	})
}

// UploadedFile says for a page that its file is where it belongs, and shows it
// in the thread. Said again, it changes nothing. Refusals are *interview.Error.
func (c *Clerk) UploadedFile(ctx context.Context, thread interview.ThreadID, by interview.UserID, ref string) error {
	return c.changeOwn(ctx, thread, by, ref, func(o *interview.FileOffer) ([]Event, error) {
		if o.State == interview.FileUploaded {
			return nil, nil
		}
		return []Event{fileEvent(EventFileUploaded, *o)}, o.Upload()
	})
}

// WithdrawFile takes an offer back for a page. One that is closed stays as it is.
func (c *Clerk) WithdrawFile(ctx context.Context, thread interview.ThreadID, by interview.UserID, ref string) error {
	return c.changeOwn(ctx, thread, by, ref, func(o *interview.FileOffer) ([]Event, error) {
		if !o.Withdraw() {
			return nil, nil
		}
		return []Event{fileEvent(EventFileWithdrawn, *o)}, nil
	})
}

func (c *Clerk) changeOwn(ctx context.Context, thread interview.ThreadID, by interview.UserID, ref string, change func(*interview.FileOffer) ([]Event, error)) error {
	o, err := c.cfg.Store.FileByRef(ctx, thread, by, ref)
	if errors.Is(err, store.ErrNotFound) {
		return &interview.Error{Code: interview.CodeFileClosed, Message: "There is no such file under way."}
	}
	if err == nil {
		_, err = c.changeFile(ctx, o.ID, change)
	}
	return full(err)
}

// changeFile carries out a change of an offer and tells of it. change returns
// one event at most, made before the change: it is about the offer as it is then.
func (c *Clerk) changeFile(ctx context.Context, id interview.FileID, change func(*interview.FileOffer) ([]Event, error)) (o interview.FileOffer, err error) {
	err = c.write(ctx, func() ([]Event, error) {
		if o, err = c.cfg.Store.File(ctx, id); err != nil {
			return nil, err
		}
		events, err := change(&o)
		if err != nil || len(events) == 0 {
			return nil, err
		}
		events[0].File = &o
		if events, err = c.putFile(ctx, o, events); err != nil {
			return nil, err
		}
		c.remember(o, events[0].Upload)
		c.counts.filed(o)
		return events, nil
	})
	c.hurry()
	return o, err
}

// putFile stores what became of an offer; one that is uploaded is a message of
// the thread from then on.
func (c *Clerk) putFile(ctx context.Context, o interview.FileOffer, events []Event) ([]Event, error) {
	var m *store.ChatMessage
	if o.State == interview.FileUploaded {
		m = &store.ChatMessage{
			Thread: o.Thread, ID: "tm_" + ulid.Make().String(), Ref: string(o.ID), Interview: o.Interview, Author: o.Author, At: events[0].At,
			Text: o.File.Name, File: &store.SharedFile{ID: o.ID, Size: o.File.Size, Type: o.File.Type, Link: o.Link},
		}
	}
	_, err := c.cfg.Store.PutFile(ctx, o, m, func(shown store.ChatMessage) ([]store.Message, error) {
		if m != nil {
			events = append(events, Event{Type: EventMessage, At: shown.At, Thread: shown.Thread, Interview: shown.Interview, Message: &shown})
		}
		return c.messages(events...)
	})
	if err == nil && m != nil {
		c.counts.messages.Add(1)
	}
	return events, err
}

// remember keeps where a granted file goes, and forgets it when the offer is
// closed, or was erased and its time is up. An upload is a permission, and is
// written to no disk.
func (c *Clerk) remember(o interview.FileOffer, u *Upload) {
	maps.DeleteFunc(c.uploads, func(_ interview.FileID, u Upload) bool { return time.Now().After(u.ExpiresAt) })
	if u != nil {
		c.uploads[o.ID] = *u
	} else {
		delete(c.uploads, o.ID)
	}
}

// dueFiles lets offers fail whose time is up, and returns when to look again.
func (c *Clerk) dueFiles() (next time.Time, err error) {
	now := time.Now()
	due, next, err := c.cfg.Store.DueFiles(c.life, now, dueAtOnce)
	if err != nil {
		return next, err
	}
	for _, o := range due {
		if _, err := c.changeFile(c.life, o.ID, func(o *interview.FileOffer) ([]Event, error) {
			if !o.Tick(now) {
				return nil, nil
			}
			return []Event{fileEvent(EventFileWithdrawn, *o)}, nil
		}); err != nil {
			return next, err
		}
	}
	if len(due) == dueAtOnce {
		return now, nil
	}
	return next, nil
}

func fileEvent(kind string, o interview.FileOffer) Event {
	return Event{Type: kind, At: stamp(time.Now()), Thread: o.Thread, Interview: o.Interview, File: &o}
}
