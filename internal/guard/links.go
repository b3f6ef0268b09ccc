package guard

import (
	"slices"
	"strings"
)

// links finds addresses of pages and of conversations.
func (s *scan) links() {
	for i := 0; i < len(s.tokens); i++ {
		t := s.tokens[i]
		if t.kind != word && t.kind != number {
			continue
		}
		if to := s.appLink(i); to > i {
			i = to - 1
			continue
		}
		if s.glued(i) && strings.Contains("@.-_", s.at(i-1).text) && !s.userOf(i) || s.glued(i) && s.at(i-1).kind != mark {
			continue
		}
		d := s.domainFrom(i)
		if !d.tld || len(d.labels) < 2 || s.is(d.to, "@") && s.glued(d.to) {
			continue
		}
		if to := s.link(i, d); to > i {
			i = to - 1
		}
	}
}

// userOf says whether a user's name stands before the host at i, which makes
// https://known.example@elsewhere.example a link to elsewhere.
func (s *scan) userOf(i int) bool {
	if !s.is(i-1, "@") {
		return false
	}
	for k := i - 1; k > 1 && k > i-40 && s.glued(k); k-- {
		if s.is(k, "/") && s.is(k-1, "/") && s.is(k-2, ":") {
			return s.is(k-3, "http") || s.is(k-3, "https")
		}
	}
	return false
}

var appSchemes = []string{"tg", "viber", "whatsapp", "skype", "weixin", "sgnl", "msteams", "zoommtg", "discord", "line"}

// appLink finds links that open an app: tg://resolve, skype:name?chat.
func (s *scan) appLink(i int) int {
	if !slices.Contains(appSchemes, s.at(i).text) || !s.is(i+1, ":") || !s.glued(i+1) || !s.glued(i+2) {
		return 0
	}
	to := s.runEnd(i)
	slashes := s.is(i+2, "/") && s.is(i+3, "/")
	if !slashes && !(s.is(i, "skype") && slices.ContainsFunc(s.tokens[i:to], func(t token) bool { return t.text == "?" })) || to < i+4 {
		return 0
	}
	s.add(Link, i, to, 0.9, "link.chat")
	return to
}

// runEnd returns where the row of tokens without spaces ends, less what closes
// a sentence.
func (s *scan) runEnd(i int) int {
	k := i + 1
	for k < len(s.tokens) && s.glued(k) {
		k++
	}
	for k > i+1 && s.tokens[k-1].kind == mark && strings.Contains(".,;:!?)]}>\"'*`", s.tokens[k-1].text) {
		k--
	}
	return k
}

// path reads what follows a host: a path as it is typed, or one that is
// spelled with spaces or words. It gives the first part of it.
func (s *scan) path(d domain) (first string, to int, spelled bool) {
	k := d.to
	slash := func(k int) bool {
		return s.is(k, "/") || s.is(k, "slash") || s.is(k, "barra") || s.is(k, "слеш") || s.is(k, "слэш")
	}
	if s.is(k, "/") && s.glued(k) && s.glued(k+1) {
		to = s.runEnd(k)
		var b strings.Builder
		for j := k + 1; j < to && !s.is(j, "/") && !s.is(j, "?"); j++ {
			b.WriteString(s.tokens[j].text)
		}
		return b.String(), to, false
	}
	if s.is(k, "?") && s.glued(k) && s.glued(k+1) {
		return "", s.runEnd(k), false
	}
	to = k
	for slash(k) && (s.at(k).gap || s.at(k+1).gap) {
		l := s.labelFrom(k+1, inName)
		if l.text == "" {
			break
		}
		if first == "" {
			first = l.text
		}
		k, to, spelled = l.to, l.to, true
	}
	return first, to, spelled
}

