package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"parley/internal/chat"
	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
)

// Problem is the body of every answer that is not a success: RFC 9457, with a
// stable code for programs and a sentence for people.
type Problem struct {
	Type   string `json:"type" required:"true" description:"Always about:blank; the code tells problems apart."`
	Title  string `json:"title" required:"true" description:"The name of the status."`
	Status int    `json:"status" required:"true" description:"The HTTP status."`
	Code   Code   `json:"code" required:"true"`
	Detail string `json:"detail" required:"true" description:"A sentence for people. It may change; do not parse it."`
	Field  string `json:"field,omitempty" description:"The field that is wrong, such as participants[1].name."`

	Findings []Finding `json:"findings,omitempty" description:"What the contact guard found in that field."`
	Decision string    `json:"decision,omitempty" description:"The guard's decision, which can be contested."`

	RequestID string `json:"request_id,omitempty" description:"The id of the request, for the server's log."`
}

// Code tells problems apart. The set is closed: a client may switch over it.
type Code string

// The codes of problems. problems holds their status and meaning.
const (
	CodeInvalidRequest       Code = "invalid_request"
	CodeInvalidThread        Code = "invalid_thread"
	CodeInvalidParticipant   Code = "invalid_participant"
	CodeInvalidInterview     Code = "invalid_interview"
	CodeInvalidMode          Code = "invalid_mode"
	CodeInvalidTime          Code = "invalid_time"
	CodeInvalidReason        Code = "invalid_reason"
	CodeInvalidMessage       Code = "invalid_message"
	CodeInvalidReport        Code = "invalid_report"
	CodeContactDetails       Code = "contact_details"
	CodeInvalidFile          Code = "invalid_file"
	CodeFileTooLarge         Code = "file_too_large"
	CodeFileType             Code = "file_type"
	CodeTooManyFiles         Code = "too_many_files"
	CodeInvalidUpload        Code = "invalid_upload"
	CodeFileClosed           Code = "file_closed"
	CodeThreadFull           Code = "thread_full"
	CodeAppealed             Code = "already_contested"
	CodeNotAppealed          Code = "not_contested"
	CodeTooManyAppeals       Code = "too_many_appeals"
	CodeTooManyExceptions    Code = "too_many_exceptions"
	CodeInvalidConsent       Code = "invalid_consent"
	CodeInvalidProposal      Code = "invalid_proposal"
	CodeProposalClosed       Code = "proposal_closed"
	CodeOverlap              Code = "overlap"
	CodeUnauthorized         Code = "unauthorized"
	CodeScopeMissing         Code = "scope_missing"
	CodeNotAParticipant      Code = "not_a_participant"
	CodeNotAllowed           Code = "not_allowed"
	CodeNotFound             Code = "not_found"
	CodeMethodNotAllowed     Code = "method_not_allowed"
	CodeIdempotencyConflict  Code = "idempotency_conflict"
	CodeInterviewOver        Code = "interview_over"
	CodeNoRecorder           Code = "no_recorder"
	CodeTakesPart            Code = "takes_part"
	CodeRecordingOpen        Code = "recording_open"
	CodeRecordingHeld        Code = "recording_held"
	CodeRecordingDeleted     Code = "recording_deleted"
	CodeNoRecording          Code = "no_recording"
	CodeTooEarly             Code = "too_early"
	CodeRoomFull             Code = "room_full"
	CodeAlreadyLive          Code = "already_live"
	CodeThreadBusy           Code = "thread_busy"
	CodeBodyTooLarge         Code = "body_too_large"
	CodeUnsupportedMediaType Code = "unsupported_media_type"
	CodeRateLimited          Code = "rate_limited"
	CodeTooManyStreams       Code = "too_many_streams"
	CodeTooManyChecks        Code = "too_many_checks"
	CodeInvalidOffer         Code = "invalid_offer"
	CodeInvalidURL           Code = "invalid_url"
	CodeUnknownEvent         Code = "unknown_event"
	CodeTooManyWebhooks      Code = "too_many_webhooks"
	CodeNoZoom               Code = "no_zoom"
	CodeZoomOpen             Code = "zoom_open"
	CodeInvalidZoomLink      Code = "invalid_zoom_link"
	CodePersonalZoomLink     Code = "personal_zoom_link"
	CodeGoingAway            Code = "going_away"
	CodeInternal             Code = "internal"
)

