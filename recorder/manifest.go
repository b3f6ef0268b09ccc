package recorder

import (
	"encoding/json"
	"slices"
	"time"
)

// Manifest says what a recording holds. docs/recording.md describes it. Positions
// and durations are milliseconds of the recording: its time stands still while it
// is paused.
type Manifest struct {
	Version    int       `json:"version"`
	Recording  string    `json:"recording"`
	Interview  string    `json:"interview,omitempty"`
	Mode       Mode      `json:"mode"`
	Opened     time.Time `json:"opened"`            // when it was made
	Started    time.Time `json:"started,omitzero"`  // position 0, when all who had to had agreed
	Ended      time.Time `json:"ended,omitzero"`    // when it was closed
	DurationMS int64     `json:"duration_ms"`       // of the longest file, counted from 0
	End        string    `json:"end,omitempty"`     // why it ended: "recovered", or what Stop was told
	Failure    Failure   `json:"failure,omitempty"` // of the disk
	Dropped    int       `json:"dropped_packets,omitempty"`
	People     []Member  `json:"people"`
	Files      []File    `json:"files"`
	Forgotten  []Gone    `json:"forgotten,omitempty"`
	Pauses     []Pause   `json:"pauses,omitempty"`
	Chapters   []Chapter `json:"chapters,omitempty"`
	Entries    int       `json:"journal_entries"`
	Head       string    `json:"journal_sha256"` // of the journal's last line
}

// Person is somebody who takes part.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Role string `json:"role,omitempty"`
}

// Member is somebody who took part, and what they answered.
type Member struct {
	Person
	Present  []Presence `json:"present"`
	Consents []Receipt  `json:"consents"`
}

// Presence is a time for which somebody was there.
type Presence struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"` // zero: until the end
}

// Receipt is a consent, and where it stands in the journal, so that it can be
// proved.
type Receipt struct {
	Recording string `json:"recording"`
	Interview string `json:"interview,omitempty"`
	Consent
	Entry  int    `json:"journal_entry"`
	SHA256 string `json:"sha256"` // of the entry's line
}

// Source is what a participant publishes.
type Source string

// The sources.
const (
	Mic         Source = "mic"
	Camera      Source = "camera"
	Screen      Source = "screen"
	ScreenAudio Source = "screen-audio"
)

// Gone is a file that was deleted while the recording went on.
type Gone struct {
	Name        string    `json:"name"`
	Participant string    `json:"participant"`
	Source      Source    `json:"source"`
	At          time.Time `json:"at"`
	By          string    `json:"by"`
}

// File is one participant's source as it arrived.
type File struct {
	Name        string `json:"name"`
	Participant string `json:"participant"`
	Source      Source `json:"source"`
	Codec       string `json:"codec"`
	StartMS     int64  `json:"start_ms"` // position of the file's own zero
	DurationMS  int64  `json:"duration_ms"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256,omitempty"`
	Frames      int64  `json:"frames"`
	Lost        int64  `json:"lost_packets,omitempty"`
	Damaged     int64  `json:"lost_frames,omitempty"`
	Recovered   bool   `json:"recovered,omitempty"` // closed by Recover: what was lost is not known
	// Gaps are the longer ones in which nothing arrived, muted or not.
	Gaps  []Span    `json:"gaps,omitempty"`
	Muted []Span    `json:"muted,omitempty"`
	Sizes []Picture `json:"sizes,omitempty"`
}

// Span is a time of a recording.
type Span struct {
	FromMS int64 `json:"from_ms"`
	ToMS   int64 `json:"to_ms"`
}

// Picture says which size the pictures have from a position on.
type Picture struct {
	AtMS   int64 `json:"at_ms"`
	Width  int   `json:"width"`
	Height int   `json:"height"`
}

// Pause is a time for which the recording stood still.
type Pause struct {
	AtMS    int64     `json:"at_ms"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to,omitzero"` // zero: until the end
	Reason  Reason    `json:"reason"`
	Waiting []string  `json:"waiting,omitempty"` // whose answer stood in the way
}

// Chapter is a moment that somebody marked.
type Chapter struct {
	AtMS  int64     `json:"at_ms"`
	At    time.Time `json:"at"`
	Label string    `json:"label,omitempty"`
	By    string    `json:"by,omitempty"`
}

// Receipts returns what somebody answered, or everybody when participant is empty.
func (m Manifest) Receipts(participant string) []Receipt {
	var all []Receipt
	for _, p := range m.People {
		if participant == "" || p.ID == participant {
			all = append(all, p.Consents...)
		}
	}
	slices.SortFunc(all, func(a, b Receipt) int { return a.Entry - b.Entry })
	return all
}

// Position is the place in the recording of a moment: where it stood still, if it did
// then, and 0 before it began.
func (m Manifest) Position(at time.Time) int64 {
	passed := at.Sub(m.Started)
	for _, p := range m.Pauses {
		to := p.To
		if to.IsZero() || to.After(at) {
			to = at
		}
		passed -= max(to.Sub(p.From), 0)
	}
	return max(passed.Milliseconds(), 0)
}

// encode is the manifest as its file holds it.
func (m Manifest) encode() ([]byte, error) {
	b, err := json.MarshalIndent(m, "", "  ")
	return append(b, '\n'), err
}

// builder makes a manifest of a journal.
type builder struct {
	m     Manifest
	muted map[lineKey]int64 // since which position
	done  map[lineKey][]Span
}

// manifest is what a journal says.
func (j journal) manifest() Manifest {
	b := builder{
		m:     Manifest{People: []Member{}, Files: []File{}, Entries: len(j.entries), Head: j.head},
		muted: map[lineKey]int64{}, done: map[lineKey][]Span{},
	}
	for i, e := range j.entries {
		line := j.head
		if i+1 < len(j.entries) {
			line = j.entries[i+1].Prev
		}
		b.take(e, line)
	}
	b.finish()
	return b.m
}

