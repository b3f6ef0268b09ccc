package wire

import (
	"slices"
	"time"
)

// The types of the messages about what people write. Some travel both ways.
const (
	TypeChat      = "chat"
	TypeHistory   = "history"
	TypeComplaint = "complaint"
	TypeReceipt   = "receipt"
	TypeGuard     = "guard"
	TypeAppeal    = "appeal"
)

// Limits of them, in bytes.
const (
	MaxRef         = 64       // chat.ref, complaint.ref
	MaxChatText    = 16 << 10 // chat.text
	MaxComplaint   = 4 << 10  // complaint.words
	MaxParticipant = 128      // complaint.about
	MaxDecision    = 64       // appeal.decision
	MaxAppeal      = 8 << 10  // appeal.words
)

// Codes of refusals of what people write.
const (
	CodeInvalidMessage Code = "invalid_message" // empty, too long, not plain text
	CodeInvalidReport  Code = "invalid_report"
	CodeThreadFull     Code = "thread_full" // it holds as many messages as it can
	CodeTooFast        Code = "too_fast"
	CodeContested      Code = "already_contested"
	CodeTooManyAppeals Code = "too_many_appeals"
)

// ComplaintReasons returns why somebody can be reported: a closed set.
func ComplaintReasons() []string {
	return []string{"harassment", "discrimination", "fraud", "impersonation", "recording", "contact_details", "reward", "other"}
}

// Say sends a message to everybody in the thread.
type Say struct {
	// Ref is the client's own name for the message. Sent again under the same
	// one, it is the same message.
	Ref  string `json:"ref"`
	Text string `json:"text"`
}

// AskHistory asks for messages of the thread: those before the number Before,
// or with 0 the last ones.
type AskHistory struct {
	Before int64 `json:"before"`
}

// Complain reports somebody to those who run the host app. About is empty when
// it is about nobody in particular.
type Complain struct {
	Ref    string `json:"ref"`
	About  string `json:"about,omitempty"`
	Reason string `json:"reason"`
	Words  string `json:"words,omitempty"`
}

// Contest contests a decision of the guard about what the person wrote. The
// answer is an Appealed.
type Contest struct {
	Decision string `json:"decision"` // of the receipt
	Words    string `json:"words"`    // why it was no contact detail
}

// ChatMessage is something that somebody wrote, as it was delivered.
type ChatMessage struct {
	N    int64     `json:"n"` // grows in the thread
	ID   string    `json:"id"`
	From Person    `json:"from"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
	// Masked: contact details were taken out.
	Masked bool `json:"masked,omitempty"`
	// Reward: something is offered for winning the contract.
	Reward bool `json:"reward,omitempty"`
	// File is there when the message brings one.
	File *SharedFile `json:"file,omitempty"`
}

// Finding is one stretch of a text that a rule objects to. Start and End count
// characters (Unicode code points).
type Finding struct {
	Category string `json:"category"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
}

// Said says that somebody wrote something.
type Said struct {
	Message ChatMessage `json:"message"`
}

// Receipt answers Say. Action is allow, nudge, mask or block; Message is absent
// when it was blocked. Findings are places in the text as it was sent.
type Receipt struct {
	Ref      string       `json:"ref"`
	Action   string       `json:"action"`
	Message  *ChatMessage `json:"message,omitempty"`
	Findings []Finding    `json:"findings"`
	// Decision can be contested, with Contest.
	Decision string `json:"decision,omitempty"`
}

// History answers AskHistory, oldest first, with how things stand.
type History struct {
	Before   int64         `json:"before"`
	Messages []ChatMessage `json:"messages"`
	More     bool          `json:"more"`    // there are older ones
	Guarded  bool          `json:"guarded"` // contact details are held back now
	MayWrite bool          `json:"may_write"`
	// Appeals are the person's own in this thread, the newest first.
	Appeals []Appeal `json:"appeals"`
}

// Guard says that contact details are held back from now on, or no more.
type Guard struct {
	Active bool `json:"active"`
}

// Appeal is how an appeal against a decision of the guard stands.
type Appeal struct {
	Decision string      `json:"decision"`
	State    AppealState `json:"state"`
	At       time.Time   `json:"at"` // since when
}

// AppealState is how an appeal stands.
type AppealState string

// The states of appeals: a closed set.
const (
	AppealOpen      AppealState = "open"
	AppealUpheld    AppealState = "upheld"    // the person was right, and may send it
	AppealDismissed AppealState = "dismissed" // the decision stands
)

// Appealed says to the person who contested a decision how that stands.
type Appealed struct {
	Appeal
}

// Complained answers Complain.
type Complained struct {
	Ref string `json:"ref"`
	ID  string `json:"id"`
}

// Type returns "chat".
func (Say) Type() string { return TypeChat }

// Type returns "history".
func (AskHistory) Type() string { return TypeHistory }

// Type returns "complaint".
func (Complain) Type() string { return TypeComplaint }

// Type returns "appeal".
func (Contest) Type() string { return TypeAppeal }

// Type returns "chat".
func (Said) Type() string { return TypeChat }

// Type returns "receipt".
func (Receipt) Type() string { return TypeReceipt }

// Type returns "history".
func (History) Type() string { return TypeHistory }

// Type returns "guard".
func (Guard) Type() string { return TypeGuard }

// Type returns "appeal".
func (Appealed) Type() string { return TypeAppeal }

// Type returns "complaint".
func (Complained) Type() string { return TypeComplaint }

func (Say) fromClient()        {}
func (AskHistory) fromClient() {}
func (Complain) fromClient()   {}
func (Contest) fromClient()    {}
func (Said) fromServer()       {}
func (Receipt) fromServer()    {}
func (History) fromServer()    {}
func (Guard) fromServer()      {}
func (Appealed) fromServer()   {}
func (Complained) fromServer() {}

func (f *fields) say() Say {
	return Say{Ref: f.text("ref", MaxRef, identifier), Text: f.text("text", MaxChatText, notNUL)}
}

func (f *fields) complain() Complain {
	c := Complain{Ref: f.text("ref", MaxRef, identifier)}
	if f.has("about") {
		c.About = f.text("about", MaxParticipant, identifier)
	}
	if f.read("reason", &c.Reason, "a string") && !slices.Contains(ComplaintReasons(), c.Reason) {
		f.refuse(CodeInvalidValue, "The field %q must be one of the known reasons.", "reason")
	}
	if f.has("words") {
		c.Words = f.text("words", MaxComplaint, notNUL)
	}
	return c
}

func (f *fields) contest() Contest {
	return Contest{Decision: f.text("decision", MaxDecision, identifier), Words: f.text("words", MaxAppeal, notNUL)}
}
