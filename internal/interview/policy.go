package interview

import "time"

// A Policy holds the figures an operator may change.
// A field that is zero or negative means its default.
type Policy struct {
	// RingFor is how long an interview rings before it counts as missed.
	RingFor time.Duration
	// EmptyFor is how long a live interview that everybody lost their
	// connection to waits for somebody to come back.
	EmptyFor time.Duration
	// MaxParticipants is how many people can be present at once.
	MaxParticipants int
}

// DefaultPolicy returns 5 minutes of ringing, 30 seconds of emptiness and
// 16 people.
func DefaultPolicy() Policy {
	return Policy{RingFor: 5 * time.Minute, EmptyFor: 30 * time.Second, MaxParticipants: 16}
}

// Fixed times around a scheduled interview.
const (
	// EarlyJoin is how long before its start a scheduled interview opens.
	EarlyJoin = 15 * time.Minute
	// LateJoin is how long after its start a scheduled interview that nobody
	// answers counts as missed.
	LateJoin = time.Hour
	// MaxAhead is how far ahead an interview can be scheduled.
	MaxAhead = 366 * 24 * time.Hour
)

func (p Policy) orDefault() Policy {
	d := DefaultPolicy()
	if p.RingFor <= 0 {
		p.RingFor = d.RingFor
	}
	if p.EmptyFor <= 0 {
		p.EmptyFor = d.EmptyFor
	}
	if p.MaxParticipants <= 0 {
		p.MaxParticipants = d.MaxParticipants
	}
	return p
}
