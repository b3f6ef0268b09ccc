package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/chat"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// ProposalBody offers times for an interview.
type ProposalBody struct {
	By        string      `json:"by,omitempty" maxLength:"128" description:"The participant who proposes: they cannot accept. Absent: the host app itself."`
	Mode      string      `json:"mode,omitempty" enum:"audio,video,zoom" description:"Needed unless an interview is to be moved."`
	Slots     []time.Time `json:"slots" required:"true" minItems:"1" maxItems:"20" nullable:"false" description:"When it could begin. They lie in the future and do not overlap."`
	Minutes   int         `json:"duration_min,omitempty" minimum:"5" maximum:"480" description:"How long it is meant to last; absent: 30."`
	Zone      string      `json:"time_zone,omitempty" maxLength:"64" format:"iana-time-zone" description:"The time zone of whoever proposes."`
	Note      string      `json:"note,omitempty" maxLength:"500" description:"A line of text for the other person."`
	Interview string      `json:"interview,omitempty" maxLength:"128" description:"The scheduled interview that is to be moved. Absent: accepting makes a new one."`
}

// Proposal offers times for an interview, of which another person chooses one.
type Proposal struct {
	ID        string      `json:"id" required:"true"`
	Thread    string      `json:"thread" required:"true"`
	By        string      `json:"by" required:"true" description:"Empty: the host app itself."`
	Mode      string      `json:"mode" required:"true" enum:"audio,video,zoom"`
	Slots     []time.Time `json:"slots" required:"true" nullable:"false" description:"The earliest first."`
	Minutes   int         `json:"duration_min" required:"true"`
	Zone      string      `json:"time_zone,omitempty"`
	Note      string      `json:"note,omitempty"`
	State     string      `json:"state" required:"true" enum:"open,accepted,declined,withdrawn,expired"`
	CreatedAt time.Time   `json:"created_at" required:"true"`
	ClosedAt  time.Time   `json:"closed_at,omitzero" description:"When it was answered or withdrawn."`
	Chosen    time.Time   `json:"chosen,omitzero" description:"The slot that was accepted."`
	Moves     string      `json:"moves,omitempty" description:"The interview that is to be moved."`
	Interview string      `json:"interview,omitempty" description:"What came of it, once it is accepted."`
}

// ProposalList is a page of a thread's proposals, newest first.
type ProposalList struct {
	Proposals []Proposal `json:"proposals" required:"true" nullable:"false"`
	Next      string     `json:"next,omitempty" description:"Give it as before for the next page. Absent on the last one."`
}

// AcceptBody chooses a slot.
type AcceptBody struct {
	By   string    `json:"by,omitempty" maxLength:"128" description:"The participant who accepts; absent: the host app itself."`
	Slot time.Time `json:"slot" required:"true" description:"One of the proposal's slots."`
}

// Booking is an accepted proposal with the interview that came of it.
type Booking struct {
	Proposal  Proposal  `json:"proposal" required:"true"`
	Interview Interview `json:"interview" required:"true"`
}

// RescheduleBody moves a scheduled interview.
type RescheduleBody struct {
	By       string    `json:"by,omitempty" maxLength:"128" description:"The participant who moves it; absent: the host app itself."`
	StartsAt time.Time `json:"starts_at" required:"true"`
	Minutes  int       `json:"duration_min,omitempty" minimum:"5" maximum:"480" description:"Absent: as long as it was."`
	Zone     string    `json:"time_zone,omitempty" maxLength:"64" format:"iana-time-zone" description:"Absent: as it was."`
}

func proposalJSON(p interview.Proposal, now time.Time) Proposal {
	out := Proposal{
		ID: string(p.ID), Thread: string(p.Thread), By: string(p.By), Mode: string(p.Mode), Slots: []time.Time{}, Minutes: minutes(p.Length),
		Zone: p.Zone, Note: p.Note, State: string(p.StateAt(now)), CreatedAt: utc(p.CreatedAt), ClosedAt: utc(p.ClosedAt), Chosen: utc(p.Chosen),
		Moves: string(p.Moves), Interview: string(p.Interview),
	}
	for _, slot := range p.Slots {
		out.Slots = append(out.Slots, utc(slot))
	}
	return out
}

func minutes(d time.Duration) int { return int(d / time.Minute) }

func (s *Server) propose(w http.ResponseWriter, r *http.Request) error {
	var body ProposalBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	if body.Mode == string(interview.ModeZoom) && !s.makesMeetings() {
		return problem(CodeNoZoom, "This server has no Zoom account. Propose another mode.")
	}
	p := interview.Proposal{
		ID: interview.ProposalID("ps_" + ulid.Make().String()), Thread: t.ID, By: interview.UserID(body.By), Mode: interview.Mode(body.Mode),
		Slots: body.Slots, Length: time.Duration(body.Minutes) * time.Minute, Zone: body.Zone, Note: body.Note, Moves: interview.ID(body.Interview),
	}
	others, err := s.cfg.Store.Scheduled(r.Context(), t.ID)
	if err != nil {
		return err
	}
	if p.Moves != "" {
		if err := moveOne(&p, others); err != nil {
			return err
		}
	}
	if _, err := s.guardField(r.Context(), t, "note", chat.Text{Surface: guard.Note, Text: p.Note, Actor: p.By}, &p.Note); err != nil {
		return err
	}
	now := time.Now()
	p, events, err := interview.Propose(p, t, others, now)
	if err != nil {
		return err
	}
	messages, err := messagesOf(events)
	if err != nil {
		return err
	}
	err = s.cfg.Store.AddProposal(r.Context(), p, func(old *interview.Proposal) ([]store.Message, error) {
		gone, err := old.Withdraw(interview.Participant{}, interview.ReasonReplaced, now)
		if e, ok := errors.AsType[*interview.Error](err); ok && e.Code == interview.CodeProposalClosed {
			old.State, old.ClosedAt = interview.ProposalExpired, old.Slots[len(old.Slots)-1]
			return nil, nil
		}
		events = append(gone, events...)
		told, messageErr := messagesOf(gone)
		return told, errors.Join(err, messageErr)
	}, messages...)
	if err != nil {
		return err
	}
	s.tell(events)
	w.Header().Set("Location", "/v1/proposals/"+string(p.ID))
	s.writeJSON(w, http.StatusCreated, proposalJSON(p, now))
	return nil
}

