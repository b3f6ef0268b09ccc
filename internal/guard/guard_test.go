package guard

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func full(text string) Check { return Check{Text: text, Policy: Policy{Mode: Full}} }

// sound checks what must hold of every decision, and returns it.
func sound(t testing.TB, g *Guard, c Check) Decision {
	t.Helper()
	d := g.Check(c)
	last := 0
	for _, f := range d.Findings {
		if f.Start < last || f.End <= f.Start || f.End > len(c.Text) {
			t.Fatalf("%q: finding %+v after %d is not in the text's order", c.Text, f, last)
		}
		last = f.End
		if !boundary(c.Text, f.Start) || !boundary(c.Text, f.End) {
			t.Fatalf("%q: finding %+v cuts a rune", c.Text, f)
		}
	}
	if utf8.ValidString(c.Text) && !utf8.ValidString(d.Masked) {
		t.Fatalf("%q: masked to %q, which is not UTF-8", c.Text, d.Masked)
	}
	if d.Action < Mask && d.Masked != c.Text {
		t.Fatalf("%q: %v, and masked to %q", c.Text, d.Action, d.Masked)
	}
	again := c
	again.Text = d.Masked
	if a := g.Check(again); d.Action >= Mask && a.Action > Nudge && d.Masked != Hidden {
		t.Fatalf("%q: masked to %q, which is still found: %+v", c.Text, d.Masked, a.Findings)
	}
	return d
}

// boundary says whether i lies between two runes, as Go decodes them.
func boundary(s string, i int) bool {
	for at := range s {
		if at >= i {
			return at == i
		}
	}
	return i == len(s)
}

func TestOffsetsAreThoseOfTheOriginal(t *testing.T) {
	g := New()
	for _, c := range []struct{ text, span string }{
		{"écris à ｎｏａｈ＠ｇｍａｉｌ．ｃｏｍ stp", "ｎｏａｈ＠ｇｍａｉｌ．ｃｏｍ"},
		{"\u200bnoah\u200b.west@gm\u200bail.com here", "noah\u200b.west@gm\u200bail.com"},
		{"𝗻𝗼𝗮𝗵@𝗴𝗺𝗮𝗶𝗹.𝗰𝗼𝗺", "𝗻𝗼𝗮𝗵@𝗴𝗺𝗮𝗶𝗹.𝗰𝗼𝗺"},
		{"\xff\xfe call 646 389 2217 \xc3", "646 389 2217"},
		{"звоните ٠١٠٠٢٣٤٥٦٧٨!", "٠١٠٠٢٣٤٥٦٧٨"},
		{"⁴¹⁵ ⁶⁸² ³³⁹⁰ call", "⁴¹⁵ ⁶⁸² ³³⁹⁰"},
		{"noah.west&#64;gmail.com ✓", "noah.west&#64;gmail.com"},
		{"4️⃣1️⃣5️⃣6️⃣8️⃣2️⃣3️⃣3️⃣9️⃣0️⃣ call", "4️⃣1️⃣5️⃣6️⃣8️⃣2️⃣3️⃣3️⃣9️⃣0️⃣"},
	} {
		d := sound(t, g, full(c.text))
		if len(d.Findings) != 1 {
			t.Errorf("%q: %+v, want one finding", c.text, d.Findings)
			continue
		}
		if got := c.text[d.Findings[0].Start:d.Findings[0].End]; got != c.span {
			t.Errorf("%q: found %q, want %q", c.text, got, c.span)
		}
	}
}

func TestEveryCorpusTextIsJudgedSoundly(t *testing.T) {
	g := New()
	for _, name := range []string{"positives", "negatives"} {
		for _, s := range corpus(t, name) {
			sound(t, g, s.check())
		}
	}
}

