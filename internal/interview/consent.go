package interview

import (
	"slices"
	"time"
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
)

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
