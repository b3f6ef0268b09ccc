package conference

import (
	"errors"
	"slices"
	"time"

	"parley/internal/interview"
	"parley/sfu"
)

// reloadGrace is how long a participant whose tab closed may come back: long
// enough for a reload, short enough that nobody talks to a picture.
const reloadGrace = 5 * time.Second

func (r *room) find(id interview.UserID) *member {
	for _, m := range r.people {
		if m.who.ID == id {
			return m
		}
	}
	return nil
}

// holder returns the member whose live session s is, or nil when s is over.
func (r *room) holder(s *Session) *member {
	for _, m := range r.people {
		if m.at == s {
			return m
		}
	}
	return nil
}

func (r *room) attach(l *attachLetter) error {
	m := r.find(l.Participant.ID)
	if err := r.mayAttach(m, l.Attach); err != nil {
		return err
	}
	var before Presence
	if m != nil {
		before = m.presence()
	}
	resumed := false
	switch {
	case m == nil:
		m = &member{}
		m.begin(l.Device, l.TokenID)
		r.people = append(r.people, m)
	case m.mayResume(l.Resume, l.Participant.Role):
		resumed = true
		r.rooms.counts.resumed.Add(1)
		m.dismiss(Replaced{})
		r.abandon(m)
		m.device, m.tokenID = l.Device, l.TokenID
	default:
		r.replace(m, l)
	}
	m.who, m.at = l.Participant, l.session
	r.rooms.roster.add(r.id, m.who.ID)
	l.session.id = m.sessionID
	if after := m.presence(); m.entered && (before.Reconnecting != after.Reconnecting || before.Participant != after.Participant) {
		r.tell(Changed{after}, m)
	}
	l.snapshot = r.snapshot(m, resumed)
	if resumed {
		m.remind()
	}
	r.log.Info("session attached", "participant", string(m.who.ID), "session", m.sessionID, "resumed", resumed)
	return nil
}

// mayAttach refuses sessions; m is nil for somebody the room does not know.
func (r *room) mayAttach(m *member, a Attach) error {
	if m != nil && m.at != nil && a.TokenID != "" && m.tokenID == a.TokenID && m.device != a.Device {
		return fatal(CodeTokenReused, "This link is in use on another device at this moment.")
	}
	if m == nil && len(r.people) >= r.rooms.cfg.Policy.MaxParticipants {
		return fatal(CodeRoomFull, "This interview is full.")
	}
	if m == nil || !m.entered {
		// Whoever could not enter at this moment need not wait in the lobby.
		trial := r.iv.Clone()
		if _, err := trial.Join(a.Participant, time.Now(), r.rooms.cfg.Policy); err != nil {
			return asFatal(refusal(err))
		}
	}
	return nil
}

// replace gives a member a new session. The old one's connection is closed at
// once: a page that was replaced neither sees nor is seen any more. Nothing is
// published until the new page asks for it, for its person has not yet seen
// what its camera shows.
func (r *room) replace(m *member, l *attachLetter) {
	if m.at != nil {
		r.rooms.counts.replaced.Add(1)
		m.dismiss(Replaced{})
	}
	r.hangUp(m)
	was := m.publishing().list()
	m.begin(l.Device, l.TokenID)
	for _, s := range was {
		r.tell(Published{Participant: m.who.ID, Source: s}, nil)
	}
}

func (r *room) snapshot(m *member, resumed bool) Snapshot {
	return Snapshot{
		Session:      m.sessionID,
		Resume:       m.resume,
		Resumed:      resumed,
		Entered:      m.entered,
		Interview:    r.iv,
		You:          m.who,
		May:          allowed(r.iv.Mode, m.who.Role).list(),
		Seats:        r.seats,
		Participants: r.presences(),
		Seating:      m.seating(),
		Zoom:         r.zooming(m),
		Files:        r.files(m.who.Role),
	}
}

func (r *room) presences() []Presence {
	list := make([]Presence, 0, len(r.inside))
	for _, m := range r.inside {
		list = append(list, m.presence())
	}
	return list
}

