package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/chat"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// checkGuard is POST /v1/guard/check.
func (s *Server) checkGuard(w http.ResponseWriter, r *http.Request) error {
	var body CheckBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	t, err := s.cfg.Store.Thread(r.Context(), interview.ThreadID(body.Thread))
	if err != nil {
		return noThread(err)
	}
	surface, _ := guard.ParseSurface(body.Surface)
	v, err := s.cfg.Chat.Judge(r.Context(), t, chat.Text{
		Surface: surface, Text: body.Text, Actor: interview.UserID(body.Actor), Earlier: body.Earlier,
	}, body.Record)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, Check{
		Action: v.Action.String(), Findings: findingsJSON(body.Text, v.Findings), MaskedText: v.Masked,
		Version: v.Version, Policy: guardJSON(v.Guarding), Decision: v.Record,
	})
	return nil
}

func (s *Server) getGuard(w http.ResponseWriter, r *http.Request) error {
	g, err := s.cfg.Chat.Guarding(r.Context(), pathThread(r))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, guardJSON(g))
	return nil
}

func (s *Server) putGuard(w http.ResponseWriter, r *http.Request) error {
	var body GuardBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	p, err := body.policy()
	if err != nil {
		return err
	}
	g, err := s.cfg.Chat.SetPolicy(r.Context(), pathThread(r), p)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, guardJSON(g))
	return nil
}

func (s *Server) listDecisions(w http.ResponseWriter, r *http.Request) error {
	before, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	thread := r.URL.Query().Get("thread")
	if thread != "" && !interview.ValidID(thread) {
		return &fieldError{Field: "thread", Reason: "must be an id"}
	}
	appeal := r.URL.Query().Get("appeal")
	if appeal != "" && appeal != "open" {
		return &fieldError{Field: "appeal", Reason: "must be open"}
	}
	found, err := s.cfg.Store.GuardDecisions(r.Context(), store.DecisionFilter{
		Thread: interview.ThreadID(thread), Before: before, Open: appeal != "",
	}, limit+1)
	if err != nil {
		return err
	}
	decisions, next := page(found, limit, decisionJSON, func(d store.GuardDecision) string { return d.ID })
	s.writeJSON(w, http.StatusOK, DecisionList{Decisions: decisions, Next: next})
	return nil
}

func (s *Server) getDecision(w http.ResponseWriter, r *http.Request) error {
	d, err := s.cfg.Store.GuardDecision(r.Context(), r.PathValue("decision"))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, decisionJSON(d))
	return nil
}

func (s *Server) contestDecision(w http.ResponseWriter, r *http.Request) error {
	var body AppealBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	d, err := s.cfg.Chat.Contest(r.Context(), r.PathValue("decision"), interview.UserID(body.By), body.Words)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusCreated, decisionJSON(d))
	return nil
}

func (s *Server) decideAppeal(w http.ResponseWriter, r *http.Request) error {
	var body AppealDecision
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	d, err := s.cfg.Chat.Decide(r.Context(), r.PathValue("decision"), interview.UserID(body.By), body.Upheld)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, decisionJSON(d))
	return nil
}

// guardThread has the title and the names of a thread judged under its
// contract. What must be masked is masked in t, what is blocked is refused.
func (s *Server) guardThread(ctx context.Context, t *interview.Thread) (found []FieldGuard, err error) {
	judge := func(field string, surface guard.Surface, actor interview.UserID, text *string) error {
		f, err := s.guardField(ctx, *t, field, chat.Text{Surface: surface, Text: *text, Actor: actor}, text)
		if f != nil {
			found = append(found, *f)
		}
		return err
	}
	if err := judge("title", guard.Title, "", &t.Title); err != nil {
		return nil, err
	}
	people := slices.Clone(t.Participants)
	for n := range people {
		if err := judge(fmt.Sprintf("participants[%d].name", n), guard.Name, people[n].ID, &people[n].Name); err != nil {
			return nil, err
		}
	}
	t.Participants = people
	return found, nil
}

// guardName has the name judged that a person joins with.
func (s *Server) guardName(ctx context.Context, id interview.ThreadID, who interview.Participant) (interview.Participant, error) {
	t, err := s.cfg.Store.Thread(ctx, id)
	if err != nil {
		return who, err
	}
	_, err = s.guardField(ctx, t, "user.name", chat.Text{Surface: guard.Name, Text: who.Name, Actor: who.ID}, &who.Name)
	return who, err
}

