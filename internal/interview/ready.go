package interview

import (
	"slices"
	"time"
)

// ReadyAgain is how long somebody who has said that they are ready need not be
// heard saying it again.
const ReadyAgain = time.Minute

// maxReady bounds how many people an interview remembers as ready.
const maxReady = 64

// A Readiness says that a person has tried their network and their devices, and
// that an interview would work for them.
type Readiness struct {
	User UserID
	At   time.Time
}

// Ready notes that p has tried everything and is ready, before the interview or
// while it goes on. Somebody who says it again within ReadyAgain changes nothing.
// The error is an *Error: the interview is over, or p cannot be a participant.
func (i *Interview) Ready(p Participant, now time.Time) ([]Event, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if i.State.Final() {
		return nil, i.over()
	}
	at := i.moment(now)
	n := slices.IndexFunc(i.Readies, func(r Readiness) bool { return r.User == p.ID })
	switch {
	case n >= 0 && at.Before(i.Readies[n].At.Add(ReadyAgain)):
		return nil, nil
	case n >= 0:
		i.Readies[n].At = at
	case len(i.Readies) >= maxReady:
		return nil, errorf(CodeFull, "As many people as an interview remembers are ready.")
	default:
		i.Readies = append(i.Readies, Readiness{User: p.ID, At: at})
	}
	return []Event{i.event(EventReady, at, p)}, nil
}
