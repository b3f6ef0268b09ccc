package wire

import (
	"slices"
	"time"
)

// Limits of what is said about recordings.
const (
	MaxRecordingID     = 128
	MaxMark            = 512 // bytes; 128 characters
	MaxConsentText     = 64
	MaxConsentLanguage = 35 // RFC 5646 section 4.4.1
)

// Recording is where an interview's recording stands.
type Recording struct {
	Mode  string `json:"mode"`  // "all": while everybody present agrees; "per_track": those who agree
	State string `json:"state"` // "none", "asking", "starting", "recording", "waiting" or "paused"
	// ID names the one under way, or the last one.
	ID        string    `json:"id,omitempty"`
	AskedBy   string    `json:"asked_by,omitempty"`
	StartsAt  time.Time `json:"starts_at,omitzero"` // the end of the countdown
	StartedAt time.Time `json:"started_at,omitzero"`
	Consents  []Consent `json:"consents"`
	// Awaited are those present who have not agreed.
	Awaited []string `json:"awaited"`
	// Transcripts: whoever is recorded is asked as well whether what they say may be
	// put into writing. Transcription are their answers to that.
	Transcripts   bool      `json:"transcripts,omitempty"`
	Transcription []Consent `json:"transcription,omitempty"`
}

// Consent is somebody's answer, as others see it.
type Consent struct {
	Participant string    `json:"participant"`
	State       string    `json:"state"` // "granted", "declined" or "withdrawn"
	Text        string    `json:"text"`
	Language    string    `json:"language"`
	At          time.Time `json:"at"`
}

// Action is what somebody does about a recording.
type Action string

// The actions: a closed set. Who asks, with start, agrees to be recorded.
const (
	ActionStart  Action = "start"
	ActionPause  Action = "pause"
	ActionResume Action = "resume"
	ActionStop   Action = "stop"
	ActionMark   Action = "mark"
	ActionDelete Action = "delete" // for who took their agreement back, once it has ended
)

// Actions returns every action.
func Actions() []Action {
	return []Action{ActionStart, ActionPause, ActionResume, ActionStop, ActionMark, ActionDelete}
}

// Record asks for something to be done about the recording. Text and Language
// say what was agreed to, with ActionStart; Label names the moment, with ActionMark.
type Record struct {
	Action   Action `json:"action"`
	Text     string `json:"text,omitempty"`
	Language string `json:"language,omitempty"`
	Label    string `json:"label,omitempty"`
}

// KindTranscription is the kind of an answer that is about being put into writing.
const KindTranscription = "transcription"

// Answered is the client's answer to the question whether its person may be
// recorded, or of the Kind "transcription": State is "granted" or "declined", also
// to take back what was granted.
type Answered struct {
	Recording string `json:"recording"`
	Kind      string `json:"kind,omitempty"`
	State     string `json:"state"`
	Text      string `json:"text"`
	Language  string `json:"language"`
}

// RecordingChanged says that something happened to the recording. Change is
// the last word of the event's name: "asked", "starting", "started", "paused",
// "resumed", "marked", "stopped", "failed", or "consent" for somebody's answer.
type RecordingChanged struct {
	Change    string    `json:"change"`
	By        string    `json:"by,omitempty"`
	Reason    string    `json:"reason,omitempty"` // or the label of a mark
	Interview Interview `json:"interview"`
}

// Type returns "recording".
func (Record) Type() string { return TypeRecording }

// Type returns "consent".
func (Answered) Type() string { return TypeConsent }

// Type returns "recording".
func (RecordingChanged) Type() string { return TypeRecording }

func (Record) fromClient()           {}
func (Answered) fromClient()         {}
func (RecordingChanged) fromServer() {}

func (f *fields) record() Record {
	r := Record{Action: Action(f.text("action", 16, identifier))}
	if f.err == nil && !slices.Contains(Actions(), r.Action) {
		f.refuse(CodeInvalidValue, `The field "action" is "start", "pause", "resume", "stop", "mark" or "delete".`)
	}
	switch r.Action {
	case ActionStart:
		r.Text, r.Language = f.text("text", MaxConsentText, printable), f.text("language", MaxConsentLanguage, identifier)
	case ActionMark:
		if f.has("label") {
			r.Label = f.text("label", MaxMark, notNUL)
		}
	}
	return r
}

func (f *fields) answered() Answered {
	a := Answered{
		Recording: f.text("recording", MaxRecordingID, identifier),
		State:     f.text("state", 16, identifier),
		Text:      f.text("text", MaxConsentText, printable),
		Language:  f.text("language", MaxConsentLanguage, identifier),
	}
	if f.has("kind") {
		a.Kind = f.text("kind", 16, identifier)
		if f.err == nil && a.Kind != KindTranscription && a.Kind != "recording" {
			f.refuse(CodeInvalidValue, `The field "kind" is "recording" or "transcription".`)
		}
	}
	if f.err == nil && a.State != "granted" && a.State != "declined" {
		f.refuse(CodeInvalidValue, `The field "state" is "granted" or "declined".`)
	}
	return a
}