func (r *room) detach(l *detachLetter) {
	m := r.holder(l.session)
	if m == nil {
		r.early = slices.DeleteFunc(r.early, func(w waiting) bool { return w.at == l.session })
		return
	}
	away := m.away()
	m.at = nil
	r.abandon(m)
	grace, cause := r.rooms.cfg.Grace, interview.CauseLost
	if l.cause == TabClosed {
		grace, cause = min(grace, reloadGrace), interview.CauseClosed
		m.media = flowNone
	}
	m.expires, m.cause = time.Now().Add(grace), cause
	r.noticed(m, away)
	r.log.Info("session detached", "participant", string(m.who.ID), "session", m.sessionID, "cause", string(l.cause))
}

// noticed tells the others when a member is cut off, or back, who was not before.
func (r *room) noticed(m *member, before bool) {
	if m.entered && m.away() != before {
		r.tell(Changed{m.presence()}, m)
	}
}

// heard takes what became of a peer's media. Only the peer in use counts.
func (r *room) heard(m *member, id sfu.PeerID, f flow) {
	if m.peer == nil || m.peer.id != id {
		return
	}
	away := m.away()
	m.media = f
	r.noticed(m, away)
}

func (r *room) enter(s *Session) error {
	m := r.holder(s)
	if m == nil {
		return errSessionOver()
	}
	if !m.entered {
		events, err := r.apply(func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
			return iv.Join(m.who, now, r.rooms.cfg.Policy)
		})
		if err != nil {
			return err
		}
		m.entered = true
		r.inside = append(r.inside, m)
		r.announce(events, m)
		r.settle(m)
	}
	m.deliver(Entered{Interview: r.iv, Participants: r.presences(), Seating: m.seating()})
	return nil
}

// leave lets go of the media before anything else: who presses Leave is not
// heard a moment longer, even when the store is in trouble. Then the departure
// is tried again until it is stored.
func (r *room) leave(s *Session) error {
	m := r.holder(s)
	if m == nil {
		return errSessionOver()
	}
	r.hangUp(m)
	m.wish = 0
	if err := r.depart(m, interview.CauseLeft); err != nil {
		m.at, m.expires, m.cause = nil, time.Now(), interview.CauseLeft
		r.postpone("a departure was not stored", err)
	}
	return nil
}

// depart takes a member out of the books, the room, and memory.
func (r *room) depart(m *member, cause interview.LeaveCause) error {
	var events []interview.Event
	if m.entered {
		var err error
		events, err = r.apply(func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
			return iv.Leave(m.who.ID, cause, now)
		})
		if err != nil {
			return err
		}
		if cause == interview.CauseLost || cause == interview.CauseClosed {
			r.rooms.counts.lost.Add(1)
		}
	}
	r.hangUp(m)
	r.keep(m)
	m.entered = false
	r.inside = slices.DeleteFunc(r.inside, func(o *member) bool { return o == m })
	r.announce(events, m)
	m.at = nil
	r.strike(m.who.ID)
	r.people = slices.DeleteFunc(r.people, func(o *member) bool { return o == m })
	return nil
}

// called carries out what somebody in the room asked for.
func (r *room) called(l *callLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	events, err := r.apply(l.call(m.who.ID))
	if err == nil {
		r.announce(events, nil)
	}
	return err
}

// command carries out what the host asked for.
func (r *room) command(l *commandLetter) error {
	events, err := r.applyFor(l.change, l.proposal)
	if err == nil {
		r.announce(events, nil)
	}
	l.iv = r.iv
	return err
}

// hangUp takes a member's media away. The peers are closed when settle has
// taken them off everybody's seats.
func (r *room) hangUp(m *member) {
	m.media = flowNone
	r.abandon(m)
	r.hush(m)
	if m.peer != nil {
		r.discard(m.peer)
		m.peer = nil
		m.unmeasure()
	}
}

// abandon gives up the offer that is being answered: its client is gone.
func (r *room) abandon(m *member) {
	if m.pending != nil {
		r.discard(m.pending)
	}
	m.pending, m.busy = nil, false
}

// discard takes a peer out of use. It carries nothing from here on.
func (r *room) discard(p *peer) {
	p.gate(0)
	delete(r.byPeer, p.id)
	r.retired = append(r.retired, p.media)
}

// retire closes the peers that went out of use. Closing waits for a peer's own
// goroutines, and the room does not wait for that; shut does.
func (r *room) retire() {
	for _, p := range r.retired {
		r.closing.Go(p.Close)
	}
	r.retired = nil
}

// asFatal makes a refusal one that ends the session's hopes.
func asFatal(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	copied := *e
	copied.Fatal = true
	return &copied
}
