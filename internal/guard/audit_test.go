package guard

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func records(t *testing.T, key, text string) []Record {
	t.Helper()
	c := full(text)
	c.Key = []byte(key)
	return Audit(Occasion{At: noon, Thread: "t1", Actor: "a1"}, c, New().Check(c))
}

func TestARecordHoldsNoOriginal(t *testing.T) {
	const value = "sam.odell@brightforge.io"
	rs := records(t, "key", "mail me: "+value+" or call 646 389 2217")
	if len(rs) != 2 {
		t.Fatalf("%d records, want 2: %+v", len(rs), rs)
	}
	r := rs[0]
	if r.Preview != "sxx.xxxxx@xxxxxxxxxxx.xx" || strings.Contains(r.Preview, "odell") {
		t.Errorf("preview %q gives the value away", r.Preview)
	}
	if r.Thread != "t1" || r.Actor != "a1" || !r.At.Equal(noon) || r.Action != Block || r.Category != Email || r.Rule != "email.literal" || r.Version != Version {
		t.Errorf("record %+v", r)
	}
	if rs[1].Preview != "600 000 0000" {
		t.Errorf("preview of a number is %q", rs[1].Preview)
	}
}

func TestTheSameValueInOtherDressHasTheSameHash(t *testing.T) {
	one := records(t, "key", "call 646 389 2217")[0].Hash
	if other := records(t, "key", "call (646) 389-2217")[0].Hash; other != one {
		t.Errorf("hashes %s and %s differ for one number", one, other)
	}
	if other := records(t, "other", "call 646 389 2217")[0].Hash; other == one {
		t.Error("another key gives the same hash")
	}
	if other := records(t, "key", "call 646 389 2218")[0].Hash; other == one {
		t.Error("another number gives the same hash")
	}
	mail := records(t, "key", "noah@gmail.com")[0].Hash
	if other := records(t, "key", "ｎｏａｈ＠ｇｍａｉｌ．ｃｏｍ")[0].Hash; other != mail {
		t.Errorf("hashes %s and %s differ for one address", mail, other)
	}
}

func TestPreviewsAreShortAndPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"@jane":                  "@xxxx",
		"\x00\xff1":              " x0",
		strings.Repeat("a1", 40): "a0x0x0x0x0x0x0x0x0x0x0x0…",
	} {
		if got := preview(in); got != want {
			t.Errorf("%q: preview %q, want %q", in, got, want)
		}
	}
}

func TestAnAppealKeepsAPersonsWordsWithinBounds(t *testing.T) {
	r := records(t, "key", "call 646 389 2217")[0]
	a := r.Contest(noon, "a1", strings.Repeat("é", MaxAppeal))
	if len(a.Words) > MaxAppeal || !utf8.ValidString(a.Words) || a.Hash != r.Hash || a.Thread != "t1" || !a.Decided.IsZero() {
		t.Errorf("appeal of %d bytes: %+v", len(a.Words), a)
	}
}
