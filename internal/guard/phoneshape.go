package guard

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// weighRow gives the score of a row and the rule that says so.
func (s *scan) weighRow(r row) (float64, string) {
	n := len(r.digits)
	cued := s.phoneCue(r)
	if n > 15 && !(n <= 17 && strings.HasPrefix(r.digits, "00")) || counting(r.digits) && !(cued && n >= 10 && strings.Count(r.digits, r.digits[:1]) < n) {
		return 0, ""
	}
	if r.spoken >= 4 || r.spoken >= 2 && r.spoken+r.singles >= 6 {
		switch {
		case r.spoken < 5 && n < 9 && !cued, s.near(r.to, 0, 1, cueUnit):
			return 0, ""
		case cued || r.plus:
			return 0.75, "phone.spelled"
		}
		return 0.6, "phone.spelled"
	}
	if s.attached(r) || s.counted(r, cued) || r.otherNumber(cued) {
		return 0, ""
	}
	shaped := r.shaped()
	switch {
	case r.plus && n >= 8:
		if s.valid("+"+r.digits, "") {
			return 0.85, "phone.international"
		}
		return 0.8, "phone.international"
	case strings.HasPrefix(r.digits, "00") && n >= 11 && s.valid("+"+r.digits[2:], ""):
		if cued {
			return 0.85, "phone.international"
		}
		return 0.6, "phone.international"
	case cued && (n >= 8 || shaped || r.borders > 0) && (shaped || !r.table() && !r.apart()):
		if r.singles*2 > len(r.atoms) && len(r.atoms) > 3 {
			return 0.75, "phone.spaced"
		}
		return 0.85, "phone.cued"
	case (r.borders > 0 || r.spoken > 0 && r.from+2 < r.to) && n >= 9 && s.national(r):
		return 0.6, "phone.split"
	case r.singles == len(r.atoms) && n >= 9:
		return 0.6, "phone.spaced"
	case shaped && (n >= 9 || r.seps[0] == "-") && n >= 10:
		return 0.6, "phone.shaped"
	case (r.foreign || r.trunk() && s.near(r.from, 4, 0, cueMine|cueOn)) && n >= 9 && s.national(r):
		return 0.6, "phone.foreign"
	case n >= 9 && (shaped || len(r.atoms) == 1) && s.national(r):
		if r.from == s.start && r.to == len(s.tokens) {
			return 0.5, "phone.alone"
		}
		return 0.35, "phone.bare"
	}
	return 0, ""
}

// phoneCue says whether a telephone is spoken of near the row, and not only
// as a field or a column.
func (s *scan) phoneCue(r row) bool {
	before := s.near(r.from, 9, 0, cuePhone|cueReach) || s.whats(r.from) || s.is(r.from-1, ":") && s.near(r.from, 3, 0, cuePhone)
	after := s.near(r.to, 0, 6, cuePhone)
	return before || after
}

// whats says whether "my whats" stands before i: the short word for WhatsApp,
// and not for what is.
func (s *scan) whats(i int) bool {
	for k := i - 1; k > i-4; k-- {
		if s.is(k, "whats") && s.at(k-1).cues&(cueMine|cueYours|cueOn) != 0 {
			return true
		}
	}
	return false
}

// attached says whether the row is a part of something longer: a hash, a file
// name, a sum of money, an assignment.
func (s *scan) attached(r row) bool {
	if s.glued(r.from) {
		p := s.at(r.from - 1)
		switch {
		case p.kind == word && p.cues&cuePhone == 0 && !isHan(p.text), strings.Contains("#$€£₹¥@%&^./\\", p.text) && p.kind == mark:
			return true
		case (p.text == "-" || p.text == "_") && s.glued(r.from-1):
			return true
		}
	}
	if s.at(r.from-1).kind == mark && strings.Contains("$€£₹¥", s.at(r.from-1).text) {
		return true
	}
	if s.glued(r.to) {
		n := s.at(r.to)
		switch {
		case n.kind == word && n.text != "x" && n.text != "ext" && !isHan(n.text), strings.Contains("%$€£₹°", n.text) && n.kind == mark:
			return true
		case strings.Contains("-_.:", n.text) && s.glued(r.to+1) && n.kind == mark:
			return true
		}
	}
	return s.at(r.to).kind == mark && strings.Contains("$€£₹%", s.at(r.to).text)
}

