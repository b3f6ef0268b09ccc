package transcript

import (
	"encoding/json"
	"errors"
	"math"
	"time"
)

// maxLines is how many lines of one answer are taken: more than one can say.
const maxLines = 10_000

// answer is what of a service's verbose_json is read.
type answer struct {
	Text     *string `json:"text"`
	Segments []struct {
		Start float64 `json:"start"` // seconds
		End   float64 `json:"end"`
		Text  string  `json:"text"`
	} `json:"segments"`
}

// heard is a line within a piece of sound.
type heard struct {
	from, to time.Duration
	text     string
}

// parse reads what a service answered to sound of some length. Times lie within it,
// and each line begins no earlier than the one before. An answer without times is
// one line.
func parse(raw []byte, length time.Duration) ([]heard, error) {
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil || a.Text == nil && a.Segments == nil {
		return nil, errors.New("the service answers something else than a transcription in JSON")
	}
	if a.Segments == nil {
		if text := plain(*a.Text, maxText); text != "" {
			return []heard{{0, length, text}}, nil
		}
		return nil, nil
	}
	var lines []heard
	var before time.Duration
	for _, s := range a.Segments[:min(len(a.Segments), maxLines)] {
		text := plain(s.Text, maxText)
		if text == "" {
			continue
		}
		h := heard{from: max(within(s.Start, length), before), text: text}
		h.to = max(within(s.End, length), h.from)
		before = h.from
		lines = append(lines, h)
	}
	return lines, nil
}

// within is a moment in sound of some length.
func within(seconds float64, length time.Duration) time.Duration {
	return time.Duration(math.Min(math.Max(seconds, 0), length.Seconds()) * float64(time.Second))
}
