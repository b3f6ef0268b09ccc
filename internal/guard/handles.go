package guard

import (
	"strings"
	"unicode/utf8"
)

// handles finds names on other services.
func (s *scan) handles() {
	for i := range s.tokens {
		t := s.tokens[i]
		switch {
		case t.kind == word && t.cues&cueService != 0:
			s.service(i)
		case t.text == "live" && s.is(i+1, ":") && s.glued(i+1) && s.glued(i+2):
			s.live(i)
		case t.text == "wxid" && s.is(i+1, "_") && s.glued(i+1):
			if v := s.labelFrom(i, inValue); len(v.text) > 7 {
				s.add(Handle, v.from, v.to, 0.75, "handle.wechat")
			}
		case t.text == "@" && t.kind == mark && !s.glued(i) && s.glued(i+1):
			s.mention(i)
		case t.text == "#" && s.glued(i) && s.glued(i+1):
			s.tag(i)
		}
	}
}

// live finds Skype's own names.
func (s *scan) live(i int) {
	k := i + 2
	if s.is(k, ".") {
		k++
	}
	v := s.labelFrom(k, inValue)
	if utf8.RuneCountInString(v.text) < 4 {
		return
	}
	score := 0.5
	if strings.HasPrefix(v.text, "cid.") || s.near(i, 5, 0, cueService|cueMine) {
		score = 0.75
	}
	if nameLike(v.text) || score > 0.5 {
		s.add(Handle, i, v.to, score, "handle.skype")
	}
}

// mention finds @name where somebody says to look for it.
func (s *scan) mention(i int) {
	v := s.labelFrom(i+1, inValue)
	if v.text == "" || s.is(v.to, "/") || s.is(v.to, "(") {
		return
	}
	if s.near(i, 6, 0, cueMine) && s.near(i, 7, 0, cueReach|cueYours) || s.is(i-1, "me") && s.is(i-2, "follow") {
		s.add(Handle, i, v.to, 0.6, "handle.mention")
	}
}

// tag finds name#1234.
func (s *scan) tag(i int) {
	v := s.labelBefore(i, inValue)
	if len(s.at(i+1).text) == 4 && s.at(i+1).kind == number && !s.glued(i+2) && v.text != "" && !s.is(v.from-1, "/") && s.near(v.from, 5, 0, cueMine) && utf8.RuneCountInString(v.text) > 2 {
		s.add(Handle, v.from, i+2, 0.55, "handle.discord")
	}
}

// service reads what stands around the name of a service.
func (s *scan) service(i int) {
	if s.glued(i+1) && strings.Contains(".-_", s.at(i+1).text) && s.glued(i+2) || s.glued(i) && strings.Contains("@.-_/", s.at(i-1).text) && s.at(i-1).text != "/" {
		return
	}
	if !s.serviceAfter(i) {
		s.serviceBefore(i)
	}
}

// serviceAfter reads "telegram: name", "my skype is name".
func (s *scan) serviceAfter(i int) bool {
	k, strong, named, wordy := i+1, false, false, 0
	for range 7 {
		t := s.at(k)
		switch {
		case t.kind == border && k < len(s.tokens) && k > 0:
		case t.kind == mark && strings.Contains(":=-(\",.|>'", t.text) && (t.text != "." || s.at(k+1).gap) && (t.text != "-" || t.gap):
			strong = strong || t.text == ":" || t.text == "="
		case t.kind == mark && t.text == "/" && s.at(k+1).cues&cueService != 0:
			return false
		case t.kind == word && t.cues&(cueName|cueService|cueMine) != 0 && (!s.glued(k+1) || s.is(k+1, "'")), isHan(t.text) && t.cues&(cueName|cueService|cuePhone) != 0 || t.text == "是" || t.text == "号":
			strong = true
			named = named || t.cues&cueName != 0 && len(t.text) > 3 || t.text == "id"
			wordy++
		case t.kind == word && t.cues&(cueOn|cueMine) != 0 && t.text == "at":
			strong = true
		case t.kind == word && t.cues&cueName != 0 && s.is(k+1, ":"):
			strong, named = true, true
		default:
			return s.serviceValue(i, k, strong, named)
		}
		k++
	}
	return s.serviceValue(i, k, strong, named)
}

