package conference

import (
	"time"

	"parley/internal/interview"
)

// Letters are what goes through a room's mailbox, besides the sfu.Events of its
// media. What a letter brings back is read by the sender after the outcome only.

// asked is a letter somebody waits for.
type asked interface{ outcome() chan error }

// question makes a letter an asked one. The channel holds one outcome, so that
// the room never waits for a sender who has given up.
type question struct{ done chan error }

func ask() question { return question{make(chan error, 1)} }

func (q question) outcome() chan error { return q.done }

type attachLetter struct {
	question
	Attach
	session  *Session // made by the sender, becomes the member's
	snapshot Snapshot // brought back
}

type waitLetter struct {
	question
	who     interview.UserID
	session *Session
	iv      interview.Interview // brought back
}

type detachLetter struct {
	session *Session
	cause   DetachCause
}

type enterLetter struct {
	question
	session *Session
}

type publishLetter struct {
	question
	session *Session
	source  interview.Source
	on      bool
	paused  bool
}

type layoutLetter struct {
	question
	session *Session
	layout  Layout
}

type encodesLetter struct {
	question
	session *Session
	source  interview.Source
	codecs  []string
}

type reportLetter struct {
	question
	session *Session
	report  Report
}

// callLetter makes a call of the domain on behalf of the person of a session.
type callLetter struct {
	question
	session *Session
	call    func(by interview.UserID) change
}

type leaveLetter struct {
	question
	session *Session
}

// offerLetter asks for the peer that is to answer an offer.
type offerLetter struct {
	question
	session *Session
	recipe  recipe
	peer    *peer // brought back
}

// answerLetter says how answering went.
type answerLetter struct {
	question
	session *Session
	peer    *peer // nil: never got one
	seats   int
	screen  bool
	err     error
}

// commandLetter makes a call of the domain on behalf of the host.
type commandLetter struct {
	question
	change   change
	proposal *interview.Proposal // carried out by change; nil: none
	iv       interview.Interview // brought back
}

// change is a call of the domain.
type change func(iv *interview.Interview, now time.Time) ([]interview.Event, error)

type goAwayLetter struct{}
