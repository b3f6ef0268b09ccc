package wire

import "slices"

// Code names an error for machines. Codes are never renamed; new ones may be
// added, and a client treats a code it does not know by the error's Fatal.
type Code string

// Codes of messages that do not keep the protocol.
const (
	CodeNotText        Code = "not_text"        // a binary message
	CodeNotUTF8        Code = "not_utf8"        // text that is not UTF-8
	CodeMalformed      Code = "malformed"       // not one JSON object with a type
	CodeTooBig         Code = "too_big"         // longer than MaxMessage
	CodeBadFrame       Code = "bad_frame"       // breaks RFC 6455; the reason of a 1002 close
	CodeUnknownMessage Code = "unknown_message" // a type the protocol does not have
	CodeMissingField   Code = "missing_field"
	CodeWrongType      Code = "wrong_type" // a field of another JSON type
	CodeTooLong        Code = "too_long"   // a string over its limit
	CodeTooManySeats   Code = "too_many_seats"
	CodeInvalidValue   Code = "invalid_value" // outside a closed set, or characters that do not belong
	CodeHelloFirst     Code = "hello_first"   // something before hello
	CodeHelloTwice     Code = "hello_twice"
	CodeHelloLate      Code = "hello_late" // no hello in time
	CodeFlood          Code = "flood"      // too many messages
	CodeSlow           Code = "slow"       // the client does not read what it is sent
)

// Codes of refusals to let somebody in.
const (
	CodeTokenMalformed   Code = "token_malformed"
	CodeTokenSignature   Code = "token_signature"
	CodeTokenExpired     Code = "token_expired"
	CodeTokenNotYetValid Code = "token_not_yet_valid"
	CodeTokenAudience    Code = "token_audience"
	CodeTokenNoRoom      Code = "token_no_room"
	CodeTokenReused      Code = "token_reused"
	CodeNotFound         Code = "not_found"
	CodeInterviewOver    Code = "interview_over"
	CodeRoomFull         Code = "room_full"
	CodeTooEarly         Code = "too_early"
	CodeNotParticipant   Code = "not_a_participant"
	CodeBadParticipant   Code = "invalid_participant"
)

// Codes of what happens to a session that was let in.
const (
	CodeNotAllowed  Code = "not_allowed"  // e.g. a camera in an audio interview
	CodeBusy        Code = "busy"         // an offer is still being answered
	CodeNoMedia     Code = "no_media"     // the server runs without media
	CodeNoZoom      Code = "no_zoom"      // the server makes no meetings in Zoom
	CodeZoomOpen    Code = "zoom_open"    // the interview has a meeting in Zoom already
	CodeReplaced    Code = "replaced"     // the same person came back on the same device
	CodeNoRecording Code = "no_recording" // nothing is being recorded that this could be done to
	CodeSessionOver Code = "session_over" // it left, was replaced, or the room is gone
	CodeInternal    Code = "internal"

	CodeInvalidConsent   Code = "invalid_consent"    // does not say to which text
	CodeInvalidZoomLink  Code = "invalid_zoom_link"  // no invitation to a meeting in Zoom
	CodePersonalZoomLink Code = "personal_zoom_link" // a personal room, before there is a contract

	CodeInvalidReason Code = "invalid_reason" // a label that is too long or not plain text
)

// Codes of offers that cannot be answered.
const (
	CodeOfferMalformed   Code = "offer_malformed"   // no session description, or lines that do not fit it
	CodeOfferTooLarge    Code = "offer_too_large"   // more lines or seats than the server takes
	CodeOfferUnsupported Code = "offer_unsupported" // nothing that both sides can do
	CodeOfferChanged     Code = "offer_changed"     // a later offer took back what an earlier one held
)

// WebSocket close codes the server uses.
const (
	CloseNormal       = 1000
	CloseGoingAway    = 1001
	CloseProtocol     = 1002
	CloseUnsupported  = 1003
	CloseInvalidText  = 1007
	ClosePolicy       = 1008
	CloseTooBig       = 1009
	CloseInternal     = 1011
	CloseReplaced     = 4000
	CloseTokenRefused = 4001
)

// Close reasons that are no errors: the reason string of a close frame is one
// of these or a Code.
const (
	ReasonLeft      = "left"       // 1000, after leave
	ReasonEnded     = "ended"      // 1000, after ended
	ReasonGoingAway = "going_away" // 1001, after going_away
)

// closeCodes holds the close code of every fatal error that is not ClosePolicy.
var closeCodes = map[Code]int{
	CodeNotText:          CloseUnsupported,
	CodeNotUTF8:          CloseInvalidText,
	CodeTooBig:           CloseTooBig,
	CodeBadFrame:         CloseProtocol,
	CodeTokenMalformed:   CloseTokenRefused,
	CodeTokenSignature:   CloseTokenRefused,
	CodeTokenExpired:     CloseTokenRefused,
	CodeTokenNotYetValid: CloseTokenRefused,
	CodeTokenAudience:    CloseTokenRefused,
	CodeTokenNoRoom:      CloseTokenRefused,
	CodeTokenReused:      CloseTokenRefused,
	CodeReplaced:         CloseReplaced,
	CodeInternal:         CloseInternal,
}

// CloseCode returns the close code that follows a fatal error of code c. The
// close frame's reason is c itself.
func CloseCode(c Code) int {
	if code, ok := closeCodes[c]; ok {
		return code
	}
	return ClosePolicy
}

// Codes returns every code, sorted. It is the closed set metrics may label by.
func Codes() []Code {
	all := []Code{
		CodeNotText, CodeNotUTF8, CodeMalformed, CodeTooBig, CodeBadFrame, CodeUnknownMessage,
		CodeMissingField, CodeWrongType, CodeTooLong, CodeTooManySeats, CodeInvalidValue,
		CodeHelloFirst, CodeHelloTwice, CodeHelloLate, CodeFlood, CodeSlow,
		CodeTokenMalformed, CodeTokenSignature, CodeTokenExpired, CodeTokenNotYetValid,
		CodeTokenAudience, CodeTokenNoRoom, CodeTokenReused,
		CodeNotFound, CodeInterviewOver, CodeRoomFull, CodeTooEarly, CodeNotParticipant,
		CodeBadParticipant, CodeNotAllowed, CodeBusy, CodeNoMedia, CodeNoZoom, CodeZoomOpen, CodeInvalidZoomLink, CodePersonalZoomLink, CodeReplaced, CodeSessionOver,
		CodeNoRecording, CodeInvalidConsent, CodeInvalidReason,
		CodeInvalidMessage, CodeInvalidReport, CodeThreadFull, CodeTooFast, CodeContested, CodeTooManyAppeals,
		CodeInvalidFile, CodeFileTooLarge, CodeFileType, CodeFileClosed, CodeTooManyFiles,
		CodeInternal, CodeOfferMalformed, CodeOfferTooLarge, CodeOfferUnsupported, CodeOfferChanged,
	}
	slices.Sort(all)
	return all
}