func (b *builder) take(e entry, line string) {
	m := &b.m
	switch e.Type {
	case entryOpened:
		m.Version, m.Recording, m.Interview, m.Mode = e.Opened.Version, e.Opened.Recording, e.Opened.Interview, e.Opened.Mode
		m.Opened = e.At
	case entryJoined:
		if e.Person != nil {
			p := b.member(e.Person.ID)
			p.Person = *e.Person
			p.leave(e.At)
			p.Present = append(p.Present, Presence{From: e.At})
		}
	case entryLeft:
		b.member(e.Participant).leave(e.At)
	case entryConsent:
		if e.Consent != nil {
			p := b.member(e.Consent.Participant)
			p.Consents = append(p.Consents, Receipt{m.Recording, m.Interview, *e.Consent, e.N, line})
		}
	case entryRunning:
		if m.Started.IsZero() {
			m.Started = e.At
		} else if n := len(m.Pauses); n > 0 {
			m.Pauses[n-1].To = e.At
		}
	case entryHalted:
		if !m.Started.IsZero() {
			b.halt(e)
		}
	case entryForgotten:
		b.forget(e)
	case entryMark:
		m.Chapters = append(m.Chapters, Chapter{e.PositionMS, e.At, e.Label, e.By})
	case entryDropped:
		m.Dropped += e.Dropped
	case entryFailed:
		m.Failure = Failure(e.Reason)
	case entryClosed:
		m.Ended, m.End = e.At, e.Reason
	default:
		b.takeLine(e)
	}
}

// forget takes somebody's files out.
func (b *builder) forget(e entry) {
	b.m.Files = slices.DeleteFunc(b.m.Files, func(f File) bool {
		if f.Participant != e.Participant {
			return false
		}
		b.m.Forgotten = append(b.m.Forgotten, Gone{f.Name, f.Participant, f.Source, e.At, e.By})
		return true
	})
}

// takeLine takes an entry about a source.
func (b *builder) takeLine(e entry) {
	k := lineKey{e.Participant, e.Source}
	switch e.Type {
	case entryMuted:
		if _, already := b.muted[k]; !already {
			b.muted[k] = e.PositionMS
		}
	case entryUnmuted:
		b.unmute(k, e.PositionMS)
	case entryFileOpened:
		if e.File != nil {
			b.m.Files = append(b.m.Files, *e.File)
		}
	case entryAligned, entryFile:
		for i := range b.m.Files {
			f := &b.m.Files[i]
			if e.File == nil || f.Name != e.File.Name {
				continue
			}
			if e.Type == entryAligned {
				f.StartMS = e.File.StartMS
			} else {
				*f = *e.File
			}
		}
	}
}

func (b *builder) unmute(k lineKey, at int64) {
	if from, ok := b.muted[k]; ok {
		b.done[k] = append(b.done[k], Span{from, at})
		delete(b.muted, k)
	}
}

// halt begins a pause, or tells more of one.
func (b *builder) halt(e entry) {
	p := Pause{AtMS: e.PositionMS, From: e.At, Reason: Reason(e.Reason), Waiting: e.Waiting}
	if n := len(b.m.Pauses); n > 0 && b.m.Pauses[n-1].To.IsZero() {
		p.From = b.m.Pauses[n-1].From
		b.m.Pauses[n-1] = p
		return
	}
	b.m.Pauses = append(b.m.Pauses, p)
}

// finish puts the files on positions that begin with 0, and counts.
func (b *builder) finish() {
	m := &b.m
	m.Files = slices.DeleteFunc(m.Files, func(f File) bool { return !m.Ended.IsZero() && f.Frames == 0 })
	var early int64
	for _, f := range m.Files {
		early = min(early, f.StartMS)
		m.DurationMS = max(m.DurationMS, f.StartMS+f.DurationMS)
	}
	m.DurationMS -= early
	if !m.Started.IsZero() {
		m.Started = m.Started.Add(time.Duration(early) * time.Millisecond)
	}
	for k, from := range b.muted {
		b.done[k] = append(b.done[k], Span{from, m.DurationMS + early})
	}
	for i := range m.Files {
		f := &m.Files[i]
		f.StartMS -= early
		f.Muted = b.done[lineKey{f.Participant, f.Source}]
		f.Muted = slices.Clone(f.Muted)
		for j := range f.Muted {
			f.Muted[j].FromMS -= early
			f.Muted[j].ToMS = max(f.Muted[j].ToMS-early, f.Muted[j].FromMS)
		}
		f.Gaps, f.Sizes = slices.Clone(f.Gaps), slices.Clone(f.Sizes)
		for j := range f.Gaps {
			f.Gaps[j].FromMS -= early
			f.Gaps[j].ToMS -= early
		}
		for j := range f.Sizes {
			f.Sizes[j].AtMS -= early
		}
	}
	for i := range m.Pauses {
		m.Pauses[i].AtMS -= early
	}
	for i := range m.Chapters {
		m.Chapters[i].AtMS -= early
	}
}

// member finds somebody, or adds them.
func (b *builder) member(id string) *Member {
	i := slices.IndexFunc(b.m.People, func(p Member) bool { return p.ID == id })
	if i < 0 {
		b.m.People = append(b.m.People, Member{Person: Person{ID: id}, Present: []Presence{}, Consents: []Receipt{}})
		i = len(b.m.People) - 1
	}
	return &b.m.People[i]
}

func (p *Member) leave(at time.Time) {
	if n := len(p.Present); n > 0 && p.Present[n-1].To.IsZero() {
		p.Present[n-1].To = at
	}
}
