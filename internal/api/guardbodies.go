package api

import (
	"time"

	"parley/internal/store"
)

// CheckBody is a text to judge.
type CheckBody struct {
	Thread  string   `json:"thread" required:"true" minLength:"1" maxLength:"128" description:"The thread it is written in."`
	Text    string   `json:"text" required:"true" maxLength:"20000"`
	Surface string   `json:"surface" required:"true" enum:"chat,thread,name,title,note,file_name,question,caption" description:"Where it is written."`
	Actor   string   `json:"actor,omitempty" maxLength:"128" description:"Who writes it."`
	Earlier []string `json:"earlier,omitempty" maxItems:"10" description:"What they wrote just before, oldest first: details are often sent in pieces."`
	Record  bool     `json:"record,omitempty" description:"Keep what is found, so that it can be counted and contested, and tell webhooks. Without, nothing is kept."`
}

// Finding is one stretch of a text that a rule objects to.
type Finding struct {
	Category   string  `json:"category" required:"true" enum:"email,phone,handle,link,ask,reward_offer,too_long"`
	Start      int     `json:"start" required:"true" description:"Of the first character (Unicode code point), from 0."`
	End        int     `json:"end" required:"true" description:"Behind the last one."`
	Score      float64 `json:"score" required:"true" description:"How sure the rule is, 0 to 1."`
	Rule       string  `json:"rule" required:"true"`
	MessageKey string  `json:"message_key" required:"true" description:"For texts of your own."`
	Message    string  `json:"message" required:"true" description:"A sentence for the person who wrote it."`
}

// Check is what the guard makes of a text.
type Check struct {
	Action     string    `json:"action" required:"true" enum:"allow,nudge,mask,block" description:"What to do with it: deliver it, deliver it and tell the sender, deliver masked_text instead, or do not deliver it and let the sender edit."`
	Findings   []Finding `json:"findings" required:"true" nullable:"false"`
	MaskedText string    `json:"masked_text" required:"true" description:"The text without what must not be delivered."`
	Version    string    `json:"version" required:"true" description:"Of the rules."`
	Policy     Guard     `json:"policy" required:"true" description:"How the thread is guarded now."`
	Decision   string    `json:"decision,omitempty" description:"What was found is kept under this id."`
}

// FieldGuard is what the guard found in one field of a request that was taken.
type FieldGuard struct {
	Field    string    `json:"field" required:"true"`
	Action   string    `json:"action" required:"true" enum:"allow,nudge,mask" description:"With mask the field was stored without what was found."`
	Findings []Finding `json:"findings" required:"true" nullable:"false"`
	Decision string    `json:"decision" required:"true"`
}

// Exception lets the people of a thread share contact details for a time, or
// after an appeal what was taken for them.
type Exception struct {
	Reason string    `json:"reason" required:"true" enum:"enterprise,legal,system_access,appeal" description:"With appeal it lets through what was found in decision, and nothing else. It is made by an appeal that is upheld."`
	By     string    `json:"by" required:"true" minLength:"1" maxLength:"128" description:"Who granted it."`
	Note   string    `json:"note,omitempty" maxLength:"512" description:"Why, in their words."`
	From   time.Time `json:"from,omitzero" description:"Absent: at once."`
	Until  time.Time `json:"until,omitzero" description:"When it ends by itself; absent: never."`

	Decision string `json:"decision,omitempty" maxLength:"128" description:"Of the reason appeal: what was contested."`
}

// GuardBody says how a thread is to be guarded.
type GuardBody struct {
	Mode           string      `json:"mode,omitempty" enum:"off,observe,warn,mask,block" description:"The most that is done; absent: the server's own, guard.mode."`
	Exceptions     []Exception `json:"exceptions,omitempty" maxItems:"64" description:"Reasons not to guard it. One of an appeal that is left out is taken back."`
	RearmWhenEnded bool        `json:"rearm_when_ended,omitempty" description:"Guard it again after the contract ended."`
}

