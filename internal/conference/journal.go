package conference

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

const (
	writeTimeout = 10 * time.Second // for one write
	retryAfter   = time.Second      // before a write that failed is tried again
)

// apply makes a call of the domain and stores what it did. On an error the
// room's interview is as it was. The caller brings the room in line with the
// events and then announces them.
func (r *room) apply(call change) ([]interview.Event, error) { return r.applyFor(call, nil) }

// applyFor is apply for a call that carries out a proposal, stored with it.
func (r *room) applyFor(call change, p *interview.Proposal) ([]interview.Event, error) {
	next := r.iv.Clone()
	events, err := call(&next, time.Now())
	if err != nil {
		return nil, refusal(err)
	}
	if len(events) == 0 {
		return nil, nil
	}
	if next.State.Final() {
		r.keep(r.inside...) // before anybody hears of the end and asks how it was
	}
	if err := r.rooms.save(next, events, p); err != nil {
		return nil, err
	}
	r.iv = next
	return events, nil
}

// save stores an interview and what webhooks tell of the events that made it so,
// with the proposal they carry out unless p is nil. It is on the time of the rooms
// and not of a caller: a socket that closes in between must not leave the outcome
// open.
func (r *Rooms) save(iv interview.Interview, events []interview.Event, p *interview.Proposal) error {
	messages, err := r.messages(iv, events)
	if err != nil {
		return fmt.Errorf("tell of interview %s: %w", iv.ID, err)
	}
	ctx, cancel := context.WithTimeout(r.life, writeTimeout)
	defer cancel()
	if p == nil {
		err = r.cfg.Store.SaveInterview(ctx, iv, messages...)
	} else {
		err = r.cfg.Store.SaveBooking(ctx, iv, *p, messages...)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrConflict) && p != nil:
		return &Error{Code: CodeProposalClosed, Message: "This proposal was answered a moment ago.", cause: err}
	case errors.Is(err, store.ErrConflict):
		return &Error{Code: CodeThreadBusy, Message: "Another interview of this thread is under way.", cause: err}
	}
	r.counts.storeFailures.Add(1)
	return fmt.Errorf("store interview %s: %w", iv.ID, err)
}

// messages are the events as webhooks tell them.
func (r *Rooms) messages(iv interview.Interview, events []interview.Event) ([]store.Message, error) {
	if r.cfg.Encode == nil {
		return nil, nil
	}
	messages := make([]store.Message, len(events))
	for i, e := range events {
		body, err := r.cfg.Encode(e, iv)
		if err != nil {
			return nil, err
		}
		messages[i] = store.NewMessage(string(e.Kind), e.Subject(), e.At, body)
	}
	return messages, nil
}

// announce tells watchers and sessions what was stored. subject is the member who
// made it happen by joining or leaving, if one did: their own session knows.
func (r *room) announce(events []interview.Event, subject *member) {
	r.rooms.publish(events)
	for _, e := range events {
		switch e.Kind {
		case interview.EventJoined:
			r.rooms.counts.entered.Add(1)
			r.log.Info("participant joined", "participant", string(e.Participant.ID), "role", string(e.Participant.Role))
			r.tell(Joined{subject.presence()}, subject)
			r.pass(e)
		case interview.EventLeft:
			r.log.Info("participant left", "participant", string(e.Participant.ID), "cause", string(e.Cause))
			r.pass(e)
			if e.Cause != interview.CauseEnded { // then Over says it
				r.tell(Left{Participant: e.Participant.ID, Cause: e.Cause}, subject)
			}
		case interview.EventReady:
			r.log.Info("participant ready", "participant", string(e.Participant.ID))
		case interview.EventReminder, interview.EventAccepted:
		case interview.EventRescheduled:
			r.log.Info("interview rescheduled")
			r.tell(StateChanged{r.iv}, nil)
			r.tellEarly(StateChanged{r.iv})
		case interview.EventRinging, interview.EventStarted:
			r.log.Info("interview " + string(r.iv.State))
			r.tell(StateChanged{r.iv}, nil)
		case interview.EventZoomOffered, interview.EventZoomChosen, interview.EventZoomReady,
			interview.EventZoomStarted, interview.EventZoomEnded, interview.EventZoomFailed:
			r.log.Info("zoom "+string(r.iv.Zoom.State), "reason", e.Reason)
			r.tell(r.zoomed(), nil)
		case interview.EventEnded, interview.EventMissed, interview.EventDeclined, interview.EventCancelled:
			r.finish()
		default:
			if e.Recording != "" {
				r.recordingChanged(e)
			}
		}
	}
}

// finish ends the room because its interview is over.
func (r *room) finish() {
	r.log.Info("interview over", "state", string(r.iv.State), "reason", r.iv.EndReason, "duration", r.iv.Duration())
	r.dismiss(Over{r.iv})
	r.over = errInterviewOver()
}

// dismiss delivers everybody's last notice.
func (r *room) dismiss(last Notice) {
	for _, m := range r.people {
		m.dismiss(last)
	}
	r.tellEarly(last)
	r.early = nil
}

// tell delivers a notice to every session but one's own.
func (r *room) tell(n Notice, but *member) {
	for _, m := range r.people {
		if m != but {
			m.deliver(n)
		}
	}
}
