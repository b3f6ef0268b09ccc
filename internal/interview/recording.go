package interview

import (
	"slices"
	"time"
)

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

// A ConsentKind is what somebody is asked to agree to. Each kind is answered, and
// taken back, by itself.
type ConsentKind string

// The kinds of consent.
const (
	// ConsentRecording: that their sound and picture are kept.
	ConsentRecording ConsentKind = "recording"
	// ConsentTranscription: that what they say in the recording is put into writing.
	ConsentTranscription ConsentKind = "transcription"
)

// A ConsentState is a person's answer to one of these questions.
type ConsentState string

// The states of consent. A person without one has not answered.
const (
	ConsentUnknown   ConsentState = "unknown"
	ConsentGranted   ConsentState = "granted"
	ConsentDeclined  ConsentState = "declined"
	ConsentWithdrawn ConsentState = "withdrawn"
)

// A Consent is one person's answer: to which text, in which language, and when.
type Consent struct {
	Participant UserID
	Kind        ConsentKind // empty, of an answer that is given: ConsentRecording
	State       ConsentState
	Text        string // the version of the text they were shown
	Language    string // BCP 47
	At          time.Time
}

// limits of what a client says about the text it showed.
const (
	maxConsentText     = 64
	maxConsentLanguage = 35 // RFC 5646 §4.4.1
	// MaxMarkLength is the most characters of a mark's label.
	MaxMarkLength = 128
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

// Consent returns a person's answer; its state is ConsentUnknown without one.
func (r Recording) Consent(id UserID) Consent {
	return consentOf(r.Consents, id, ConsentRecording)
}

// Transcribed returns a person's answer to what they say being put into writing;
// its state is ConsentUnknown without one, which counts as a no.
func (r Recording) Transcribed(id UserID) Consent {
	return consentOf(r.Transcription, id, ConsentTranscription)
}

func consentOf(all []Consent, id UserID, kind ConsentKind) Consent {
	for _, c := range all {
		if c.Participant == id {
			return c
		}
	}
	return Consent{Participant: id, Kind: kind, State: ConsentUnknown}
}

func (r Recording) granted(id UserID) bool { return r.Consent(id).State == ConsentGranted }

// Recorded reports whether what a person sends may be kept at this moment. It
// is the only question that opens a recorder to anybody.
func (i *Interview) Recorded(id UserID) bool {
	return i.Recording.State == RecordingOn && i.Recording.granted(id) && i.open(id) != nil
}

// Awaited returns who is present and has not agreed, while somebody's answer matters.
func (i *Interview) Awaited() []UserID {
	if i.Recording.State == RecordingNone {
		return nil
	}
	var awaited []UserID
	for _, p := range i.Present() {
		if !i.Recording.granted(p.ID) {
			awaited = append(awaited, p.ID)
		}
	}
	return awaited
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

// Answer takes a person's answer to the question whether they may be recorded, or
// to that of another kind. Declined after having agreed counts as withdrawn. Of
// being recorded it ends the recording in RecordingAll, as it does in
// RecordingPerTrack when nobody else has agreed, and takes the person's agreement
// to transcription with it. An answer to transcription changes nothing of the
// recording. Nobody has to leave, and nobody is taken out, for having said no.
func (i *Interview) Answer(id RecordingID, c Consent, now time.Time) ([]Event, error) {
	before := i.Recording.Consent(c.Participant).State
	if c.Kind == ConsentTranscription {
		before = i.Recording.Transcribed(c.Participant).State
	} else if c.Kind == "" {
		c.Kind = ConsentRecording
	}
	switch {
	case i.State.Final():
		return nil, i.over()
	case i.Recording.State == RecordingNone || i.Recording.ID != id:
		return nil, errorf(CodeNoRecording, "There is no such recording under way.")
	case i.open(c.Participant) == nil:
		return nil, errorf(CodeNotAllowed, "Only somebody who is in the room can answer.")
	case c.Kind == ConsentTranscription && !i.Recording.Transcripts:
		return nil, errorf(CodeNotAllowed, "What is recorded here is not put into writing.")
	case c.Kind == ConsentTranscription && c.State == ConsentGranted && !i.Recording.granted(c.Participant):
		return nil, errorf(CodeNotAllowed, "Only what is recorded can be put into writing: agree to being recorded first.")
	case c.State == ConsentDeclined && before == ConsentGranted:
		c.State = ConsentWithdrawn
	case c.State == ConsentWithdrawn && before != ConsentGranted:
		c.State = ConsentDeclined
	}
	c.At = i.moment(now)
	if err := c.validate(); err != nil {
		return nil, err
	}
	if c.State == before {
		return nil, nil
	}
	if c.Kind == ConsentTranscription {
		i.Recording.Transcription = withConsent(i.Recording.Transcription, c)
		return []Event{i.consentEvent(c)}, nil
	}
	i.Recording.Consents = withConsent(i.Recording.Consents, c)
	events := []Event{i.consentEvent(c)}
	if c.State != ConsentGranted {
		events = append(events, i.untranscribe(c.Participant, c.At)...)
		return append(events, i.refused(c)...), nil
	}
	return append(events, i.reconsider(c.At)...), nil
}

// untranscribe takes back somebody's agreement to transcription, which falls with
// the one to being recorded.
func (i *Interview) untranscribe(id UserID, at time.Time) []Event {
	c := i.Recording.Transcribed(id)
	if c.State != ConsentGranted {
		return nil
	}
	c.State, c.At = ConsentWithdrawn, at
	i.Recording.Transcription = withConsent(i.Recording.Transcription, c)
	return []Event{i.consentEvent(c)}
}

// refused does what a refusal demands, at once.
func (i *Interview) refused(c Consent) []Event {
	r := i.Recording
	willing := slices.ContainsFunc(r.Consents, func(c Consent) bool { return c.State == ConsentGranted })
	switch {
	case r.Mode == RecordingPerTrack && willing:
		return i.reconsider(c.At)
	case !r.State.begun():
		return []Event{i.endRecording(EventRecordingStopped, c.At, c.Participant, ReasonConsentDeclined)}
	case c.State == ConsentWithdrawn:
		return []Event{i.endRecording(EventRecordingStopped, c.At, c.Participant, ReasonConsentWithdrawn)}
	}
	return i.reconsider(c.At) // somebody who came late said no: it goes on without them
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

func (i *Interview) consentEvent(c Consent) Event {
	e := i.recordingEvent(EventConsentChanged, c.At, c.Participant, "")
	e.Consent = c
	return e
}

func (c Consent) validate() error {
	if c.Kind != ConsentRecording && c.Kind != ConsentTranscription {
		return errorf(CodeInvalidConsent, "An answer is about recording or transcription.")
	}
	switch c.State {
	case ConsentGranted, ConsentDeclined, ConsentWithdrawn:
	default:
		return errorf(CodeInvalidConsent, "An answer is granted, declined or withdrawn.")
	}
	if c.Text == "" || !plainText(c.Text, maxConsentText) || c.Language == "" || !plainText(c.Language, maxConsentLanguage) {
		return errorf(CodeInvalidConsent, "An answer names the version and the language of the text it answers.")
	}
	return nil
}

func withConsent(all []Consent, c Consent) []Consent {
	for n := range all {
		if all[n].Participant == c.Participant {
			all[n] = c
			return all
		}
	}
	return append(all, c)
}
