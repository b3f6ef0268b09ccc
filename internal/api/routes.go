package api

import (
	"net/http"
	"slices"
	"strings"
)

// route is one operation of the API: how it is served and how it is described.
// The mux and the OpenAPI document are both made from the same list, so that
// neither can know an operation that the other does not.
type route struct {
	method, path string
	id, tag      string
	summary      string
	description  string
	open         bool // needs no API key
	params       any  // a struct with path, query and header tags; nil: none
	body         any  // an example of the request body; nil: takes none
	bodyOptional bool // no body at all stands for an empty object
	answers      []answer
	codes        []Code // problems besides those that every route has
	serve        func(*Server, http.ResponseWriter, *http.Request) error
}

// answer is one way in which an operation succeeds.
type answer struct {
	status      int
	description string
	media       string // empty: application/json
	body        any    // an example
	text        string // an example of an answer that is no JSON
}

// commonCodes are the problems of a route besides its own.
func (rt route) commonCodes() []Code {
	codes := []Code{CodeInternal}
	if !rt.open {
		codes = append(codes, CodeUnauthorized, CodeScopeMissing, CodeRateLimited)
	}
	if rt.body != nil {
		codes = append(codes, CodeInvalidRequest, CodeBodyTooLarge, CodeUnsupportedMediaType)
	}
	return codes
}

// Parameters, as the OpenAPI document describes them.
type (
	threadParams struct {
		Thread string `path:"thread" required:"true" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9_.:-]{1,128}$" description:"The host app's id of the message thread."`
	}
	createParams struct {
		Thread string `path:"thread" required:"true" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9_.:-]{1,128}$" description:"The host app's id of the message thread."`
		Key    string `header:"Idempotency-Key" minLength:"1" maxLength:"255" description:"Any string that is new for every call that a person makes. A request that is sent again with the same key, for up to 24 hours, finds the interview it made the first time, even when that is over."`
	}
	listParams struct {
		Thread string `path:"thread" required:"true" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9_.:-]{1,128}$" description:"The host app's id of the message thread."`
		Before string `query:"before" maxLength:"128" description:"Only interviews older than the one with this id."`
		Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" description:"How many at most."`
	}
	interviewParams struct {
		Interview string `path:"interview" required:"true" minLength:"1" maxLength:"128" description:"The interview's id."`
	}
)

// register puts every route on the mux, and behind them problems for all else.
func (s *Server) register(all []route) {
	methods := make(map[string][]string)
	for _, rt := range all {
		methods[rt.path] = append(methods[rt.path], rt.method)
		s.mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) { s.handle(rt, w, r) })
	}
	for path, has := range methods {
		if slices.Contains(has, http.MethodGet) {
			has = append(has, http.MethodHead)
		}
		slices.Sort(has)
		allow := strings.Join(has, ", ")
		s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			s.writeError(w, r, problem(CodeMethodNotAllowed, "This path takes "+allow+"."))
		})
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.writeError(w, r, problem(CodeNotFound, "There is no such path. GET /v1/openapi.json lists them all."))
	})
}

// handle serves one request of a route.
func (s *Server) handle(rt route, w http.ResponseWriter, r *http.Request) {
	if !rt.open {
		key, err := s.authenticate(r)
		if err == nil {
			err = s.checkRate(w, key.ID)
		}
		if scope := rt.scope(); err == nil && !key.Allows(scope) {
			err = lacks(scope)
		}
		if err != nil {
			s.writeError(w, r, err)
			return
		}
		r = withKey(r, key)
	}
	if err := rt.serve(s, w, r); err != nil {
		s.writeError(w, r, err)
	}
}

// routes lists every operation of the API.
func routes() []route {
	return slices.Concat(threadRoutes(), interviewRoutes(), scheduleRoutes(), checkRoutes(), keyRoutes(), chatRoutes(), fileRoutes(), reportRoutes(), qualityRoutes(), guardRoutes(), recordingRoutes(), eraseRoutes(), webhookRoutes(), zoomRoutes(), serverRoutes())
}

func threadRoutes() []route {
	return []route{
		{
			method: http.MethodPut, path: "/v1/threads/{thread}", id: "putThread", tag: "threads",
			summary:     "Tell Parley about a message thread",
			description: "Creates the thread, or replaces what is known about it. Interviews under way go on. When the client sends the first message of a thread, put it with `stage` messaged: that is told once, however often it is put.",
			params:      threadParams{}, body: exampleThreadBody(),
			answers: []answer{{status: http.StatusOK, description: "The thread.", body: exampleThread()}},
			codes:   []Code{CodeInvalidThread, CodeContactDetails},
			serve:   (*Server).putThread,
		},
		{
			method: http.MethodGet, path: "/v1/threads/{thread}", id: "getThread", tag: "threads",
			summary: "Read a thread", params: threadParams{},
			answers: []answer{{status: http.StatusOK, description: "The thread.", body: exampleThread()}},
			codes:   []Code{CodeNotFound},
			serve:   (*Server).getThread,
		},
		{
			method: http.MethodPost, path: "/v1/threads/{thread}/interviews", id: "createInterview", tag: "interviews",
			summary:     "Call in a thread",
			description: "Makes an interview that rings at once, or is scheduled when `starts_at` is given. A thread has one open interview at a time: when one rings or is live already, that is the answer.",
			params:      createParams{}, body: exampleCreateBody(),
			answers: []answer{
				{status: http.StatusCreated, description: "A new interview. `Location` holds its path.", body: exampleRinging()},
				{status: http.StatusOK, description: "The interview that is open already, or that an earlier request with the same key made.", body: exampleLive()},
			},
			codes: []Code{CodeInvalidMode, CodeInvalidTime, CodeOverlap, CodeNotAParticipant, CodeNotFound, CodeThreadBusy, CodeIdempotencyConflict, CodeNoZoom, CodeNoRecorder, CodeGoingAway},
			serve: (*Server).createInterview,
		},
		{
			method: http.MethodGet, path: "/v1/threads/{thread}/interviews", id: "listInterviews", tag: "interviews",
			summary: "List a thread's interviews, newest first", params: listParams{},
			answers: []answer{{status: http.StatusOK, description: "One page.", body: exampleList()}},
			codes:   []Code{CodeInvalidRequest, CodeNotFound},
			serve:   (*Server).listInterviews,
		},
	}
}

func interviewRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/v1/interviews/{interview}", id: "getInterview", tag: "interviews",
			summary: "Read an interview", params: interviewParams{},
			answers: []answer{{status: http.StatusOK, description: "The interview.", body: exampleEnded()}},
			codes:   []Code{CodeNotFound, CodeGoingAway},
			serve:   (*Server).getInterview,
		},
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/join", id: "joinInterview", tag: "interviews",
			summary:     "Get a person's way in",
			description: "The address and the token are for this person alone, and let them in for four hours. The name in the request takes the place of the one in the thread.",
			params:      interviewParams{}, body: exampleJoinBody(),
			answers: []answer{{status: http.StatusOK, description: "The way in.", body: examplePass()}},
			codes:   []Code{CodeInvalidParticipant, CodeContactDetails, CodeNotAParticipant, CodeNotFound, CodeInterviewOver, CodeGoingAway},
			serve:   (*Server).joinInterview,
		},
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/end", id: "endInterview", tag: "interviews",
			summary:     "End an interview for everybody",
			description: "One that is not live yet is cancelled. Ending one that is over changes nothing and answers with it.",
			params:      interviewParams{}, body: exampleEndBody(), bodyOptional: true,
			answers: []answer{{status: http.StatusOK, description: "The interview, over.", body: exampleEnded()}},
			codes:   []Code{CodeNotAParticipant, CodeNotFound, CodeGoingAway},
			serve:   (*Server).endInterview,
		},
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/decline", id: "declineInterview", tag: "interviews",
			summary:     "Decline an interview that rings or is scheduled",
			description: "Declining one that is declined already changes nothing and answers with it.",
			params:      interviewParams{}, body: exampleDeclineBody(), bodyOptional: true,
			answers: []answer{{status: http.StatusOK, description: "The interview, declined.", body: exampleDeclined()}},
			codes:   []Code{CodeInvalidReason, CodeContactDetails, CodeNotAllowed, CodeNotAParticipant, CodeNotFound, CodeInterviewOver, CodeAlreadyLive, CodeGoingAway},
			serve:   (*Server).declineInterview,
		},
		{
			method: http.MethodPost, path: "/v1/interviews/{interview}/cancel", id: "cancelInterview", tag: "interviews",
			summary:     "Take back an interview that rings or is scheduled",
			description: "Cancelling one that is cancelled already changes nothing and answers with it.",
			params:      interviewParams{}, body: exampleEndBody(), bodyOptional: true,
			answers: []answer{{status: http.StatusOK, description: "The interview, cancelled.", body: exampleCancelled()}},
			codes:   []Code{CodeNotAParticipant, CodeNotFound, CodeInterviewOver, CodeAlreadyLive, CodeGoingAway},
			serve:   (*Server).cancelInterview,
		},
	}
}

func serverRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/v1/events", id: "streamEvents", tag: "events",
			summary: "Follow what happens",
			description: "Server-Sent Events, as they happen, for all threads. The event field of each is its type, and its data line one JSON object. " +
				"Nothing is repeated after a break: read again what is open, then follow. Comments keep the connection alive. A stream that is read too slowly is closed.",
			answers: []answer{{status: http.StatusOK, description: "A stream; each event's data is one such object.", media: "text/event-stream", body: exampleEvent()}},
			codes:   []Code{CodeTooManyStreams, CodeGoingAway},
			serve:   (*Server).streamEvents,
		},
		{
			method: http.MethodGet, path: "/v1/provider", id: "getProvider", tag: "server",
			summary:     "Ask what this server can do",
			description: "For the settings page of a chat system: show the call button only when `configured` is true, and `problems` to the operator.",
			answers:     []answer{{status: http.StatusOK, description: "What the server can do.", body: exampleProvider()}},
			serve:       (*Server).getProvider,
		},
		{
			method: http.MethodGet, path: "/v1/openapi.json", id: "getOpenAPI", tag: "server", open: true,
			summary: "Read this document",
			answers: []answer{{status: http.StatusOK, description: "An OpenAPI 3.1 document.", media: "application/json"}},
			serve:   (*Server).getOpenAPI,
		},
	}
}
