package guard

import (
	"strings"
	"unicode"
)

type kind uint8

const (
	word kind = iota
	number
	mark   // one character that is neither letter nor digit
	hidden // what stands for something masked; nothing reaches across it
	border // between two messages
)

// A token is a piece of the normalised text.
type token struct {
	kind       kind
	text       string
	start, end int32 // bytes of the message it came from
	gap        bool  // space before it
	wide       bool  // more than one space before it
	line       bool  // a line break before it
	current    bool  // of the text that is judged, not of an earlier one
	shout      bool  // capitals inside of a lower-case word: liamATyahoo
	capital    bool  // begins with a capital letter
	foreign    bool
	code       code
	cues       cue
}

// code tells whether a token stands in code, and in which.
type code uint8

const (
	prose code = iota
	span
	fence
)

// tokenise cuts one message into tokens.
func tokenise(tokens []token, text string, current bool) []token {
	chars := normalise(text)
	marks := codeMarks(chars)
	var gap, wide, line bool
	for i := 0; i < len(chars); {
		c := chars[i]
		if unicode.IsSpace(c.r) {
			wide = wide || gap
			gap, line = true, line || c.r == '\n' || c.r == '\r'
			i++
			continue
		}
		t := token{start: c.start, gap: gap, wide: wide, line: line, current: current, capital: c.upper, foreign: c.foreign, code: marks[i]}
		j := i + 1
		switch {
		case c.r == '[' && matches(chars[i:], Hidden):
			t.kind, j = hidden, i+len(Hidden)
		case isDigit(c.r):
			t.kind = number
			for j < len(chars) && isDigit(chars[j].r) {
				j++
			}
		case unicode.IsLetter(c.r) || unicode.Is(unicode.M, c.r):
			t.kind = word
			j = wordEnd(chars, i)
		default:
			t.kind = mark
		}
		t.text, t.end = spell(chars[i:j], t.kind), chars[j-1].end
		gap, wide, line = false, false, false
		if t.kind == word {
			tokens = splitShout(tokens, t, chars[i:j])
		} else {
			tokens = append(tokens, t)
		}
		i = j
	}
	return tokens
}

// wordEnd finds where a word ends. An apostrophe joins (don't), except after
// the short forms of French and Italian (l'email, d'une).
func wordEnd(chars []char, i int) int {
	j := i + 1
	for j < len(chars) {
		r := chars[j].r
		if unicode.IsLetter(r) || unicode.Is(unicode.M, r) {
			if !oneScript(chars[j-1].r, r) {
				break
			}
			j++
			continue
		}
		if r == '\'' && possessive(chars, j) {
			break
		}
		if r == '\'' && j-i > 1 && j+1 < len(chars) && unicode.IsLetter(chars[j+1].r) {
			j++
			continue
		}
		break
	}
	return j
}

// possessive says whether 's ends the word: my insta's.
func possessive(chars []char, j int) bool {
	return matches(chars[j:], "'s") && (j+2 == len(chars) || !unicode.IsLetter(chars[j+2].r))
}

// oneScript keeps Chinese apart from Latin, and cuts Chinese into single
// characters.
func oneScript(a, b rune) bool { return !unicode.Is(unicode.Han, a) && !unicode.Is(unicode.Han, b) }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// spell gives the token's text: apostrophes dropped, and letters of another
// alphabet read as Latin where a word mixes both.
func spell(chars []char, k kind) string {
	var b strings.Builder
	latin, other := false, false
	if k == word {
		for _, c := range chars {
			latin = latin || c.r >= 'a' && c.r <= 'z'
			_, like := alike[c.r]
			other = other || like
		}
	}
	for _, c := range chars {
		if c.r == '\'' && len(chars) > 1 {
			continue
		}
		if l, ok := alike[c.r]; ok && latin && other {
			c.r = l
		}
		b.WriteRune(c.r)
	}
	return b.String()
}

// shouted are the words that are written in capitals between small letters.
var shouted = []string{"at", "dot", "arroba", "punto", "ponto", "point", "punkt", "arobase"}

// splitShout appends a word, cut at capitals inside of it.
func splitShout(tokens []token, t token, chars []char) []token {
	if len(chars) != len(t.text) {
		return append(tokens, t)
	}
	from := 0
	for i := 1; i < len(chars); i++ {
		if !chars[i].upper || chars[i-1].upper {
			continue
		}
		j := i
		for j < len(chars) && chars[j].upper {
			j++
		}
		for _, s := range shouted {
			if t.text[i:j] != s || j == len(chars) {
				continue
			}
			before, loud := t, t
			before.text, before.start, before.end = t.text[from:i], chars[from].start, chars[i-1].end
			loud.text, loud.start, loud.end = s, chars[i].start, chars[j-1].end
			loud.gap, loud.wide, loud.line, loud.shout = false, false, false, true
			tokens = append(tokens, before, loud)
			t.gap, t.wide, t.line, from = false, false, false, j
		}
	}
	if from > 0 {
		t.text, t.start = t.text[from:], chars[from].start
	}
	return append(tokens, t)
}

