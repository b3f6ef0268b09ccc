package interview

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a thread. Lengths of names, titles and reasons are in characters.
const (
	MaxThreadParticipants = 32
	MaxIDLength           = 128
	MaxNameLength         = 128
	MaxTitleLength        = 256
	MaxReasonLength       = 256
)

type (
	// A ThreadID names a message thread. The host app chooses it; see ValidID.
	ThreadID string
	// A UserID names a person in the host app; see ValidID.
	UserID string
)

// A Role is what a participant is in an interview.
type Role string

// The roles. An observer sees and hears, is seen in the list of participants,
// and publishes nothing.
const (
	RoleInterviewer Role = "interviewer"
	RoleInterviewee Role = "interviewee"
	RoleObserver    Role = "observer"
	RoleInterpreter Role = "interpreter"
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool {
	switch r {
	case RoleInterviewer, RoleInterviewee, RoleObserver, RoleInterpreter:
		return true
	}
	return false
}

// A Participant is a person in a thread or an interview.
type Participant struct {
	ID   UserID
	Name string // may be empty: the host app may not know it yet; see Named
	Role Role
	// Zone is the IANA name of the time zone the person lives in. Empty: not
	// known. Threads know it; the books of who was inside do not.
	Zone string
}

// Validate checks the id, the name and the role. The error is an *Error with
// CodeInvalidParticipant.
func (p Participant) Validate() error {
	if !ValidID(string(p.ID)) {
		return errorf(CodeInvalidParticipant, "A participant's id must be %s.", idRule)
	}
	if !p.Role.Valid() {
		return errorf(CodeInvalidParticipant, "Participant %s has no known role: use interviewer, interviewee, observer or interpreter.", p.ID)
	}
	if p.Zone != "" && !ValidZone(p.Zone) {
		return errorf(CodeInvalidParticipant, "The time zone of participant %s must be %s.", p.ID, zoneRule)
	}
	if !plainText(p.Name, MaxNameLength) {
		return errorf(CodeInvalidParticipant, "The name of participant %s must be plain text of at most %d characters.", p.ID, MaxNameLength)
	}
	return nil
}

// Named returns the person with a name that others can read: without the spaces
// around it, and that of the role where the host app gave none.
func (p Participant) Named() Participant {
	p.Name = strings.TrimSpace(p.Name)
	if p.Name == "" && p.Role != "" {
		p.Name = strings.ToUpper(string(p.Role[:1])) + string(p.Role[1:])
	}
	return p
}

// A ContractState says how far the two sides of a thread are with a contract.
type ContractState string

// The contract states. An empty state means none.
const (
	ContractNone    ContractState = "none"
	ContractOffered ContractState = "offered"
	ContractActive  ContractState = "active"
	ContractEnded   ContractState = "ended"
)

// A Contract is what the host app says about the agreement between the sides.
type Contract struct {
	State       ContractState
	EffectiveAt time.Time // zero: at once
}

// InForce reports whether the two sides have a contract at that moment.
func (c Contract) InForce(now time.Time) bool {
	return c.State == ContractActive && !now.Before(c.EffectiveAt)
}

// A Thread is a message thread of the host app, as far as Parley knows it.
type Thread struct {
	ID           ThreadID
	Title        string
	Participants []Participant
	Contract     Contract
	Stage        Stage   // empty: proposed
	Context      Context // what the host app knows it by
}

// A Stage says how far a proposal for a job has come. It only goes forward.
type Stage string

// The stages: a freelancer has proposed; the client has written to them.
const (
	StageProposed Stage = "proposed"
	StageMessaged Stage = "messaged"
)

// A Context is what a thread is about, in the host app's own terms. Every field
// may be empty.
type Context struct {
	JobPost  string // the host app's id
	Proposal string // the host app's id of the freelancer's answer to it
	Locale   string // a BCP 47 tag
	URL      string // where people find the thread, having signed in
}

// Validate checks everything a host app may get wrong: the id, the title, the
// contract, and one to MaxThreadParticipants valid participants with different
// ids. The error is an *Error with CodeInvalidThread.
func (t Thread) Validate() error {
	if !ValidID(string(t.ID)) {
		return errorf(CodeInvalidThread, "A thread's id must be %s.", idRule)
	}
	if !plainText(t.Title, MaxTitleLength) {
		return errorf(CodeInvalidThread, "A thread's title must be plain text of at most %d characters.", MaxTitleLength)
	}
	switch t.Contract.State {
	case "", ContractNone, ContractOffered, ContractActive, ContractEnded:
	default:
		return errorf(CodeInvalidThread, "A thread's contract state must be none, offered, active or ended.")
	}
	switch t.Stage {
	case "", StageProposed, StageMessaged:
	default:
		return errorf(CodeInvalidThread, "A thread's stage must be proposed or messaged.")
	}
	for name, id := range map[string]string{"job post": t.Context.JobPost, "proposal": t.Context.Proposal} {
		if id != "" && !ValidID(id) {
			return errorf(CodeInvalidThread, "The id of a thread's %s must be %s.", name, idRule)
		}
	}
	if len(t.Participants) == 0 {
		return errorf(CodeInvalidThread, "A thread needs at least one participant.")
	}
	if len(t.Participants) > MaxThreadParticipants {
		return errorf(CodeInvalidThread, "A thread has at most %d participants.", MaxThreadParticipants)
	}
	seen := make(map[UserID]bool, len(t.Participants))
	for _, p := range t.Participants {
		if err := p.Validate(); err != nil {
			return &Error{Code: CodeInvalidThread, Message: err.Error()}
		}
		if seen[p.ID] {
			return errorf(CodeInvalidThread, "Participant %s is named twice.", p.ID)
		}
		seen[p.ID] = true
	}
	return nil
}

// After returns the thread as it is once t is known, what was known before being
// old, and the events that this is. An empty stage in t leaves the stage as it
// was, and a stage never goes back: a request that comes late undoes nothing.
func (t Thread) After(old Thread, now time.Time) (Thread, []Event) {
	t.Stage, old.Stage = t.Stage.orFirst(), old.Stage.orFirst()
	if old.Stage == StageMessaged {
		t.Stage = StageMessaged
	}
	event := Event{At: stamp(now), Thread: t.ID}
	var events []Event
	if t.Stage != old.Stage {
		event.Kind, event.From, event.To = EventStageChanged, string(old.Stage), string(t.Stage)
		events = append(events, event)
	}
	if a, b := old.Contract.orNone(), t.Contract.orNone(); a.State != b.State || !stamp(a.EffectiveAt).Equal(stamp(b.EffectiveAt)) {
		event.Kind, event.From, event.To = EventContractChanged, string(a.State), string(b.State)
		events = append(events, event)
	}
	return t, events
}

func (s Stage) orFirst() Stage {
	if s == "" {
		return StageProposed
	}
	return s
}

func (c Contract) orNone() Contract {
	if c.State == "" {
		c.State = ContractNone
	}
	return c
}

// Participant returns the person with that id, if the thread has them.
func (t Thread) Participant(id UserID) (Participant, bool) {
	for _, p := range t.Participants {
		if p.ID == id {
			return p, true
		}
	}
	return Participant{}, false
}

const idRule = "1 to 128 letters, digits or the characters _ . : -"

// ValidID reports whether s can name a thread, a person or an interview:
// 1 to MaxIDLength ASCII letters, digits or the characters _ . : - . Such an id
// needs no escaping in a URL path segment, a log line or a file name on Unix.
func ValidID(s string) bool {
	if len(s) == 0 || len(s) > MaxIDLength {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '_', c == '.', c == ':', c == '-':
		default:
			return false
		}
	}
	return s != "." && s != ".." // these would vanish from a URL path
}

const zoneRule = "the IANA name of a time zone, such as Europe/Prague"

// ValidZone reports whether s has the form of an IANA time zone's name (RFC 6557
// §1.1), which is not to say that there is such a zone.
func ValidZone(s string) bool {
	if len(s) == 0 || len(s) > 64 || s == "Local" || s[0] == '/' || strings.Contains(s, "..") {
		return false
	}
	return strings.IndexFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("_+-/", c))
	}) < 0
}

// plainText reports whether s is valid UTF-8 of at most limit characters that
// cannot break a line or reorder the text around it.
func plainText(s string, limit int) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || bidiControl(r) {
			return false
		}
	}
	return true
}

// bidiControl reports whether r is one of the embedding, override or isolate
// controls (Unicode UAX #9 §2) that make a name display as something else.
func bidiControl(r rune) bool {
	return '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
