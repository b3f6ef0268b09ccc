package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Times is a proposal of times for an interview, as Parley's REST API gives it.
type Times struct {
	ID        string      `json:"id"`
	Thread    string      `json:"thread"`
	By        string      `json:"by"`
	Mode      string      `json:"mode"`
	Slots     []time.Time `json:"slots"`
	Minutes   int         `json:"duration_min"`
	Zone      string      `json:"time_zone,omitempty"`
	Note      string      `json:"note,omitempty"`
	State     string      `json:"state"` // open, accepted, declined, withdrawn, expired
	CreatedAt time.Time   `json:"created_at"`
	ClosedAt  time.Time   `json:"closed_at,omitzero"`
	Chosen    time.Time   `json:"chosen,omitzero"`
	Moves     string      `json:"moves,omitempty"` // the interview that is to be moved
	Interview string      `json:"interview,omitempty"`
}

// ProposeBody proposes times. Interview is the one that is to be moved, or empty.
type ProposeBody struct {
	As        string      `json:"as"`
	Mode      string      `json:"mode"`
	Slots     []time.Time `json:"slots"`
	Minutes   int         `json:"duration_min"`
	Note      string      `json:"note,omitempty"`
	Interview string      `json:"interview,omitempty"`
}

// AnswerBody chooses one of the times proposed, or with no Slot none of them: a
// proposal of one's own is taken back, another's declined.
type AnswerBody struct {
	As       string    `json:"as"`
	Proposal string    `json:"proposal"`
	Slot     time.Time `json:"slot,omitzero"`
}

// AppointmentBody names a scheduled interview.
type AppointmentBody struct {
	As        string `json:"as"`
	Interview string `json:"interview"`
}

// Reminder says that an interview is near.
type Reminder struct {
	Interview string    `json:"interview"`
	Mode      string    `json:"mode"`
	StartsAt  time.Time `json:"starts_at"`
	AheadMin  int       `json:"minutes_ahead"`
}

// The API's side of it.
type (
	proposalBody struct {
		By        string      `json:"by"`
		Mode      string      `json:"mode"`
		Slots     []time.Time `json:"slots"`
		Minutes   int         `json:"duration_min"`
		Zone      string      `json:"time_zone"`
		Note      string      `json:"note,omitempty"`
		Interview string      `json:"interview,omitempty"`
	}
	acceptBody struct {
		By   string    `json:"by"`
		Slot time.Time `json:"slot"`
	}
	byBody struct {
		By string `json:"by"`
	}
	bookingBody struct {
		Proposal  Times     `json:"proposal"`
		Interview Interview `json:"interview"`
	}
	proposalsBody struct {
		Proposals []Times `json:"proposals"`
	}
)

func (a *App) propose(w http.ResponseWriter, r *http.Request) error {
	var body ProposeBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	proposal, _ := proposalByID(c.Proposal)
	if err := a.parley.putThread(r.Context(), proposal); err != nil {
		return err
	}
	var made Times
	err = a.parley.call(r.Context(), http.MethodPost, "/v1/threads/"+threadID(c.Proposal)+"/proposals", "", proposalBody{
		By: me.ID, Mode: body.Mode, Slots: body.Slots, Minutes: body.Minutes, Zone: a.book.zone(me.ID), Note: body.Note, Interview: body.Interview,
	}, &made)
	if err != nil {
		return err
	}
	if err := a.putTimes(made); err != nil {
		return err
	}
	a.writeJSON(w, http.StatusCreated, made)
	return nil
}

func (a *App) answer(w http.ResponseWriter, r *http.Request) error {
	var body AnswerBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return err
	}
	n := indexOfTimes(c.Items, body.Proposal)
	if n < 0 {
		return refuse(codeNotFound, "There is no such proposal in this thread.")
	}
	var booked bookingBody
	path := "/v1/proposals/" + body.Proposal
	switch {
	case !body.Slot.IsZero():
		err = a.parley.call(r.Context(), http.MethodPost, path+"/accept", "", acceptBody{me.ID, body.Slot}, &booked)
	case c.Items[n].Times.By == me.ID:
		err = a.parley.call(r.Context(), http.MethodPost, path+"/withdraw", "", byBody{me.ID}, &booked.Proposal)
	default:
		err = a.parley.call(r.Context(), http.MethodPost, path+"/decline", "", byBody{me.ID}, &booked.Proposal)
	}
	if err != nil {
		return err
	}
	if err := a.putTimes(booked.Proposal); err != nil {
		return err
	}
	if err := a.putCard(booked.Interview); err != nil {
		return err
	}
	a.writeJSON(w, http.StatusOK, booked.Proposal)
	return nil
}

