package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A char is one character of the normalised text and the bytes it stands for.
type char struct {
	r          rune
	start, end int32
	// upper and foreign tell what the original was: a capital letter, a digit
	// or letter of another alphabet or style.
	upper, foreign bool
}

// normalise brings letters and digits of every style to plain lower case
// ones, and drops marks and what cannot be seen. Bytes that are not UTF-8
// become replacement characters of one byte each.
func normalise(text string) []char {
	chars := make([]char, 0, len(text))
	for i := 0; i < len(text); {
		b := text[i]
		if b < utf8.RuneSelf {
			upper := b >= 'A' && b <= 'Z'
			if upper {
				b += 'a' - 'A'
			}
			chars = append(chars, char{rune(b), int32(i), int32(i + 1), upper, false})
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		chars = fold(chars, r, text[i:i+size], int32(i), int32(i+size))
		i += size
	}
	return unescape(chars)
}

// fold appends what one rune outside of ASCII comes to.
func fold(chars []char, r rune, bytes string, start, end int32) []char {
	put := func(r rune, foreign bool) {
		upper := unicode.IsUpper(r)
		r = unicode.ToLower(r)
		if d, ok := digit(r); ok {
			chars = append(chars, char{'0' + d, start, end, false, true})
			return
		}
		chars = append(chars, char{r, start, end, upper, foreign})
	}
	if r == utf8.RuneError && len(bytes) == 1 {
		return append(chars, char{r, start, end, false, false})
	}
	if invisible(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		// It belongs to the character before it, and is hidden with it.
		if n := len(chars); n > 0 && chars[n-1].end == start {
			chars[n-1].end = end
		}
		return chars
	}
	if plain, ok := looks[r]; ok {
		for _, p := range plain {
			put(p, true)
		}
		return chars
	}
	switch {
	case r >= 0x1F150 && r <= 0x1F169:
		put('a'+r-0x1F150, true)
		return chars
	case r >= 0x1F170 && r <= 0x1F189:
		put('a'+r-0x1F170, true)
		return chars
	case r >= 0x2776 && r <= 0x277E, r >= 0x2780 && r <= 0x2788, r >= 0x278A && r <= 0x2792:
		put('1'+(r-0x2776)%10, true)
		return chars
	}
	decomposed := norm.NFKD.PropertiesString(bytes).Decomposition()
	if decomposed == nil {
		put(r, false)
		return chars
	}
	for _, d := range string(decomposed) {
		if !unicode.Is(unicode.Mn, d) && !invisible(d) {
			put(d, true)
		}
	}
	return chars
}

func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r >= 0xFE00 && r <= 0xFE0F || r == 0x20E3 || r == 0x034F ||
		r == 0x3164 || r == 0x115F || r == 0x1160 || r == 0x2800 || r >= 0x1F3FB && r <= 0x1F3FF
}

// digit gives the value of a decimal digit of any script. The ranges of
// Unicode's Nd begin with a zero and have ten digits or a multiple of ten.
func digit(r rune) (rune, bool) {
	if r <= '9' {
		return r - '0', r >= '0'
	}
	if r < 0x660 || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	for _, t := range unicode.Nd.R16 {
		if lo := rune(t.Lo); r >= lo && r <= rune(t.Hi) {
			return (r - lo) % 10, true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if lo := rune(t.Lo); r >= lo && r <= rune(t.Hi) {
			return (r - lo) % 10, true
		}
	}
	return 0, false
}

// looks maps runes that compatibility decomposition leaves alone to what they
// are read as.
var looks = map[rune]string{
	'ⓐ': "@", 'Ⓐ': "@", '🅐': "@", '🅰': "@", '＠': "@", '﹫': "@", '℀': "@", 'ⓞ': "o", '⓪': "0", '🄋': "0", '⓿': "0",
	'。': ".", '｡': ".", '․': ".", '·': ".", '•': ".", '●': ".", '∙': ".", '⋅': ".", '‧': ".", '・': ".", '۔': ".", '⦁': ".", '⚫': ".",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '﹣': "-", '－': "-", 'ー': "-",
	'’': "'", '‘': "'", 'ʼ': "'", '`': "`", '´': "'", '“': "\"", '”': "\"", '«': "\"", '»': "\"",
	'：': ":", '∶': ":", '⁄': "/", '∕': "/", '，': ",", '、': ",", '；': ";", '（': "(", '）': ")", '【': "[", '】': "]", '「': "[", '」': "]",
	'ł': "l", 'Ł': "L", 'ø': "o", 'Ø': "O", 'đ': "d", 'Đ': "D", 'ı': "i", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ə': "e", 'ɡ': "g", 'ɑ': "a",
}

// alike maps Cyrillic and Greek letters to the Latin ones they look like. It
// is used only in words that mix alphabets.
var alike = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'һ': 'h', 'і': 'i', 'ј': 'j', 'к': 'k', 'ӏ': 'l', 'м': 'm', 'н': 'h', 'о': 'o', 'п': 'n',
	'р': 'p', 'ԛ': 'q', 'г': 'r', 'ѕ': 's', 'т': 't', 'ц': 'u', 'ѵ': 'v', 'ԝ': 'w', 'х': 'x', 'у': 'y', 'ё': 'e', 'ѡ': 'w', 'ԍ': 'g',
	'α': 'a', 'β': 'b', 'ε': 'e', 'η': 'n', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'χ': 'x', 'ω': 'w', 'γ': 'y', 'σ': 'o', 'ϲ': 'c', 'ϳ': 'j',
}

// escapes are other ways to write the signs that matter.
var escapes = []struct {
	written string
	r       rune
}{
	{"&#64;", '@'}, {"&#064;", '@'}, {"&#x40;", '@'}, {"&commat;", '@'}, {"%40", '@'}, {"\\u0040", '@'}, {"\\x40", '@'},
	{"&#46;", '.'}, {"&#046;", '.'}, {"&#x2e;", '.'}, {"&period;", '.'}, {"%2e", '.'}, {"\\u002e", '.'},
}

// unescape replaces escapes, in place.
func unescape(chars []char) []char {
	out := chars[:0]
	for i := 0; i < len(chars); i++ {
		c := chars[i]
		if c.r == '&' || c.r == '%' || c.r == '\\' {
			for _, e := range escapes {
				if matches(chars[i:], e.written) {
					last := i + len(e.written) - 1
					c = char{e.r, c.start, chars[last].end, false, true}
					i = last
					break
				}
			}
		}
		out = append(out, c)
	}
	return out
}

func matches(chars []char, s string) bool {
	if len(chars) < len(s) {
		return false
	}
	for i := range len(s) {
		if chars[i].r != rune(s[i]) {
			return false
		}
	}
	return true
}

// plain normalises a word of the tables.
func plain(word string) string {
	var b strings.Builder
	for _, c := range normalise(word) {
		b.WriteRune(c.r)
	}
	return b.String()
}
