package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// Pages of a thread's interviews.
const (
	defaultPage = 20
	maxPage     = 100
)

func (s *Server) putThread(w http.ResponseWriter, r *http.Request) error {
	var body ThreadBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	t := body.thread(r.PathValue("thread"))
	if err := t.Validate(); err != nil {
		return err
	}
	found, err := s.guardThread(r.Context(), &t)
	if err != nil {
		return err
	}
	t, err = s.changeThread(r.Context(), t.ID, func(old *interview.Thread) (interview.Thread, error) { return t, nil })
	if err != nil {
		return err
	}
	out := threadJSON(t)
	out.Guard = found
	s.writeJSON(w, http.StatusOK, out)
	return nil
}

// changeThread stores what change makes of a thread, which is nil for a new
// one, and tells of it; the contract may have lifted the guard.
func (s *Server) changeThread(ctx context.Context, id interview.ThreadID, change func(old *interview.Thread) (interview.Thread, error)) (interview.Thread, error) {
	var events []interview.Event
	now := time.Now()
	t, err := s.cfg.Store.ChangeThread(ctx, id, now, func(old *interview.Thread) (interview.Thread, []store.Message, error) {
		t, err := change(old)
		if err != nil {
			return t, nil, err
		}
		if old == nil {
			old = &interview.Thread{}
		}
		after, changes := t.After(*old, now)
		events = changes
		messages, err := messagesAbout(events, after)
		return after, messages, err
	})
	if err != nil {
		return t, err
	}
	s.tell(events)
	return t, s.cfg.Chat.Refresh(ctx, id)
}

// putContract is PUT /v1/threads/{thread}/contract.
func (s *Server) putContract(w http.ResponseWriter, r *http.Request) error {
	var body Contract
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	t, err := s.changeThread(r.Context(), pathThread(r), func(old *interview.Thread) (interview.Thread, error) {
		if old == nil {
			return interview.Thread{}, noThread(store.ErrNotFound)
		}
		t := *old
		t.Contract = interview.Contract{State: interview.ContractState(body.State), EffectiveAt: body.EffectiveAt}
		return t, nil
	})
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, threadJSON(t))
	return nil
}

func (s *Server) getThread(w http.ResponseWriter, r *http.Request) error {
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, threadJSON(t))
	return nil
}

func (s *Server) listInterviews(w http.ResponseWriter, r *http.Request) error {
	before, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	found, err := s.cfg.Store.ThreadInterviews(r.Context(), t.ID, interview.ID(before), limit+1)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, pageOfInterviews(found, limit))
	return nil
}

func (s *Server) listAllInterviews(w http.ResponseWriter, r *http.Request) error {
	before, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	state := r.URL.Query().Get("state")
	if known := stateEnum(); state != "" && !slices.Contains(known, state) {
		return &fieldError{Field: "state", Reason: "must be one of " + strings.Join(known, ", ")}
	}
	found, err := s.cfg.Store.Interviews(r.Context(), interview.State(state), interview.ID(before), limit+1)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, pageOfInterviews(found, limit))
	return nil
}

// stateEnum lists the states of interviews, from the tag that documents them.
func stateEnum() []string {
	field, _ := reflect.TypeFor[Interview]().FieldByName("State")
	return strings.Split(field.Tag.Get("enum"), ",")
}

// pageOfInterviews makes a page of up to one interview more than its limit.
func pageOfInterviews(found []interview.Interview, limit int) InterviewList {
	interviews, next := page(found, limit, interviewJSON, func(iv interview.Interview) string { return string(iv.ID) })
	return InterviewList{Interviews: interviews, Next: next}
}

// page shows up to limit of what was found, which is one more when there are more:
// next is then the id of the last one shown, and empty otherwise.
func page[T, J any](found []T, limit int, show func(T) J, id func(T) string) (shown []J, next string) {
	if len(found) > limit {
		found = found[:limit]
		next = id(found[limit-1])
	}
	return each(found, show), next
}

// each shows all of a list. The result is never nil: JSON has no lists that are null.
func each[T, J any](all []T, show func(T) J) []J {
	shown := make([]J, len(all))
	for i, one := range all {
		shown[i] = show(one)
	}
	return shown
}

// pageOf reads which page of a list is asked for.
func pageOf(r *http.Request) (before string, limit int, err error) {
	query := r.URL.Query()
	if limit, err = pageSize(query.Get("limit")); err != nil {
		return "", 0, err
	}
	before = query.Get("before")
	if before != "" && !interview.ValidID(before) {
		return "", 0, &fieldError{Field: "before", Reason: "must be an id"}
	}
	return before, limit, nil
}

// thread reads the thread named in the path.
func (s *Server) thread(r *http.Request) (interview.Thread, error) {
	t, err := s.cfg.Store.Thread(r.Context(), pathThread(r))
	return t, noThread(err)
}

// noThread is the refusal of a thread that is not there.
func noThread(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return problem(CodeNotFound, "There is no such thread. Put it first, with PUT /v1/threads/{thread}.")
	}
	return err
}

func pageSize(text string) (int, error) {
	if text == "" {
		return defaultPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage {
		return 0, &fieldError{Field: "limit", Reason: "must be a number from 1 to " + strconv.Itoa(maxPage)}
	}
	return n, nil
}