// counted says whether the words around the row tell that it counts or names
// something else.
func (s *scan) counted(r row, cued bool) bool {
	if s.near(r.to, 0, 2, cueUnit) && !s.near(r.from, 4, 0, cuePhone) {
		return true
	}
	if s.at(r.from-1).cues&cueUnit != 0 {
		return true
	}
	for k := 1; k <= 5; k++ {
		t := s.at(r.from - k)
		if t.kind == border || t.kind == hidden {
			return false
		}
		if t.cues&cueCount != 0 {
			return true
		}
		if slices.Contains([]string{"number", "numbers", "numero", "num", "номер", "numer", "nummer", "nr"}, t.text) {
			continue
		}
		if cued && t.cues&(cuePhone|cueReach) != 0 {
			return false
		}
		if t.kind == mark && k > 3 {
			continue
		}
	}
	return s.near(r.to, 0, 5, cueCount) && !cued
}

var (
	isDate     = regexp.MustCompile(`^(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{0,6})$`)
	isDateBack = regexp.MustCompile(`^([0-2]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d`)
	isYears    = regexp.MustCompile(`^((19|20)\d\d){2,3}$`)
)

// otherNumber says whether the row has the shape of something else.
func (r row) otherNumber(cued bool) bool {
	lens := r.lens()
	n := len(r.digits)
	dots := len(r.seps) > 0 && r.singles < len(r.atoms)
	commas := false
	for _, sep := range r.seps {
		dots = dots && sep == "."
		commas = commas || strings.Contains(sep, ",")
	}
	switch {
	case r.address(lens), commas && r.singles < len(r.atoms):
		return true
	case strings.HasSuffix(r.digits, "0000") && !r.plus, strings.Count(r.digits, r.digits[:1]) == n:
		return true
	case !r.plus && (isDate.MatchString(r.digits) && (lens[0] == 4 || lens[0] >= 8) || isDateBack.MatchString(r.digits) && lens[0] == 2 && len(lens) >= 3 && lens[2] >= 4 || isYears.MatchString(r.digits) && len(lens) > 1):
		return true
	case dots && (len(lens) == 2 || len(lens) == 4 && maximum(lens) <= 3 && n < 10 || !r.dotted() && !cued || slices.Equal(lens, []int{3, 3, 3}) && !cued || len(lens) == 4 && !slices.Equal(lens, []int{3, 2, 2, 2}) && !slices.Equal(lens, []int{1, 3, 3, 4})):
		return true
	case n >= 13 && !r.plus && luhn(r.digits), (strings.HasPrefix(r.digits, "978") || strings.HasPrefix(r.digits, "979")) && n == 13 && !r.plus:
		return true
	case len(lens) == 1 && !cued && (n == 10 && strings.HasPrefix(r.digits, "1") || n == 13 && strings.HasPrefix(r.digits, "1")):
		return true
	case r.digits == "2147483647" || r.digits == "4294967295" || r.digits == "9007199254740991" || r.digits == "2147483648":
		return true
	case n == 9 && slices.Equal(lens, []int{5, 4}) && !cued:
		return true
	case !cued && !r.plus && r.thousands(lens):
		return true
	}
	return false
}

// address says whether the row begins with an Internet address: four groups of
// up to three digits, with dots between these and nothing else.
func (r row) address(lens []int) bool {
	if len(lens) < 4 || r.plus || maximum(lens[:4]) > 3 || len(lens) > 4 && r.seps[3] == "." {
		return false
	}
	return r.seps[0] == "." && r.seps[1] == "." && r.seps[2] == "."
}

// table: 16 18 20 24 or 120 340 560 780, a list. Telephone numbers in pairs
// begin with a zero, and four groups of three are none.
func (r row) table() bool {
	lens := r.lens()
	if len(lens) < 4 || r.singles*2 >= len(lens) {
		return false
	}
	return maximum(lens) == 2 && r.digits[0] != '0' || slices.Min(lens) == maximum(lens) && maximum(lens) > 2
}

// apart says whether a dash with spaces stands inside, as in a range.
func (r row) apart() bool {
	return slices.ContainsFunc(r.seps, func(s string) bool { return strings.Contains(s, " - ") })
}

