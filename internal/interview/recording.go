package interview

import "time"

// A RecordingID names one recording. Whoever asks for it chooses it, as with an ID.
type RecordingID string

// A RecordingMode says when an interview may be recorded.
type RecordingMode string

// The recording modes. An empty mode means off.
const (
	// RecordingOff: not at all.
	RecordingOff RecordingMode = "off"
	// RecordingAll: while everybody present has agreed.
	RecordingAll RecordingMode = "all"
	// RecordingPerTrack: of those only who have agreed.
	RecordingPerTrack RecordingMode = "per_track"
)

// Valid reports whether m is one of the modes.
func (m RecordingMode) Valid() bool {
	return m == RecordingOff || m == RecordingAll || m == RecordingPerTrack
}

// A RecordingState is where an interview's recording stands.
type RecordingState string

// The states of a recording. Only in RecordingOn anything is kept.
const (
	// RecordingNone: nobody has asked, or what was asked for is over.
	RecordingNone RecordingState = ""
	// RecordingAsking: those present are asked whether they agree.
	RecordingAsking RecordingState = "asking"
	// RecordingStarting: it starts at Recording.StartsAt unless somebody objects.
	RecordingStarting RecordingState = "starting"
	// RecordingOn: it is being recorded.
	RecordingOn RecordingState = "recording"
	// RecordingWaiting: it is interrupted until somebody who is present agrees or leaves.
	RecordingWaiting RecordingState = "waiting"
	// RecordingPaused: somebody has interrupted it.
	RecordingPaused RecordingState = "paused"
)

// begun reports whether there is something on file, or may be at any moment.
func (s RecordingState) begun() bool {
	return s == RecordingOn || s == RecordingWaiting || s == RecordingPaused
}

// Countdown is how long those who agreed can still object before it starts.
const Countdown = 5 * time.Second

// MaxMarkLength is the most characters of a mark's label.
const MaxMarkLength = 128

// The reasons for which a recording is interrupted, or is over.
const (
	ReasonAwaitingConsent  = "awaiting_consent" // interrupted: somebody present has not agreed
	ReasonPaused           = "paused"           // interrupted by a person
	ReasonConsentDeclined  = "consent_declined" // never began
	ReasonConsentWithdrawn = "consent_withdrawn"
	ReasonStopped          = "stopped" // by a person
	ReasonInterviewOver    = "interview_over"
	ReasonDiskFull         = "disk_full" // of a failure, as the next two
	ReasonStorage          = "storage"
	ReasonInterrupted      = "interrupted" // the server stopped in the midst of it
)

// A Recording is what is known of an interview's recording. Each recording is
// agreed to anew: its consents count for no other.
type Recording struct {
	Mode  RecordingMode
	State RecordingState
	// Transcripts: whoever is recorded is asked as well whether what they say may be
	// put into writing. It is the host's to choose, and no condition of anything.
	Transcripts bool

	// Of the recording under way, and of the last one when there is none.
	ID        RecordingID
	AskedBy   UserID
	StartsAt  time.Time // while it is RecordingStarting
	StartedAt time.Time // zero: it never began
	Consents  []Consent // the latest of each person, in order of the first
	// Transcription holds the latest answers of the kind ConsentTranscription. One
	// that is granted stands beside one to being recorded, and falls with it.
	Transcription []Consent
}

// Recorded reports whether what a person sends may be kept at this moment. It
// is the only question that opens a recorder to anybody.
func (i *Interview) Recorded(id UserID) bool {
	return i.Recording.State == RecordingOn && i.Recording.granted(id) && i.open(id) != nil
}

// AskRecording asks everybody present whether id may be recorded. Who asks
// agrees by asking, to the text and in the language of c. Interviewers may ask,
// in a live interview whose mode of recording is not off. While one is under
// way, asking again is no error and no event.
func (i *Interview) AskRecording(id RecordingID, c Consent, now time.Time) ([]Event, error) {
	switch r := i.Recording; {
	case !ValidID(string(id)):
		return nil, errorf(CodeInvalidInterview, "A recording's id must be %s.", idRule)
	case i.State.Final():
		return nil, i.over()
	case r.Mode != RecordingAll && r.Mode != RecordingPerTrack:
		return nil, errorf(CodeNotAllowed, "This interview cannot be recorded.")
	case i.State != StateLive:
		return nil, errorf(CodeNotAllowed, "There is nobody else yet: an interview is recorded from when it is live.")
	}
	if err := i.mayRecord(c.Participant); err != nil {
		return nil, err
	}
	if i.Recording.State != RecordingNone {
		return nil, nil
	}
	c.Kind, c.State, c.At = ConsentRecording, ConsentGranted, i.moment(now)
	if err := c.validate(); err != nil {
		return nil, err
	}
	i.Recording = Recording{
		Mode: i.Recording.Mode, Transcripts: i.Recording.Transcripts,
		State: RecordingAsking, ID: id, AskedBy: c.Participant, Consents: []Consent{c},
	}
	asked := i.recordingEvent(EventRecordingAsked, c.At, c.Participant, "")
	return append([]Event{asked, i.consentEvent(c)}, i.reconsider(c.At)...), nil
}

// PauseRecording interrupts a recording. Interviewers may; pausing one that is
// paused is no error.
func (i *Interview) PauseRecording(by UserID, now time.Time) ([]Event, error) {
	if err := i.mayRecord(by); err != nil {
		return nil, err
	}
	switch i.Recording.State {
	case RecordingPaused:
		return nil, nil
	case RecordingOn, RecordingWaiting:
		i.Recording.State = RecordingPaused
		return []Event{i.recordingEvent(EventRecordingPaused, i.moment(now), by, ReasonPaused)}, nil
	}
	return nil, errorf(CodeNoRecording, "Nothing is being recorded.")
}

