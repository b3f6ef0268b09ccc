package guard

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// How plainly a sign is written.
const (
	softly  = 1 // a word that is also an ordinary one
	clearly = 2 // a word nobody needs otherwise, or one in brackets
	sign    = 3 // the sign itself
)

// atSign reads an @ in any dress at i: how many tokens, and how plainly.
func (s *scan) atSign(i int) (n, how int) {
	t := s.at(i)
	switch {
	case t.text == "@" && t.kind == mark:
		for n = 1; n < 4 && s.is(i+n, "@") && s.glued(i+n); n++ {
		}
		return n, sign
	case t.kind == mark && strings.Contains("([{<*_-~|", t.text):
		inner := s.at(i + 1)
		ok := inner.text == "@" || inner.kind == word && (s.lexicon.at[inner.text] || s.softAt[inner.text])
		if ok && s.closes(t.text, i+2) {
			return 3, clearly
		}
	case t.kind != word:
	case s.lexicon.at[t.text]:
		return 1, clearly
	case t.text == "at" && s.is(i+1, "the") && s.is(i+2, "rate"):
		if s.is(i+3, "of") {
			return 4, clearly
		}
		return 3, clearly
	case t.text == "at" && s.is(i+1, "sign"):
		return 2, clearly
	case t.shout && t.text == "at":
		return 1, clearly
	case s.softAt[t.text] && t.text != "a":
		return 1, softly
	}
	return 0, 0
}

var pairs = map[string]string{"(": ")", "[": "]", "{": "}", "<": ">", "*": "*", "_": "_", "-": "-", "~": "~", "|": "|"}

func (s *scan) closes(open string, i int) bool { return s.is(i, pairs[open]) }

// dotSign reads a dot in any dress at i.
func (s *scan) dotSign(i int) (n, how int) {
	t := s.at(i)
	switch {
	case t.kind == mark && (t.text == "." || t.text == ","):
		for n = 1; n < 4 && s.is(i+n, ".") && s.glued(i+n); n++ {
		}
		if t.text == "," && (t.gap || !s.glued(i+1)) {
			return 0, 0
		}
		return n, sign
	case t.kind == mark && strings.Contains("([{<*_-~|", t.text):
		inner := s.at(i + 1)
		if (inner.text == "." || s.dot[inner.text]) && s.closes(t.text, i+2) {
			return 3, clearly
		}
	case t.kind == word && s.dot[t.text]:
		if t.shout {
			return 1, clearly
		}
		return 1, softly
	}
	return 0, 0
}

// A domain is labels with dots between them.
type domain struct {
	to     int
	labels []string
	how    int  // the least plain of its dots
	loose  bool // spaces where there should be none
	tld    bool // ends in a top-level domain
	mailer bool // belongs to a well-known provider of e-mail
}

func (d domain) name() string { return strings.Join(d.labels, ".") }

// domainFrom reads a domain that begins at i.
func (s *scan) domainFrom(i int) domain {
	d := domain{to: i, how: sign}
	for k := i; len(d.labels) < 6; {
		l := s.labelFrom(k, inLabel)
		if l.to == k || utf8.RuneCountInString(l.text) > 63 {
			break
		}
		if len(d.labels) > 0 && l.to-l.from > 1 && strings.Contains(l.text, "-") && d.how < sign {
			// -at- and -dot- also stand between labels.
			l = label{k, k + 1, s.tokens[k].text}
		} else if cut := s.dressed(l); cut > 0 {
			l = s.labelUpTo(l, cut)
		}
		text := l.text
		if tld, ok := s.spoken[text]; ok && len(d.labels) > 0 {
			text = tld
		}
		d.labels, d.to = append(d.labels, text), l.to
		n, how := s.dotSign(l.to)
		if n == 0 {
			break
		}
		next := s.at(l.to + n)
		spaced := s.at(l.to).gap || next.gap
		if next.kind != word && next.kind != number || next.line {
			break
		}
		if how == sign && spaced {
			// A full stop ends a sentence, except between a domain's parts.
			_, said := s.spoken[next.text]
			if !s.tlds[next.text] && !said && !s.softHost(next.text) || !s.at(l.to).gap && !s.mailers[text] {
				break
			}
			d.loose = true
		}
		if s.is(l.to, ",") && (!s.tlds[next.text] || len(d.labels) > 1) {
			break
		}
		d.how = min(d.how, how)
		k = l.to + n
	}
	s.finish(&d)
	return d
}

func (s *scan) softHost(text string) bool { return s.mailers[text] }

// finish judges a domain's last label, and adds one that stands apart: gmail com.
func (s *scan) finish(d *domain) {
	if len(d.labels) == 0 {
		return
	}
	if len(d.labels) == 1 {
		only := d.labels[0]
		next := s.at(d.to)
		for _, tld := range []string{"com", "net", "ru", "de"} {
			if cut, ok := strings.CutSuffix(only, tld); ok && s.mailers[strings.TrimSuffix(cut, "dot")] {
				d.labels, d.mailer, d.tld, d.loose = []string{cut, tld}, true, true, true
				return
			}
		}
		if s.mailers[only] && next.gap && !next.line && next.kind == word && (s.tlds[next.text] || s.spoken[next.text] != "") && !isSmallWord(next.text) {
			d.labels, d.to, d.loose = append(d.labels, next.text), d.to+1, true
		}
	}
	last := d.labels[len(d.labels)-1]
	for len(d.labels) > 1 && !letters(last) {
		return
	}
	d.tld = len(d.labels) > 1 && utf8.RuneCountInString(last) >= 2
	for _, l := range d.labels[:max(1, len(d.labels)-1)] {
		d.mailer = d.mailer || s.mailers[l]
	}
}

func isSmallWord(w string) bool {
	return slices.Contains([]string{"in", "is", "it", "at", "to", "no", "so", "me", "my", "us", "be", "am", "as", "by", "id"}, w)
}

func letters(s string) bool {
	for _, r := range s {
		if isDigit(r) || r == '-' || r == '_' {
			return false
		}
	}
	return s != ""
}

// dressed finds a sign between hyphens or underscores inside of a label:
// carterlabs-dot-com. It returns the token at which the label ends before it.
func (s *scan) dressed(l label) int {
	for k := l.from + 1; k < l.to; k++ {
		if n, _ := s.dotSign(k); n == 3 {
			return k
		}
		if n, _ := s.atSign(k); n == 3 {
			return k
		}
	}
	return 0
}

func (s *scan) labelUpTo(l label, to int) label {
	var b strings.Builder
	for k := l.from; k < to; k++ {
		b.WriteString(s.tokens[k].text)
	}
	return label{l.from, to, b.String()}
}
