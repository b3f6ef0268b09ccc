package conference

import (
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"parley/internal/interview"
	"parley/internal/store"
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
	media   flow
	wish    sourceSet
	paused  sourceSet // of wish, what the client's connection does not carry

	// How the connection does, and how the page shows its places.
	ends       ends
	measuredAt time.Time
	measured   store.Quality // and not kept yet
	told       told
	wishes     map[int]sfu.Wish          // by place
	encodes    [len(sources)][]sfu.Codec // in layers, by source

	writes *rate.Limiter // nil: nothing written yet

	speaking bool
	floor    uint64 // see guest
	shared   uint64 // see guest

	// Who is shown to this member, as their client was told. It outlives the
	// peer: a participant who connects anew finds everybody where they were.
	seats     []interview.UserID
	screen    interview.UserID
	hasScreen bool // the offer had lines for a screen
}

// begin gives the member a fresh session that publishes nothing.
func (m *member) begin(device, tokenID string) {
	m.sessionID = "ps_" + rand.Text()
	m.resume = rand.Text()
	m.device, m.tokenID = device, tokenID
	m.wish, m.paused, m.shared, m.speaking = 0, 0, 0, false
	m.wishes = nil
	m.encodes = [len(sources)][]sfu.Codec{}
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

// flow is what is known of a member's media.
type flow uint8

const (
	flowNone   flow = iota // no connection yet, or it was hung up
	flowing                // heard
	flowSilent             // nothing is heard, or the path was lost
)

// away reports whether a member is cut off in the eyes of others. While media
// flow, nobody minds a lost socket; when they do not, a socket that lives does not
// help.
func (m *member) away() bool {
	switch m.media {
	case flowing:
		return false
	case flowSilent:
		return true
	default:
		return m.at == nil
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
		Reconnecting: m.away(),
		Publishing:   m.publishing().list(),
		Paused:       (m.publishing() & m.paused).list(),
		Speaking:     m.speaking,
	}
}

// seating returns every place of the member, empty ones too.
func (m *member) seating() []Seated {
	if !m.entered {
		return nil
	}
	seating := make([]Seated, 0, len(m.seats)+1)
	for i, id := range m.seats {
		seating = append(seating, Seated{Place: PlaceSeat, Seat: i, Participant: id})
	}
	if m.hasScreen {
		seating = append(seating, Seated{Place: PlaceScreen, Participant: m.screen})
	}
	return seating
}

// grant gives the member the places that an answered offer has lines for.
func (m *member) grant(seats int, screen bool) {
	granted := make([]interview.UserID, seats)
	copy(granted, m.seats)
	m.seats, m.hasScreen = granted, screen
	if !screen {
		m.screen = ""
	}
}

// peer is the server's end of one member's media, with what it was last told.
type peer struct {
	media  *sfu.Peer
	id     sfu.PeerID
	recipe recipe

	open   sourceSet   // gates
	shown  []*sfu.Peer // by seat
	screen *sfu.Peer
	wished map[int]sfu.Wish          // by place
	can    [len(sources)][]sfu.Codec // what the client encodes in layers, by source
}

// recipe is what a peer is made for. An offer with another one needs another peer.
type recipe struct {
	fallback bool
	// client tells the client's connections apart, by their certificates: a
	// page that lost its connection makes a new one, with a new certificate.
	client string
}

// show puts a participant's mic and camera on a seat.
func (p *peer) show(seat int, from *peer) {
	for len(p.shown) <= seat {
		p.shown = append(p.shown, nil)
	}
	if media := from.source(); p.shown[seat] != media {
		p.shown[seat] = media
		p.media.Show(seat, media)
	}
}

// project puts a participant's screen on the screen place.
func (p *peer) project(from *peer) {
	if media := from.source(); p.screen != media {
		p.screen = media
		p.media.Show(sfu.ScreenPlace, media)
	}
}

// wish passes on what the viewer makes of the screen and of the first seats.
func (p *peer) wish(wishes map[int]sfu.Wish, seats int) {
	for place, w := range wishes {
		if last, ok := p.wished[place]; ok && last == w || place >= seats {
			continue
		}
		if p.wished == nil {
			p.wished = make(map[int]sfu.Wish)
		}
		p.wished[place] = w
		p.media.Wish(place, w)
	}
}

// encodes passes on with which codecs the client can send its sources in layers.
func (p *peer) encodes(can [len(sources)][]sfu.Codec) {
	for i := range can {
		if !slices.Equal(p.can[i], can[i]) {
			p.can[i] = can[i]
			p.media.Encodes(sfu.Source(i), can[i])
		}
	}
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

// source returns what others are shown of the peer; nil for a nil peer.
func (p *peer) source() *sfu.Peer {
	if p == nil {
		return nil
	}
	return p.media
}
