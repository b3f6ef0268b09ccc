package conference

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/internal/interview"
	"parley/sfu"
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
	May          []interview.Source    // what You may publish here
	Seats        int                   // how many seats to offer: enough for everybody in the thread, while they are few
	Participants []Presence            // who is in the room, in the order they joined
	Seating      []Seated              // every place of You; empty before an offer was answered
	Zoom         Zooming               // what You can make of Zoom
	Files        *interview.FilePolicy // which files You may offer; nil: none
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
// with CodeSessionOver, or the reason for which the room is gone.
type Session struct {
	room    *room
	deliver func(Notice)
	id      string // set by the room before Attach returns
}

// ID returns the session's identifier, as in the snapshot.
func (s *Session) ID() string { return s.id }

// Offer answers an offer. The first offer of a session makes its peer. A later
// one renegotiates it, for instance with more seats, when it comes from the same
// connection of the client; a new connection, or another Fallback, gets a new
// peer, which takes the old one's place. An offer that is refused changes
// nothing. A second offer before the first is answered is refused with CodeBusy.
//
// Besides the package's codes, the codes of *sfu.OfferError arrive as the Code
// of an *Error. Seated notices may come before Offer returns.
func (s *Session) Offer(ctx context.Context, o Offer) (answer string, err error) {
	media, err := s.room.translate(o)
	if err != nil {
		return "", err
	}
	answer, err = s.answer(ctx, media, recipe{fallback: o.Fallback, client: fingerprint(o.SDP)})
	if e, ok := errors.AsType[*sfu.OfferError](err); ok {
		return "", &Error{Code: e.Code, Message: "This browser's offer cannot be answered: " + e.Message + ".", cause: err}
	}
	return answer, err
}

// answer has an offer answered, outside the room's goroutine: others do not
// wait for it.
func (s *Session) answer(ctx context.Context, o sfu.Offer, how recipe) (string, error) {
	prepared := &offerLetter{question: ask(), session: s, recipe: how}
	outcome := &answerLetter{question: ask(), session: s, seats: len(o.Seats), screen: o.Screen != sfu.Lines{}}
	if err := s.room.ask(ctx, prepared); err != nil {
		if ctx.Err() != nil { // it may have been prepared after all
			outcome.err = err
			_ = s.room.mail.put(outcome)
		}
		return "", err
	}
	answer, err := prepared.peer.media.Answer(ctx, o)
	outcome.peer, outcome.err = prepared.peer, err
	// The room learns what became of its peer even when the client has gone.
	if err := s.room.ask(context.WithoutCancel(ctx), outcome); err != nil {
		return "", err
	}
	return answer, nil
}

// Enter brings the participant into the room: others are told and seated, and
// sources whose publishing was asked for begin to flow. The session receives
// Entered before Enter returns. Entering twice only repeats Entered.
func (s *Session) Enter(ctx context.Context) error {
	return s.room.ask(ctx, &enterLetter{question: ask(), session: s})
}

// Publish opens or closes the gate of a source. Before entering it is a wish:
// the gate opens on entering. An *Error refuses what role or mode do not allow.
func (s *Session) Publish(ctx context.Context, source interview.Source, on bool) error {
	return s.room.ask(ctx, &publishLetter{question: ask(), session: s, source: source, on: on})
}

// Pause says that a source is published, and that the client's own connection
// does not carry it at present. The gate stays open; Publish takes it back.
func (s *Session) Pause(ctx context.Context, source interview.Source) error {
	return s.room.ask(ctx, &publishLetter{question: ask(), session: s, source: source, on: true, paused: true})
}

// Layout says how the page shows its places: no more is sent than can be seen.
func (s *Session) Layout(ctx context.Context, l Layout) error {
	return s.room.ask(ctx, &layoutLetter{question: ask(), session: s, layout: l})
}

// Encodes says with which codecs the client can send a source as one stream that
// holds several layers; with none it cannot, as at first.
func (s *Session) Encodes(ctx context.Context, source interview.Source, codecs []string) error {
	return s.room.ask(ctx, &encodesLetter{question: ask(), session: s, source: source, codecs: codecs})
}

// Report says what only the browser knows about the connection.
func (s *Session) Report(ctx context.Context, report Report) error {
	return s.room.ask(ctx, &reportLetter{question: ask(), session: s, report: report})
}

// Leave takes the participant out of the room and ends the session. Media stops
// at once. When the interview is over by this, the session still receives Over.
func (s *Session) Leave(ctx context.Context) error {
	return s.room.ask(ctx, &leaveLetter{question: ask(), session: s})
}

// Detach says that the session's connection is gone. It does not block. The
// participant keeps seat, peer and media for the grace period of the cause, and
// then leaves. Notices are no longer delivered once the room knows.
func (s *Session) Detach(cause DetachCause) {
	_ = s.room.mail.put(&detachLetter{session: s, cause: cause}) // a room that is gone knows
}

// translate turns an offer into the words of the media.
func (r *room) translate(o Offer) (sfu.Offer, error) {
	if limit := r.rooms.cfg.Seats; len(o.Seats) > limit {
		return sfu.Offer{}, refuse(sfu.OfferTooLarge, fmt.Sprintf("The offer has more than %d seats.", limit))
	}
	media := sfu.Offer{
		SDP:     o.SDP,
		Sources: make(map[sfu.Source]string, len(o.Sources)),
		Screen:  sfu.Lines(o.Screen),
	}
	for name, mid := range o.Sources {
		source, ok := sourceOf(name)
		if !ok {
			return sfu.Offer{}, refuse(sfu.OfferMalformed, fmt.Sprintf("The offer has an unknown source %.32q.", string(name)))
		}
		media.Sources[source] = mid
	}
	for _, lines := range o.Seats {
		media.Seats = append(media.Seats, sfu.Lines(lines))
	}
	return media, nil
}

// fingerprint returns the certificate that an offer names (RFC 8122 §5), as text.
func fingerprint(offer string) string {
	for line := range strings.Lines(offer) {
		if value, ok := strings.CutPrefix(line, "a=fingerprint:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