// thousands: 12 450 300, with every group but the first of three digits. A
// number so written that begins with a zero is none.
func (r row) thousands(lens []int) bool {
	if len(lens) < 2 || lens[0] > 3 || r.digits[0] == '0' {
		return false
	}
	for i, l := range lens[1:] {
		if l != 3 || strings.Trim(r.seps[i], " ") != "" {
			return false
		}
	}
	return true
}

func (r row) lens() []int {
	lens := make([]int, len(r.atoms))
	for i, a := range r.atoms {
		lens[i] = len(a.digits)
	}
	return lens
}

func (r row) dotted() bool {
	lens := r.lens()
	for _, shape := range shapes {
		if slices.Equal(lens, shape) {
			return true
		}
	}
	return false
}

// shapes are the groups in which telephone numbers are written.
var shapes = [][]int{
	{3, 3, 4}, {1, 3, 3, 4}, {2, 2, 2, 2, 2}, {1, 3, 3, 2, 2}, {3, 3, 2, 2}, {4, 3, 2, 2}, {3, 2, 2, 2}, {4, 3, 3}, {5, 3, 3}, {4, 3, 4}, {3, 4, 4}, {4, 4, 4}, {5, 6}, {2, 4, 4}, {2, 5, 4}, {3, 4, 3}, {4, 7}, {4, 4, 3}, {5, 5},
}

// shaped says whether the row is grouped as telephone numbers are, and begins
// as they do.
func (r row) shaped() bool {
	if len(r.seps) == 0 {
		return false
	}
	lens := r.lens()
	for _, shape := range shapes {
		if !slices.Equal(lens, shape) {
			continue
		}
		switch {
		case slices.Equal(shape, []int{3, 3, 4}):
			return r.digits[0] != '1' && (strings.ContainsAny(strings.Join(r.seps, ""), "-.)/_*~") || r.digits[0] >= '2' || r.digits[0] == '0')
		case shape[0] == 1:
			return r.digits[0] == '1' || r.digits[0] == '8'
		case shape[0] == 2 && shape[1] >= 4:
			return strings.ContainsAny(r.seps[0], ")-")
		default:
			return r.digits[0] == '0'
		}
	}
	return false
}

// trunk says whether the row is written in two groups, of which the first is an
// area's: 0151-23456789.
func (r row) trunk() bool {
	return len(r.atoms) == 2 && r.digits[0] == '0' && len(r.atoms[0].digits) >= 3 && len(r.atoms[0].digits) <= 5
}

// regions are where a bare number is looked up. The list is short because
// each has its own idea of a valid number, and most numbers are none.
var regions = []string{"US", "IN", "GB", "BR", "FR", "DE", "RU", "UA", "PH", "PK", "NG", "BD", "ID", "EG", "TR", "CN"}

// national says whether the row is a valid number somewhere, as people there
// write it.
func (s *scan) national(r row) bool {
	for _, region := range regions {
		trunk := r.digits[0] == '0'
		switch region {
		case "US", "BR", "CN":
			if trunk {
				continue
			}
		case "IN":
			if len(r.digits) != 10 || r.digits[0] < '6' {
				continue
			}
		case "RU":
			if len(r.digits) != 11 || r.digits[0] != '8' {
				continue
			}
		default:
			if !trunk {
				continue
			}
		}
		if s.valid(r.digits, region) {
			return true
		}
	}
	return false
}

// maxParsed bounds how often one text asks the tables of numbering plans, the
// slowest step there is. A text with more bare numbers is a table itself.
const maxParsed = 200

func (s *scan) valid(digits, region string) bool {
	if s.parsed++; s.parsed > maxParsed {
		return false
	}
	n, err := phonenumbers.Parse(digits, region)
	return err == nil && phonenumbers.IsValidNumber(n)
}

// counting says whether the digits only count up or down, or all are one.
func counting(d string) bool {
	return strings.Contains("0123456789101112131415161718192021", d) || strings.Contains("1234567890123456789", d) || strings.Contains("109876543210", d) || strings.Count(d, d[:1]) == len(d)
}

func maximum(n []int) int { return slices.Max(n) }

// luhn is the check of card numbers.
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
