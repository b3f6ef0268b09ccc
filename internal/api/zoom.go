package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/zoom"
)

// Zoom is what the API needs of whoever speaks to Zoom; *zoom.Desk is one.
type Zoom interface {
	Problems() []zoom.Problem
	Hear(ctx context.Context, h http.Header, body []byte) (*zoom.Validation, error)
	MakesMeetings() bool
}

// hearTimeout is how long taking one of Zoom's webhooks may last: Zoom waits for
// three seconds.
const hearTimeout = 2500 * time.Millisecond

// ZoomWay is the way into a meeting in Zoom.
type ZoomWay struct {
	URL      string `json:"url" required:"true" description:"Holds the passcode."`
	Passcode string `json:"passcode,omitempty" description:"The passcode for typing."`
}

// ZoomStatus is where an interview's meeting in Zoom stands.
type ZoomStatus struct {
	State   string    `json:"state" required:"true" enum:"offered,pending,ready,started,ended,failed"`
	Reason  string    `json:"reason" required:"true" enum:"chosen,cannot_connect,poor_connection" description:"Why it was offered or chosen."`
	By      string    `json:"by,omitempty" description:"Who offered or chose it; absent: the host app."`
	Problem string    `json:"problem,omitempty" enum:"not_set_up,refused,no_host,quota,busy,unavailable" description:"With failed: why there is no meeting. The interview goes on in its room."`
	At      time.Time `json:"at" required:"true" description:"Since when the state is so."`
}

// ZoomBody moves an interview to Zoom.
type ZoomBody struct {
	By     string `json:"by,omitempty" maxLength:"128" description:"The participant who chooses it; absent: the host app itself."`
	Reason string `json:"reason,omitempty" enum:"chosen,cannot_connect,poor_connection" description:"Absent: chosen."`
	URL    string `json:"url,omitempty" maxLength:"1024" description:"The invitation link of a meeting that somebody has made in Zoom themselves, instead of one that this server makes."`
}

func zoomRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/zoom", id: "moveToZoom", tag: "zoom",
			summary: "Go on in Zoom",
			description: "Has a meeting made, and tells everybody in the room their way into it. Nobody is moved: the room stays open, and people open the link themselves. " +
				"A meeting that is open already is the answer. What becomes of it comes as events; when it cannot be made, nothing else changes. A person's way in is in the answer to `join`.",
			params: interviewParams{}, body: ZoomBody{By: "client", Reason: "cannot_connect"}, bodyOptional: true,
			answers: []answer{
				{status: http.StatusAccepted, description: "The meeting is being made.", body: exampleZoom("pending")},
				{status: http.StatusOK, description: "There is a meeting.", body: exampleZoom("ready")},
			},
			codes: []Code{CodeInvalidReason, CodeNotAllowed, CodeNotAParticipant, CodeNotFound, CodeInterviewOver, CodeNoZoom, CodeZoomOpen, CodeInvalidZoomLink, CodePersonalZoomLink, CodeGoingAway},
			serve: (*Server).moveToZoom,
		},
		{
			method: http.MethodPost, path: "/v1/zoom/webhook", id: "hearZoom", tag: "zoom", open: true,
			summary:     "For Zoom alone",
			description: "The event notification endpoint to write into the Zoom app. It takes what Zoom has signed with the app's secret token.",
			answers: []answer{
				{status: http.StatusOK, description: "The answer to Zoom's check of the address.", body: zoom.Validate("secret", "plain")},
				{status: http.StatusNoContent, description: "Taken."},
			},
			codes: []Code{CodeUnauthorized, CodeInvalidRequest, CodeBodyTooLarge},
			serve: (*Server).hearZoom,
		},
	}
}

func exampleZoom(state string) Interview {
	iv := exampleLive()
	iv.Zoom = &ZoomStatus{State: state, Reason: "cannot_connect", By: "client", At: iv.StartedAt.Add(time.Minute)}
	return iv
}

func (s *Server) moveToZoom(w http.ResponseWriter, r *http.Request) error {
	body := ZoomBody{}
	if err := readBody(r, true, &body); err != nil {
		return err
	}
	if body.Reason == "" {
		body.Reason = interview.ZoomChosen
	}
	id := pathInterview(r)
	iv, err := s.cfg.Rooms.Interview(r.Context(), id)
	if err != nil {
		return err
	}
	var by interview.Participant
	if body.By != "" {
		if by, err = s.invited(r.Context(), iv.Thread, User{ID: body.By}); err != nil {
			return err
		}
		if err := interview.MayChooseZoom(by.Role); err != nil {
			return err
		}
	}
	if body.URL != "" {
		iv, err = s.cfg.Rooms.UseZoomLink(r.Context(), id, by, body.URL)
	} else {
		iv, err = s.cfg.Rooms.ChooseZoom(r.Context(), id, by, body.Reason)
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if iv.Zoom.State == interview.ZoomPending {
		status = http.StatusAccepted
	}
	s.writeJSON(w, status, interviewJSON(iv))
	return nil
}

// hearZoom takes one of Zoom's webhooks, by its raw bytes.
func (s *Server) hearZoom(w http.ResponseWriter, r *http.Request) error {
	refused := problem(CodeUnauthorized, "This address takes what Zoom has signed, and nothing else.")
	if s.cfg.Zoom == nil {
		return refused
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, zoom.MaxEvent+1))
	switch {
	case err != nil:
		return problem(CodeInvalidRequest, "The body cannot be read.")
	case len(body) > zoom.MaxEvent:
		return problem(CodeBodyTooLarge, "The body is larger than 64 KiB.")
	}
	ctx, cancel := context.WithTimeout(r.Context(), hearTimeout)
	defer cancel()
	answer, err := s.cfg.Zoom.Hear(ctx, r.Header, body)
	switch {
	case errors.Is(err, zoom.ErrSignature), errors.Is(err, zoom.ErrStale):
		return refused
	case errors.Is(err, zoom.ErrMalformed):
		return problem(CodeInvalidRequest, "The body is no event of Zoom's.")
	case err != nil:
		return err // Zoom sends it again
	case answer != nil:
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(answer)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// zoomWay is the way into an interview's meeting, or nil while there is none.
func (s *Server) zoomWay(ctx context.Context, iv interview.Interview) (*ZoomWay, error) {
	if z := iv.Zoom.State; z != interview.ZoomReady && z != interview.ZoomStarted {
		return nil, nil
	}
	m, err := s.cfg.Store.ZoomMeeting(ctx, iv.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &ZoomWay{URL: m.URL, Passcode: m.Passcode}, nil
}

func (s *Server) zoomProblems() []ProviderProblem {
	if s.cfg.Zoom == nil {
		return nil
	}
	var out []ProviderProblem
	for _, p := range s.cfg.Zoom.Problems() {
		out = append(out, ProviderProblem(p))
	}
	return out
}

func (s *Server) makesMeetings() bool { return s.cfg.Zoom != nil && s.cfg.Zoom.MakesMeetings() }

// modes are those an interview can be created with.
func (s *Server) modes() []string {
	modes := []string{string(interview.ModeAudio), string(interview.ModeVideo)}
	if s.makesMeetings() {
		modes = append(modes, string(interview.ModeZoom))
	}
	return modes
}

func zoomJSON(z interview.Zoom) *ZoomStatus {
	if z.State == "" {
		return nil
	}
	return &ZoomStatus{State: string(z.State), Reason: z.Reason, By: string(z.By), Problem: z.Problem, At: utc(z.At)}
}
