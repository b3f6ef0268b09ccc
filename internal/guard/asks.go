package guard

import "slices"

// asks finds requests for a contact detail, and invitations to go elsewhere.
// What is refused or warned of is never found.
func (s *scan) asks() {
	for i := s.start; i < len(s.tokens); i++ {
		t := s.tokens[i]
		switch {
		case t.kind != word:
		case t.text == "google" && s.is(i+1, "me") && !s.refused(i):
			s.add(Ask, i, i+2, 0.35, "ask.look_up")
		case t.text == "reach" && s.is(i+1, "you") && s.reaches(i):
		case t.text == "outside" && s.outside(i):
		case t.cues&(cueService|cuePhone|cueMail) != 0:
			s.ask(i)
		}
	}
}

// reaches finds "how do I reach you?".
func (s *scan) reaches(i int) bool {
	from, to := s.sentence(i)
	for k := max(from, i-4); k < i; k++ {
		if s.is(k, "how") && s.any(k, i, cueMine) && !s.any(from, to, cueNot) {
			s.add(Ask, k, i+2, 0.3, "ask.detail")
			return true
		}
	}
	return false
}

// outside finds "let's talk outside of the platform".
func (s *scan) outside(i int) bool {
	k := i + 1
	for s.is(k, "of") || s.is(k, "the") || s.is(k, "this") {
		k++
	}
	if !slices.Contains([]string{"upwork", "platform", "fiverr", "here", "site", "app", "freelancer"}, s.at(k).text) || !s.near(i, 5, 0, cueMove|cueReach) || s.refused(i) {
		return false
	}
	s.add(Ask, i, k+1, 0.35, "ask.elsewhere")
	return true
}

// refused says whether the sentence around i has a negation.
func (s *scan) refused(i int) bool {
	from, to := s.sentence(i)
	return s.any(from, to, cueNot)
}

var nouns = []string{"email", "mail", "phone", "number", "telephone"}

func (s *scan) ask(i int) {
	from, _ := s.sentence(i)
	service := s.tokens[i].cues&cueService != 0
	end := s.askEnd(i)
	if !end || s.refused(i) {
		return
	}
	lo := max(from, i-8)
	yours := s.any(max(from, i-4), i, cueYours) || s.asksToReach(i)
	want := s.any(lo, i, cueGive|cueWhat|cueHave) || s.any(i, min(len(s.tokens), i+4), cueGive)
	have := s.any(max(from, i-4), i, cueHave)
	switch {
	case yours && want:
		s.add(Ask, i, i+1, 0.35, "ask.detail")
	case service && have && s.any(lo, i, cueYours|cueHave) && s.any(i+1, i+2, cueEdge|cueNot) == s.is(i+1, "?") && s.is(i+1, "?"):
		s.add(Ask, i, i+1, 0.35, "ask.detail")
	case service && s.at(i-1).cues&cueOn != 0 && (s.invited(max(from, i-5), i-1) || s.any(i+1, min(len(s.tokens), i+3), cueMove)):
		s.add(Ask, i, i+1, 0.3, "ask.elsewhere")
	}
}

// invited says whether the words before "on telegram" ask somebody there.
func (s *scan) invited(from, to int) bool {
	return s.any(from, to, cueMove) || s.any(from, to, cueReach) && s.any(from, to, cueMine) || s.is(from, "are") && s.any(from, to, cueYours)
}

// askEnd says whether what is asked for ends here: "your email", and not
// "your email template".
func (s *scan) askEnd(i int) bool {
	t := s.at(i + 1)
	if t.cues&cueTech != 0 {
		return false
	}
	return t.kind == border || t.kind == mark && t.text != "-" && t.text != "'" || t.line || t.cues&cueEdge != 0 || slices.Contains(nouns, t.text) || t.text == "instead"
}

// asksToReach: a good number "to text you" on.
func (s *scan) asksToReach(i int) bool {
	return s.is(i+1, "to") && s.any(i+2, i+3, cuePhone|cueReach) && s.any(i+3, i+4, cueYours)
}
