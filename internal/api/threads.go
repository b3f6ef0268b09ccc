package api

import (
	"errors"
	"net/http"
	"strconv"
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
	if err := s.cfg.Store.PutThread(r.Context(), t, time.Now()); err != nil {
		return err
	}
	if err := s.cfg.Chat.Refresh(r.Context(), t.ID); err != nil {
		return err
	}
	out := threadJSON(t)
	out.Guard = found
	s.writeJSON(w, http.StatusOK, out)
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
	query := r.URL.Query()
	limit, err := pageSize(query.Get("limit"))
	if err != nil {
		return err
	}
	before := query.Get("before")
	if before != "" && !interview.ValidID(before) {
		return &fieldError{Field: "before", Reason: "must be an interview's id"}
	}
	t, err := s.thread(r)
	if err != nil {
		return err
	}
	found, err := s.cfg.Store.ThreadInterviews(r.Context(), t.ID, interview.ID(before), limit+1)
	if err != nil {
		return err
	}
	list := InterviewList{Interviews: []Interview{}}
	if len(found) > limit {
		found = found[:limit]
		list.Next = string(found[limit-1].ID)
	}
	for _, iv := range found {
		list.Interviews = append(list.Interviews, interviewJSON(iv))
	}
	s.writeJSON(w, http.StatusOK, list)
	return nil
}

// thread reads the thread named in the path.
func (s *Server) thread(r *http.Request) (interview.Thread, error) {
	t, err := s.cfg.Store.Thread(r.Context(), interview.ThreadID(r.PathValue("thread")))
	if errors.Is(err, store.ErrNotFound) {
		return t, problem(CodeNotFound, "There is no such thread. Put it first, with PUT /v1/threads/{thread}.")
	}
	return t, err
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
