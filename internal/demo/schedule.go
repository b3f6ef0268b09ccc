package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	me, c, err := a.enter(r, body.As)
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
	if err == nil {
		err = a.putTimes(made)
	}
	if err != nil {
		return err
	}
	a.writeJSON(w, http.StatusCreated, made)
	return nil
}

func (a *App) answer(w http.ResponseWriter, r *http.Request) error {
	var body AnswerBody
	if err := readBody(w, r, &body); err != nil {
		return err
	}
	me, c, err := a.enter(r, body.As)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(c.Items, func(it Item) bool { return it.Times != nil && it.Times.ID == body.Proposal })
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
	err = a.parley.call(r.Context(), http.MethodPost, "/v1/interviews/"+iv.ID+"/cancel", "", byBody{me.ID}, &iv)
	if err == nil {
		err = a.putCard(iv)
	}
	if err != nil {
		a.catchUp(r, iv.ID)
		return err
	}
	a.writeJSON(w, http.StatusOK, iv)
	return nil
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
	iv, ok := c.interview(r.URL.Query().Get("interview"))
	if !ok {
		return refuse(codeNotFound, "There is no such interview in this thread.")
	}
	request, err := a.parley.request(r.Context(), http.MethodGet, "/v1/interviews/"+iv.ID+"/calendar.ics", nil)
	if err != nil {
		return err
	}
	response, err := a.parley.client.Do(request)
	if err != nil {
		return unreachable(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return unreachable(err)
	}
	if response.StatusCode != http.StatusOK {
		return refusalIn(response.StatusCode, raw)
	}
	w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
	w.Header().Set("Content-Disposition", response.Header.Get("Content-Disposition"))
	_, _ = w.Write(raw) // a page that has gone needs no file
	return nil
}

// enterAppointment is enter, and finds the interview that is named.
func (a *App) enterAppointment(w http.ResponseWriter, r *http.Request) (Person, Interview, error) {
	var body AppointmentBody
	if err := readBody(w, r, &body); err != nil {
		return Person{}, Interview{}, err
	}
	me, c, err := a.enter(r, body.As)
	if err != nil {
		return me, Interview{}, err
	}
	iv, ok := c.interview(body.Interview)
	if !ok {
		return me, iv, refuse(codeNotFound, "There is no such interview in this thread.")
	}
	return me, iv, nil
}

// interview finds an interview of the conversation by its card.
func (c conversation) interview(id string) (Interview, bool) {
	for _, it := range c.Items {
		if it.Interview != nil && it.Interview.ID == id {
			return *it.Interview, true
		}
	}
	return Interview{}, false
}

// readTimes brings the proposals of a thread up to date.
func (a *App) readTimes(ctx context.Context, thread string) error {
	var list proposalsBody
	if err := a.parley.call(ctx, http.MethodGet, "/v1/threads/"+url.PathEscape(thread)+"/proposals?limit=100", "", nil, &list); err != nil {
		return err
	}
	for _, t := range slices.Backward(list.Proposals) {
		if err := a.putTimes(t); err != nil {
			return err
		}
	}
	return nil
}

// putTimes puts what is known about a proposal into its thread and tells the
// pages. What was answered or taken back stays so, whichever news comes first.
func (a *App) putTimes(t Times) error {
	proposal, ok := strings.CutPrefix(t.Thread, threadID(""))
	if !ok {
		return nil
	}
	changed, err := a.book.change(proposal, func(c conversation) []Item {
		n := slices.IndexFunc(c.Items, func(it Item) bool { return it.Times != nil && it.Times.ID == t.ID })
		switch {
		case t.CreatedAt.Before(c.OpenedAt):
			return nil
		case n < 0:
			return inOrder(c.Items, Item{ID: t.ID, Kind: KindTimes, From: t.By, Times: &t, At: t.CreatedAt})
		case c.Items[n].Times.State == t.State || c.Items[n].Times.State != "open":
			return nil
		}
		items := slices.Clone(c.Items)
		items[n].Times = &t
		return items
	})
	if changed {
		a.pages.tell()
	}
	if full, ok := errors.AsType[*refusal](err); ok && full.code == codeThreadFull {
		return nil // it is in Parley
	}
	return err
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
