package demo

import (
	"encoding/json"
	"errors"
	"net/http"
)

// The codes of refusals, beside those that come from Parley.
const (
	codeInvalidRequest    = "invalid_request"
	codeUnknownPerson     = "unknown_person"
	codeNotFound          = "not_found"
	codeNotYours          = "not_yours"
	codeNoOpenInterview   = "no_open_interview"
	codeThreadFull        = "thread_full"
	codeTooManyRequests   = "too_many_requests"
	codeTooManyPages      = "too_many_pages"
	codeParleyUnreachable = "parley_unreachable"
	codeGoingAway         = "going_away"
	codeForeignName       = "foreign_name"
	codeInternal          = "internal"
)

var statuses = map[string]int{
	codeInvalidRequest:    http.StatusBadRequest,
	codeUnknownPerson:     http.StatusBadRequest,
	codeNotFound:          http.StatusNotFound,
	codeNotYours:          http.StatusForbidden,
	codeNoOpenInterview:   http.StatusNotFound,
	codeThreadFull:        http.StatusConflict,
	codeTooManyRequests:   http.StatusTooManyRequests,
	codeTooManyPages:      http.StatusTooManyRequests,
	codeParleyUnreachable: http.StatusBadGateway,
	codeGoingAway:         http.StatusServiceUnavailable,
	codeForeignName:       http.StatusMisdirectedRequest,
	codeInternal:          http.StatusInternalServerError,
}

// refusal is an error that the person is told about.
type refusal struct {
	status       int
	code, detail string
	field        string // of what the person wrote; empty: it is about no single one
	decision     string // of Parley's contact guard; empty: it is none of its
}

func (r *refusal) Error() string { return r.detail }

func refuse(code, detail string) error {
	return &refusal{status: statuses[code], code: code, detail: detail}
}

// writeError answers with the refusal in err; anything else is this app's own
// failure, which is logged and told without its cause.
func (a *App) writeError(w http.ResponseWriter, r *http.Request, err error) {
	told, ok := errors.AsType[*refusal](err)
	if ok && told.code == codeParleyUnreachable {
		a.cfg.Logger.Warn("parley did not answer", "err", err)
	}
	if !ok {
		a.cfg.Logger.Error("app request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		told = &refusal{status: http.StatusInternalServerError, code: codeInternal, detail: "Something went wrong in the app. Its log holds the cause."}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(told.status)
	a.writeBody(w, Problem{
		Type: "about:blank", Title: http.StatusText(told.status), Status: told.status, Code: told.code, Detail: told.detail,
		Field: told.field, Decision: told.decision,
	})
}

func (a *App) writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	a.writeBody(w, body)
}

func (a *App) writeBody(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.cfg.Logger.Debug("answer not delivered", "err", err)
	}
}