// link judges a host at i and returns where the link ends.
func (s *scan) link(i int, d domain) int {
	name := strings.TrimPrefix(d.name(), "www.")
	first, to, spelled := s.path(d)
	schemed := s.is(i-1, "/") && s.is(i-2, "/") && s.is(i-3, ":")
	from := i
	if schemed {
		from = max(0, i-4)
	}
	if !schemed && s.glued(i) && s.is(i-1, "/") || s.policy.allows(name) || reserved(name) {
		return to
	}
	spelled = spelled || d.how < sign || d.loose
	class := s.class(name)
	score, rule := hostScore(class, first, name)
	switch {
	case class == unknownHost:
		score, rule = s.foreign(i, d, name, first, schemed, spelled)
	case !schemed && !spelled && first == "" && class != chatHost:
		score = 0
	case score > 0 && spelled:
		score = max(scoreMask, min(score, 0.75))
		rule += ".disguised"
	}
	if score > 0 {
		s.add(Link, from, to, score, rule)
	}
	return to
}

func (s *scan) class(name string) host {
	for h := name; ; {
		if c, ok := s.hosts[h]; ok {
			sub := strings.TrimSuffix(strings.TrimSuffix(name, h), ".")
			if c == peopleHost && len(sub) > 3 && sub != "mobile" {
				return safeHost
			}
			return c
		}
		_, rest, ok := strings.Cut(h, ".")
		if !ok || !strings.Contains(rest, ".") {
			break
		}
		h = rest
	}
	return unknownHost
}

// hostScore gives the score of a link to a known host.
func hostScore(c host, first, name string) (float64, string) {
	switch c {
	case chatHost:
		return 0.9, "link.chat"
	case diaryHost:
		return 0.65, "link.scheduler"
	case formHost:
		return 0.65, "link.form"
	case applyHost:
		return 0.65, "link.applicants"
	case shortHost:
		return 0.6, "link.shortener"
	case meetHost:
		switch {
		case first == "my" && strings.HasSuffix(name, "zoom.us"):
			return 0.9, "link.personal_room"
		case first != "":
			return 0.65, "link.meeting"
		}
	case peopleHost:
		if first != "" && !slices.Contains([]string{"company", "jobs", "login", "share", "sharer", "docs", "developers", "help", "hashtag", "intent", "groups", "policies"}, first) {
			return 0.65, "link.profile"
		}
	case safeHost:
		if first == "forms" && strings.HasPrefix(name, "docs.") {
			return 0.65, "link.form"
		}
		if name == "discord.com" {
			return 0.9, "link.chat"
		}
	}
	return 0, ""
}

// foreign judges a host nobody knows.
func (s *scan) foreign(i int, d domain, name, first string, schemed, spelled bool) (float64, string) {
	last := d.labels[len(d.labels)-1]
	www := d.labels[0] == "www"
	if name == "discord.com" {
		if first == "invite" || first == "users" {
			return 0.9, "link.chat"
		}
		return 0, ""
	}
	if slices.Contains(strings.Fields(brands), name) || s.files[last] && !schemed && !www || len(d.labels) == 2 && s.mailers[d.labels[0]] {
		return 0, ""
	}
	label := d.labels[len(d.labels)-2]
	common := s.lexicon.of(d.labels[0])&(cueCommon|cueTech) != 0 && !www
	cued := s.near(i, 6, 0, cueSite|cueReach) || s.near(d.to, 0, 5, cueSite|cueReach) || first == "contact" || first == "contacts" || first == "kontakt" || first == "contacto"
	switch {
	case len(label) < 2, !schemed && !www && !s.plainTLD[last], len([]rune(label)) < 3 && !schemed:
		return 0, ""
	case !schemed && spelled && (common || slices.Contains([]string{"asp", "node", "vue", "next", "google", "vb", "ado"}, d.labels[0])):
		return 0, ""
	case !schemed && !www && (common || s.at(i).capital && !s.near(i, 6, 0, cueMine|cueSite)):
		return 0, ""
	case !schemed && !www && (s.is(d.to, "(") && s.glued(d.to) || s.is(i-1, "import") || s.is(i-1, "package") || s.at(i-1).text == "in" && spelled):
		return 0, ""
	case !schemed && !www && (last == "me" || len(d.labels) > 2) && !cued && first == "":
		return 0, ""
	case cued:
		return 0.55, "link.own_site"
	case spelled:
		return 0.4, "link.spelled"
	}
	return 0.3, "link.external"
}
