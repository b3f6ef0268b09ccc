package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode returns m as one JSON object whose first field is "type". Slices and
// maps that are nil are written as empty ones, never as null, and text that is
// not UTF-8 has its bad bytes replaced. It fails only on a time outside the
// years 0 to 9999.
func Encode(m Message) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":%q,`, m.Type())
	at := b.Len()
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(present(m)); err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.Type(), err)
	}
	out := bytes.TrimRight(b.Bytes(), "\n")
	// The body's own opening brace goes; an empty body takes the comma along.
	if body := out[at+1:]; len(body) == 1 {
		return append(out[:at-1], '}'), nil
	}
	return append(out[:at], out[at+1:]...), nil
}

// present replaces the nil slices and maps of m by empty ones, which a client
// can iterate without asking.
func present(m Message) Message {
	switch m := m.(type) {
	case Offer:
		if m.Sources == nil {
			m.Sources = map[Source]string{}
		}
		m.Seats = list(m.Seats)
		return m
	case Layout:
		m.Seats = list(m.Seats)
		return m
	case Encodes:
		m.Codecs = list(m.Codecs)
		return m
	case Layers:
		m.RIDs = list(m.RIDs)
		return m
	case Quality:
		m.Limited = list(m.Limited)
		return m
	case Receipt:
		m.Findings = list(m.Findings)
		return m
	case History:
		m.Messages = list(m.Messages)
		m.Appeals = list(m.Appeals)
		return m
	case Error:
		if m.Timing != nil {
			t := *m.Timing
			t.Interview, t.People = t.Interview.present(), list(t.People)
			m.Timing = &t
		}
		return m
	case Welcome:
		m.Interview = m.Interview.present()
		m.May = list(m.May)
		m.Participants = presences(m.Participants)
		m.Seating = list(m.Seating)
		m.ICEServers = list(m.ICEServers)
		return m
	case ICEServers:
		m.ICEServers = list(m.ICEServers)
		return m
	case Entered:
		m.Interview = m.Interview.present()
		m.Participants = presences(m.Participants)
		m.Seating = list(m.Seating)
		return m
	case Participant:
		m.Participant.Publishing = list(m.Participant.Publishing)
		return m
	case InterviewChanged:
		m.Interview = m.Interview.present()
		return m
	case RecordingChanged:
		m.Interview = m.Interview.present()
		return m
	case Ended:
		m.Interview = m.Interview.present()
		return m
	}
	return m
}

func (i Interview) present() Interview {
	i.Participants = list(i.Participants)
	i.Present = list(i.Present)
	if i.Recording != nil {
		r := *i.Recording
		r.Consents, r.Awaited = list(r.Consents), list(r.Awaited)
		i.Recording = &r
	}
	return i
}

func presences(ps []Presence) []Presence {
	out := make([]Presence, len(ps))
	for n, p := range ps {
		p.Publishing = list(p.Publishing)
		out[n] = p
	}
	return out
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
