package guard

import (
	"slices"
	"strings"
)

// emails finds addresses, plain and disguised.
func (s *scan) emails() {
	for i := 0; i < len(s.tokens); i++ {
		if n, how := s.atSign(i); n > 0 {
			if to := s.email(i, n, how); to > i {
				i = to - 1
			}
			continue
		}
		if s.tokens[i].kind == word && s.mailers[s.tokens[i].text] {
			s.mailer(i)
		}
	}
}

// email judges what stands on both sides of an @ at i. It returns where the
// address ends, or 0.
func (s *scan) email(i, n, how int) int {
	start := i + n
	if s.at(start).kind == border {
		start++
	}
	if s.is(start, "-") && how < sign || s.is(start, "_") && how < sign {
		start++
	}
	d := s.domainFrom(start)
	if len(d.labels) == 0 || s.credentials(i, d) {
		return 0
	}
	local, loose := s.localBefore(i, how)
	if local.text == "" {
		if s.at(i).text == "@" && d.mailer && d.tld && len(d.labels) == 2 {
			s.add(Email, i, d.to, 0.55, "email.fragment")
			return d.to
		}
		return 0
	}
	score, rule := s.weigh(i, local, d, how, loose || s.at(start).gap || n > 1)
	if score < scoreNudge {
		return 0
	}
	s.add(Email, local.from, d.to, score, rule)
	return d.to
}

// localBefore reads what stands before the @: one label, and what is joined
// to it by words (john dot smith).
func (s *scan) localBefore(i, how int) (label, bool) {
	end := i
	if s.at(i-1).kind == border {
		end--
	}
	loose := s.at(i).gap || end < i
	l := s.labelBefore(end, inName)
	if l.text == "" {
		return l, loose
	}
	for range 6 {
		k := l.from - 1
		sep, ok := s.joiner[s.at(k).text]
		if ok && s.is(k-1, "guion") {
			k--
		}
		if s.is(k, "bajo") && s.is(k-1, "guion") {
			k, sep, ok = k-1, "_", true
		}
		if !ok || s.at(k).kind == border {
			break
		}
		prev := s.labelBefore(k, inName)
		if prev.text == "" || s.lexicon.of(prev.text)&cueCommon != 0 {
			break
		}
		l.from, l.text, loose = prev.from, prev.text+sep+l.text, true
	}
	if !strings.ContainsFunc(l.text, func(r rune) bool { return !isDigit(r) }) && s.at(l.from).gap && s.at(l.from-1).kind == word && how < sign {
		prev := s.labelBefore(l.from, inName)
		l.from, l.text = prev.from, prev.text+l.text
	}
	return l, loose
}

// credentials says whether the address logs in somewhere instead.
func (s *scan) credentials(i int, d domain) bool {
	for k := i - 1; k > 0 && k > i-40 && s.glued(k+1); k-- {
		if s.is(k, "/") && s.is(k-1, "/") || s.is(k, ":") && s.is(k+1, "/") {
			return true
		}
	}
	if s.near(i, 8, 0, cueShell) {
		return true
	}
	return s.is(d.to, ":") && s.glued(d.to) && s.glued(d.to+1) && (s.at(d.to+1).kind == word || strings.Contains("~/", s.at(d.to+1).text))
}

var systemUsers = []string{"git", "root", "hg", "svn", "ubuntu", "ec2-user", "deploy", "www-data", "postgres"}
var silent = []string{"noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster"}
var placeholders = []string{"user", "test", "admin", "name", "you", "someone", "foo", "bar", "me", "email", "username", "your", "info", "example", "john", "jane", "john.doe", "jane.doe", "johndoe", "usuario", "utilisateur", "benutzer",
	"alice", "bob", "demo", "hello", "contact", "mail", "customer", "client", "dev", "qa", "support", "user1", "test1", "your.name", "yourname", "your.email", "youremail", "first.last", "nobody", "sales"}
var stagings = []string{"company.com", "domain.com", "yourdomain.com", "mydomain.com", "yourcompany.com", "mycompany.com", "email.com", "acme.com", "test.com", "site.com", "yoursite.com", "website.com", "foo.com", "bar.com", "foobar.com", "abc.com"}
var roles = []string{"support", "billing", "help", "security", "abuse", "press", "privacy"}

