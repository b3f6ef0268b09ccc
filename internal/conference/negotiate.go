package conference

import (
	"fmt"

	"parley/sfu"
)

// prepare finds or makes the peer that is to answer an offer.
func (r *room) prepare(l *offerLetter) error {
	m := r.holder(l.session)
	switch {
	case m == nil:
		return errSessionOver()
	case m.busy:
		return refuse(CodeBusy, "The offer before this one is still being answered.")
	case m.peer != nil && m.peer.recipe == l.recipe:
		l.peer = m.peer
	default:
		p, err := r.newPeer(m, l.recipe)
		if err != nil {
			return err
		}
		m.pending, l.peer = p, p
	}
	m.busy = true
	return nil
}

func (r *room) newPeer(m *member, how recipe) (*peer, error) {
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
	options := sfu.PeerOptions{Fallback: how.fallback}
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
	return &peer{media: media, id: id, recipe: how}, nil
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
			m.unmeasure()
			r.hush(m)
		}
		m.peer = l.peer
	}
	if l.peer != m.peer {
		return refuse(CodeBusy, "The connection failed while the offer was being answered.")
	}
	m.grant(l.seats, l.screen)
	return nil
}