// ResumeRecording goes on with a recording that somebody paused, as soon as
// everybody who has to has agreed.
func (i *Interview) ResumeRecording(by UserID, now time.Time) ([]Event, error) {
	if err := i.mayRecord(by); err != nil {
		return nil, err
	}
	switch i.Recording.State {
	case RecordingOn, RecordingWaiting:
		return nil, nil
	case RecordingPaused:
		at := i.moment(now)
		if i.complete() {
			i.Recording.State = RecordingOn
			return []Event{i.recordingEvent(EventRecordingResumed, at, by, "")}, nil
		}
		i.Recording.State = RecordingWaiting
		return []Event{i.recordingEvent(EventRecordingPaused, at, by, ReasonAwaitingConsent)}, nil
	}
	return nil, errorf(CodeNoRecording, "Nothing is being recorded.")
}

// MarkRecording marks this moment, with a label of at most MaxMarkLength
// characters of plain text. Interviewers may, while something is recorded.
func (i *Interview) MarkRecording(by UserID, label string, now time.Time) ([]Event, error) {
	if err := i.mayRecord(by); err != nil {
		return nil, err
	}
	if i.Recording.State != RecordingOn {
		return nil, errorf(CodeNoRecording, "Nothing is being recorded.")
	}
	if !plainText(label, MaxMarkLength) {
		return nil, errorf(CodeInvalidReason, "A mark's label must be plain text of at most %d characters.", MaxMarkLength)
	}
	return []Event{i.recordingEvent(EventRecordingMarked, i.moment(now), by, label)}, nil
}

// StopRecording ends a recording, or takes back that it was asked for. Everybody
// present may. Stopping where there is none is no error.
func (i *Interview) StopRecording(by UserID, now time.Time) ([]Event, error) {
	if i.open(by) == nil {
		return nil, errorf(CodeNotAllowed, "Only somebody who is in the room can stop its recording.")
	}
	if i.Recording.State == RecordingNone {
		return nil, nil
	}
	return []Event{i.endRecording(EventRecordingStopped, i.moment(now), by, ReasonStopped)}, nil
}

// FailRecording ends a recording that cannot go on. reason is ReasonDiskFull,
// ReasonStorage or ReasonInterrupted; another one counts as ReasonStorage.
func (i *Interview) FailRecording(reason string, now time.Time) []Event {
	if i.Recording.State == RecordingNone {
		return nil
	}
	if reason != ReasonDiskFull && reason != ReasonInterrupted {
		reason = ReasonStorage
	}
	kind := EventRecordingFailed
	if !i.Recording.State.begun() {
		kind = EventRecordingStopped
	}
	return []Event{i.endRecording(kind, i.moment(now), "", reason)}
}

// reconsider brings the recording in line with who is present and who agreed.
func (i *Interview) reconsider(at time.Time) []Event {
	r := &i.Recording
	complete := i.complete()
	switch {
	case r.State == RecordingAsking && complete:
		r.State, r.StartsAt = RecordingStarting, at.Add(Countdown)
		return []Event{i.recordingEvent(EventRecordingStarting, at, r.AskedBy, "")}
	case r.State == RecordingStarting && !complete:
		r.State, r.StartsAt = RecordingAsking, time.Time{}
		return []Event{i.recordingEvent(EventRecordingAsked, at, r.AskedBy, "")}
	case r.State == RecordingOn && !complete:
		r.State = RecordingWaiting
		return []Event{i.recordingEvent(EventRecordingPaused, at, "", ReasonAwaitingConsent)}
	case r.State == RecordingWaiting && complete:
		r.State = RecordingOn
		return []Event{i.recordingEvent(EventRecordingResumed, at, "", "")}
	}
	return nil
}

// complete reports whether somebody is present and everybody has agreed who has to.
func (i *Interview) complete() bool {
	if i.Recording.Mode == RecordingPerTrack {
		return i.inside() > 0
	}
	return i.inside() > 0 && len(i.Awaited()) == 0
}

// startRecording ends the countdown.
func (i *Interview) startRecording(at time.Time) []Event {
	r := &i.Recording
	at = later(at, i.lastChange())
	r.State, r.StartedAt, r.StartsAt = RecordingOn, at, time.Time{}
	return []Event{i.recordingEvent(EventRecordingStarted, at, r.AskedBy, "")}
}

// countdown returns when a recording starts that is about to.
func (i *Interview) countdown() (time.Time, bool) {
	return i.Recording.StartsAt, i.Recording.State == RecordingStarting
}

// endRecording returns to RecordingNone. What was agreed stays to be looked up.
func (i *Interview) endRecording(kind EventKind, at time.Time, by UserID, reason string) Event {
	e := i.recordingEvent(kind, at, by, reason)
	i.Recording.State, i.Recording.StartsAt = RecordingNone, time.Time{}
	return e
}

// mayRecord refuses everybody but interviewers who are in the room.
func (i *Interview) mayRecord(by UserID) error {
	if s := i.open(by); s == nil || s.Participant.Role != RoleInterviewer {
		return errorf(CodeNotAllowed, "Only an interviewer who is in the room can do this.")
	}
	return nil
}

func (i *Interview) recordingEvent(kind EventKind, at time.Time, by UserID, reason string) Event {
	e := i.event(kind, at, Participant{})
	if by != "" {
		e.Participant = i.person(by)
	}
	e.Recording, e.Reason = i.Recording.ID, reason
	return e
}
