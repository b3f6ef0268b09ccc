package conference

import (
	"errors"

	"parley/internal/interview"
)

// Codes of [Error]. Together with the codes of [interview.Error] and
// [sfu.OfferError], which pass through unchanged, they are the closed set that
// clients see.
const (
	CodeNotFound            = "not_found"            // no such interview, thread, or nothing open in the thread
	CodeInterviewOver       = "interview_over"       // the interview is in a final state
	CodeTokenReused         = "token_reused"         // the token is in use on another device at this moment
	CodeRoomFull            = "room_full"            // as many people as the policy allows
	CodeTooEarly            = "too_early"            // a scheduled interview does not open yet
	CodeNotAllowed          = "not_allowed"          // the role or the mode forbids it
	CodeThreadBusy          = "thread_busy"          // another interview of the thread rings or is live
	CodeIdempotencyConflict = "idempotency_conflict" // the key was used with another request
	CodeProposalClosed      = "proposal_closed"      // the proposal was answered, taken back, or has passed
	CodeSessionOver         = "session_over"         // the session left, was replaced, or the room is gone
	CodeBusy                = "busy"                 // an offer of this session is still being answered
	CodeNoRecorder          = "no_recorder"          // this server does not record
	CodeNoMedia             = "no_media"             // this server runs without a media engine
	CodeTooFast             = "too_fast"             // more messages than anybody writes
	CodeNoZoom              = "no_zoom"              // this server makes no meetings in Zoom
	CodeZoomOpen            = "zoom_open"            // the interview has a meeting already
	CodeInvalidZoomLink     = "invalid_zoom_link"    // no invitation to a meeting in Zoom
	CodePersonalZoomLink    = "personal_zoom_link"   // a personal room, and there is no contract
	CodeGoingAway           = "going_away"           // the server shuts down; try again in a moment
)

// Error is a refusal that the person concerned can be told about. Code is from a
// closed set, Message a plain sentence. Fatal says that the session is of no
// further use. Any other error from this package is the server's own trouble.
type Error struct {
	Code    string
	Message string
	Fatal   bool

	cause error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns what the refusal was made from, for instance an
// *[interview.Error] or an error of the store, or nil.
func (e *Error) Unwrap() error { return e.cause }

func refuse(code, message string) *Error { return &Error{Code: code, Message: message} }

func fatal(code, message string) *Error { return &Error{Code: code, Message: message, Fatal: true} }

// refusal turns the domain's refusals into an *Error and leaves others alone.
func refusal(err error) error {
	rule, ok := errors.AsType[*interview.Error](err)
	if !ok {
		return err
	}
	return &Error{Code: rule.Code, Message: rule.Message, Fatal: rule.Code == CodeInterviewOver, cause: err}
}

func errSessionOver() *Error {
	return fatal(CodeSessionOver, "This session is over. Open the room again to come back.")
}

func errInterviewOver() *Error { return fatal(CodeInterviewOver, "This interview is over.") }

func errGoingAway() *Error {
	return fatal(CodeGoingAway, "The server is restarting. Try again in a moment.")
}
