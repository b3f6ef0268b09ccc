package conference

import (
	"context"
	"log/slog"
	"math"
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
		r.seat(m, guests, m == quiet)
	}
	for _, m := range r.inside {
		r.present(m)
	}
	r.record()
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

// seat decides who is shown to a viewer, and tells them.
func (r *room) seat(m *member, guests []guest, quiet bool) {
	others := slices.DeleteFunc(slices.Clone(guests), func(g guest) bool { return g.id == m.who.ID })
	if pinned := m.pinned(); pinned != nil {
		for i := range others {
			if pinned[others[i].id] {
				others[i].floor = math.MaxUint64
			}
		}
	}
	before := m.seats
	m.seats = arrange(before, len(before), others)
	for i, id := range m.seats {
		if id != before[i] && !quiet {
			m.deliver(Seated{Place: PlaceSeat, Seat: i, Participant: id})
		}
	}
	var sharer interview.UserID
	if m.hasScreen {
		sharer = latestSharer(others)
	}
	if sharer != m.screen {
		m.screen = sharer
		if !quiet {
			m.deliver(Seated{Place: PlaceScreen, Participant: sharer})
		}
	}
}

// present makes a member's media do what was decided.
func (r *room) present(m *member) {
	if m.peer == nil {
		return
	}
	for i, id := range m.seats {
		m.peer.show(i, r.peerOf(id))
	}
	m.peer.project(r.peerOf(m.screen))
	m.peer.wish(m.wishes, len(m.seats))
	m.peer.encodes(m.encodes)
	m.peer.gate(m.publishing())
}

func (r *room) peerOf(id interview.UserID) *peer {
	if m := r.find(id); m != nil {
		return m.peer
	}
	return nil
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
	was := m.wish.has(source)
	if !ok || was == l.on && m.paused.has(source) == l.paused {
		return nil
	}
	m.wish, m.paused = m.wish.with(source, l.on), m.paused.with(source, l.paused)
	switch {
	case source == sfu.Mic && !l.on:
		r.hush(m)
	case source == sfu.Screen && l.on && !was:
		r.turn++
		m.shared = r.turn
	}
	if m.entered {
		r.tell(Published{Participant: m.who.ID, Source: l.source, On: l.on, Paused: l.paused}, m)
	}
	return nil
}

// mediaEvent takes news of the media in. News of a peer that is no longer
// anybody's is late and says nothing.
func (r *room) mediaEvent(event sfu.Event) {
	switch e := event.(type) {
	case sfu.Connected:
		if m := r.byPeer[e.Peer]; m != nil {
			r.heard(m, e.Peer, flowing)
			m.deliver(Media{State: MediaConnected})
		}
	case sfu.Disconnected:
		if m := r.byPeer[e.Peer]; m != nil {
			r.heard(m, e.Peer, flowSilent)
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
	case sfu.LayersWanted:
		if m := r.byPeer[e.Peer]; m != nil {
			m.wanted(e)
		}
	case sfu.Paused:
		if m := r.byPeer[e.Peer]; m != nil {
			m.held(e)
		}
	case sfu.Jammed:
		if m := r.byPeer[e.Peer]; m != nil {
			m.jammed(e)
		}
	case sfu.Quality:
		if m := r.byPeer[e.Peer]; m != nil {
			r.measured(m, e)
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
	level := slog.LevelWarn
	if e.Reason == sfu.HungUp {
		level = slog.LevelDebug // a tab that was closed or loaded anew
	}
	r.log.Log(context.Background(), level, "media failed", "participant", string(m.who.ID), "peer", string(e.Peer), "reason", string(e.Reason))
	if m.pending != nil && m.pending.id == e.Peer {
		r.abandon(m)
	}
	if m.peer != nil && m.peer.id == e.Peer {
		after := flowSilent
		if e.Reason == sfu.HungUp || m.media == flowNone {
			after = flowNone // closed, or never there
		}
		r.heard(m, e.Peer, after)
		r.discard(m.peer)
		m.peer = nil
		m.unmeasure()
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