func (a *App) cancel(w http.ResponseWriter, r *http.Request) error {
	me, iv, err := a.enterAppointment(w, r)
	if err != nil {
		return err
	}
	gone, err := a.parley.cancel(r.Context(), iv.ID, me.ID)
	if err != nil {
		a.catchUp(r, iv.ID)
		return err
	}
	if err := a.putCard(gone); err != nil {
		return err
	}
	a.writeJSON(w, http.StatusOK, gone)
	return nil
}

// cancel calls an interview off.
func (p *parley) cancel(ctx context.Context, interview, by string) (iv Interview, err error) {
	err = p.call(ctx, http.MethodPost, "/v1/interviews/"+interview+"/cancel", "", byBody{by}, &iv)
	return iv, err
}

// appointment is a person's own way into a scheduled interview, whose page says
// when it is until it opens.
func (a *App) appointment(w http.ResponseWriter, r *http.Request) error {
	me, iv, err := a.enterAppointment(w, r)
	if err != nil {
		return err
	}
	return a.letIn(w, r, iv, me)
}

func (a *App) calendar(w http.ResponseWriter, r *http.Request) error {
	_, c, err := a.enter(r, r.URL.Query().Get("as"))
	if err != nil {
		return err
	}
	iv, err := c.interview(r.URL.Query().Get("interview"))
	if err != nil {
		return err
	}
	file, header, err := a.parley.ask(r.Context(), http.MethodGet, "/v1/interviews/"+iv.ID+"/calendar.ics", "", nil)
	if err != nil {
		return err
	}
	for _, name := range []string{"Content-Type", "Content-Disposition"} {
		w.Header().Set(name, header.Get(name))
	}
	_, _ = w.Write(file) // a page that has gone needs no file
	return nil
}

// enterAppointment is enterWith, and finds the interview that is named.
func (a *App) enterAppointment(w http.ResponseWriter, r *http.Request) (Person, Interview, error) {
	var body AppointmentBody
	me, c, err := a.enterWith(w, r, &body, &body.As)
	if err != nil {
		return me, Interview{}, err
	}
	iv, err := c.interview(body.Interview)
	return me, iv, err
}

// interview finds an interview of the conversation by its card.
func (c conversation) interview(id string) (Interview, error) {
	for _, it := range c.Items {
		if it.Interview != nil && it.Interview.ID == id {
			return *it.Interview, nil
		}
	}
	return Interview{}, refuse(codeNotFound, "There is no such interview in this thread.")
}

// proposals reads the newest proposals of a thread.
func (p *parley) proposals(ctx context.Context, thread string) ([]Times, error) {
	var list proposalsBody
	err := p.call(ctx, http.MethodGet, "/v1/threads/"+thread+"/proposals?limit=100", "", nil, &list)
	return list.Proposals, err
}

// putTimes puts what is known about a proposal into its thread and tells the
// pages. What was answered or taken back stays so, whichever news comes first.
func (a *App) putTimes(t Times) error {
	return a.put(t.Thread, func(c conversation) []Item {
		if t.CreatedAt.Before(c.OpenedAt) {
			return nil
		}
		n := indexOfTimes(c.Items, t.ID)
		if n < 0 {
			return inOrder(c.Items, Item{ID: t.ID, Kind: KindTimes, From: t.By, Times: &t, At: t.CreatedAt})
		}
		if t.State == "open" || c.Items[n].Times.State != "open" {
			return nil
		}
		items := slices.Clone(c.Items)
		items[n].Times = &t
		return items
	})
}

// indexOfTimes returns where the proposal with that id stands, or -1.
func indexOfTimes(items []Item, id string) int {
	return slices.IndexFunc(items, func(it Item) bool { return it.Times != nil && it.Times.ID == id })
}

// putReminder writes into its thread that an interview is near.
func (a *App) putReminder(iv Interview, ahead int, at time.Time) error {
	item := Item{
		ID: fmt.Sprintf("rm_%s_%d_%d", iv.ID, iv.Sequence, ahead), Kind: KindReminder, At: at,
		Reminder: &Reminder{Interview: iv.ID, Mode: iv.Mode, StartsAt: iv.StartsAt, AheadMin: ahead},
	}
	return a.put(iv.Thread, func(c conversation) []Item {
		if !belongs(iv, c.OpenedAt) || slices.ContainsFunc(c.Items, func(it Item) bool { return it.ID == item.ID }) {
			return nil
		}
		return inOrder(c.Items, item)
	})
}
