package guard

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
)

// A Record is what is kept of one finding. It holds no original: the hash
// tells whether the same value came again, the preview what kind it was.
type Record struct {
	At       time.Time
	Thread   string
	Actor    string
	Surface  Surface
	Category Category
	Rule     string
	Score    float64
	// Action is what was done with the whole text.
	Action Action
	// Hash is HMAC-SHA256 of the normalised value under the operator's key,
	// in hexadecimal.
	Hash string
	// Preview has the first character of the value and the shape of the rest.
	Preview string
	Version string
}

// An Appeal contests a record. Who decides, and when, is filled in later.
type Appeal struct {
	At     time.Time
	Thread string
	Actor  string
	// Hash, Rule and Version say which decision is contested.
	Hash, Rule, Version string
	// Words are the person's own, bounded by MaxAppeal bytes.
	Words string
	// Decided is zero while the appeal is open.
	Decided time.Time
	By      string
	Upheld  bool
}

// MaxAppeal is how many bytes of a person's words an appeal keeps: 2,000
// characters, whatever they are.
const MaxAppeal = 8000

// An Occasion says when, where and by whom a text was written.
type Occasion struct {
	At            time.Time
	Thread, Actor string
}

// Audit returns one record for each finding of a decision.
func Audit(o Occasion, c Check, d Decision) []Record {
	records := make([]Record, 0, len(d.Findings))
	for _, f := range d.Findings {
		value := c.Text[f.Start:f.End]
		records = append(records, Record{
			At: o.At, Thread: o.Thread, Actor: o.Actor, Surface: c.Surface,
			Category: f.Category, Rule: f.Rule, Score: f.Score, Action: d.Action,
			Hash: c.hash(f), Preview: preview(value), Version: d.Version,
		})
	}
	return records
}

// Contest returns an open appeal against a record. Words beyond MaxAppeal
// bytes are cut at a rune.
func (r Record) Contest(at time.Time, actor, words string) Appeal {
	if len(words) > MaxAppeal {
		words = strings.ToValidUTF8(words[:MaxAppeal], "")
	}
	return Appeal{At: at, Thread: r.Thread, Actor: actor, Hash: r.Hash, Rule: r.Rule, Version: r.Version, Words: words}
}

// hash gives one value in different dress the same hash.
func (c Check) hash(f Finding) string {
	mac := hmac.New(sha256.New, c.Key)
	mac.Write([]byte(f.Category.String()))
	mac.Write([]byte{0})
	for _, ch := range normalise(c.Text[f.Start:f.End]) {
		if f.Category == Phone && !unicode.IsDigit(ch.r) && !unicode.IsLetter(ch.r) || unicode.IsSpace(ch.r) {
			continue
		}
		mac.Write([]byte(string(ch.r)))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// preview keeps the first character and writes letters as x, digits as 0. A
// long value is cut: its length is enough of a hint.
func preview(value string) string {
	const most = 24
	var b strings.Builder
	n := 0
	for _, r := range value {
		switch {
		case n == most:
			b.WriteString("…")
			return b.String()
		case n == 0 && unicode.IsPrint(r):
			b.WriteRune(r)
		case unicode.IsDigit(r):
			b.WriteByte('0')
		case unicode.IsLetter(r), unicode.IsMark(r), r == unicode.ReplacementChar:
			b.WriteByte('x')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
		n++
	}
	return b.String()
}