func reserved(name string) bool {
	for _, r := range []string{"example.com", "example.org", "example.net", "example.edu"} {
		if name == r || strings.HasSuffix(name, "."+r) {
			return true
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	return slices.Contains([]string{"test", "invalid", "example", "localhost", "local", "internal"}, last)
}

// weigh gives the score of an address and the rule that says so.
func (s *scan) weigh(i int, local label, d domain, how int, loose bool) (float64, string) {
	name := d.name()
	last := d.labels[len(d.labels)-1]
	cued := s.near(local.from, 8, 0, cueMail|cueReach) || s.near(d.to, 0, 5, cueMail|cueReach)
	personal := s.near(local.from, 8, 0, cueMine|cueReach)
	plainly := how == sign && d.how == sign && !loose && !d.loose
	switch {
	case s.policy.allows(name), slices.Contains(silent, local.text):
		return 0, ""
	case !d.tld && !(d.mailer && len(d.labels) == 1):
		return 0, ""
	case len(d.labels) > 1 && s.files[last] && last != "ai" && last != "pl" && last != "so" && last != "home" && !reserved(name):
		return 0, ""
	case reserved(name):
		known := slices.Contains(placeholders, local.text) || s.files[last]
		switch {
		case known, plainly && !personal:
			return 0, ""
		case personal && plainly:
			return 0.6, "email.reserved"
		}
		return 0.55, "email.reserved"
	case plainly && slices.Contains(systemUsers, local.text) && !d.mailer:
		return 0, ""
	case plainly && slices.Contains(placeholders, local.text) && slices.Contains(stagings, name):
		return 0, ""
	case plainly && slices.Contains(roles, local.text) && !s.near(local.from, 6, 0, cueMine):
		return 0.4, "email.role"
	case plainly:
		return 0.95, "email.literal"
	}
	return s.weighDisguised(local, d, how, cued)
}

func (s *scan) weighDisguised(local label, d domain, how int, cued bool) (float64, string) {
	last := d.labels[len(d.labels)-1]
	common := s.lexicon.of(local.text)&cueCommon != 0
	bold := how == sign || how == clearly && (d.how >= clearly || d.mailer || s.at(local.to).kind == mark) || d.how == clearly && d.tld
	switch {
	case how < sign && len(d.labels) > 1 && !s.tlds[last]:
		return 0, ""
	case s.lexicon.of(d.labels[0])&cueCommon != 0 && !d.mailer && how < sign:
		return 0, ""
	case how == softly && common:
		return 0, ""
	case how == sign && common && !d.mailer, how == sign && !d.mailer && s.at(local.to).gap && glued(s.at(local.to+1)) && !s.tlds[last]:
		return 0, ""
	case len(d.labels) == 1 && how == softly:
		if nameLike(local.text) || cued {
			return 0.6, "email.provider"
		}
		return 0.3, "email.provider"
	case len(d.labels) == 1 && common:
		return 0, ""
	case d.mailer:
		return 0.75, "email.disguised"
	case bold:
		return 0.7, "email.disguised"
	case nameLike(local.text) || cued:
		return 0.65, "email.spelled"
	}
	return 0.5, "email.spelled"
}

// mailer finds addresses that have the provider and the name but no @: "john
// gmail com", "my gmail is john.smith", "john99 on gmail".
func (s *scan) mailer(i int) {
	d := s.domainFrom(i)
	if s.at(i).text == "mail" && len(d.labels) < 2 {
		return
	}
	if s.glued(i) && !strings.Contains("(\"", s.at(i-1).text) {
		return
	}
	whole := len(d.labels) == 2 && d.tld && s.tlds[d.labels[1]]
	k := i
	if s.is(k-1, "(") {
		k--
	}
	if s.at(k-1).kind == border {
		k--
	}
	if s.at(k-1).kind == word && s.at(k-1).cues&cueOn != 0 {
		k--
	}
	before := s.labelBefore(k, inName)
	switch {
	case before.text == "" || s.at(before.from-1).text == "/" || s.at(before.from-1).text == "@":
	case nameLike(before.text) && before.text[0] > '9' && s.at(before.to-1).text != "." && s.lexicon.of(s.at(before.from).text)&cueTech == 0:
		s.add(Email, before.from, d.to, 0.6, "email.provider")
		return
	case whole && d.loose && k == i && s.at(before.from).kind == word && s.lexicon.of(before.text)&(cueCommon|cueMine|cueOn|cueMail) == 0:
		s.add(Email, before.from, d.to, 0.6, "email.provider")
		return
	}
	s.afterMailer(i, d)
}

// afterMailer reads "gmail: name" and "my gmail is name".
func (s *scan) afterMailer(i int, d domain) {
	k, said := d.to, false
	for range 4 {
		t := s.at(k)
		if t.kind == mark && (t.text == ":" || t.text == "=" || t.text == "," || t.text == "-") && (t.text != "-" || t.gap) || t.kind == word && t.cues&(cueName|cueMail) != 0 && t.gap {
			said = true
			k++
			continue
		}
		break
	}
	v := s.labelFrom(k, inName)
	if !said || v.text == "" || s.lexicon.of(v.text)&(cueCommon|cueTech) != 0 {
		return
	}
	if nameLike(v.text) && s.at(k).kind == word {
		s.add(Email, v.from, v.to, 0.6, "email.provider")
	}
}
