package guard

import "strings"

// maskRounds is how often a masked text is searched again: taking one thing
// out can bring what stood on its two sides together.
const maskRounds = 4

// mask takes out of c's text every finding that must not be delivered, until the
// rules find nothing more to take out.
func (g *Guard) mask(c Check, found []Finding) string {
	for range maskRounds {
		masked := hide(c.Text, found)
		if masked == c.Text {
			return masked
		}
		c.Text = masked
		found = g.find(c)
	}
	for _, f := range found {
		if f.Score >= scoreMask {
			return Hidden
		}
	}
	return c.Text
}

// hide replaces each finding of a score that is masked by Hidden, several in
// a row by one.
func hide(text string, found []Finding) string {
	var b strings.Builder
	from := 0
	for _, f := range found {
		if f.Score < scoreMask {
			continue
		}
		between := text[from:f.Start]
		if from == 0 || strings.TrimSpace(between) != "" {
			b.WriteString(between)
			b.WriteString(Hidden)
		}
		from = f.End
	}
	if from == 0 {
		return text
	}
	b.WriteString(text[from:])
	return b.String()
}
