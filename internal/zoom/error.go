package zoom

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong with a request to Zoom: a closed set.
type Kind string

// The kinds.
const (
	Refused     Kind = "refused"     // the credentials, or what they may do
	NoHost      Kind = "no_host"     // Zoom knows no such user
	Quota       Kind = "quota"       // the user has made as many meetings as allowed today
	Limited     Kind = "limited"     // too many requests at once
	Gone        Kind = "gone"        // there is no such meeting
	InProgress  Kind = "in_progress" // people are in the meeting
	Invalid     Kind = "invalid"     // Zoom does not understand the request
	Unavailable Kind = "unavailable" // no answer, or one that is none
)

// Kinds returns every kind.
func Kinds() []Kind {
	return []Kind{Refused, NoHost, Quota, Limited, Gone, InProgress, Invalid, Unavailable}
}

// An Error is a request to Zoom that failed. Its text holds no secret, no link
// and nothing of the request's body.
type Error struct {
	Kind    Kind
	Op      string    // which request: one of operations
	Status  int       // of the answer; 0: there was none
	Code    int       // Zoom's own, 0 when it gave none
	RetryAt time.Time // with Quota and Limited: not before then
	cause   error
}

// Error says which request failed and how.
func (e *Error) Error() string {
	text := fmt.Sprintf("zoom: %s: %s", e.Op, e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d, code %d)", e.Status, e.Code)
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns what kept the answer from coming, or nil.
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns what went wrong, or the empty kind for an error that is not Zoom's.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Zoom's own codes that mean something here.
const (
	codeInvalid      = 300  // a field; with 200 others like it
	codeToken        = 124  // the token is invalid or expired
	codeNoUser       = 1001 // the user does not exist
	codeUserNotFound = 1010
	codeNoMeeting    = 3001 // the meeting does not exist
	codeInProgress   = 3002 // it cannot be deleted: people are in it
	codeNotRunning   = 3161 // it cannot be ended: nobody is in it
	codeNoScope      = 4700 // the token lacks a scope
	codeNoScope2     = 4711 // the same, of the newer kind of scope
)

// kindOf reads what an answer that is no success means.
func kindOf(status, code int) Kind {
	switch {
	case code == codeNoUser || code == codeUserNotFound:
		return NoHost
	case code == codeNoMeeting:
		return Gone
	case code == codeInProgress:
		return InProgress
	case code == codeToken || code == codeNoScope || code == codeNoScope2 || status == 401 || status == 403:
		return Refused
	case status == 429:
		return Limited
	case status == 404:
		return Gone
	case status >= 400 && status < 500:
		return Invalid
	}
	return Unavailable
}