// moveOne makes a proposal about the interview it names, which is one of those
// of the thread that are to come.
func moveOne(p *interview.Proposal, others []interview.Interview) error {
	for _, iv := range others {
		if iv.ID != p.Moves || iv.State != interview.StateScheduled {
			continue
		}
		p.Mode = iv.Mode
		if p.Length == 0 {
			p.Length = iv.Length
		}
		return nil
	}
	return &apiError{code: CodeNotFound, field: "interview", detail: `The field "interview" names no scheduled interview of this thread.`}
}

func (s *Server) listProposals(w http.ResponseWriter, r *http.Request) error {
	before, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	found, err := s.cfg.Store.Proposals(r.Context(), t.ID, interview.ProposalID(before), limit+1)
	if err != nil {
		return err
	}
	now := time.Now()
	proposals, next := page(found, limit, func(p interview.Proposal) Proposal { return proposalJSON(p, now) },
		func(p interview.Proposal) string { return string(p.ID) })
	s.writeJSON(w, http.StatusOK, ProposalList{Proposals: proposals, Next: next})
	return nil
}

// proposal reads the proposal named in the path.
func (s *Server) proposal(r *http.Request) (interview.Proposal, error) {
	p, err := s.cfg.Store.Proposal(r.Context(), interview.ProposalID(r.PathValue("proposal")))
	if errors.Is(err, store.ErrNotFound) {
		return p, problem(CodeNotFound, "There is no such proposal.")
	}
	return p, err
}

func (s *Server) getProposal(w http.ResponseWriter, r *http.Request) error {
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, proposalJSON(p, time.Now()))
	return nil
}

func (s *Server) acceptProposal(w http.ResponseWriter, r *http.Request) error {
	var body AcceptBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	p, by, err := s.answering(r, body.By)
	if err != nil {
		return err
	}
	iv, p, err := s.cfg.Rooms.Accept(r.Context(), p.ID, by, body.Slot)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, Booking{Proposal: proposalJSON(p, time.Now()), Interview: interviewJSON(iv)})
	return nil
}

// answering finds the proposal named in the path, and the participant of its
// thread with the id by: nobody when that is empty.
func (s *Server) answering(r *http.Request, by string) (p interview.Proposal, who interview.Participant, err error) {
	if p, err = s.proposal(r); err != nil || by == "" {
		return p, who, err
	}
	who, err = s.invited(r.Context(), p.Thread, User{ID: by})
	return p, who, err
}

func (s *Server) declineProposal(w http.ResponseWriter, r *http.Request) error {
	var body DeclineBody
	if err := readBody(r, true, &body); err != nil {
		return err
	}
	p, err := s.proposal(r)
	if err != nil {
		return err
	}
	if err := s.guardReason(r.Context(), p.Thread, &body); err != nil {
		return err
	}
	return s.closeProposal(w, r, body.By, func(p *interview.Proposal, who interview.Participant) ([]interview.Event, error) {
		return p.Decline(who, body.Reason, time.Now())
	})
}

func (s *Server) withdrawProposal(w http.ResponseWriter, r *http.Request) error {
	var body EndBody
	if err := readBody(r, true, &body); err != nil {
		return err
	}
	return s.closeProposal(w, r, body.By, func(p *interview.Proposal, who interview.Participant) ([]interview.Event, error) {
		return p.Withdraw(who, interview.ReasonWithdrawn, time.Now())
	})
}

func (s *Server) closeProposal(w http.ResponseWriter, r *http.Request, by string, do func(*interview.Proposal, interview.Participant) ([]interview.Event, error)) error {
	p, who, err := s.answering(r, by)
	if err != nil {
		return err
	}
	var events []interview.Event
	p, err = s.cfg.Store.ChangeProposal(r.Context(), p.ID, func(p *interview.Proposal) ([]store.Message, error) {
		var err error
		if events, err = do(p, who); err != nil {
			return nil, err
		}
		return messagesOf(events)
	})
	if err != nil {
		return err
	}
	s.tell(events)
	s.writeJSON(w, http.StatusOK, proposalJSON(p, time.Now()))
	return nil
}

func (s *Server) rescheduleInterview(w http.ResponseWriter, r *http.Request) error {
	var body RescheduleBody
	return s.finish(w, r, false, &body, &body.By, func(id interview.ID) (interview.Interview, error) {
		return s.cfg.Rooms.Reschedule(r.Context(), id, interview.UserID(body.By), interview.Appointment{
			StartsAt: body.StartsAt, Length: time.Duration(body.Minutes) * time.Minute, Zone: body.Zone,
		})
	})
}
