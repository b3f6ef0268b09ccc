package guard

import (
	"strconv"
	"strings"
)

// An atom is a number, or a word for one.
type atom struct {
	from, to int
	digits   string
	spoken   bool
}

// A row is what may be a telephone number: atoms with nothing but separators
// between them.
type row struct {
	from, to int
	atoms    []atom
	seps     []string
	plus     bool
	digits   string
	spoken   int // atoms that are words
	singles  int // atoms of one digit
	borders  int
	foreign  bool
}

// phones finds telephone numbers, in digits and in words.
func (s *scan) phones() {
	for i := 0; i < len(s.tokens); {
		r, ok := s.rowFrom(i)
		if !ok {
			i++
			continue
		}
		if len(r.digits) >= 7 {
			if score, rule := s.weighRow(r); score > 0 {
				s.add(Phone, r.from, r.to, score, rule)
			}
		}
		i = max(r.to, i+1)
	}
}

// rowFrom reads the row that begins at i.
func (s *scan) rowFrom(i int) (row, bool) {
	r := row{from: i, to: i}
	k := i
	if s.is(k, "+") || s.is(k, "plus") || s.is(k, "плюс") {
		r.plus = true
		k++
	}
	if s.is(k, "(") {
		k++
	}
	a, ok := s.atomAt(k)
	if !ok {
		return r, false
	}
	for {
		r.take(a, s.tokens[a.from].foreign)
		next, sep, crossed := s.separator(a, len(r.atoms))
		if next < 0 {
			break
		}
		b, ok := s.atomAt(next)
		if !ok || len(r.digits) > 20 || !s.joins(a, b, sep) {
			break
		}
		r.seps = append(r.seps, sep)
		r.borders += crossed
		a = b
	}
	r.to = a.to
	return r, true
}

func (r *row) take(a atom, foreign bool) {
	r.atoms = append(r.atoms, a)
	r.digits += a.digits
	r.foreign = r.foreign || foreign
	if a.spoken {
		r.spoken++
	}
	if len(a.digits) == 1 {
		r.singles++
	}
}

// separator reads what stands between two atoms and returns where the next
// begins, or -1.
func (s *scan) separator(a atom, _ int) (next int, sep string, borders int) {
	k := a.to
	var b strings.Builder
	for n := 0; n < 4; n++ {
		t := s.at(k)
		if k >= len(s.tokens) || t.kind == hidden {
			return -1, "", 0
		}
		if t.gap {
			b.WriteByte(' ')
		}
		if t.line {
			b.WriteByte('\n')
		}
		switch {
		case t.kind == border:
			borders++
			b.WriteByte('|')
		case t.kind == mark && strings.Contains("-./()_*~,|·\"'=#", t.text):
			b.WriteString(t.text)
		case a.spoken && t.kind == word && (t.text == "y" || t.text == "et" || t.text == "e" || t.text == "i"):
		default:
			return k, b.String(), borders
		}
		k++
	}
	return -1, "", 0
}

// joins says whether two atoms can belong to one number with that between.
func (s *scan) joins(a, b atom, sep string) bool {
	loose := (a.spoken || len(a.digits) == 1) && (b.spoken || len(b.digits) == 1)
	if strings.Contains(sep, "|") && s.tokens[b.from].kind == number {
		// Over two messages only where one of them is all number.
		return strings.Trim(sep, " |\n") == "" && (s.alone(a) || s.alone(b))
	}
	if strings.ContainsAny(sep, "\n,#=\"'") || strings.Contains(sep, ". ") || strings.Contains(sep, " /") || strings.Contains(sep, "/ ") {
		return loose && !strings.Contains(sep, "#")
	}
	return true
}

// alone says whether the atom's message has nothing but numbers.
func (s *scan) alone(a atom) bool {
	for _, step := range []int{-1, 1} {
		for k, n := a.from, 0; ; k, n = k+step, n+1 {
			t := s.at(k)
			if t.kind == border || t.kind == hidden {
				break
			}
			if _, spoken := s.numbers[t.text]; t.kind == word && !spoken || n > 24 {
				return false
			}
		}
	}
	return true
}

// atomAt reads an atom.
func (s *scan) atomAt(i int) (atom, bool) {
	t := s.at(i)
	if t.kind == number {
		return s.leetAtom(i)
	}
	if t.kind != word {
		return atom{}, false
	}
	if n := s.repeat[t.text]; n > 0 {
		next := s.at(i + 1)
		d := ""
		if v, ok := s.numbers[next.text]; ok && next.kind == word && v.value < 10 {
			d = strconv.Itoa(v.value)
		} else if next.kind == number && len(next.text) == 1 {
			d = next.text
		}
		if d != "" {
			return atom{i, i + 2, strings.Repeat(d, n), true}, true
		}
	}
	v, ok := s.numbers[t.text]
	if !ok {
		if len(t.text) == 1 && strings.Contains("oil", t.text) && s.at(i+1).kind == number && s.glued(i+1) && !s.glued(i) {
			return s.leetAtom(i)
		}
		return atom{}, false
	}
	value, to := s.compose(i, v.value)
	return atom{i, to, strconv.Itoa(value), true}, true
}

// compose adds up what is said as one number: nine hundred and sixteen,
// forty four, quatre-vingt-dix.
func (s *scan) compose(i, value int) (int, int) {
	k := i + 1
	room := func(value int) int {
		switch {
		case value >= 100 && value%100 == 0:
			return 100
		case value == 60 || value == 80:
			return 20
		case value >= 20 && value%10 == 0:
			return 10
		}
		return 0
	}
	for range 3 {
		j := k
		if s.is(j, "-") && s.glued(j) && s.glued(j+1) || s.is(j, "y") || s.is(j, "et") || s.is(j, "and") || s.is(j, "e") {
			j++
		}
		next, ok := s.numbers[s.at(j).text]
		if !ok || s.at(j).kind != word {
			break
		}
		if value == 4 && next.value == 20 || next.times && value > 0 && value < 10 {
			value, k = value*next.value, j+1
			continue
		}
		r := room(value)
		if next.value == 0 || next.value >= r || r == 20 && next.value >= 10 && !s.french(i) {
			break
		}
		value, k = value+next.value, j+1
	}
	return value, k
}

func (s *scan) french(i int) bool {
	w := s.tokens[i].text
	return w == "soixante" || w == "quatre"
}

// leetAtom reads digits with letters that look like some among them.
func (s *scan) leetAtom(i int) (atom, bool) {
	var b strings.Builder
	k := i
	for ; k < len(s.tokens) && k < i+12 && (k == i || s.glued(k)); k++ {
		t := s.tokens[k]
		if t.kind == number {
			b.WriteString(t.text)
			continue
		}
		if t.kind == word && len(t.text) == 1 && k > i && strings.Contains("sbz", t.text) && s.at(k+1).kind == number && s.glued(k+1) {
			b.WriteString(strings.NewReplacer("s", "5", "b", "8", "z", "2").Replace(t.text))
			continue
		}
		if t.kind != word || len(t.text) > 2 || strings.Trim(t.text, "oil") != "" || k > i && t.capital && t.text == "i" {
			break
		}
		b.WriteString(strings.NewReplacer("o", "0", "i", "1", "l", "1").Replace(t.text))
	}
	return atom{i, k, b.String(), false}, true
}