// Guard is how a thread is guarded.
type Guard struct {
	Mode           string      `json:"mode" required:"true" enum:"off,observe,warn,mask,block"`
	Default        bool        `json:"default" required:"true" description:"The mode is the server's own."`
	Active         bool        `json:"active" required:"true" description:"Texts are judged now. They are not while there is a contract, or an exception."`
	ChangesAt      time.Time   `json:"changes_at,omitzero" description:"When that changes by itself."`
	Exceptions     []Exception `json:"exceptions" required:"true" nullable:"false"`
	RearmWhenEnded bool        `json:"rearm_when_ended" required:"true"`
}

// Decision is what was found in a text, without the text.
type Decision struct {
	ID       string         `json:"id" required:"true"`
	Thread   string         `json:"thread" required:"true"`
	Actor    string         `json:"actor" required:"true" description:"Who wrote it; empty: not known."`
	At       time.Time      `json:"at" required:"true"`
	Surface  string         `json:"surface" required:"true" enum:"chat,thread,name,title,note,file_name,question,caption"`
	Action   string         `json:"action" required:"true" enum:"allow,nudge,mask,block"`
	Version  string         `json:"version" required:"true" description:"Of the rules."`
	Findings []KeptFinding  `json:"findings" required:"true" nullable:"false"`
	Appeal   *DecidedAppeal `json:"appeal,omitempty" description:"Absent: nobody contests it."`
}

// KeptFinding is what is kept of a finding.
type KeptFinding struct {
	Category string  `json:"category" required:"true" enum:"email,phone,handle,link,ask,reward_offer,too_long"`
	Rule     string  `json:"rule" required:"true"`
	Score    float64 `json:"score" required:"true"`
	Hash     string  `json:"hash" required:"true" description:"The same for the same value, and of no use without the server's key."`
	Preview  string  `json:"preview" required:"true" description:"The value's shape."`
}

// AppealBody contests a decision.
type AppealBody struct {
	By    string `json:"by" required:"true" minLength:"1" maxLength:"128" description:"Who contests it."`
	Words string `json:"words" required:"true" minLength:"1" maxLength:"2000" description:"Why, in their own words."`
}

// AppealDecision closes an appeal.
type AppealDecision struct {
	By     string `json:"by" required:"true" minLength:"1" maxLength:"128" description:"Who decided."`
	Upheld bool   `json:"upheld" required:"true" description:"Whether the person was right: what was found is let through in the thread from now on."`
}

// DecidedAppeal is an appeal, with what became of it.
type DecidedAppeal struct {
	At        time.Time `json:"at" required:"true"`
	By        string    `json:"by" required:"true"`
	Words     string    `json:"words" required:"true"`
	DecidedAt time.Time `json:"decided_at,omitzero" description:"Absent: it is open."`
	DecidedBy string    `json:"decided_by,omitempty"`
	Upheld    bool      `json:"upheld" required:"true"`
}

// DecisionList is a page of decisions, newest first.
type DecisionList struct {
	Decisions []Decision `json:"decisions" required:"true" nullable:"false"`
	Next      string     `json:"next,omitempty" description:"Give it as before for the next page. Absent on the last one."`
}

func decisionJSON(d store.GuardDecision) Decision {
	out := Decision{
		ID: d.ID, Thread: string(d.Thread), Actor: string(d.Actor), At: utc(d.At), Surface: d.Surface, Action: d.Action,
		Version: d.Version, Findings: []KeptFinding{},
	}
	for _, f := range d.Findings {
		out.Findings = append(out.Findings, KeptFinding{Category: f.Category, Rule: f.Rule, Score: f.Score, Hash: f.Hash, Preview: f.Preview})
	}
	if a := d.Appeal; !a.At.IsZero() {
		out.Appeal = &DecidedAppeal{
			At: utc(a.At), By: a.By, Words: a.Words, DecidedAt: utc(a.DecidedAt), DecidedBy: a.DecidedBy, Upheld: a.Upheld,
		}
	}
	return out
}
