package render

import "strings"

// maxSaid is how much is kept of what ffmpeg says, and maxTold how much of that
// an error tells.
const (
	maxSaid = 4 << 10
	maxTold = 500
)

// said keeps the end of what ffmpeg says: a damaged file has it complain of every
// packet, for hours of them, and why it gives up comes last. It is a writer that
// takes everything.
type said struct{ kept []byte }

func (s *said) Write(p []byte) (int, error) {
	n := len(p)
	if n > maxSaid {
		p = p[n-maxSaid:]
	}
	if over := len(s.kept) + len(p) - maxSaid; over > 0 {
		s.kept = s.kept[:copy(s.kept, s.kept[over:])]
	}
	s.kept = append(s.kept, p...)
	return n, nil
}

// String returns the end of it, in one line.
func (s *said) String() string { return tail(s.kept) }

// tail is the end of what a program printed, in one line.
func tail(out []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(out), "?")), " ")
	if len(text) > maxTold {
		text = "…" + strings.ToValidUTF8(text[len(text)-maxTold:], "")
	}
	return text
}
