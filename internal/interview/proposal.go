package interview

import (
	"fmt"
	"slices"
	"time"
)

// Limits of a proposal.
const (
	MaxSlots      = 20
	MaxNoteLength = 500
)

// A ProposalID names a proposal; whoever makes one chooses it, as for an ID.
type ProposalID string

// A ProposalState is where a proposal stands.
type ProposalState string

// The states of a proposal. All but the first are final.
const (
	ProposalOpen      ProposalState = "open"
	ProposalAccepted  ProposalState = "accepted"
	ProposalDeclined  ProposalState = "declined"
	ProposalWithdrawn ProposalState = "withdrawn"
	// ProposalExpired: nobody answered until its last slot had come.
	ProposalExpired ProposalState = "expired"
)

// The reasons for which a proposal is withdrawn.
const (
	ReasonWithdrawn = "withdrawn"
	// ReasonReplaced: another proposal took its place.
	ReasonReplaced = "replaced"
)

// A Proposal offers times for an interview, of which another person chooses one.
type Proposal struct {
	ID     ProposalID
	Thread ThreadID
	By     UserID // empty when the host app did not say
	Mode   Mode
	Slots  []time.Time // when the interview could begin, the earliest first
	Length time.Duration
	Zone   string // the time zone it was thought of in; may be empty
	Note   string
	Moves  ID // the interview that is to be rescheduled; empty: a new one

	State     ProposalState
	CreatedAt time.Time
	ClosedAt  time.Time // zero while it is open
	Chosen    time.Time // the slot that was accepted
	Interview ID        // what came of it
}

// Propose makes p, whose ID, Thread, By, Mode, Slots, Length, Zone, Note and
// Moves are given, an open proposal in t. Slots must lie in the future, differ,
// and not overlap each other or what is planned in the thread already, which
// others are. It returns the event, or an *Error.
func Propose(p Proposal, t Thread, others []Interview, now time.Time) (Proposal, []Event, error) {
	if !ValidID(string(p.ID)) {
		return Proposal{}, nil, errorf(CodeInvalidProposal, "A proposal's id must be %s.", idRule)
	}
	who, ok := t.Participant(p.By)
	if p.By != "" && !ok {
		return Proposal{}, nil, errorf(CodeNotParticipant, "Only a participant of the thread can propose times in it.")
	}
	if p.By != "" && !who.Role.takesPart() {
		return Proposal{}, nil, errorf(CodeNotAllowed, "Only an interviewer or an interviewee can propose times.")
	}
	if !p.Mode.Valid() {
		return Proposal{}, nil, errorf(CodeInvalidMode, "There is no such mode of interviews.").at("mode")
	}
	if !plainText(p.Note, MaxNoteLength) {
		return Proposal{}, nil, errorf(CodeInvalidProposal, "A note must be plain text of at most %d characters.", MaxNoteLength).at("note")
	}
	if p.Length == 0 {
		p.Length = DefaultLength
	}
	if err := checkLength(p.Length, p.Zone); err != nil {
		return Proposal{}, nil, err
	}
	if err := p.checkSlots(others, now); err != nil {
		return Proposal{}, nil, err
	}
	p.Slots = slices.Clone(p.Slots)
	for n := range p.Slots {
		p.Slots[n] = stamp(p.Slots[n])
	}
	slices.SortFunc(p.Slots, time.Time.Compare)
	p.Thread, p.State, p.CreatedAt = t.ID, ProposalOpen, stamp(now)
	return p, []Event{p.event(EventProposed, p.CreatedAt, who)}, nil
}

// takesPart reports whether a person with that role decides when an interview is.
func (r Role) takesPart() bool { return r == RoleInterviewer || r == RoleInterviewee }

func (p Proposal) checkSlots(others []Interview, now time.Time) error {
	if len(p.Slots) == 0 || len(p.Slots) > MaxSlots {
		return errorf(CodeInvalidProposal, "A proposal has from 1 to %d slots.", MaxSlots).at("slots")
	}
	for n, slot := range p.Slots {
		field := fmt.Sprintf("slots[%d]", n)
		if err := checkMoment(slot, now); err != nil {
			return err.at(field)
		}
		for m, earlier := range p.Slots[:n] {
			if slot.Sub(earlier).Abs() < p.Length {
				return errorf(CodeInvalidProposal, "This slot overlaps slots[%d].", m).at(field)
			}
		}
		if (Appointment{StartsAt: slot, Length: p.Length}).Free(others, p.Moves) != nil {
			return errorf(CodeOverlap, "Another interview of this thread takes place in this slot.").at(field)
		}
	}
	return nil
}