// problemKind is what all problems of one code have in common.
type problemKind struct {
	Code    Code
	Status  int
	Meaning string
}

// problems is the one table of codes: the answers' statuses and the OpenAPI
// document both come from it.
var problems = []problemKind{
	{CodeInvalidRequest, http.StatusBadRequest, "The request cannot be read: the body is not JSON, a field is missing, unknown or out of its limits, or a parameter is wrong. `field` names it."},
	{CodeInvalidThread, http.StatusBadRequest, "The thread breaks a rule, such as two participants with one id."},
	{CodeInvalidParticipant, http.StatusBadRequest, "The user's id, name or role cannot be used."},
	{CodeInvalidInterview, http.StatusBadRequest, "The interview's id cannot be used."},
	{CodeInvalidMode, http.StatusBadRequest, "The mode is neither audio, video nor zoom."},
	{CodeInvalidTime, http.StatusBadRequest, "An interview cannot take place then: the moment lies in the past or more than a year ahead, is none of those proposed, or the length or time zone cannot be. `field` names it."},
	{CodeInvalidReason, http.StatusBadRequest, "The reason is too long or not plain text."},
	{CodeInvalidMessage, http.StatusBadRequest, "The message is empty, too long or not plain text."},
	{CodeInvalidReport, http.StatusBadRequest, "The report has no known reason, is about somebody else, or its words are too long or not plain text."},
	{CodeContactDetails, http.StatusUnprocessableEntity, "The text has contact details, which this thread's guard blocks. `field` names it, `findings` say where in it, and `decision` can be contested."},
	{CodeInvalidFile, http.StatusBadRequest, "The file's name or type cannot be used, or it is empty. `field` names it."},
	{CodeFileTooLarge, http.StatusBadRequest, "The file is larger than the server is set up for."},
	{CodeFileType, http.StatusBadRequest, "The server is not set up for files of this type."},
	{CodeTooManyFiles, http.StatusConflict, "The person has as many files under way as allowed."},
	{CodeInvalidUpload, http.StatusUnprocessableEntity, "A file cannot be uploaded there or so: the address is not one that room pages may send to, a header is one that pages cannot set, or the time is past. `field` names it."},
	{CodeFileClosed, http.StatusConflict, "The file has been answered or uploaded, was taken back, or its time is up."},
	{CodeThreadFull, http.StatusConflict, "The thread holds as many messages as it can."},
	{CodeAppealed, http.StatusConflict, "The guard's decision has been contested already, or all that was found was contested in the thread before and is not let through."},
	{CodeNotAppealed, http.StatusConflict, "There is no open appeal against the guard's decision."},
	{CodeTooManyAppeals, http.StatusTooManyRequests, "The person has contested as many decisions as one may: five at a time, and twenty a day."},
	{CodeTooManyExceptions, http.StatusConflict, "The thread has as many exceptions as it can. Take one back, with PUT /v1/threads/{thread}/guard."},
	{CodeInvalidConsent, http.StatusBadRequest, "An answer to being recorded is none, or does not say to which text."},
	{CodeInvalidProposal, http.StatusBadRequest, "The proposal's slots overlap each other, or its note cannot be used. `field` names what is wrong."},
	{CodeUnauthorized, http.StatusUnauthorized, "There is no API key, or not one that is known here."},
	{CodeScopeMissing, http.StatusForbidden, "The API key is known, and lacks the scope that this needs."},
	{CodeNotAParticipant, http.StatusForbidden, "The user is not a participant of the thread."},
	{CodeNotAllowed, http.StatusForbidden, "The user is a participant, and may not do this."},
	{CodeNotFound, http.StatusNotFound, "There is no such thread, interview, proposal, webhook, delivery, API key, recording, file or path."},
	{CodeMethodNotAllowed, http.StatusMethodNotAllowed, "The path exists, but not for this method. `Allow` lists those it has."},
	{CodeIdempotencyConflict, http.StatusConflict, "The Idempotency-Key was used before with another request."},
	{CodeInterviewOver, http.StatusConflict, "The interview is over: ended, missed, declined or cancelled."},
	{CodeNoRecorder, http.StatusConflict, "This server does not record. Its operator can set it up to."},
	{CodeTakesPart, http.StatusConflict, "The person belongs to an interview that is not over. Cancel or end it first."},
	{CodeRecordingOpen, http.StatusConflict, "The recording is not finished."},
	{CodeRecordingHeld, http.StatusConflict, "The recording is held: it may not be deleted."},
	{CodeRecordingDeleted, http.StatusGone, "The recording was deleted: its files were destroyed."},
	{CodeNoRecording, http.StatusConflict, "Nothing is being recorded that this could be done to."},
	{CodeTooEarly, http.StatusConflict, "The interview is scheduled and it is too early to go in."},
	{CodeRoomFull, http.StatusConflict, "As many people as allowed are in the interview."},
	{CodeAlreadyLive, http.StatusConflict, "The interview has begun: it can be ended, but no longer be declined, cancelled or moved."},
	{CodeThreadBusy, http.StatusConflict, "Another interview of the thread rings or is live."},
	{CodeProposalClosed, http.StatusConflict, "The proposal was answered or withdrawn, or all of its slots have passed."},
	{CodeOverlap, http.StatusConflict, "Another interview of the thread takes place at that time. `field` names the slot."},
	{CodeBodyTooLarge, http.StatusRequestEntityTooLarge, "The body is larger than 64 KiB."},
	{CodeUnsupportedMediaType, http.StatusUnsupportedMediaType, "The body is not sent as application/json."},
	{CodeInvalidURL, http.StatusUnprocessableEntity, "Webhooks cannot be sent to the address: it is not https, or not on the public internet. `field` names it."},
	{CodeUnknownEvent, http.StatusUnprocessableEntity, "A type of event that does not exist, or the same one twice. `field` names it."},
	{CodeTooManyWebhooks, http.StatusConflict, "The API key, or the server, has as many webhooks as allowed."},
	{CodeRateLimited, http.StatusTooManyRequests, "The API key asks too often. `Retry-After` says how long to wait, in seconds."},
	{CodeTooManyStreams, http.StatusTooManyRequests, "As many event streams as allowed are open."},
	{CodeNoZoom, http.StatusConflict, "This server has no Zoom account. Choose another mode, or give a link."},
	{CodeZoomOpen, http.StatusConflict, "The interview has a meeting in Zoom already."},
	{CodeInvalidZoomLink, http.StatusUnprocessableEntity, "The link is no invitation to a meeting in Zoom. `detail` says why, in words for the person who pasted it."},
	{CodePersonalZoomLink, http.StatusUnprocessableEntity, "The link leads to somebody's personal room, which tells who they are, and there is no contract yet."},
	{CodeTooManyChecks, http.StatusTooManyRequests, "As many checks as allowed are under way, here or from your network. Try again in a minute."},
	{CodeInvalidOffer, http.StatusBadRequest, "The offer of a check is not one that a browser makes for it."},
	{CodeGoingAway, http.StatusServiceUnavailable, "The server is shutting down. Try again shortly."},
	{CodeInternal, http.StatusInternalServerError, "The server failed. Its log holds the cause under `request_id`."},
}

