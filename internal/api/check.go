package api

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"parley/internal/check"
	"parley/internal/interview"
	"parley/internal/token"
)

// NetworkCheck is a try of somebody's network, without an interview.
type NetworkCheck struct {
	ID         string      `json:"id" required:"true" description:"A secret of the page that tries."`
	ExpiresAt  time.Time   `json:"expires_at" required:"true"`
	ICEServers []ICEServer `json:"ice_servers" required:"true" nullable:"false" description:"In the order in which to try them."`
}

// CheckOffer is what the browser of somebody who tries offers.
type CheckOffer struct {
	SDP         string `json:"sdp" required:"true" minLength:"1" maxLength:"65536" description:"Offers the lines below and no others."`
	Mic         string `json:"mic" required:"true" minLength:"1" maxLength:"16" description:"The mid of a sendonly audio line."`
	ScreenAudio string `json:"screen_audio" required:"true" minLength:"1" maxLength:"16" description:"The mid of a recvonly audio line."`
	ScreenVideo string `json:"screen_video" required:"true" minLength:"1" maxLength:"16" description:"The mid of a recvonly video line."`
	Fallback    bool   `json:"fallback,omitempty" description:"Asks for the second transport recipe, after the first has failed."`
}

// CheckAnswer is the server's answer to that.
type CheckAnswer struct {
	SDP string `json:"sdp" required:"true"`
}

type checkParams struct {
	Check string `path:"check" required:"true" minLength:"1" maxLength:"64" description:"The check's id."`
}

func checkRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/checks", id: "beginCheck", tag: "checks", open: true,
			summary:     "Begin to try a network",
			description: "For the check page. Anybody may: a check reaches nobody, lasts less than a minute, and there are few at a time.",
			answers:     []answer{{status: http.StatusCreated, description: "A new check.", body: exampleNetworkCheck()}},
			codes:       []Code{CodeTooManyChecks, CodeGoingAway},
			serve:       (*Server).beginCheck,
		},
		{
			method: http.MethodPost, path: "/v1/checks/{check}/offer", id: "offerCheck", tag: "checks", open: true,
			summary: "Connect for a check", params: checkParams{}, body: exampleNetworkOffer(),
			answers: []answer{{status: http.StatusOK, description: "The answer, with all candidates.", body: CheckAnswer{SDP: "v=0\r\n"}}},
			codes:   []Code{CodeInvalidOffer, CodeNotFound, CodeGoingAway},
			serve:   (*Server).offerCheck,
		},
		{
			method: http.MethodDelete, path: "/v1/checks/{check}", id: "endCheck", tag: "checks", open: true,
			summary: "End a check", params: checkParams{},
			answers: []answer{{status: http.StatusNoContent, description: "It is over, if it was not."}},
			serve:   (*Server).endCheck,
		},
		{
			method: http.MethodPost, path: "/v1/ready", id: "sayReady", tag: "checks", open: true,
			summary:     "Say that somebody is ready",
			description: "For the check page, with the person's join token as `Authorization: Bearer …`. Host apps hear it as `participant.ready`. Saying it again within a minute changes nothing.",
			answers:     []answer{{status: http.StatusOK, description: "The interview.", body: exampleReady()}},
			codes:       []Code{CodeUnauthorized, CodeNotFound, CodeInterviewOver, CodeRoomFull, CodeInvalidParticipant, CodeGoingAway},
			serve:       (*Server).sayReady,
		},
	}
}

func (s *Server) beginCheck(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Checks == nil {
		return problem(CodeGoingAway, "This server carries no media, so that there is nothing to check.")
	}
	var from netip.Addr
	if s.cfg.ClientAddr != nil {
		from = s.cfg.ClientAddr(r)
	}
	id, until, err := s.cfg.Checks.Begin(from)
	if err != nil {
		return checkProblem(err)
	}
	servers := []ICEServer{}
	if s.cfg.ICEServers != nil {
		servers = append(servers, s.cfg.ICEServers(check.Interview, interview.UserID(id))...)
	}
	s.writeJSON(w, http.StatusCreated, NetworkCheck{ID: id, ExpiresAt: until.UTC().Truncate(time.Second), ICEServers: servers})
	return nil
}

func (s *Server) offerCheck(w http.ResponseWriter, r *http.Request) error {
	var body CheckOffer
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	if s.cfg.Checks == nil {
		return checkProblem(check.ErrNotFound)
	}
	sdp, err := s.cfg.Checks.Answer(r.Context(), r.PathValue("check"), check.Offer{
		SDP: body.SDP, Mic: body.Mic, ScreenAudio: body.ScreenAudio, ScreenVideo: body.ScreenVideo, Fallback: body.Fallback,
	})
	if err != nil {
		return checkProblem(err)
	}
	s.writeJSON(w, http.StatusOK, CheckAnswer{SDP: sdp})
	return nil
}

func (s *Server) endCheck(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.Checks != nil {
		s.cfg.Checks.End(r.PathValue("check"))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) sayReady(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.visitor(r)
	if err != nil {
		return err
	}
	iv, err := s.cfg.Rooms.Ready(r.Context(), interview.ID(claims.Interview), interview.Participant{
		ID: interview.UserID(claims.User), Name: claims.Name, Role: interview.Role(claims.Role),
	}.Named())
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, interviewJSON(iv))
	return nil
}

// visitor reads the join token of an interview that a request came with.
func (s *Server) visitor(r *http.Request) (token.Claims, error) {
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	claims, err := s.cfg.Keys.Verify(strings.TrimSpace(raw), time.Now())
	if err != nil || !strings.EqualFold(scheme, "Bearer") || claims.Interview == "" {
		return token.Claims{}, problem(CodeUnauthorized, "A join token of an interview is needed that has not expired. Open the thread and follow its link again.")
	}
	return claims, nil
}

// checkProblem is what package check says, as a problem.
func checkProblem(err error) error {
	switch {
	case errors.Is(err, check.ErrBusy):
		return problem(CodeTooManyChecks, "Too many checks are under way. Try again in a minute.")
	case errors.Is(err, check.ErrNotFound):
		return problem(CodeNotFound, "There is no such check, or it is over. Begin another.")
	case errors.Is(err, check.ErrOffer):
		return problem(CodeInvalidOffer, "The offer cannot be answered: "+err.Error()+".")
	case errors.Is(err, check.ErrClosed):
		return problem(CodeGoingAway, "The server is shutting down. Try again shortly.")
	}
	return err
}

func exampleNetworkCheck() NetworkCheck {
	return NetworkCheck{ID: "check_K7XQ2M4PZ5R6T7V8W9YABCDEFG", ExpiresAt: exampleAt.Add(45 * time.Second), ICEServers: []ICEServer{}}
}

func exampleNetworkOffer() CheckOffer {
	return CheckOffer{SDP: "v=0\r\n", Mic: "0", ScreenAudio: "1", ScreenVideo: "2"}
}

func exampleReady() Interview {
	iv := exampleRinging()
	iv.Ready = []Ready{{ID: "freelancer", At: exampleAt.Add(time.Minute)}}
	return iv
}