func (s *scan) serviceValue(i, k int, strong, named bool) bool {
	from, at := k, false
	if s.is(k, "@") && s.glued(k+1) {
		k, at = k+1, true
	}
	v := s.labelFrom(k, inValue)
	if v.text == "" {
		return false
	}
	text, to := v.text, v.to
	if s.is(v.to, "#") && s.at(v.to+1).kind == number && s.glued(v.to+1) {
		to, at = v.to+2, true
	}
	if s.is(v.to, ":") && at && s.glued(v.to) && s.glued(v.to+1) {
		to = s.runEnd(v.to)
	}
	if n, _ := s.atSign(v.to); n > 0 && s.glued(v.to) {
		return false // an address, found elsewhere
	}
	for s.joiner[s.at(to).text] != "" && s.at(to+1).kind == word {
		next := s.labelFrom(to+1, inValue)
		text, to = text+s.joiner[s.at(to).text]+next.text, next.to
	}
	vague := s.vague[s.tokens[i].text]
	mine := s.near(i, 5, 0, cueMine) || s.near(i, 3, 0, cueReach) || s.any(i, k, cueMine)
	common := s.lexicon.of(text)&(cueCommon|cueTech|cueService|cueMine|cueOn|cueYours|cueNot) != 0 && s.lexicon.numbers[text].value == 0
	techy := s.techy(k, to)
	if !at && s.at(k).kind == number {
		if s.is(i, "zoom") && strong && s.near(i, 4, 0, cueMine) || s.is(i, "qq") || s.is(i, "icq") {
			return s.number(k)
		}
		return false
	}
	score := 0.0
	switch {
	case at:
		score = 0.7
	case techy && !mine:
		return false
	case nameLike(text) && (!vague || mine || named || strong) && (strong || mine || !techy):
		score = 0.65
	case common || utf8.RuneCountInString(text) < 4 || !strong || isHan(text):
		return false
	case mine || named:
		score = 0.55
	case !vague && s.ends1(to):
		score = 0.4
	}
	s.add(Handle, from, to, score, "handle.service")
	return score > 0
}

// number takes a number of nine digits or more for a personal room or account.
func (s *scan) number(k int) bool {
	to, digits := k, 0
	for to < len(s.tokens) && s.tokens[to].kind == number || s.is(to, "-") && s.at(to+1).kind == number {
		if s.tokens[to].kind == number {
			digits += len(s.tokens[to].text)
		}
		to++
	}
	if digits < 6 || digits > 12 {
		return false
	}
	s.add(Handle, k, to, 0.65, "handle.number")
	return true
}

// techy says whether a part of the value is a word of code.
func (s *scan) techy(from, to int) bool { return s.any(from, to, cueTech) }

func (s *scan) ends1(i int) bool {
	t := s.at(i)
	return t.kind == border || t.line || t.kind == mark && strings.Contains(".,;!)", t.text)
}

// serviceBefore reads "name on telegram" and "@name (telegram)".
func (s *scan) serviceBefore(i int) {
	k := i
	if s.is(k-1, "(") {
		k--
	} else if s.at(k-1).cues&cueOn != 0 && s.at(k-1).kind == word {
		k--
	} else {
		return
	}
	v := s.labelBefore(k, inValue)
	from := v.from
	at := s.is(from-1, "@") && s.glued(from)
	if at {
		from--
	}
	mine := s.near(from, 5, 0, cueMine) || s.near(from, 4, 0, cueReach)
	if v.text == "" || s.at(v.from).kind == number || s.vague[s.tokens[i].text] && !mine {
		return
	}
	switch {
	case at && (mine || s.is(k, "(") || from == 0):
		s.add(Handle, from, v.to, 0.65, "handle.service")
	case nameLike(v.text) && !s.techy(v.from, v.to) && !strings.Contains(v.text, "-"):
		s.add(Handle, from, v.to, 0.6, "handle.service")
	}
}
