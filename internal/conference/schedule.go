package conference

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// Reschedule moves an interview that nobody has come to yet, to a time at which
// its thread has no other one. People keep the way in that they have. The
// error is an *Error with CodeNotFound, CodeGoingAway, or the domain's.
func (r *Rooms) Reschedule(ctx context.Context, id interview.ID, by interview.UserID, a interview.Appointment) (interview.Interview, error) {
	done, err := r.oneAtATime(ctx)
	if err != nil {
		return interview.Interview{}, err
	}
	defer done()
	return r.move(ctx, id, by, a, nil)
}

// move is Reschedule, also for a proposal that asks for it.
func (r *Rooms) move(ctx context.Context, id interview.ID, by interview.UserID, a interview.Appointment, p *accepted) (interview.Interview, error) {
	iv, err := r.Interview(ctx, id)
	if err != nil {
		return iv, err
	}
	if a.Length == 0 {
		a.Length = iv.Length
	}
	if err := r.free(ctx, iv.Thread, a, id); err != nil {
		return iv, err
	}
	var proposal *interview.Proposal
	if p != nil {
		proposal = &p.proposal
	}
	iv, err = r.commandFor(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		events, err := iv.Reschedule(by, a, now)
		if err == nil && p != nil {
			events = slices.Concat(p.events, events)
		}
		return events, err
	}, proposal)
	if err == nil {
		r.replan(id, iv.StartsAt)
	}
	return iv, err
}

// replan notes when the interview of a room takes place now.
func (r *Rooms) replan(id interview.ID, startsAt time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if room := r.open[id]; room != nil {
		room.startsAt = startsAt
	}
}

// free refuses an appointment at which the thread has another one. but is the
// interview that is to be moved to it, if one is.
func (r *Rooms) free(ctx context.Context, thread interview.ThreadID, a interview.Appointment, but interview.ID) error {
	others, err := r.cfg.Store.Scheduled(ctx, thread)
	if err != nil {
		return err
	}
	return refusal(a.Free(others, but))
}

// accepted is a proposal that has just been accepted, and what tells of it.
type accepted struct {
	proposal interview.Proposal
	events   []interview.Event
}

// Accept books a slot of a proposal: it makes the interview, or moves the one
// that the proposal is about. by is a participant of the thread, or the zero
// Participant for the host app itself. Accepting the slot that was accepted
// before changes nothing and answers with its interview. The error is an *Error
// with CodeNotFound, CodeProposalClosed, CodeGoingAway, or the domain's.
func (r *Rooms) Accept(ctx context.Context, id interview.ProposalID, by interview.Participant, slot time.Time) (interview.Interview, interview.Proposal, error) {
	none := interview.Interview{}
	done, err := r.oneAtATime(ctx)
	if err != nil {
		return none, interview.Proposal{}, err
	}
	defer done()
	p, err := r.cfg.Store.Proposal(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return none, p, &Error{Code: CodeNotFound, Message: "There is no such proposal.", cause: err}
	}
	if err != nil {
		return none, p, err
	}
	if p.State == interview.ProposalAccepted && p.Chosen.Equal(slot) {
		iv, err := r.Interview(ctx, p.Interview)
		return iv, p, err
	}
	leadsTo := p.Moves
	if leadsTo == "" {
		leadsTo = interview.ID(r.cfg.NewID())
	}
	a, events, err := p.Accept(by, slot, leadsTo, time.Now())
	if err != nil {
		return none, p, refusal(err)
	}
	iv, err := r.book(ctx, by, a, accepted{p, events})
	return iv, p, err
}

// book makes or moves the interview of a proposal.
func (r *Rooms) book(ctx context.Context, by interview.Participant, a interview.Appointment, accepted accepted) (interview.Interview, error) {
	p := accepted.proposal
	if p.Moves != "" {
		return r.move(ctx, p.Moves, by.ID, a, &accepted)
	}
	thread, err := r.cfg.Store.Thread(ctx, p.Thread)
	if err != nil {
		return interview.Interview{}, err
	}
	if err := r.free(ctx, p.Thread, a, ""); err != nil {
		return interview.Interview{}, err
	}
	who := p.By // the one whose appointment it is: who proposed it, while they are in the thread
	if _, in := thread.Participant(who); !in {
		who = ""
	}
	iv, events, err := interview.Schedule(p.Interview, thread, p.Mode, who, a, time.Now())
	if err != nil {
		return interview.Interview{}, refusal(err)
	}
	iv.Recording.Transcripts = r.cfg.Transcripts
	if iv.Recording.Mode, err = r.recordingMode(""); err != nil {
		return interview.Interview{}, err
	}
	if err := r.admit(*iv, thread, slices.Concat(accepted.events, events), &p); err != nil {
		return interview.Interview{}, err
	}
	return *iv, nil
}