// codeMarks tells of each character whether it stands in a code span or a
// fenced block. What is not closed is prose.
func codeMarks(chars []char) []code {
	marks := make([]code, len(chars))
	for i := 0; i < len(chars); i++ {
		if chars[i].r != '`' {
			continue
		}
		n := 1
		for i+n < len(chars) && chars[i+n].r == '`' {
			n++
		}
		end, kind := -1, span
		if n >= 3 {
			end, kind = closing(chars, i+n, n, len(chars)), fence
		} else {
			end = closing(chars, i+n, n, min(len(chars), i+400))
		}
		if end < 0 {
			i += n - 1
			continue
		}
		for k := i; k < end; k++ {
			marks[k] = kind
		}
		i = end - 1
	}
	return marks
}

// closing finds the end of the next run of n backticks before limit. A span
// does not cross an empty line; to stay linear, a fence is looked for once.
func closing(chars []char, from, n, limit int) int {
	run := 0
	for i := from; i < limit; i++ {
		if chars[i].r == '`' {
			if run++; run == n {
				return i + 1
			}
		} else {
			run = 0
		}
	}
	return -1
}

// gather undoes what is done to single words so that no list has them: one
// letter at a time, digits and signs for letters, words cut in two.
func (l *lexicon) gather(in []token) []token {
	out := make([]token, 0, len(in))
	for i := 0; i < len(in); {
		if n := spelledOut(in[i:]); n > 0 {
			out = append(out, join(in[i:i+n], true))
			i += n
			continue
		}
		if n := l.disguised(in[i:]); n > 0 {
			out = append(out, join(in[i:i+n], false))
			out[len(out)-1].text = l.disguise(in[i : i+n])
			i += n
			continue
		}
		out = append(out, in[i])
		i++
	}
	return out
}

func join(ts []token, lettersOnly bool) token {
	t := ts[0]
	t.kind = word
	var b strings.Builder
	for _, o := range ts {
		if !lettersOnly || o.kind != mark {
			b.WriteString(o.text)
		}
	}
	t.text, t.end = b.String(), ts[len(ts)-1].end
	return t
}

func single(t token) bool {
	return (t.kind == word || t.kind == number) && len([]rune(t.text)) == 1 && !isHan(t.text)
}

func isHan(s string) bool {
	for _, r := range s {
		return unicode.Is(unicode.Han, r)
	}
	return false
}

// spelledOut counts the tokens of a run of single letters with one space or
// one sign between each: g m a i l, g-m-a-i-l. It has at least three letters.
func spelledOut(ts []token) int {
	if !single(ts[0]) || len(ts) < 3 {
		return 0
	}
	sep, n, letters := "", 1, 0
	if ts[0].kind == word {
		letters++
	}
	if ts[1].kind == mark && !ts[1].gap && strings.Contains("-._*~|+", ts[1].text) {
		sep = ts[1].text
	} else if !ts[1].gap {
		return 0
	}
	for n < min(len(ts), 80) {
		next := ts[n]
		if next.code != ts[0].code || next.current != ts[0].current {
			break
		}
		if sep == "" {
			if !single(next) || !next.gap || next.wide || next.line || n+1 < len(ts) && glued(ts[n+1]) && ts[n+1].kind != mark {
				break
			}
			n++
		} else {
			if n+1 >= len(ts) || next.text != sep || next.gap || !single(ts[n+1]) || ts[n+1].gap {
				break
			}
			next = ts[n+1]
			n += 2
		}
		if next.kind == word {
			letters++
		}
	}
	if letters < 3 {
		return 0
	}
	return n
}

// glued says whether nothing stands between the token and the one before.
func glued(t token) bool { return !t.gap && t.kind != border && t.kind != hidden }

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// disguised counts the tokens that together are the name of a service: t3legram,
// sk*pe, "tele gram", g-mail.
func (l *lexicon) disguised(ts []token) int {
	for n := min(5, len(ts)); n > 1; n-- {
		if l.mayHide(ts) && l.disguise(ts[:n]) != "" {
			return n
		}
	}
	return 0
}

// mayHide says whether a disguised name can begin here: with a letter, or with
// a sign for one.
func (l *lexicon) mayHide(ts []token) bool {
	return ts[0].kind == word || glued(ts[1]) && ts[1].kind == word && (ts[0].text == "$" || ts[0].text == "4" && ts[1].text == "t")
}

func (l *lexicon) disguise(ts []token) string {
	var b strings.Builder
	spaces := 0
	for i, t := range ts {
		switch {
		case t.kind == hidden || t.kind == border || t.line && i > 0:
			return ""
		case i > 0 && t.gap:
			spaces++
		case i > 0 && t.kind == mark && (t.text == "-" || t.text == "_" || t.text == "."):
			if len(ts) != 3 || l.services[ts[0].text+ts[2].text] == "" || ts[2].gap {
				return ""
			}
			continue
		}
		b.WriteString(t.text)
	}
	s := b.String()
	if spaces > 0 {
		// Only names that are not cut into two words by their owners.
		if len(ts) == 2 && spaces == 1 && ts[1].kind == word {
			return l.halves[ts[0].text+" "+ts[1].text]
		}
		return ""
	}
	if strings.Contains(s, "*") {
		return l.wild[s]
	}
	return l.services[leet.Replace(s)]
}
