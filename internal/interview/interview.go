package interview

import (
	"slices"
	"time"
)

// An ID names an interview. Whoever creates one chooses it; ids that sort by
// the time of creation make the newest interview of a thread the last one.
type ID string

// A Mode says what an interview is held with.
type Mode string

// The modes.
const (
	ModeAudio Mode = "audio"
	ModeVideo Mode = "video"
	// ModeZoom: in Zoom. The room is there all the same, and works as for video.
	ModeZoom Mode = "zoom"
)

// Valid reports whether m is one of the modes.
func (m Mode) Valid() bool { return m == ModeAudio || m == ModeVideo || m == ModeZoom }

// A State is where an interview stands; the package comment draws the order.
type State string

// The states.
const (
	StateScheduled State = "scheduled"
	StateRinging   State = "ringing"
	StateLive      State = "live"
	StateEnded     State = "ended"
	StateMissed    State = "missed"
	StateDeclined  State = "declined"
	StateCancelled State = "cancelled"
)

// Final reports whether the interview is over and nothing changes any more.
func (s State) Final() bool {
	switch s {
	case StateEnded, StateMissed, StateDeclined, StateCancelled:
		return true
	}
	return false
}

// The reasons for which an interview is over.
const (
	// ReasonLeft: the last person inside pressed Leave.
	ReasonLeft = "left"
	// ReasonEndedByHost: somebody ended it for everyone.
	ReasonEndedByHost = "ended_by_host"
	// ReasonEmpty: everybody lost their connection and nobody came back.
	ReasonEmpty = "empty"
	// ReasonNoAnswer: it rang and nobody came.
	ReasonNoAnswer = "no_answer"
	// ReasonNoShow: it was scheduled and nobody came.
	ReasonNoShow = "no_show"
	// ReasonDeclined: somebody declined it.
	ReasonDeclined = "declined"
	// ReasonCancelled: it was called off before it was live.
	ReasonCancelled = "cancelled"
	// ReasonShutdown: the server was taken out of service.
	ReasonShutdown = "shutdown"
	// ReasonFailed: the server could not go on with it.
	ReasonFailed = "failed"
)

// maxStays bounds what one interview can grow to. A person who comes and goes
// more often than that continues an earlier stay instead of starting a new one.
const maxStays = 512

// A Stay is one visit of one participant. LeftAt is zero while they are present.
type Stay struct {
	Participant      Participant
	JoinedAt, LeftAt time.Time
}

// An Interview is one conversation that belongs to a thread. Its fields are
// open to be stored and shown; only its methods change them. A time that has
// not come is zero.
type Interview struct {
	ID        ID
	Thread    ThreadID
	Mode      Mode
	State     State
	CreatedBy UserID // empty when the host app did not say

	CreatedAt  time.Time
	StartsAt   time.Time // when it is scheduled for; zero for one that rang at once
	PlannedAt  time.Time // when that was decided, the last time
	RingsUntil time.Time // set once it rings
	StartedAt  time.Time // when it became live
	EndedAt    time.Time // when it was over, for every final state

	Length   time.Duration // how long it is meant to last; zero: nobody said
	Zone     string        // the time zone it was planned in; may be empty
	Sequence int           // how often it was rescheduled
	Reminded time.Duration // which of the reminders went out last, or was let pass; zero: none

	EndReason  string    // one of the Reason constants once it is over
	EmptySince time.Time // when the last connection of a live interview was lost; zero while somebody is present
	Stays      []Stay    // in order of joining
	Zoom       Zoom      // the meeting in Zoom, if there is or was to be one

	Readies   []Readiness // who is ready, in the order of saying so first
	Recording Recording
}

// Present returns who is inside, in order of joining.
func (i *Interview) Present() []Participant {
	var out []Participant
	for _, s := range i.Stays {
		if s.LeftAt.IsZero() {
			out = append(out, s.Participant)
		}
	}
	return out
}

// Duration returns how long the conversation lasted: 0 if it never was live or
// is not over.
func (i Interview) Duration() time.Duration {
	if i.StartedAt.IsZero() || i.EndedAt.IsZero() {
		return 0
	}
	return i.EndedAt.Sub(i.StartedAt)
}

// Clone returns a copy that shares nothing with i.
func (i Interview) Clone() Interview {
	i.Stays = slices.Clone(i.Stays)
	i.Readies = slices.Clone(i.Readies)
	i.Recording.Consents = slices.Clone(i.Recording.Consents)
	i.Recording.Transcription = slices.Clone(i.Recording.Transcription)
	return i
}

// Deadline returns when Tick next matters, if time alone can change the
// interview. It is in the past when Tick is overdue.
func (i *Interview) Deadline(pol Policy) (time.Time, bool) {
	end, ends := i.end(pol)
	if at, ok := i.countdown(); ok && (!ends || at.Before(end)) {
		end, ends = at, true
	}
	_, reminder, remind := i.nextReminder()
	if remind && (!ends || reminder.Before(end)) {
		return reminder, true
	}
	return end, ends
}

// end returns when time alone ends the interview, if it does.
func (i *Interview) end(pol Policy) (time.Time, bool) {
	switch i.State {
	case StateScheduled:
		return i.StartsAt.Add(LateJoin), true
	case StateRinging:
		return i.RingsUntil, i.inside() == 0
	case StateLive:
		return i.EmptySince.Add(i.patience(pol)), !i.EmptySince.IsZero()
	}
	return time.Time{}, false
}

// inside returns how many people are present.
func (i *Interview) inside() int {
	n := 0
	for _, s := range i.Stays {
		if s.LeftAt.IsZero() {
			n++
		}
	}
	return n
}

// open returns the open stay of a person, or nil.
func (i *Interview) open(id UserID) *Stay {
	for n := range i.Stays {
		if s := &i.Stays[n]; s.Participant.ID == id && s.LeftAt.IsZero() {
			return s
		}
	}
	return nil
}

// caller returns who started the interview: the one who created it or, where
// the host app did not say, the first who came.
func (i *Interview) caller() UserID {
	if i.CreatedBy == "" && len(i.Stays) > 0 {
		return i.Stays[0].Participant.ID
	}
	return i.CreatedBy
}

// person returns what is known about the participant with that id.
func (i *Interview) person(id UserID) Participant {
	for n := len(i.Stays) - 1; n >= 0; n-- {
		if p := i.Stays[n].Participant; p.ID == id {
			return p
		}
	}
	return Participant{ID: id}
}

// moment brings now into the form in which times are kept, and never before
// anything that has already happened.
func (i *Interview) moment(now time.Time) time.Time {
	return later(stamp(now), i.lastChange())
}

// lastChange returns the latest moment at which something happened.
func (i *Interview) lastChange() time.Time {
	last := later(i.CreatedAt, i.StartedAt)
	last = later(later(last, i.PlannedAt), i.Zoom.At)
	for _, s := range i.Stays {
		last = later(last, later(s.JoinedAt, s.LeftAt))
	}
	last = later(last, i.Recording.StartedAt)
	for _, c := range i.Recording.Consents {
		last = later(last, c.At)
	}
	return last
}

func (i *Interview) event(kind EventKind, at time.Time, p Participant) Event {
	return Event{Kind: kind, At: at, Interview: i.ID, Thread: i.Thread, Participant: p}
}

// stamp drops what a store would not keep: the zone, the monotonic reading and
// everything below a microsecond.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
