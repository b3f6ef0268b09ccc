// Package transcript puts what people said in a recording into writing: one WebVTT
// file for each person. The hearing is done by a service that takes sound as
// OpenAI's transcription endpoint does, at an address that the operator chooses.
//
// [Plan] reads from a manifest of whom something may be written, and from when on:
// of those only who agreed to it, apart from having agreed to be recorded. A
// [Maker] takes one file's sound apart where nobody speaks, sends what was spoken
// to the [Service], and puts the lines back in their place in the recording.
// Nothing of it touches the disk.
//
// What the service answers comes from outside: its size, its times and its text
// are bounded, and text is escaped before it is written. It is asked at one address,
// and followed nowhere else.
//
// The package starts no goroutines but those of a request, which end with it.
package transcript

import (
	"slices"
	"strings"
	"unicode"
)

// A Line is something somebody said. Positions are milliseconds of the recording.
type Line struct {
	Speaker string // their name
	FromMS  int64
	ToMS    int64
	Text    string
}

const (
	maxText = 2000 // characters of a line
	maxName = 100  // and of a name
)

// plain is text in one line, without control characters, and not too long.
func plain(text string, limit int) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))), " ")
	if r := []rune(text); len(r) > limit {
		text = strings.TrimSpace(string(r[:limit-1])) + "…"
	}
	return text
}

// Merge puts what several people said in the order in which they said it.
func Merge(all ...[]Line) []Line {
	lines := slices.Concat(all...)
	slices.SortStableFunc(lines, func(a, b Line) int {
		if a.FromMS != b.FromMS {
			return int(a.FromMS - b.FromMS)
		}
		return int(a.ToMS - b.ToMS)
	})
	return lines
}
