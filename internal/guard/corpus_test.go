package guard

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"testing"
)

// A sample is one line of the corpus.
type sample struct {
	Text       string   `json:"text"`
	Lang       string   `json:"lang"`
	Category   string   `json:"category"`
	Span       []int    `json:"span"`
	Difficulty string   `json:"difficulty"`
	Note       string   `json:"note"`
	Earlier    []string `json:"earlier"`
}

// heldOut says whether a sample was kept aside while the rules were written.
func (s sample) heldOut() bool {
	h := fnv.New32a()
	h.Write([]byte(s.Text))
	return h.Sum32()%3 == 0
}

func (s sample) check() Check {
	return Check{Text: s.Text, Earlier: s.Earlier, Policy: Policy{Mode: Full, Allowed: []string{"parley.host.app"}}}
}

// nudged says whether a nudge is all that is wanted of the sample.
func (s sample) nudged() bool { return s.Category == "ask" || s.Category == "reward_offer" }

func corpus(t testing.TB, name string) []sample {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var samples []sample
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatalf("%s line %d: %v", name, len(samples)+1, err)
		}
		samples = append(samples, s)
	}
	return samples
}

// A tally counts right and wrong of one category.
type tally struct{ hit, missed, wrong int }

func (c tally) recall() float64    { return ratio(c.hit, c.hit+c.missed) }
func (c tally) precision() float64 { return ratio(c.hit, c.hit+c.wrong) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// measure judges the samples that are kept aside, or the others, or all.
func measure(t *testing.T, part string) (by map[string]*tally, flagged, negatives int) {
	t.Helper()
	g := New()
	skip := func(s sample) bool { return part == "held out" && !s.heldOut() || part == "seen" && s.heldOut() }
	by = map[string]*tally{"all": {}}
	of := func(c string) *tally {
		if by[c] == nil {
			by[c] = &tally{}
		}
		return by[c]
	}
	for _, s := range corpus(t, "positives") {
		if skip(s) {
			continue
		}
		d := g.Check(s.check())
		ok := d.Action >= Mask && overlaps(s, d) || s.nudged() && d.Action >= Nudge
		if ok {
			of(s.Category).hit++
			of("all").hit++
			continue
		}
		of(s.Category).missed++
		of("all").missed++
		t.Logf("missed (%s, %s) %q %q: %v %+v", s.Category, s.Note, s.Earlier, s.Text, d.Action, d.Findings)
	}
	for _, s := range corpus(t, "negatives") {
		if skip(s) {
			continue
		}
		negatives++
		d := g.Check(s.check())
		for _, f := range d.Findings {
			if f.action(Chat) >= Mask || f.Category >= Ask {
				of(f.Category.String()).wrong++
				of("all").wrong++
			}
		}
		if d.Action >= Mask {
			flagged++
		}
		if d.Action > Allow {
			t.Logf("flagged (%s) %q %q: %v %+v", s.Note, s.Earlier, s.Text, d.Action, d.Findings)
		}
	}
	return by, flagged, negatives
}

// overlaps says whether a finding that is masked covers part of the span, or
// the sample names none.
func overlaps(s sample, d Decision) bool {
	if s.Span == nil {
		return true
	}
	for _, f := range d.Findings {
		if f.Score >= scoreMask && f.Start < s.Span[1] && s.Span[0] < f.End {
			return true
		}
	}
	return false
}

func TestTheCorpusIsJudgedAsItIsLabelled(t *testing.T) {
	for _, part := range []string{"seen", "held out", "all"} {
		t.Run(strings.ReplaceAll(part, " ", "_"), func(t *testing.T) {
			by, flagged, negatives := measure(t, part)
			for _, c := range append(categories[:RewardOffer+1:RewardOffer+1], "all") {
				if n := by[c]; n != nil {
					fmt.Printf("%-9s %-13s recall %.3f (%d of %d)  precision %.3f (%d wrong)\n", part, c, n.recall(), n.hit, n.hit+n.missed, n.precision(), n.wrong)
				}
			}
			fmt.Printf("%-9s negatives masked or blocked: %d of %d\n", part, flagged, negatives)
			if r := by["all"].recall(); r < 0.9 {
				t.Errorf("recall is %.3f, want 0.9 or more", r)
			}
			if p := by["all"].precision(); p < 0.97 {
				t.Errorf("precision is %.3f, want 0.97 or more", p)
			}
			if share := ratio(flagged, negatives); share > 0.01 {
				t.Errorf("%.1f %% of the negatives are masked or blocked, want 1 %% at most", 100*share)
			}
		})
	}
}

func TestTheCorpusIsSound(t *testing.T) {
	for _, name := range []string{"positives", "negatives"} {
		samples := corpus(t, name)
		if len(samples) < 300 {
			t.Errorf("%d %s, want 300 or more", len(samples), name)
		}
		for _, s := range samples {
			if s.Span != nil && (len(s.Span) != 2 || s.Span[0] < 0 || s.Span[0] >= s.Span[1] || s.Span[1] > len(s.Text)) {
				t.Errorf("%q: span %v is not in the text", s.Text, s.Span)
			}
			if _, ok := ParseCategory(s.Category); !ok && s.Category != "none" {
				t.Errorf("%q: no category %q", s.Text, s.Category)
			}
		}
	}
}