// guardReason has the words judged with which a person declines something.
func (s *Server) guardReason(ctx context.Context, id interview.ThreadID, body *DeclineBody) error {
	if body.Reason == "" {
		return nil
	}
	t, err := s.cfg.Store.Thread(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.guardField(ctx, t, "reason", chat.Text{Surface: guard.Note, Text: body.Reason, Actor: interview.UserID(body.By)}, &body.Reason)
	return err
}

// guardField has one field of a request judged and what was found recorded. A
// text that must be masked is masked in place, one that is blocked is refused
// with the field named.
func (s *Server) guardField(ctx context.Context, t interview.Thread, field string, text chat.Text, in *string) (*FieldGuard, error) {
	if text.Text == "" {
		return nil, nil
	}
	v, err := s.cfg.Chat.Judge(ctx, t, text, true)
	if err != nil || len(v.Findings) == 0 {
		return nil, err
	}
	found := findingsJSON(text.Text, v.Findings)
	switch v.Action {
	case guard.Block:
		return nil, &apiError{
			code: CodeContactDetails, field: field, findings: found, decision: v.Record,
			detail: fmt.Sprintf("The field %q has contact details, which stay out until there is a contract.", field),
		}
	case guard.Mask:
		*in = v.Masked
	}
	return &FieldGuard{Field: field, Action: v.Action.String(), Findings: found, Decision: v.Record}, nil
}

func pathThread(r *http.Request) interview.ThreadID {
	return interview.ThreadID(r.PathValue("thread"))
}

// policy reads what a host app says about guarding a thread.
func (b GuardBody) policy() (chat.Policy, error) {
	p := chat.Policy{Default: b.Mode == "", Rearm: b.RearmWhenEnded}
	p.Mode, _ = guard.ParseMode(b.Mode)
	for n, e := range b.Exceptions {
		field := fmt.Sprintf("exceptions[%d]", n)
		switch {
		case strings.TrimSpace(e.By) == "":
			return p, &fieldError{Field: field + ".by", Reason: "must say who granted it"}
		case !e.Until.IsZero() && !e.Until.After(e.From):
			return p, &fieldError{Field: field + ".until", Reason: "must be later than from"}
		}
		reason, _ := guard.ParseReason(e.Reason)
		if (reason == guard.Appealed) != (e.Decision != "") {
			return p, &fieldError{Field: field + ".decision", Reason: "goes with the reason appeal"}
		}
		p.Exceptions = append(p.Exceptions, guard.Exception{
			Reason: reason, By: e.By, Note: e.Note, From: e.From, Until: e.Until, Decision: e.Decision,
		})
	}
	return p, nil
}

// sentences tell people what is wrong, by the category of a finding.
var sentences = map[guard.Category]string{
	guard.Email:       "An e-mail address cannot be shared until there is a contract.",
	guard.Phone:       "A telephone number cannot be shared until there is a contract.",
	guard.Handle:      "A name on another service cannot be shared until there is a contract.",
	guard.Link:        "A link that leads to contact details cannot be shared until there is a contract.",
	guard.Ask:         "Contact details cannot be asked for until there is a contract.",
	guard.RewardOffer: "Nothing may be offered for winning the contract.",
	guard.TooLong:     "The text is too long to be looked through.",
}

// findingsJSON counts in characters, as every language can: JSON has no bytes.
func findingsJSON(text string, found []guard.Finding) []Finding {
	out := []Finding{}
	for _, f := range found {
		start := utf8.RuneCountInString(text[:f.Start])
		out = append(out, Finding{
			Category: f.Category.String(), Start: start, End: start + utf8.RuneCountInString(text[f.Start:f.End]),
			Score: float64(int(f.Score*1000+0.5)) / 1000, Rule: f.Rule, MessageKey: f.MessageKey, Message: sentences[f.Category],
		})
	}
	return out
}

func guardJSON(g chat.Guarding) Guard {
	out := Guard{
		Mode: g.Mode.String(), Default: g.Default, RearmWhenEnded: g.Rearm, Active: g.Active, ChangesAt: utc(g.ChangesAt),
		Exceptions: []Exception{},
	}
	for _, e := range g.Exceptions {
		out.Exceptions = append(out.Exceptions, Exception{
			Reason: e.Reason.String(), By: e.By, Note: e.Note, From: utc(e.From), Until: utc(e.Until), Decision: e.Decision,
		})
	}
	return out
}
