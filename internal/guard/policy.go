package guard

import (
	"strings"
	"time"
)

// A Surface is a place where people write. The zero Surface is the chat.
type Surface int

// The surfaces the guard watches.
const (
	Chat Surface = iota
	Thread
	Name
	Title
	Note
	FileName
	Question
	// Caption is what a machine wrote down of speech. It is flagged and never
	// held back: nobody is silenced by a recogniser's mistake.
	Caption
)

var surfaces = []string{"chat", "thread", "name", "title", "note", "file_name", "question", "caption"}

// String returns the surface's name in the API, such as "file_name".
func (s Surface) String() string { return name(surfaces, int(s)) }

// ParseSurface returns the surface of that name.
func ParseSurface(name string) (Surface, bool) { return parse[Surface](surfaces, name) }

// short says whether the surface holds one short line that is edited in
// place. A name with a hole in it helps nobody, so such a line is refused.
func (s Surface) short() bool { return s == Name || s == Title || s == FileName }

// A Category says what kind of thing was found.
type Category int

// The categories of findings.
const (
	Email Category = iota
	Phone
	Handle
	Link
	// Ask is a request for a contact detail, or to go on talking elsewhere.
	Ask
	// RewardOffer is something offered for winning the contract. It is only
	// ever nudged: "gift card" is also what shops are built for.
	RewardOffer
	// TooLong is a text of more than MaxText bytes.
	TooLong
)

var categories = []string{"email", "phone", "handle", "link", "ask", "reward_offer", "too_long"}

// String returns the category's name in the API, such as "reward_offer".
func (c Category) String() string { return name(categories, int(c)) }

// ParseCategory returns the category of that name.
func ParseCategory(name string) (Category, bool) { return parse[Category](categories, name) }

// An Action is what is done with a text. A greater one is stricter.
type Action int

// The actions, mildest first.
const (
	// Allow delivers the text as it is.
	Allow Action = iota
	// Nudge delivers the text as it is and tells the sender about the rule.
	Nudge
	// Mask delivers the text without what was found.
	Mask
	// Block does not deliver; the sender sees what was found and may edit.
	Block
)

var actions = []string{"allow", "nudge", "mask", "block"}

// String returns the action's name in the API, such as "mask".
func (a Action) String() string { return name(actions, int(a)) }

// ParseAction returns the action of that name.
func ParseAction(name string) (Action, bool) { return parse[Action](actions, name) }

// A Mode is how strict the guard of a thread is. The zero Mode is Off.
type Mode int

// The modes, mildest first.
const (
	// Off looks at nothing.
	Off Mode = iota
	// Observe finds and records, and delivers everything.
	Observe
	// Warn nudges the sender at most.
	Warn
	// MaskOnly masks what would be blocked.
	MaskOnly
	// Full blocks, masks and nudges.
	Full
)

var modes = []string{"off", "observe", "warn", "mask", "block"}

// String returns the mode's name in the API, such as "observe".
func (m Mode) String() string { return name(modes, int(m)) }

// ParseMode returns the mode of that name.
func ParseMode(name string) (Mode, bool) { return parse[Mode](modes, name) }

// limit is the strictest thing the mode does where a would be right.
func (m Mode) limit(a Action, s Surface) Action {
	if s == Caption {
		return Allow
	}
	switch m {
	case Warn:
		return min(a, Nudge)
	case MaskOnly:
		return min(a, Mask)
	case Full:
		return a
	default:
		return Allow
	}
}

// A Policy says how the guard of one thread works.
type Policy struct {
	Mode Mode
	// Allowed lists domains that are no contact detail: the operator's own and
	// the product's, such as the one personal links point to. A domain allows
	// everything below it.
	Allowed []string
	// Exceptions are the reasons not to guard this thread.
	Exceptions []Exception
	// RearmWhenEnded guards a thread again after its contract ended. By
	// default it does not: the two know each other.
	RearmWhenEnded bool
}

// A Contract is what the host app says of the thread's contract.
type Contract struct {
	State ContractState
	// EffectiveAt is when an active contract starts; zero: it has.
	EffectiveAt time.Time
}

// A ContractState is how far two people are with their contract.
type ContractState int

// The states of a contract. Only an active one that has started, or one that
// ended, lifts the guard.
const (
	NoContract ContractState = iota
	Offered
	ContractActive
	Ended
)

