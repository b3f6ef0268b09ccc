package interview

import "fmt"

// The codes an Error carries. The set is closed: clients and host apps may
// switch on it, and a new rule either uses one of these or adds one here.
const (
	// CodeInvalidThread says that a thread breaks one of the limits Validate checks.
	CodeInvalidThread = "invalid_thread"
	// CodeInvalidParticipant says that a participant's id, name or role is unusable.
	CodeInvalidParticipant = "invalid_participant"
	// CodeInvalidInterview says that an interview's own id is unusable.
	CodeInvalidInterview = "invalid_interview"
	// CodeInvalidMode says that the mode is neither audio, video nor zoom.
	CodeInvalidMode = "invalid_mode"
	// CodeInvalidTime says that an interview cannot be scheduled for that moment.
	CodeInvalidTime = "invalid_time"
	// CodeInvalidReason says that a reason is unknown, too long or not plain text.
	CodeInvalidReason = "invalid_reason"
	// CodeInvalidMessage says that a message is empty, too long or not plain text.
	CodeInvalidMessage = "invalid_message"
	// CodeInvalidFile says that what is said about a file cannot be used: its name,
	// its type, or that it is empty.
	CodeInvalidFile = "invalid_file"
	// CodeFileTooLarge says that a file is larger than the policy allows.
	CodeFileTooLarge = "file_too_large"
	// CodeFileType says that the policy allows no files of that type.
	CodeFileType = "file_type"
	// CodeInvalidUpload says that an upload cannot go where or as the host app said.
	CodeInvalidUpload = "invalid_upload"
	// CodeFileClosed says that the offer of a file is in another state than that needs.
	CodeFileClosed = "file_closed"
	// CodeTooManyFiles says that somebody has as many files under way as they may.
	CodeTooManyFiles = "too_many_files"
	// CodeContested says that a decision of the guard, or all that was found, was
	// contested before.
	CodeContested = "already_contested"
	// CodeNotContested says that there is no open appeal to decide.
	CodeNotContested = "not_contested"
	// CodeTooManyAppeals says that somebody has contested as much as one may.
	CodeTooManyAppeals = "too_many_appeals"
	// CodeTooManyExceptions says that a thread has as many exceptions as it can.
	CodeTooManyExceptions = "too_many_exceptions"
	// CodeThreadFull says that a thread holds as many messages as it can.
	CodeThreadFull = "thread_full"
	// CodeInvalidConsent says that an answer to being recorded is none, or does not say to what.
	CodeInvalidConsent = "invalid_consent"
	// CodeNoRecording says that nothing is being recorded that this could be done to.
	CodeNoRecording = "no_recording"
	// CodeInvalidProposal says that a proposal's slots or words cannot be used.
	CodeInvalidProposal = "invalid_proposal"
	// CodeProposalClosed says that a proposal has been answered, taken back, or
	// lies in the past.
	CodeProposalClosed = "proposal_closed"
	// CodeOverlap says that another interview of the thread takes place then.
	CodeOverlap = "overlap"
	// CodeInvalidReport says that a report has no known reason, or is about nobody there.
	CodeInvalidReport = "invalid_report"
	// CodeNotParticipant says that the person does not belong to the thread.
	CodeNotParticipant = "not_a_participant"
	// CodeNotAllowed says that the person may not do this in this interview.
	CodeNotAllowed = "not_allowed"
	// CodeTooEarly says that a scheduled interview cannot be joined yet.
	CodeTooEarly = "too_early"
	// CodeFull says that as many people as the policy allows are present.
	CodeFull = "room_full"
	// CodeOver says that the interview has reached a final state.
	CodeOver = "interview_over"
	// CodeAlreadyLive says that it is too late to decline or cancel: people are talking.
	CodeAlreadyLive = "already_live"
)

// An Error says which rule was broken: Code for machines, Message for people.
type Error struct {
	// Code is one of the Code constants.
	Code string
	// Message is one plain sentence that may be shown to a person.
	Message string
	// Field names what is wrong, such as slots[1]; empty when it is not one thing.
	Field string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) at(field string) *Error {
	e.Field = field
	return e
}
