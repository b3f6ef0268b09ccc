package conference

import (
	"time"

	"parley/internal/interview"
	"parley/sfu"
)

// Shown is how a viewer's page shows a place: its size in device pixels, 0 when
// not known.
type Shown struct {
	Width, Height int
	Hidden        bool // nobody can see it now
	Pinned        bool // wanted before others
}

// Layout is how a viewer's page shows its places. What is not in it stays as it was.
type Layout struct {
	Seats  map[int]Shown
	Screen *Shown
}

// Report is what only a participant's browser knows of the last two seconds.
type Report struct {
	CPULimited, UpLimited bool
	Freezes               int     // of pictures, all together
	Concealed             float64 // share of the sound that was made up
	DecodedFPS            float64
}

// Path is one direction of a participant's connection over the last two seconds.
type Path struct {
	Loss        float64 // share of packets, before repair
	RTT, Jitter time.Duration
	Bitrate     int           // bit/s
	Silent      time.Duration // since anything was heard
	Score       float64       // estimated mean opinion of the sound; 0: not known
}

// layout takes in how a member's page shows the places.
func (r *room) layout(l *layoutLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	if m.wishes == nil {
		m.wishes = make(map[int]sfu.Wish)
	}
	for seat, s := range l.layout.Seats {
		if seat >= 0 && seat < r.rooms.cfg.Seats {
			m.wishes[seat] = sfu.Wish(s)
		}
	}
	if s := l.layout.Screen; s != nil {
		m.wishes[sfu.ScreenPlace] = sfu.Wish(*s)
	}
	return nil
}

// encodes takes in with which codecs a member's browser can send a source in layers.
func (r *room) encodes(l *encodesLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	source, ok := sourceOf(l.source)
	if !ok || !source.Video() {
		return nil
	}
	codecs := make([]sfu.Codec, len(l.codecs))
	for i, c := range l.codecs {
		codecs[i] = sfu.Codec(c)
	}
	m.encodes[source] = codecs
	return nil
}

// report takes in what a member's browser knows.
func (r *room) report(l *reportLetter) error {
	m := r.holder(l.session)
	if m == nil {
		return errSessionOver()
	}
	m.ends.report = l.report
	if m.entered {
		m.measured.Freezes += int64(l.report.Freezes)
	}
	return nil
}

// measured keeps how a member's connection does, and tells everybody who is
// concerned: the member, and, once it has entered, those inside.
func (r *room) measured(m *member, e sfu.Quality) {
	m.ends.up, m.ends.down = pathOf(e.Up), pathOf(e.Down)
	m.ends.up.Score = score(e.Up.Loss, e.Up.RTT, e.Up.Jitter)
	missing := e.Down.Loss
	if m.ends.report != (Report{}) {
		missing = m.ends.report.Concealed // what was left after repair
	}
	m.ends.down.Score = score(missing, e.Down.RTT, e.Down.Jitter)
	m.measuredAt = time.Now()
	r.rooms.counts.quality.add(m.ends)

	others := r.othersOf(m)
	m.deliver(m.quality(true, others))
	if !m.entered {
		return
	}
	for _, o := range r.inside {
		if o != m {
			o.deliver(m.quality(false, others))
		}
	}
	m.remember(causeOf(m.ends, true, others))
	if m.measured.Measurements%keptAfter == 0 {
		r.keep(m)
	}
}

// staleAfter is how long a measurement says something about the present.
const staleAfter = 5 * time.Second

// othersOf returns the other connections of the room, as far as they are known.
func (r *room) othersOf(m *member) []ends {
	var all []ends
	for _, o := range r.inside {
		if o != m && time.Since(o.measuredAt) < staleAfter {
			all = append(all, o.ends)
		}
	}
	return all
}

func (m *member) quality(mine bool, others []ends) Quality {
	return Quality{
		Participant: m.who.ID,
		Up:          m.ends.up,
		Down:        m.ends.down,
		Cause:       causeOf(m.ends, mine, others),
		CPULimited:  m.ends.report.CPULimited,
		UpLimited:   m.ends.report.UpLimited,
	}
}

func pathOf(p sfu.Path) Path {
	return Path{Loss: p.Loss, RTT: p.RTT, Jitter: p.Jitter, Bitrate: p.Bitrate, Silent: p.Silent}
}

// told is what a member's page was told about its connection. It is said again to
// a page that comes back: it may have missed it.
type told struct {
	layers map[sfu.Source]Layers
	paused map[int]bool // by place
	jam    Jammed
}

// wanted tells a member which layers of a source are watched.
func (m *member) wanted(e sfu.LayersWanted) {
	n := Layers{Source: sources[e.Source], RIDs: e.RIDs, Codec: string(e.Codec), Mode: e.Mode}
	if m.told.layers == nil {
		m.told.layers = make(map[sfu.Source]Layers)
	}
	m.told.layers[e.Source] = n
	m.deliver(n)
}

func (m *member) held(e sfu.Paused) {
	if m.told.paused == nil {
		m.told.paused = make(map[int]bool)
	}
	m.told.paused[e.Place] = e.On
	m.ends.paused = false
	for _, on := range m.told.paused {
		m.ends.paused = m.ends.paused || on
	}
	m.deliver(pausedAt(e.Place, e.On))
}

// jammed tells a member of a queue on its way up.
func (m *member) jammed(e sfu.Jammed) {
	m.told.jam = Jammed{On: e.On, Bitrate: e.Bitrate}
	m.deliver(m.told.jam)
}

func pausedAt(place int, on bool) Paused {
	if place == sfu.ScreenPlace {
		return Paused{Place: PlaceScreen, On: on}
	}
	return Paused{Place: PlaceSeat, Seat: place, On: on}
}

// remind says again what a page that was away may have missed.
func (m *member) remind() {
	for _, n := range m.told.layers {
		m.deliver(n)
	}
	for place, on := range m.told.paused {
		m.deliver(pausedAt(place, on))
	}
	if m.told.jam != (Jammed{}) {
		m.deliver(m.told.jam)
	}
}

// unmeasure forgets what was measured and told of a connection that is gone.
func (m *member) unmeasure() {
	m.ends, m.told, m.measuredAt = ends{}, told{}, time.Time{}
}

// pinned returns whom a viewer has pinned.
func (m *member) pinned() map[interview.UserID]bool {
	var pinned map[interview.UserID]bool
	for seat, id := range m.seats {
		if id != "" && m.wishes[seat].Pinned {
			if pinned == nil {
				pinned = make(map[interview.UserID]bool)
			}
			pinned[id] = true
		}
	}
	return pinned
}