// StateAt returns the state at a moment: an open proposal has expired when the
// last of its slots has come.
func (p Proposal) StateAt(now time.Time) ProposalState {
	if p.State == ProposalOpen && len(p.Slots) > 0 && !now.Before(p.Slots[len(p.Slots)-1]) {
		return ProposalExpired
	}
	return p.State
}

// Accept chooses a slot, which leads to the interview iv. by is not who made
// the proposal, and may be the zero Participant: the host app itself. It
// returns when the interview takes place.
func (p *Proposal) Accept(by Participant, slot time.Time, iv ID, now time.Time) (Appointment, []Event, error) {
	if err := p.answered(by, now); err != nil {
		return Appointment{}, nil, err
	}
	slot = stamp(slot)
	if !slices.ContainsFunc(p.Slots, slot.Equal) {
		return Appointment{}, nil, errorf(CodeInvalidTime, "That time is not one of those proposed.").at("slot")
	}
	if !slot.After(now) {
		return Appointment{}, nil, errorf(CodeInvalidTime, "That time has passed. Choose another one.").at("slot")
	}
	p.Chosen, p.Interview = slot, iv
	return Appointment{StartsAt: slot, Length: p.Length, Zone: p.Zone}, p.close(ProposalAccepted, EventAccepted, by, "", now), nil
}

// Decline says that none of the slots will do. reason is the person's own words,
// as for [Interview.Decline]. Declining twice is no error.
func (p *Proposal) Decline(by Participant, reason string, now time.Time) ([]Event, error) {
	if p.State == ProposalDeclined {
		return nil, nil
	}
	if err := p.answered(by, now); err != nil {
		return nil, err
	}
	if !plainText(reason, MaxReasonLength) {
		return nil, errorf(CodeInvalidReason, "A reason must be plain text of at most %d characters.", MaxReasonLength).at("reason")
	}
	return p.close(ProposalDeclined, EventRefused, by, reason, now), nil
}

// answered refuses an answer to a proposal that is closed or one's own.
func (p *Proposal) answered(by Participant, now time.Time) error {
	if err := p.open(now); err != nil {
		return err
	}
	if by.ID != "" && by.ID == p.By {
		return errorf(CodeNotAllowed, "Whoever proposed times cannot answer for the others, but can withdraw them.")
	}
	if by.ID != "" && !by.Role.takesPart() {
		return errorf(CodeNotAllowed, "Only an interviewer or an interviewee can answer a proposal.")
	}
	return nil
}

// Withdraw takes a proposal back: who made it may, and the host app itself.
// reason is ReasonWithdrawn or ReasonReplaced. Withdrawing twice is no error.
func (p *Proposal) Withdraw(by Participant, reason string, now time.Time) ([]Event, error) {
	if p.State == ProposalWithdrawn {
		return nil, nil
	}
	if err := p.open(now); err != nil {
		return nil, err
	}
	if by.ID != "" && p.By != "" && by.ID != p.By {
		return nil, errorf(CodeNotAllowed, "Only whoever proposed times can withdraw them. You can decline.")
	}
	return p.close(ProposalWithdrawn, EventWithdrawn, by, reason, now), nil
}

func (p *Proposal) open(now time.Time) error {
	switch p.StateAt(now) {
	case ProposalOpen:
		return nil
	case ProposalAccepted:
		return errorf(CodeProposalClosed, "This proposal was accepted already.")
	case ProposalExpired:
		return errorf(CodeProposalClosed, "All of the times proposed have passed.")
	}
	return errorf(CodeProposalClosed, "This proposal is no longer open.")
}

func (p *Proposal) close(s ProposalState, kind EventKind, by Participant, reason string, now time.Time) []Event {
	p.State, p.ClosedAt = s, later(stamp(now), p.CreatedAt)
	e := p.event(kind, p.ClosedAt, by)
	e.Reason = reason
	return []Event{e}
}

func (p Proposal) event(kind EventKind, at time.Time, who Participant) Event {
	p.Slots = slices.Clone(p.Slots)
	return Event{Kind: kind, At: at, Thread: p.Thread, Interview: p.Interview, Participant: who, Proposal: &p}
}