var contractStates = []string{"none", "offered", "active", "ended"}

// String returns the state's name in the API, such as "offered".
func (s ContractState) String() string { return name(contractStates, int(s)) }

// ParseContractState returns the state of that name.
func ParseContractState(name string) (ContractState, bool) {
	return parse[ContractState](contractStates, name)
}

// A Reason is why a thread is excepted.
type Reason int

// The reasons there are.
const (
	// Enterprise: the client's plan allows contact before a contract.
	Enterprise Reason = iota
	// Legal: a licence, a background check or an agreement needs details.
	Legal
	// SystemAccess: an address is needed to let somebody into a system.
	SystemAccess
	// Appealed: somebody contested a decision and was right. It lets through what
	// was found then, and nothing else: the thread is guarded as before.
	Appealed
)

var reasons = []string{"enterprise", "legal", "system_access", "appeal"}

// String returns the reason's name in the API, such as "system_access".
func (r Reason) String() string { return name(reasons, int(r)) }

// ParseReason returns the reason of that name.
func ParseReason(name string) (Reason, bool) { return parse[Reason](reasons, name) }

// An Exception lets the people of a thread share contact details for a time,
// or after an appeal one text that was taken for them.
type Exception struct {
	Reason Reason
	// By is who granted it, as the host app names people.
	By string
	// Note says why, in that person's words.
	Note string
	From time.Time
	// Until is when it ends by itself; zero: with the contract.
	Until time.Time
	// Decision is what an appeal was about, and Hashes those of what was found,
	// as in the records of Audit. Only with Appealed.
	Decision string
	Hashes   []string
}

// holds says whether the exception is in force.
func (e Exception) holds(now time.Time) bool {
	return !now.Before(e.From) && (e.Until.IsZero() || now.Before(e.Until))
}

// Active says whether a thread is guarded at that moment. The guard lifts by
// itself when the contract takes effect, and while an exception holds.
func (p Policy) Active(c Contract, now time.Time) bool {
	if p.Mode == Off {
		return false
	}
	for _, e := range p.Exceptions {
		if e.Reason != Appealed && e.holds(now) {
			return false
		}
	}
	switch c.State {
	case ContractActive:
		return !c.EffectiveAt.IsZero() && now.Before(c.EffectiveAt)
	case Ended:
		return p.RearmWhenEnded
	default:
		return true
	}
}

// Cleared returns the hashes of what appeals have let through at that moment.
func (p Policy) Cleared(now time.Time) (hashes []string) {
	for _, e := range p.Exceptions {
		if e.Reason == Appealed && e.holds(now) {
			hashes = append(hashes, e.Hashes...)
		}
	}
	return hashes
}

// NextChange returns the first moment after now at which Active can change by
// itself, so that both sides can be told; false when there is none.
func (p Policy) NextChange(c Contract, now time.Time) (time.Time, bool) {
	moments := []time.Time{}
	if c.State == ContractActive {
		moments = append(moments, c.EffectiveAt)
	}
	for _, e := range p.Exceptions {
		if e.Reason != Appealed {
			moments = append(moments, e.From, e.Until)
		}
	}
	var next time.Time
	for _, m := range moments {
		if m.After(now) && (next.IsZero() || m.Before(next)) {
			next = m
		}
	}
	return next, !next.IsZero()
}

// Scores from which a finding is spoken of, masked, blocked.
const (
	scoreNudge = 0.25
	scoreMask  = 0.5
	scoreBlock = 0.8
)

// action is what a finding calls for under the fullest mode.
func (f Finding) action(s Surface) Action {
	switch {
	case f.Category == Ask || f.Category == RewardOffer:
		return Nudge
	case f.Score >= scoreBlock, f.Score >= scoreMask && s.short():
		return Block
	case f.Score >= scoreMask:
		return Mask
	default:
		return Nudge
	}
}

// allows says whether the operator has named the host, or one above it.
func (p Policy) allows(host string) bool {
	for _, d := range p.Allowed {
		d = strings.Trim(strings.ToLower(d), ". ")
		if d != "" && (host == d || strings.HasSuffix(host, "."+d)) {
			return true
		}
	}
	return false
}

func name(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}

func parse[T ~int](names []string, name string) (T, bool) {
	for i, n := range names {
		if n == name {
			return T(i), true
		}
	}
	return 0, false
}
