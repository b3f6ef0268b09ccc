package guard

import "strings"

// A scan is one search through a text and the messages before it.
type scan struct {
	*lexicon
	policy Policy
	text   string
	tokens []token
	found  []Finding
	start  int // the first token of the text that is judged
	parsed int // how often the numbering plans were asked
}

func newScan(l *lexicon, text string, earlier []string, p Policy) *scan {
	s := &scan{lexicon: l, policy: p, text: text}
	for _, e := range earlier {
		s.tokens = tokenise(s.tokens, e, false)
		s.tokens = append(s.tokens, token{kind: border, gap: true})
	}
	s.tokens = tokenise(s.tokens, text, true)
	s.tokens = l.gather(s.tokens)
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind == border {
			s.start = i + 1
		}
		if t.kind == word || t.kind == mark {
			t.cues = l.of(t.text)
		}
	}
	return s
}

// add keeps what was found between two tokens, as far as it lies in the text
// that is judged. Code lowers the score, unless somebody says right before it
// that this is where to be reached.
func (s *scan) add(c Category, from, to int, score float64, rule string) {
	first, last := -1, -1
	for i := from; i < to && i < len(s.tokens); i++ {
		if s.tokens[i].current {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return
	}
	switch s.tokens[first].code {
	case span:
		if !s.near(from, 6, 0, cueMine) {
			score *= 0.45
		}
	case fence:
		score *= 0.4
	}
	s.found = append(s.found, Finding{
		Category: c, Start: int(s.tokens[first].start), End: int(s.tokens[last].end), Score: score, Rule: rule, MessageKey: "guard." + rule,
	})
}

// at returns the token at i, or a border outside of the text.
func (s *scan) at(i int) token {
	if i < 0 || i >= len(s.tokens) {
		return token{kind: border, gap: true}
	}
	return s.tokens[i]
}

func (s *scan) is(i int, text string) bool {
	t := s.at(i)
	return t.text == text && t.kind != border
}

// glued says whether token i follows the one before it without a space.
func (s *scan) glued(i int) bool {
	return i > 0 && i < len(s.tokens) && glued(s.tokens[i]) && s.tokens[i-1].kind != border && s.tokens[i-1].kind != hidden
}

// near says whether one of the cues stands among the tokens before i or from
// there on, in the same message or at the end of the one before.
func (s *scan) near(i, before, after int, c cue) bool {
	borders := 0
	for k := i - 1; k >= 0 && k >= i-before; k-- {
		if s.tokens[k].kind == hidden {
			break
		}
		if s.tokens[k].kind == border {
			if borders++; borders > 3 {
				break
			}
			before++
			continue
		}
		if s.tokens[k].cues&c != 0 {
			return true
		}
	}
	for k := i; k < len(s.tokens) && k < i+after; k++ {
		if s.tokens[k].kind == border || s.tokens[k].kind == hidden {
			break
		}
		if s.tokens[k].cues&c != 0 {
			return true
		}
	}
	return false
}

// sentence returns the tokens around i up to the ends of its sentence.
func (s *scan) sentence(i int) (from, to int) {
	const most = 40
	for from = i; from > 0 && i-from < most && !s.ends(from-1); from-- {
	}
	for to = i; to < len(s.tokens) && to-i < most && !s.ends(to); to++ {
	}
	return from, to
}

func (s *scan) ends(i int) bool {
	t := s.tokens[i]
	if t.kind == border || t.kind == hidden || t.line && i > 0 {
		return true
	}
	return t.kind == mark && (t.text == "." && s.at(i+1).gap || t.text == "!" || t.text == "?" || t.text == ";")
}

// any says whether one of the tokens has the cue.
func (s *scan) any(from, to int, c cue) bool {
	for i := max(from, 0); i < to && i < len(s.tokens); i++ {
		if s.tokens[i].cues&c != 0 {
			return true
		}
	}
	return false
}

// A label is a row of tokens without a space: a name, a part of an address.
type label struct {
	from, to int
	text     string
}

const (
	inName  = "._-+"
	inLabel = "-"
	inValue = "._-"
)

// labelFrom reads a label that begins at i; marks says which signs may stand
// inside of it, not at its end.
func (s *scan) labelFrom(i int, marks string) label {
	l := label{from: i, to: i}
	var b strings.Builder
	pending := ""
	for k := i; k < len(s.tokens) && k < i+64; k++ {
		t := s.tokens[k]
		if k > i && !s.glued(k) || t.kind == border || t.kind == hidden {
			break
		}
		if t.kind == mark {
			if k == i && t.text != "_" || !strings.Contains(marks, t.text) {
				break
			}
			pending += t.text
			if t.text == "_" {
				b.WriteString(pending)
				pending, l.to = "", k+1
			}
			continue
		}
		if t.shout {
			break
		}
		b.WriteString(pending)
		b.WriteString(t.text)
		pending, l.to = "", k+1
	}
	l.text = b.String()
	return l
}

// labelBefore reads a label that ends before i.
func (s *scan) labelBefore(i int, marks string) label {
	from := i
	for k := i - 1; k >= 0 && k >= i-64; k-- {
		t := s.tokens[k]
		if t.kind == border || t.kind == hidden || t.shout || t.kind == mark && !strings.Contains(marks, t.text) {
			break
		}
		from = k
		if !s.glued(k) {
			break
		}
	}
	for from < i && s.tokens[from].kind == mark && s.tokens[from].text != "_" {
		from++
	}
	l := label{from: from, to: i}
	var b strings.Builder
	for k := from; k < i; k++ {
		b.WriteString(s.tokens[k].text)
	}
	l.text = b.String()
	return l
}

// nameLike says whether a word looks like a name somebody chose: letters with
// digits, dots or underscores.
func nameLike(v string) bool {
	letters, digits, signs := 0, 0, 0
	for i, r := range v {
		switch {
		case isDigit(r):
			digits++
		case r == '_' || (r == '.' || r == '-') && i > 0:
			signs++
		default:
			letters++
		}
	}
	return letters >= 2 && (digits > 0 || signs > 0)
}
