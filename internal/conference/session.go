package conference

import (
	"context"

	"parley/internal/interview"
)

// Attach asks for a session of a participant in a room.
type Attach struct {
	// Interview is the room asked for. When empty, the open interview of Thread is meant.
	Interview interview.ID
	Thread    interview.ThreadID

	Participant interview.Participant
	Device      string // chosen by the client, the same for all tabs of one browser
	TokenID     string // the token's jti
	Resume      string // the secret of an earlier Snapshot, or empty

	// Deliver receives the session's notices, in order, from the room's
	// goroutine. It must not block. It may be called before Attach returns, with
	// what happened after the snapshot was taken: the receiver passes the
	// snapshot on first.
	Deliver func(Notice)
}

// Snapshot is what a session starts from: the room at the moment of attaching.
type Snapshot struct {
	Session string // identifies the session; the same after resuming
	Resume  string // secret with which the same client may come back to this session
	Resumed bool   // peer, seats, and what was published are as they were
	Entered bool   // the participant is in the room: there is no need to Enter

	Interview    interview.Interview
	You          interview.Participant
	May          []interview.Source // what You may publish here
	Seats        int                // how many seats an offer may have at most
	Participants []Presence         // who is in the room, in the order they joined
	Seating      []Seated           // every place of You; empty before an offer was answered
}

// Lines are the mids of a pair of lines in an offer.
type Lines struct{ Audio, Video string }

// Offer is a client's offer: the session description, and which of its lines
// are for what.
type Offer struct {
	SDP      string
	Sources  map[interview.Source]string // the mid of each source
	Seats    []Lines
	Screen   Lines // zero: this client shows no screens
	Fallback bool  // the handshake of the usual kind failed with this client
}

// DetachCause says how a connection ended.
type DetachCause string

// The causes of [Session.Detach].
const (
	Dropped   DetachCause = "dropped"    // the connection broke; Config.Grace to come back
	TabClosed DetachCause = "tab_closed" // the browser closed it on leaving the page; five seconds, for a reload
)

// Session is one connection of a participant to a room. Its methods may be
// called from any goroutine; on a session that is over they return an *Error
// with CodeSessionOver.
type Session struct {
	id string
}

// ID returns the session's identifier, as in the snapshot.
func (s *Session) ID() string { return s.id }

// Offer answers an offer. The first offer of a session makes its peer; a later
// one renegotiates it, for instance with more seats, except that a peer which
// failed, or was made with another Fallback, is replaced. An offer that is
// refused changes nothing. Offers do not wait for each other: a second one
// before the first is answered is refused.
func (s *Session) Offer(ctx context.Context, o Offer) (answer string, err error) {
	return "", errSessionOver()
}

// Enter brings the participant into the room: others are told and seated, and
// sources whose publishing was asked for begin to flow. The session receives
// Entered before Enter returns. Entering twice only repeats Entered.
func (s *Session) Enter(ctx context.Context) error { return errSessionOver() }

// Publish opens or closes the gate of a source. Before entering it is a wish:
// the gate opens on entering. An *Error refuses what role or mode do not allow.
func (s *Session) Publish(ctx context.Context, source interview.Source, on bool) error {
	return errSessionOver()
}

// Leave takes the participant out of the room and ends the session.
func (s *Session) Leave(ctx context.Context) error { return errSessionOver() }

// Detach says that the session's connection is gone. It does not block. The
// participant keeps seat, peer and media for the grace period of the cause, and
// then leaves. Notices are no longer delivered.
func (s *Session) Detach(cause DetachCause) {}
