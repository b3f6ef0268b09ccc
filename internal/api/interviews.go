package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/token"
)

// passLife is how long a pass lets its person in. An interview that is longer
// goes on: the token is looked at only when a session begins.
const passLife = 4 * time.Hour

// maxIdempotencyKey is the longest Idempotency-Key, in bytes.
const maxIdempotencyKey = 255

func (s *Server) createInterview(w http.ResponseWriter, r *http.Request) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	var body CreateBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	thread := r.PathValue("thread")
	hash, err := requestHash("create interview", thread, body)
	if err != nil {
		return err
	}
	iv, created, err := s.cfg.Rooms.Create(r.Context(), conference.Create{
		Thread: interview.ThreadID(thread), Mode: interview.Mode(body.Mode),
		By: interview.UserID(body.CreatedBy), StartsAt: body.StartsAt, Length: time.Duration(body.Minutes) * time.Minute, Zone: body.Zone,
		Recording:        interview.RecordingMode(body.Recording),
		IdempotencyScope: keyID(r.Context()), IdempotencyKey: key, RequestHash: hash,
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
		w.Header().Set("Location", "/v1/interviews/"+string(iv.ID))
	}
	s.writeJSON(w, status, interviewJSON(iv))
	return nil
}

func (s *Server) getInterview(w http.ResponseWriter, r *http.Request) error {
	iv, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, interviewJSON(iv))
	return nil
}

func (s *Server) joinInterview(w http.ResponseWriter, r *http.Request) error {
	var body JoinBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	iv, err := s.cfg.Rooms.Interview(r.Context(), pathInterview(r))
	if err != nil {
		return err
	}
	if iv.State.Final() {
		return problem(CodeInterviewOver, "This interview is over. Ask for a new one in its thread.")
	}
	who, err := s.invited(r.Context(), iv.Thread, body.User)
	if err != nil {
		return err
	}
	if body.User.Name != "" {
		if who, err = s.guardName(r.Context(), iv.Thread, who); err != nil {
			return err
		}
	}
	pass, err := s.pass(iv, who, time.Now())
	if err != nil {
		return err
	}
	if pass.Zoom, err = s.zoomWay(r.Context(), iv); err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, pass)
	return nil
}

// invited finds the participant of the thread that u names.
func (s *Server) invited(ctx context.Context, id interview.ThreadID, u User) (interview.Participant, error) {
	t, err := s.cfg.Store.Thread(ctx, id)
	if err != nil {
		return interview.Participant{}, fmt.Errorf("read the interview's thread: %w", err)
	}
	who, ok := t.Participant(interview.UserID(u.ID))
	if !ok {
		return who, problem(CodeNotAParticipant, "This user is not a participant of the thread. Put the thread with them in it first.")
	}
	if strings.TrimSpace(u.Name) != "" {
		who.Name = u.Name
	}
	return who.Named(), who.Validate()
}

// pass makes a person's way into an interview.
func (s *Server) pass(iv interview.Interview, who interview.Participant, now time.Time) (Pass, error) {
	claims := token.Claims{
		ID: "tk_" + ulid.Make().String(), User: string(who.ID), Name: who.Name, Role: string(who.Role),
		Thread: string(iv.Thread), Interview: string(iv.ID),
		IssuedAt: now, ExpiresAt: now.Add(passLife),
	}
	raw, err := s.cfg.Keys.Mint(claims)
	if err != nil {
		return Pass{}, err
	}
	servers := []ICEServer{}
	if s.cfg.ICEServers != nil {
		servers = append(servers, s.cfg.ICEServers(iv.ID, who.ID)...)
	}
	return Pass{
		URL:        s.cfg.PublicURL + "/r/" + string(iv.ID) + "#token=" + raw,
		CheckURL:   s.cfg.PublicURL + "/check#token=" + raw,
		Token:      raw,
		ExpiresAt:  claims.ExpiresAt.UTC().Truncate(time.Second),
		ICEServers: servers,
	}, nil
}

func (s *Server) endInterview(w http.ResponseWriter, r *http.Request) error {
	var body EndBody
	return s.finish(w, r, true, &body, &body.By, func(id interview.ID) (interview.Interview, error) {
		return s.cfg.Rooms.End(r.Context(), id, interview.UserID(body.By), interview.ReasonEndedByHost)
	})
}

func (s *Server) declineInterview(w http.ResponseWriter, r *http.Request) error {
	var body DeclineBody
	return s.finish(w, r, true, &body, &body.By, func(id interview.ID) (interview.Interview, error) {
		iv, err := s.cfg.Rooms.Interview(r.Context(), id)
		if err != nil {
			return iv, err
		}
		if err := s.guardReason(r.Context(), iv.Thread, &body); err != nil {
			return iv, err
		}
		return s.cfg.Rooms.Decline(r.Context(), id, interview.UserID(body.By), body.Reason)
	})
}

func (s *Server) cancelInterview(w http.ResponseWriter, r *http.Request) error {
	var body EndBody
	return s.finish(w, r, true, &body, &body.By, func(id interview.ID) (interview.Interview, error) {
		return s.cfg.Rooms.Cancel(r.Context(), id, interview.UserID(body.By))
	})
}

// finish reads a body and lets do bring an interview on, mostly to its end. The
// person in *by, when there is one, has to belong to the thread.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, optional bool, body any, by *string, do func(interview.ID) (interview.Interview, error)) error {
	if err := readBody(r, optional, body); err != nil {
		return err
	}
	id := pathInterview(r)
	if *by != "" {
		iv, err := s.cfg.Rooms.Interview(r.Context(), id)
		if err != nil {
			return err
		}
		if _, err := s.invited(r.Context(), iv.Thread, User{ID: *by}); err != nil {
			return err
		}
	}
	iv, err := do(id)
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, interviewJSON(iv))
	return nil
}

func pathInterview(r *http.Request) interview.ID { return interview.ID(r.PathValue("interview")) }

// idempotencyKey reads the header of that name; empty when there is none.
func idempotencyKey(r *http.Request) (string, error) {
	values, given := r.Header["Idempotency-Key"]
	if !given {
		return "", nil
	}
	key := values[0]
	visible := strings.IndexFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
	if len(values) > 1 || key == "" || len(key) > maxIdempotencyKey || !visible {
		return "", &fieldError{Field: "Idempotency-Key", Reason: fmt.Sprintf("must be 1 to %d visible ASCII characters, given once", maxIdempotencyKey)}
	}
	return key, nil
}

// requestHash tells requests apart under one Idempotency-Key. It is made from
// what the body says and not from its bytes, so that white space does not count.
func requestHash(operation, target string, body any) ([]byte, error) {
	canonical, err := json.Marshal([]any{operation, target, body})
	if err != nil {
		return nil, fmt.Errorf("hash request: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return sum[:], nil
}
