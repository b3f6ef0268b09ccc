package conference

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"parley/internal/chat"
	"parley/internal/interview"
	"parley/internal/store"
)

// What one participant may write: a lively conversation, and no flood.
const (
	writesPerSecond = 1
	writesAtOnce    = 10
)

// A page of a thread's history: so many messages, and so many bytes of text.
const (
	historyPage = 50
	historySize = 32 << 10
)

// Message is something that somebody wrote in the thread, as it was delivered.
type Message = store.ChatMessage

// Verdict is what was found in something that was written, and what became of it.
type Verdict = chat.Verdict

// Said says that somebody wrote something in the thread.
type Said struct{ Message Message }

// Guarded says that contact details are held back from now on, or no more.
type Guarded struct{ Active bool }

// Appealed says to the person who contested a decision of the guard how that
// stands.
type Appealed struct {
	Decision string
	State    AppealState
	At       time.Time // since when
}

// AppealState is how an appeal stands.
type AppealState string

// The states of appeals.
const (
	AppealOpen      AppealState = "open"
	AppealUpheld    AppealState = "upheld"    // the person was right
	AppealDismissed AppealState = "dismissed" // the decision stands
)

func (Said) notice()     {}
func (Guarded) notice()  {}
func (Appealed) notice() {}

// History is a page of what was written in the thread, oldest first.
type History struct {
	Messages []Message
	More     bool // there are older ones
	Guarded  bool // contact details are held back now
	MayWrite bool
	Appeals  []Appealed // of the person's own, the newest first
}

// Say sends a message to everybody in the thread. ref is the client's own name
// for it: sent again under the same one, it is the same message. What became of
// it is in Sent; nothing was delivered when its Action is guard.Block. Refusals
// are *Error: CodeNotAllowed, CodeTooFast, or the domain's.
func (s *Session) Say(ctx context.Context, ref, text string) (chat.Sent, error) {
	l := &writeLetter{question: ask(), session: s}
	if err := s.room.ask(ctx, l); err != nil {
		return chat.Sent{}, err
	}
	sent, err := s.room.rooms.cfg.Chat.Send(ctx, chat.Draft{
		Thread: s.room.thread, Interview: s.room.id, Author: l.who, Ref: ref, Text: text,
	})
	return sent, chatRefusal(err)
}

// Complain reports somebody, or with an empty about nobody in particular, to
// those who run the host app. Refusals are as for Say.
func (s *Session) Complain(ctx context.Context, about interview.UserID, reason, words string) (store.Report, error) {
	l := &writeLetter{question: ask(), session: s, report: true}
	if err := s.room.ask(ctx, l); err != nil {
		return store.Report{}, err
	}
	r, err := s.room.rooms.cfg.Chat.Report(ctx, l.iv, store.Report{Reporter: l.who.ID, About: about, Reason: reason, Words: words})
	return r, chatRefusal(err)
}

// History returns what was written before the message with the number before,
// or with 0 what was written last.
func (s *Session) History(ctx context.Context, before int64) (History, error) {
	l := &writeLetter{question: ask(), session: s, reads: true}
	if err := s.room.ask(ctx, l); err != nil {
		return History{}, err
	}
	clerk := s.room.rooms.cfg.Chat
	found, more, err := clerk.History(ctx, s.room.thread, before, historyPage, historySize)
	if err != nil {
		return History{}, err
	}
	g, err := clerk.Guarding(ctx, s.room.thread)
	if err != nil {
		return History{}, err
	}
	contested, err := clerk.Appeals(ctx, s.room.thread, l.who.ID)
	h := History{Messages: found, More: more, Guarded: g.HoldsBack(), MayWrite: mayWrite(l.who.Role)}
	for _, d := range contested {
		h.Appeals = append(h.Appeals, appealed(d))
	}
	return h, err
}

// Contest opens an appeal against a decision of the guard about what the person
// wrote. That it is open comes as an [Appealed], as all that becomes of it.
// Refusals are as for Say.
func (s *Session) Contest(ctx context.Context, decision, words string) error {
	l := &writeLetter{question: ask(), session: s}
	if err := s.room.ask(ctx, l); err != nil {
		return err
	}
	_, err := s.room.rooms.cfg.Chat.Contest(ctx, decision, l.who.ID, words)
	return chatRefusal(err)
}

func appealed(d store.GuardDecision) Appealed {
	a := Appealed{Decision: d.ID, State: AppealOpen, At: d.Appeal.At}
	if !d.Appeal.DecidedAt.IsZero() {
		a.State, a.At = AppealDismissed, d.Appeal.DecidedAt
		if d.Appeal.Upheld {
			a.State = AppealUpheld
		}
	}
	return a
}

// mayWrite: an observer is there to see and hear.
func mayWrite(r interview.Role) bool { return r != interview.RoleObserver }

// writeLetter asks who a session is, and whether they may write.
type writeLetter struct {
	question
	session *Session
	reads   bool // they only want to read
	report  bool // everybody may, observers too
	who     interview.Participant
	iv      interview.Interview // brought back, as who is
}

func (r *room) write(l *writeLetter) error {
	m := r.holder(l.session)
	switch {
	case m == nil:
		return errSessionOver()
	case r.rooms.cfg.Chat == nil:
		return refuse(CodeNotAllowed, "This server keeps no messages.")
	case l.reads:
	case !l.report && !mayWrite(m.who.Role):
		return refuse(CodeNotAllowed, "Observers cannot write in this interview.")
	default:
		if m.writes == nil {
			m.writes = rate.NewLimiter(writesPerSecond, writesAtOnce)
		}
		if !m.writes.Allow() {
			return refuse(CodeTooFast, "That was a lot at once. Wait a moment and send it again.")
		}
	}
	l.who, l.iv = m.who, r.iv
	return nil
}

// newsLetter brings what happened in the thread.
type newsLetter struct {
	notice Notice
	to     interview.UserID // empty: everybody
}

func (r *room) news(l newsLetter) {
	for _, m := range r.people {
		if l.to == "" || m.who.ID == l.to {
			m.deliver(l.notice)
		}
	}
}

// hear passes what happened in a thread to its rooms.
func (r *Rooms) hear(e chat.Event) {
	var news newsLetter
	switch e.Type {
	case chat.EventMessage:
		news.notice = Said{*e.Message}
	case chat.EventLifted, chat.EventArmed:
		news.notice = Guarded{e.Guarding.HoldsBack()}
	case chat.EventAppealed, chat.EventAppealDecided:
		news = newsLetter{appealed(*e.Decision), interview.UserID(e.Decision.Appeal.By)}
	case chat.EventFileGranted, chat.EventFileDeclined, chat.EventFileUploaded, chat.EventFileWithdrawn:
		news = newsLetter{Filed{*e.File, e.Upload}, e.File.Author.ID}
	default:
		return
	}
	r.mu.Lock()
	var rooms []*room
	for _, room := range r.open {
		if room.thread == e.Thread {
			rooms = append(rooms, room)
		}
	}
	r.mu.Unlock()
	for _, room := range rooms {
		_ = room.mail.put(news) // one that has ended has nobody to tell
	}
}

// chatRefusal makes refusals of what the clerk refuses.
func chatRefusal(err error) error {
	switch {
	case errors.Is(err, chat.ErrNoThread):
		return &Error{Code: CodeNotFound, Message: "There is no such thread.", cause: err}
	case errors.Is(err, store.ErrNotFound):
		return &Error{Code: CodeNotFound, Message: "There is no such decision; it may have been kept long enough.", cause: err}
	}
	return refusal(err)
}
