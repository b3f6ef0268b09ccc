package guard

import (
	"slices"
	"strings"
	"testing"
	"time"
)

type benchText struct{ name, text string }

// benchTexts returns texts of 2 kB: ordinary ones, and ones full of findings.
func benchTexts(t testing.TB) []benchText {
	var out []benchText
	for _, name := range []string{"negatives", "positives"} {
		var b strings.Builder
		for _, s := range corpus(t, name) {
			if b.WriteString(s.Text + "\n"); b.Len() >= 2048 {
				out = append(out, benchText{name, strings.ToValidUTF8(b.String()[:2048], "")})
				b.Reset()
			}
		}
	}
	return append(out, benchText{"digits", strings.Repeat("415-682-3390 x ", 136)}, benchText{"ats", strings.Repeat("a@b.c ", 341)}, benchText{"fullwidth", strings.Repeat("ｎｏａｈ＠ｇｍａｉｌ．ｃｏｍ ", 45)})
}

// The bound is generous: it is checked on machines that do other things too.
func TestTwoKilobytesAreJudgedInMilliseconds(t *testing.T) {
	g := New()
	earlier := slices.Repeat([]string{"see you at ten, I will bring the drafts"}, MaxEarlier)
	var took []time.Duration
	for _, c := range benchTexts(t) {
		for range 20 {
			check := full(c.text)
			check.Earlier = earlier
			start := time.Now()
			g.Check(check)
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("2 kB and ten earlier messages, %d checks: p50 %v, p99 %v", len(took), p50, p99)
	if p99 > 50*time.Millisecond {
		t.Errorf("p99 is %v, want under 5 ms on an idle machine and under 50 ms on any", p99)
	}
}
