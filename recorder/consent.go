package recorder

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Mode is whom a recording waits for.
type Mode string

// The modes of a recording.
const (
	ModeAll      Mode = "all"       // it runs while everybody present has agreed
	ModePerTrack Mode = "per-track" // it keeps those who have agreed
	ModeOff      Mode = "off"       // it keeps nobody
)

// Kind is what somebody is asked to agree to. Only KindRecording opens the gate;
// answers of the other kinds are kept for those who ask before they use them.
type Kind string

// The kinds of consent.
const (
	KindRecording     Kind = "recording"
	KindTranscription Kind = "transcription"
)

// Answer is where somebody stands. Who was never asked is Unknown.
type Answer string

// The answers.
const (
	Unknown   Answer = "unknown"
	Granted   Answer = "granted"
	Declined  Answer = "declined"
	Withdrawn Answer = "withdrawn"
)

// Consent is what somebody answered.
type Consent struct {
	Participant string    `json:"participant"`
	Kind        Kind      `json:"kind"`
	Answer      Answer    `json:"answer"`
	TextVersion string    `json:"text_version"` // of the text they were shown
	Language    string    `json:"language"`     // in which they were shown it
	At          time.Time `json:"at"`
}

// Reason is why a recording does not run.
type Reason string

// The reasons a recording does not run for, in this order when there are many.
const (
	ReasonOff       Reason = "off"       // its mode keeps nobody
	ReasonWithdrawn Reason = "withdrawn" // somebody who is present has withdrawn
	ReasonDeclined  Reason = "declined"  // somebody who is present has declined
	ReasonConsent   Reason = "consent"   // somebody who is present has not answered
	ReasonEmpty     Reason = "empty"     // nobody who is present has agreed
	ReasonPaused    Reason = "paused"    // Pause was called
)

// verdict is whether a recording runs.
type verdict struct {
	running bool
	reason  Reason
	waiting []string // whose answer stands in the way, in order of their coming
}

func (v verdict) equal(w verdict) bool {
	return v.running == w.running && v.reason == w.reason && slices.Equal(v.waiting, w.waiting)
}

// gate decides whose packets are kept. It is pure: it has no clock and no lock, and
// knows nothing but what it is told.
type gate struct {
	mode   Mode
	paused bool
	shut   bool     // for good
	people []member // in order of their coming
	muted  map[lineKey]bool
}

type member struct {
	id      string
	present bool
	answer  Answer
}

// lineKey names a source of a participant.
type lineKey struct {
	participant string
	source      Source
}

func newGate(mode Mode) gate { return gate{mode: mode, muted: map[lineKey]bool{}} }

// find returns somebody's entry, and makes it when it is not there.
func (g *gate) find(id string) *member {
	i := slices.IndexFunc(g.people, func(m member) bool { return m.id == id })
	if i < 0 {
		g.people = append(g.people, member{id: id, answer: Unknown})
		i = len(g.people) - 1
	}
	return &g.people[i]
}

// join lets somebody be present. What they answered before stands.
func (g *gate) join(id string) { g.find(id).present = true }

func (g *gate) leave(id string) { g.find(id).present = false }

// answer takes somebody's answer, and returns what it comes to: a no from somebody
// who had agreed is a withdrawal. It reports whether what is theirs and not on disk
// yet must be forgotten.
func (g *gate) answer(c Consent) (Consent, bool, error) {
	if c.Participant == "" || c.Kind == "" {
		return c, false, errors.New("a consent names the participant and the kind")
	}
	switch c.Answer {
	case Granted, Declined, Withdrawn:
	default:
		return c, false, fmt.Errorf("%q is no answer: it is granted, declined or withdrawn", c.Answer)
	}
	if c.Kind != KindRecording {
		return c, false, nil
	}
	m := g.find(c.Participant)
	had := m.answer == Granted
	switch {
	case c.Answer == Declined && (had || m.answer == Withdrawn):
		c.Answer = Withdrawn
	case c.Answer == Withdrawn && !had && m.answer != Withdrawn:
		c.Answer = Declined // there was nothing to withdraw
	}
	m.answer = c.Answer
	return c, had && c.Answer != Granted, nil
}

// verdict reports whether the recording runs, and if not, why.
func (g *gate) verdict() verdict {
	if g.mode == ModeOff || g.shut {
		return verdict{reason: ReasonOff}
	}
	var waiting []string
	reason, granted := Reason(""), 0
	rank := map[Answer]Reason{Withdrawn: ReasonWithdrawn, Declined: ReasonDeclined, Unknown: ReasonConsent}
	for _, worst := range []Answer{Withdrawn, Declined, Unknown} {
		for _, m := range g.people {
			if m.present && m.answer == worst && reason == "" {
				reason = rank[worst]
			}
		}
	}
	for _, m := range g.people {
		switch {
		case m.present && m.answer == Granted:
			granted++
		case m.present:
			waiting = append(waiting, m.id)
		}
	}
	switch {
	case g.mode == ModeAll && reason != "":
		return verdict{reason: reason, waiting: waiting}
	case granted == 0:
		return verdict{reason: ReasonEmpty, waiting: waiting}
	case g.paused:
		return verdict{reason: ReasonPaused}
	}
	return verdict{running: true}
}

// open reports whether the packets of a source are kept.
func (g *gate) open(k lineKey) bool {
	if g.muted[k] || !g.verdict().running {
		return false
	}
	for _, m := range g.people {
		if m.id == k.participant {
			return m.present && m.answer == Granted
		}
	}
	return false
}