func TestTheRestOfAMaskedTextIsDelivered(t *testing.T) {
	g := New()
	for text, want := range map[string]string{
		"Use dave(at)brightforge(dot)io or here.":         "Use " + Hidden + " or here.",
		"my telegram is @jane_devops, see you at ten":     "my telegram is " + Hidden + ", see you at ten",
		"Call 646 389 2217 or write to sam.odell@gmx.net": "Call " + Hidden + " or write to " + Hidden,
		"nothing here": "nothing here",
	} {
		if got := sound(t, g, full(text)).Masked; got != want {
			t.Errorf("%q: masked to %q, want %q", text, got, want)
		}
	}
}

func TestCodeLowersTheScore(t *testing.T) {
	g := New()
	for text, want := range map[string]Action{
		"mail sam.odell@brightforge.io":                            Block,
		"run `git config user.email \"sam.odell@brightforge.io\"`": Nudge,
		"```\nto = sam.odell@brightforge.io\n```":                  Nudge,
		"mail me: `sam.odell@brightforge.io`":                      Block,
		"unclosed ` mail sam.odell@brightforge.io":                 Block,
	} {
		if got := sound(t, g, full(text)).Action; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestEarlierMessagesAreReadAndNeverPunishedAgain(t *testing.T) {
	g := New()
	c := full("ok, see you at ten")
	c.Earlier = []string{"call me: 646 389 2217", "sam.odell@gmx.net"}
	if d := sound(t, g, c); d.Action != Allow {
		t.Errorf("what was sent before is found again: %+v", d.Findings)
	}
	c.Text, c.Earlier = "2217", []string{"my number is 646", "389"}
	if d := sound(t, g, c); d.Action < Mask || d.Findings[0].End != 4 {
		t.Errorf("the last piece of a number: %v %+v, want it masked", d.Action, d.Findings)
	}
}

func TestOnlyTheLastMessagesAreRead(t *testing.T) {
	long := strings.Repeat("x", MaxEarlierBytes)
	for _, c := range []struct {
		earlier []string
		want    int
	}{
		{nil, 0},
		{[]string{"a", "b"}, 2},
		{slices.Repeat([]string{"a"}, 30), MaxEarlier},
		{[]string{"a", long}, 1},
		{[]string{"a", long, "b"}, 1},
		{[]string{long + "x"}, 0},
	} {
		if got := len(lastMessages(c.earlier)); got != c.want {
			t.Errorf("%d messages: %d read, want %d", len(c.earlier), got, c.want)
		}
	}
}

func TestATextThatIsTooLongIsRefused(t *testing.T) {
	g := New()
	d := g.Check(full(strings.Repeat("a ", MaxText/2) + "!"))
	if d.Action != Block || len(d.Findings) != 1 || d.Findings[0].Category != TooLong || d.Masked != Hidden {
		t.Errorf("%v %+v, want it blocked as too long", d.Action, d.Findings)
	}
}

func TestLongTextsTakeLinearTime(t *testing.T) {
	g := New()
	for _, piece := range []string{"@", ".", "`", "a.", "a@", "1 ", "1", "a ", "one ", "at dot ", "gmail ", "(at)", "telegram ", "t.", "\xff", "+1", "-_", "[", "a-", "me/", "double ", "\n", "و"} {
		text := strings.Repeat(piece, MaxText/len(piece))
		sound(t, g, full(text))
	}
}

func TestAGuardIsSharedByGoroutines(t *testing.T) {
	g := New()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				if d := g.Check(full(fmt.Sprintf("call 646 389 221%d", i))); d.Action != Block {
					t.Errorf("%v, want it blocked", d.Action)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzDecisionsAreSound(f *testing.F) {
	for _, name := range []string{"positives", "negatives"} {
		for _, s := range corpus(f, name) {
			f.Add(s.Text, strings.Join(s.Earlier, "\x00"))
		}
	}
	g := New()
	f.Fuzz(func(t *testing.T, text, earlier string) {
		c := full(text)
		if earlier != "" {
			c.Earlier = strings.Split(earlier, "\x00")
		}
		sound(t, g, c)
	})
}

func BenchmarkCheck(b *testing.B) {
	g := New()
	for _, c := range benchTexts(b) {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				g.Check(full(c.text))
			}
		})
	}
}