// kindOf returns the row of code in the table.
func kindOf(code Code) (problemKind, bool) {
	for _, kind := range problems {
		if kind.Code == code {
			return kind, true
		}
	}
	return problemKind{}, false
}

// apiError is a refusal decided in this package.
type apiError struct {
	code   Code
	detail string
	field  string // empty: it is not about one

	findings []Finding // of CodeContactDetails
	decision string
}

func (e *apiError) Error() string { return e.detail }

func problem(code Code, detail string) error { return &apiError{code: code, detail: detail} }

// problemOf turns any error into what the caller is told. known is false for
// those that are the server's own failure.
func problemOf(err error) (p Problem, known bool) {
	code, detail, field := refusalIn(err)
	kind, known := kindOf(code)
	if !known || code == CodeInternal {
		kind, _ = kindOf(CodeInternal)
		detail, field, known = "Something went wrong in the server. Its log holds the cause.", "", false
	}
	p = Problem{
		Type: "about:blank", Title: http.StatusText(kind.Status), Status: kind.Status,
		Code: kind.Code, Detail: detail, Field: field,
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		p.Findings, p.Decision = e.findings, e.decision
	}
	return p, known
}

// refusalIn finds the refusal in an error: one of this package's, or one from
// below, whose codes are those of the table. The code is empty when there is none.
func refusalIn(err error) (code Code, detail, field string) {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.code, e.detail, e.field
	}
	if e, ok := errors.AsType[*fieldError](err); ok {
		return CodeInvalidRequest, e.Error(), e.Field
	}
	if e, ok := errors.AsType[*chat.ExceptionError](err); ok {
		e := fieldError{Field: fmt.Sprintf("exceptions[%d].decision", e.N), Reason: "names no appeal of this thread that was upheld"}
		return CodeInvalidRequest, e.Error(), e.Field
	}
	if e, ok := errors.AsType[*conference.Error](err); ok {
		if rule, ok := errors.AsType[*interview.Error](err); ok {
			field = rule.Field
		}
		if e.Code == conference.CodeInvalidZoomLink || e.Code == conference.CodePersonalZoomLink {
			field = "url"
		}
		return Code(e.Code), e.Message, field
	}
	if e, ok := errors.AsType[*interview.Error](err); ok {
		return Code(e.Code), e.Message, e.Field
	}
	switch {
	case errors.Is(err, chat.ErrNoThread):
		return CodeNotFound, "There is no such thread. Put it first, with PUT /v1/threads/{thread}.", ""
	case errors.Is(err, store.ErrTakesPart):
		return CodeTakesPart, "The person belongs to an interview that is not over. Cancel or end it first.", ""
	case errors.Is(err, recording.ErrOpen):
		return CodeRecordingOpen, "This recording is not finished.", ""
	case errors.Is(err, recording.ErrHeld):
		return CodeRecordingHeld, "This recording is held: it may not be deleted.", ""
	case errors.Is(err, recording.ErrDeleted):
		return CodeRecordingDeleted, "This recording was deleted.", ""
	}
	if errors.Is(err, store.ErrTooMany) {
		return CodeTooManyWebhooks, "There are as many webhooks as allowed. Delete one that is not needed.", ""
	}
	if errors.Is(err, store.ErrNotFound) {
		return CodeNotFound, "There is no such thing here.", ""
	}
	return "", "", ""
}

// writeError answers with the problem that err stands for, and logs those that
// are the server's own failure.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the caller is gone
	}
	p, known := problemOf(err)
	p.RequestID = requestID(r.Context())
	if !known {
		s.cfg.Logger.Error("request failed", "request", p.RequestID, "method", r.Method, "path", r.URL.Path, "err", err)
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="parley"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	writeBody(s.cfg.Logger, w, p)
}

// writeJSON answers with body.
func (s *Server) writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	writeBody(s.cfg.Logger, w, body)
}

func writeBody(log *slog.Logger, w http.ResponseWriter, body any) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		log.Debug("answer not delivered", "err", err)
	}
}
