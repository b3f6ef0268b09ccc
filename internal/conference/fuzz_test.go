package conference

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/sfu"
)

// FuzzRoom lets five people do anything in any order and checks what must hold
// at every moment. Each byte is an operation: who in the upper bits, what below.
func FuzzRoom(f *testing.F) {
	f.Add(false, []byte("\x00\x01\x02\x20\x21\x22\x40\x41\x42\x63\x64"))
	f.Add(true, []byte("\x00\x01\x02\x05\x20\x21\x22\x25\x06\x0b\x00\x01\x27\x2b\x2b"))
	f.Add(false, []byte("\x00\x02\x01\x20\x22\x21\x60\x62\x61\x64\x44\x06\x08\x0c\x0d\x0c\x0a"))
	f.Add(false, []byte("\x00\x01\x02\x20\x21\x22\x40\x41\x42\x60\x61\x62\x80\x81\x82\x03\x23\x43\x04\x24\x09\x29\x2e\x0e\x4f"))
	chance := rand.New(rand.NewPCG(1, 2))
	for range 12 { // so that a plain test run already goes where nobody thought of
		operations := []byte("\x00\x02\x01\x20\x22\x21\x40\x42\x41")
		for range 40 {
			operations = append(operations, byte(chance.UintN(256)))
		}
		f.Add(false, operations)
	}
	f.Fuzz(func(t *testing.T, audio bool, operations []byte) {
		if len(operations) > 64 {
			operations = operations[:64]
		}
		story(t, func(t *testing.T, h *house) {
			mode := interview.ModeVideo
			if audio {
				mode = interview.ModeAudio
			}
			p := &play{h: h, iv: h.ring(mode)}
			for _, op := range operations {
				p.act(int(op>>5), int(op&31))
				p.check()
			}
		})
	})
}

var cast = []interview.Participant{clara, femi, ines, olga, {ID: "second", Role: interview.RoleInterviewer}}

// play is a run of FuzzRoom.
type play struct {
	h        *house
	iv       interview.Interview
	sessions [8]*caller // the latest of each person; may be over
	offers   int
}

func (p *play) act(who, what int) {
	ctx, t := p.h.t.Context(), p.h.t
	person := cast[who%len(cast)]
	c := p.sessions[who%len(cast)]
	if c == nil || what == 0 {
		p.attach(who%len(cast), person, "")
		return
	}
	p.offers++
	var err error
	switch what {
	case 1:
		err = c.Enter(ctx)
	case 2:
		_, err = c.Offer(ctx, offer(p.offers%4, p.offers%256))
	case 3, 4, 5, 6:
		err = c.Publish(ctx, interview.Sources()[what-3], true)
	case 7, 8, 9, 10:
		err = c.Publish(ctx, interview.Sources()[what-7], false)
	case 11:
		c.Detach(Dropped)
	case 12:
		c.Detach(TabClosed)
	case 13:
		p.attach(who%len(cast), person, c.Snapshot.Resume)
	case 14:
		err = c.Leave(ctx)
	case 15:
		p.h.later(4 * time.Second)
	case 16:
		p.h.later(40 * time.Second)
	case 17:
		_, err = p.h.rooms.Decline(ctx, p.iv.ID, person.ID, "")
	case 18:
		p.h.close()
		p.h.open()
	default:
		p.speak(person.ID)
	}
	if _, told := errors.AsType[*Error](err); err != nil && !told {
		t.Errorf("operation %d of %s: %v is nothing a person can be told", what, person.ID, err)
	}
}

func (p *play) attach(i int, person interview.Participant, resume string) {
	c, err := p.h.try(Attach{Interview: p.iv.ID, Participant: person, Resume: resume})
	if err == nil {
		p.sessions[i] = c
		return
	}
	if e, told := errors.AsType[*Error](err); !told || !e.Fatal {
		p.h.t.Errorf("attach %s: %v is not a fatal refusal", person.ID, err)
	}
}

// speak makes the media say that somebody speaks, and speaks loudest.
func (p *play) speak(id interview.UserID) {
	p.h.inspect(p.iv.ID, func(r *room) {
		if m := r.find(id); m != nil && m.peer != nil {
			_ = r.mail.put(sfu.Speaking{Peer: m.peer.id, On: p.offers%2 == 0})
			_ = r.mail.put(sfu.Loudest{Peer: m.peer.id})
		}
	})
}

// check looks at what must hold at every moment.
func (p *play) check() {
	p.h.t.Helper()
	stored := p.h.stored(p.iv.ID)
	if !p.h.inspect(p.iv.ID, func(r *room) { p.checkRoom(r, stored) }) && !stored.State.Final() {
		p.h.t.Fatalf("the room is gone and the interview is %s", stored.State)
	}
}

func (p *play) checkRoom(r *room, stored interview.Interview) {
	t := p.h.t
	if r.iv.State != stored.State || len(r.iv.Stays) != len(stored.Stays) || r.iv.State.Final() {
		t.Errorf("the room is at %s with %d stays, the store at %s with %d", r.iv.State, len(r.iv.Stays), stored.State, len(stored.Stays))
	}
	present := r.iv.Present()
	if len(present) != len(r.inside) {
		t.Errorf("%d are inside, %d by the domain", len(r.inside), len(present))
		return
	}
	for i, m := range r.inside {
		if present[i].ID != m.who.ID {
			t.Errorf("inside %s, by the domain %s", m.who.ID, present[i].ID)
		}
	}
	for _, m := range r.people {
		p.checkMember(r, m)
	}
}

func (p *play) checkMember(r *room, m *member) {
	t := p.h.t
	t.Helper()
	seated := map[interview.UserID]bool{}
	for i, id := range m.seats {
		switch {
		case id == "":
			continue
		case id == m.who.ID:
			t.Errorf("%s sees themselves", id)
		case seated[id]:
			t.Errorf("%s is seated twice for %s: %v", id, m.who.ID, m.seats)
		case !m.entered:
			t.Errorf("%s is seated for %s, who has not entered", id, m.who.ID)
		}
		seated[id] = true
		if from := r.find(id); from == nil || !from.entered {
			t.Errorf("%s sits with %s and is not inside", id, m.who.ID)
		} else if m.peer != nil && m.peer.shown[i] != from.peer.source() {
			t.Errorf("seat %d of %s says %s and shows somebody else", i, m.who.ID, id)
		}
	}
	if m.peer != nil && m.entered && m.peer.screen != r.peerOf(m.screen).source() {
		t.Errorf("the screen place of %s says %q and shows somebody else", m.who.ID, m.screen)
	}
	if m.screen == m.who.ID {
		t.Errorf("%s sees their own screen", m.who.ID)
	}
	if may := allowed(r.iv.Mode, m.who.Role); m.wish&^may != 0 {
		t.Errorf("%s publishes %v and may %v", m.who.ID, m.wish.list(), may.list())
	}
	if m.peer != nil && m.peer.open != m.publishing() {
		t.Errorf("gates of %s: %v are open, %v are published", m.who.ID, m.peer.open.list(), m.publishing().list())
	}
	if m.speaking && !m.publishing().has(sfu.Mic) {
		t.Errorf("%s speaks without a microphone", m.who.ID)
	}
	if m.at == nil && m.expires.IsZero() {
		t.Errorf("%s is nowhere and never leaves", m.who.ID)
	}
}
