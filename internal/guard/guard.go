package guard

import (
	"cmp"
	"slices"
)

// Version names the rules. It stands in every decision and record, so that a
// later reader knows what judged a text.
const Version = "2026-11.2"

// Bounds on what one check reads.
const (
	// MaxText is how many bytes of a text are read; a longer one is refused
	// whole, because what is not read cannot be let through.
	MaxText = 64 << 10
	// MaxEarlier is how many of the sender's last messages are read.
	MaxEarlier = 10
	// MaxEarlierBytes is how many bytes of them are read, the latest first.
	MaxEarlierBytes = 8 << 10
)

// Hidden stands in a masked text where something was taken out.
const Hidden = "[contact hidden until contract]"

// A Check is one text to judge.
type Check struct {
	Text    string
	Surface Surface
	// Earlier holds the sender's last messages in the same thread, oldest
	// first: details are often sent in pieces.
	Earlier []string
	Policy  Policy
	// Key salts the hashes of what is found. It must be the operator's secret:
	// telephone numbers are few enough to be guessed from plain hashes.
	Key []byte
	// Cleared are hashes of what is let through: see Policy.Cleared.
	Cleared []string
}

// A Finding is one stretch of a text that a rule objects to.
type Finding struct {
	Category Category
	// Start and End are byte offsets in the text, on rune boundaries.
	Start, End int
	// Score is how sure the rule is, from 0 to 1.
	Score float64
	// Rule names the rule, for tuning and for the record.
	Rule string
	// MessageKey names the sentence that tells the sender what is wrong.
	MessageKey string
}

// A Decision says what is to be done with a text.
type Decision struct {
	Action Action
	// Findings are in the order of the text and do not overlap.
	Findings []Finding
	// Masked is the text with all that must not be delivered taken out. It is
	// the text itself when nothing must.
	Masked string
	// Version is the Version of the rules that decided.
	Version string
}

// A Guard holds the tables the rules read. Make one with New.
type Guard struct {
	lexicon *lexicon
}

// New returns a Guard. It builds the tables once, in some milliseconds.
func New() *Guard {
	return &Guard{lexicon: newLexicon()}
}

// Check judges one text. It never panics, whatever the bytes, and gives the
// same decision for the same check.
func (g *Guard) Check(c Check) Decision {
	d := Decision{Action: Allow, Masked: c.Text, Version: Version}
	if c.Policy.Mode == Off {
		return d
	}
	if len(c.Text) > MaxText {
		d.Findings = []Finding{{Category: TooLong, End: len(c.Text), Score: 1, Rule: "text.too_long", MessageKey: "guard.text.too_long"}}
		d.Masked = Hidden
		d.Action = c.Policy.Mode.limit(Block, c.Surface)
		if d.Action < Mask {
			d.Masked = c.Text
		}
		return d
	}
	c.Earlier = lastMessages(c.Earlier)
	whole, kind := c.Text, ""
	if c.Surface == FileName {
		c.Text, kind = cutExtension(whole)
	}
	d.Findings = g.find(c)
	if len(d.Findings) == 0 && kind != "" { // it may be no extension: me.com
		c.Text, kind = whole, ""
		d.Findings = g.find(c)
	}
	worst := Allow
	for _, f := range d.Findings {
		worst = max(worst, f.action(c.Surface))
	}
	d.Action = c.Policy.Mode.limit(worst, c.Surface)
	if d.Action >= Mask {
		d.Masked = g.mask(c, d.Findings) + kind
	}
	return d
}

// find returns what the rules object to in c's text, sorted and without overlap.
func (g *Guard) find(c Check) []Finding {
	s := newScan(g.lexicon, c.Text, c.Earlier, c.Policy)
	s.emails()
	s.links()
	s.handles()
	s.phones()
	s.asks()
	s.rewards()
	found := s.settle()
	if len(c.Cleared) == 0 {
		return found
	}
	return slices.DeleteFunc(found, func(f Finding) bool { return slices.Contains(c.Cleared, c.hash(f)) })
}

// settle drops the weaker of two findings that overlap, and what is too weak
// to speak of.
func (s *scan) settle() []Finding {
	found := slices.DeleteFunc(s.found, func(f Finding) bool { return f.Score < scoreNudge || f.Start >= f.End })
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.End-b.Start, a.End-a.Start), cmp.Compare(a.Start, b.Start))
	})
	taken := make([]uint64, len(s.text)/64+1)
	kept := found[:0]
	for _, f := range found {
		free := true
		for i := f.Start; i < f.End && free; i++ {
			free = taken[i/64]&(1<<(i%64)) == 0
		}
		if !free {
			continue
		}
		for i := f.Start; i < f.End; i++ {
			taken[i/64] |= 1 << (i % 64)
		}
		kept = append(kept, f)
	}
	slices.SortFunc(kept, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	return slices.Clip(kept)
}

// lastMessages bounds what is read of the earlier messages. A message that
// does not fit is left out together with all before it.
func lastMessages(earlier []string) []string {
	if len(earlier) > MaxEarlier {
		earlier = earlier[len(earlier)-MaxEarlier:]
	}
	room := MaxEarlierBytes
	for i := len(earlier) - 1; i >= 0; i-- {
		if room -= len(earlier[i]); room < 0 {
			return earlier[i+1:]
		}
	}
	return earlier
}
