package conference

import (
	"crypto/rand"
	"crypto/subtle"
	"time"

	"parley/internal/interview"
	"parley/sfu"
)

// member is a participant a room knows: in the lobby, inside, or reconnecting.
// It belongs to the room's goroutine.
type member struct {
	who     interview.Participant
	entered bool

	// The session. Its secrets stay for as long as it may be resumed. at is nil
	// while nobody is attached; then the member departs at expires.
	at        *Session
	sessionID string
	resume    string
	device    string
	tokenID   string
	expires   time.Time
	cause     interview.LeaveCause // what the departure will be called

	// Media. wish is what the participant wants to publish; it flows while
	// they are inside.
	peer    *peer // nil: none yet, or it failed
	pending *peer // made for the offer that is being answered
	busy    bool  // an offer is being answered
	peers   int   // how many this member has had, to name the next one
	wish    sourceSet

	speaking bool
	floor    uint64             // see guest
	shared   uint64             // see guest
	seats    []interview.UserID // who was last shown where; outlives the peer
}

// begin gives the member a fresh session that publishes nothing.
func (m *member) begin(device, tokenID string) {
	m.sessionID = "ps_" + rand.Text()
	m.resume = rand.Text()
	m.device, m.tokenID = device, tokenID
	m.wish, m.shared, m.speaking = 0, 0, false
}

// mayResume reports whether a client that knows secret may take the session
// over. A role that changed in between needs a new session.
func (m *member) mayResume(secret string, role interview.Role) bool {
	return secret != "" && m.who.Role == role &&
		subtle.ConstantTimeCompare([]byte(m.resume), []byte(secret)) == 1
}

// deliver passes a notice on to the attached session, if there is one.
func (m *member) deliver(n Notice) {
	if m.at != nil {
		m.at.deliver(n)
	}
}

// dismiss delivers the session's last notice. The session is dead afterwards.
func (m *member) dismiss(last Notice) {
	m.deliver(last)
	m.at = nil
}

// publishing returns what the member publishes in the eyes of others.
func (m *member) publishing() sourceSet {
	if !m.entered {
		return 0
	}
	return m.wish
}

func (m *member) presence() Presence {
	return Presence{
		Participant:  m.who,
		Reconnecting: m.at == nil,
		Publishing:   m.publishing().list(),
		Speaking:     m.speaking,
	}
}

// seating returns every place of the member, empty ones too.
func (m *member) seating() []Seated {
	if m.peer == nil || !m.entered {
		return nil
	}
	seating := make([]Seated, 0, len(m.peer.seats)+1)
	for i, id := range m.peer.seats {
		seating = append(seating, Seated{Place: PlaceSeat, Seat: i, Participant: id})
	}
	if m.peer.hasScreen {
		seating = append(seating, Seated{Place: PlaceScreen, Participant: m.peer.screen})
	}
	return seating
}

// camera returns the member's peer as others are shown it, or nil.
func (m *member) camera() *sfu.Peer {
	if m == nil || m.peer == nil {
		return nil
	}
	return m.peer.media
}

// peer is the server's end of a member's media, with what it and its client
// were last told.
type peer struct {
	media    *sfu.Peer
	id       sfu.PeerID
	fallback bool

	open sourceSet // gates

	seats     []interview.UserID // as told to the client
	screen    interview.UserID
	hasScreen bool // the offer had lines for a screen

	shown       []*sfu.Peer // as told to the media, by seat
	shownScreen *sfu.Peer
}

// grant sets the places to what an answered offer has room for. Places that go
// were taken by a renegotiation; who sat there is seated anew.
func (p *peer) grant(seats int, screen bool) {
	for len(p.seats) < seats {
		p.seats = append(p.seats, "")
		p.shown = append(p.shown, nil)
	}
	for i := seats; i < len(p.seats); i++ {
		if p.shown[i] != nil {
			p.media.Show(i, nil)
		}
	}
	p.seats, p.shown = p.seats[:seats], p.shown[:seats]
	p.hasScreen = screen
}

// show puts a participant's mic and camera on a seat, and reports whether the
// client does not know yet who sits there.
func (p *peer) show(seat int, id interview.UserID, from *sfu.Peer) (news bool) {
	if p.shown[seat] != from {
		p.shown[seat] = from
		p.media.Show(seat, from)
	}
	news = p.seats[seat] != id
	p.seats[seat] = id
	return news
}

// project does the same for the screen place.
func (p *peer) project(id interview.UserID, from *sfu.Peer) (news bool) {
	if p.shownScreen != from {
		p.shownScreen = from
		p.media.Show(sfu.ScreenPlace, from)
	}
	news = p.screen != id
	p.screen = id
	return news
}

// gate opens and closes the gates so that exactly the sources in want flow.
func (p *peer) gate(want sourceSet) {
	for i := range sources {
		if s := sfu.Source(i); p.open.has(s) != want.has(s) {
			p.media.Open(s, want.has(s))
		}
	}
	p.open = want
}
