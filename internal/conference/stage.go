package conference

import (
	"fmt"
	"slices"

	"parley/internal/interview"
	"parley/sfu"
)

// settle brings everything that is shown in line with who is inside and what
// they publish: seats, screens, gates. It runs after every letter and does
// nothing when nothing changed. quiet is not told who sits where: Entered will.
func (r *room) settle(quiet *member) {
	if r.over != nil {
		return
	}
	guests := r.guests()
	for _, m := range r.inside {
		if m.peer == nil {
			continue
		}
		r.seat(m, guests, m == quiet)
		m.peer.gate(m.publishing())
	}
	r.retire()
}

// guests returns who can be shown, in the order they joined. Observers have
// nothing to show and take nobody's seat; they are in the list of participants.
func (r *room) guests() []guest {
	guests := make([]guest, 0, len(r.inside))
	for _, m := range r.inside {
		if allowed(r.iv.Mode, m.who.Role) == 0 {
			continue
		}
		g := guest{id: m.who.ID, floor: m.floor}
		if m.publishing().has(sfu.Screen) {
			g.shared = m.shared
		}
		guests = append(guests, g)
	}
	return guests
}

// seat shows one viewer the others.
func (r *room) seat(m *member, guests []guest, quiet bool) {
	others := slices.DeleteFunc(slices.Clone(guests), func(g guest) bool { return g.id == m.who.ID })
	m.seats = arrange(m.seats, len(m.peer.seats), others)
	for i, id := range m.seats {
		if m.peer.show(i, id, r.find(id).camera()) && !quiet {
			m.deliver(Seated{Place: PlaceSeat, Seat: i, Participant: id})
		}
	}
	var sharer interview.UserID
	if m.peer.hasScreen {
		sharer = latestSharer(others)
	}
	if m.peer.project(sharer, r.find(sharer).camera()) && !quiet {
		m.deliver(Seated{Place: PlaceScreen, Participant: sharer})
	}
}

func (r *room) publish(l *publishLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	if err := interview.MayPublish(r.iv.Mode, m.who.Role, l.source); err != nil && l.on {
		return refusal(err)
	}
	source, ok := sourceOf(l.source)
	if !ok || m.wish.has(source) == l.on {
		return nil
	}
	m.wish = m.wish.with(source, l.on)
	switch {
	case source == sfu.Mic && !l.on:
		r.hush(m)
	case source == sfu.Screen && l.on:
		r.turn++
		m.shared = r.turn
	}
	if m.entered {
		r.tell(Published{Participant: m.who.ID, Source: l.source, On: l.on}, m)
	}
	return nil
}

// mediaEvent takes news of the media in. News of a peer that is no longer
// anybody's is late and says nothing.
func (r *room) mediaEvent(event sfu.Event) {
	switch e := event.(type) {
	case sfu.Connected:
		if m := r.byPeer[e.Peer]; m != nil {
			m.deliver(Media{State: MediaConnected})
		}
	case sfu.Disconnected:
		if m := r.byPeer[e.Peer]; m != nil {
			m.deliver(Media{State: MediaDisconnected})
		}
	case sfu.Failed:
		if m := r.byPeer[e.Peer]; m != nil {
			r.failed(m, e)
		}
	case sfu.Speaking:
		if m := r.byPeer[e.Peer]; m != nil {
			r.speaks(m, e.On)
		}
	case sfu.Loudest:
		if m := r.byPeer[e.Peer]; m != nil && m.publishing().has(sfu.Mic) {
			r.turn++
			m.floor = r.turn
		}
	}
}

// failed lets go of a peer whose connection will not come back. The participant
// stays, and keeps the seat: their client makes a new offer.
func (r *room) failed(m *member, e sfu.Failed) {
	r.log.Warn("media failed", "participant", string(m.who.ID), "peer", string(e.Peer), "reason", string(e.Reason))
	if m.pending != nil && m.pending.id == e.Peer {
		r.abandon(m)
	}
	if m.peer != nil && m.peer.id == e.Peer {
		r.discard(m.peer)
		m.peer = nil
		r.hush(m)
	}
	m.deliver(Media{State: MediaFailed, Reason: string(e.Reason)})
}

func (r *room) speaks(m *member, on bool) {
	if on && !m.publishing().has(sfu.Mic) || m.speaking == on {
		return
	}
	m.speaking = on
	for _, o := range r.inside {
		o.deliver(Speaking{Participant: m.who.ID, On: on})
	}
}

// hush ends a member's speaking when the sound is taken away.
func (r *room) hush(m *member) { r.speaks(m, false) }

// prepare finds or makes the peer that is to answer an offer.
func (r *room) prepare(l *offerLetter) error {
	m := r.holder(l.session)
	switch {
	case m == nil:
		return errSessionOver()
	case m.busy:
		return refuse(CodeBusy, "The offer before this one is still being answered.")
	case m.peer != nil && m.peer.fallback == l.fallback && !l.fresh:
		l.peer = m.peer
	default:
		p, err := r.newPeer(m, l.fallback)
		if err != nil {
			return err
		}
		m.pending, l.peer = p, p
	}
	m.busy = true
	return nil
}

func (r *room) newPeer(m *member, fallback bool) (*peer, error) {
	if r.rooms.cfg.Engine == nil {
		return nil, refuse(CodeNoMedia, "This server carries no media.")
	}
	if r.media == nil {
		media, err := r.rooms.cfg.Engine.NewRoom(func(e sfu.Event) { _ = r.mail.put(e) })
		if err != nil {
			return nil, fmt.Errorf("open media room: %w", err)
		}
		r.media = media
	}
	options := sfu.PeerOptions{Fallback: fallback}
	for i := range sources {
		if s := sfu.Source(i); allowed(r.iv.Mode, m.who.Role).has(s) {
			options.Allow = append(options.Allow, s)
		}
	}
	m.peers++
	id := sfu.PeerID(fmt.Sprintf("%s.%d", m.sessionID, m.peers))
	media, err := r.media.NewPeer(id, options)
	if err != nil {
		return nil, fmt.Errorf("make peer: %w", err)
	}
	r.byPeer[id] = m
	return &peer{media: media, id: id, fallback: fallback}, nil
}

// answered takes a peer into use, or gives it up when it refused the offer; the
// one there was stays then.
func (r *room) answered(l *answerLetter) error {
	m := r.holder(l.session)
	if m == nil || !m.busy {
		return errSessionOver() // the peer went with the session
	}
	m.busy = false
	if l.err != nil || l.peer == nil {
		r.abandon(m)
		return l.err
	}
	if l.peer == m.pending {
		m.pending = nil
		if m.peer != nil {
			r.discard(m.peer)
			r.hush(m)
		}
		m.peer = l.peer
	}
	if l.peer != m.peer {
		return refuse(CodeBusy, "The connection failed while the offer was being answered.")
	}
	m.peer.grant(l.seats, l.screen)
	return nil
}
