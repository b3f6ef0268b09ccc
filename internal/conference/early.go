package conference

import (
	"context"
	"slices"

	"parley/internal/interview"
)

// Timing is what somebody who cannot come in now is told: when the interview is,
// or was to be, and who the people of its thread are, with their time zones.
type Timing struct {
	Interview interview.Interview
	People    []interview.Participant
}

// waiting is somebody who came before the interview opened. They are in no lobby
// and seen by nobody: all they hear is when it is.
type waiting struct {
	who interview.UserID
	at  *Session
}

// Wait has somebody for whom Attach found it too early told when it is, and then
// by StateChanged whenever the interview is moved. Over, Replaced and GoingAway are
// the last notice, as of any session; a second Wait of the same participant
// replaces the first. The session takes nothing but Detach: whoever waited comes
// in by Attach, for which it may be time already. The error is as of Attach.
func (r *Rooms) Wait(ctx context.Context, a Attach) (*Session, Timing, error) {
	room, err := r.roomFor(ctx, a)
	if err != nil {
		return nil, Timing{}, err
	}
	thread, err := r.cfg.Store.Thread(ctx, room.thread)
	if err != nil {
		return nil, Timing{}, err
	}
	s := &Session{room: room, deliver: a.Deliver}
	l := &waitLetter{question: ask(), who: a.Participant.ID, session: s}
	if err := room.ask(ctx, l); err != nil {
		s.Detach(Dropped) // it may have been taken in after all
		return nil, Timing{}, err
	}
	return s, Timing{Interview: l.iv, People: thread.Participants}, nil
}

// Timing tells of an interview, whatever its state. The error is an *Error with
// CodeNotFound, or one of the store.
func (r *Rooms) Timing(ctx context.Context, id interview.ID) (Timing, error) {
	iv, err := r.Interview(ctx, id)
	if err != nil {
		return Timing{}, err
	}
	thread, err := r.cfg.Store.Thread(ctx, iv.Thread)
	return Timing{Interview: iv, People: thread.Participants}, err
}

func (r *room) wait(l *waitLetter) error {
	n := slices.IndexFunc(r.early, func(w waiting) bool { return w.who == l.who })
	switch {
	case n >= 0:
		r.early[n].at.deliver(Replaced{})
		r.early[n].at = l.session
	case len(r.early) >= r.rooms.cfg.Policy.MaxParticipants:
		return fatal(CodeRoomFull, "As many people as this interview takes are waiting for it already.")
	default:
		r.early = append(r.early, waiting{l.who, l.session})
	}
	l.iv = r.iv
	return nil
}

// tellEarly delivers a notice to those who came before the interview opened.
func (r *room) tellEarly(n Notice) {
	for _, w := range r.early {
		w.at.deliver(n)
	}
}
