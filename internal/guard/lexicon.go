package guard

import "strings"

// A cue is what a word tells about what stands near it.
type cue uint32

const (
	cuePhone   cue = 1 << iota // a telephone is spoken of
	cueMail                    // e-mail is spoken of
	cueReach                   // somebody is to be reached
	cueMine                    // first person
	cueYours                   // second person
	cueNot                     // negation
	cueCount                   // a number that counts or names something else
	cueUnit                    // what is counted
	cueSite                    // a site of somebody's own
	cueGive                    // give, send, share
	cueHave                    // do you have
	cueMove                    // to go on elsewhere
	cueName                    // between a service and a name there
	cuePrize                   // a present
	cueIf                      // a condition
	cueWin                     // hiring, choosing
	cueOn                      // on, via
	cueService                 // the name of a service people write by
	cueCommon                  // a word that is no name
	cueTech                    // a word of code
	cueEdge                    // may follow what is asked for
	cueShell                   // a command that logs in
	cueWhat                    // what is
)

// lexicon holds the tables in the form in which they are read.
type lexicon struct {
	cues     map[string]cue
	stems    map[string]cue // words that begin so
	services map[string]string
	halves   map[string]string
	wild     map[string]string
	vague    map[string]bool // services whose name is an ordinary word
	mailers  map[string]bool
	at       map[string]bool // unmistakable words for @
	softAt   map[string]bool
	dot      map[string]bool
	joiner   map[string]string
	tlds     map[string]bool
	plainTLD map[string]bool
	spoken   map[string]string // tlds as they are spoken
	files    map[string]bool
	hosts    map[string]host
	numbers  map[string]numeral
	repeat   map[string]int
}

func newLexicon() *lexicon {
	l := &lexicon{
		cues: map[string]cue{}, stems: map[string]cue{}, services: map[string]string{}, halves: map[string]string{}, wild: map[string]string{},
		spoken: map[string]string{}, hosts: map[string]host{}, numbers: map[string]numeral{}, repeat: map[string]int{},
		vague: set(vagueServices), mailers: set(mailers), at: set(atWords), softAt: set(softAtWords), dot: set(dotWords),
		joiner: map[string]string{}, tlds: set(tlds), plainTLD: set(plainTLDs), files: set(fileEndings),
	}
	for c, words := range cueWords {
		for _, w := range strings.Fields(words) {
			if stem, ok := strings.CutSuffix(w, "*"); ok {
				l.stems[plain(stem)] |= c
			} else {
				l.cues[plain(w)] |= c
			}
		}
	}
	for _, w := range strings.Fields(services) {
		l.service(plain(w))
	}
	for w := range l.mailers {
		l.service(w)
		delete(l.halves, w)
	}
	l.services["dot"], l.services["at"] = "dot", "at"
	for _, w := range strings.Fields(cutServices) {
		a, b, _ := strings.Cut(w, "/")
		l.halves[a+" "+b] = a + b
	}
	for said, tld := range spokenTLDs {
		l.spoken[plain(said)] = tld
	}
	for words, sign := range joinerWords {
		for _, w := range strings.Fields(words) {
			l.joiner[plain(w)] = sign
		}
	}
	for class, names := range hostNames {
		for _, n := range strings.Fields(names) {
			l.hosts[n] = class
		}
	}
	l.addNumbers()
	return l
}

// service adds a name and, for those that are no ordinary word, the same with
// one letter starred out.
func (l *lexicon) service(w string) {
	if !l.mailers[w] {
		l.cues[w] |= cueService
	}
	if len(w) < 4 || l.vague[w] {
		return
	}
	l.services[w] = w
	l.services[leet.Replace(w)] = w
	for i := range len(w) {
		l.wild[w[:i]+"*"+w[i+1:]] = w
	}
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[plain(w)] = true
	}
	return m
}

// of gives the cues of a word, by itself or by its beginning.
func (l *lexicon) of(w string) cue {
	c := l.cues[w]
	n := 0
	for i := range w {
		if n >= 4 && n <= 12 {
			c |= l.stems[w[:i]]
		}
		if n++; n > 12 {
			return c
		}
	}
	if n >= 4 {
		c |= l.stems[w]
	}
	return c
}
