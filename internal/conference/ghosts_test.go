package conference

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
)

// Four people whose connections break, whose pages are reloaded or begin anew, and
// whose server restarts, a thousand times in an order that a seed gives: nobody is
// there twice or is shown who has gone, at any moment, and in the end everybody sees
// exactly the others.
func TestAThousandCutsLeaveNoGhostAndNoDouble(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		chance := rand.New(rand.NewPCG(7, 11))
		p := &play{h: h, iv: h.ring(interview.ModeVideo)}
		come := func(who int) {
			for _, what := range []int{0, 2, 1} { // a new page, its connection, and in
				p.act(who, what)
			}
		}
		for who := range 4 {
			come(who)
		}
		cuts, most := 0, 1000
		if raceEnabled { // the rest is played without the detector
			most = 150
		}
		for cuts < most && !t.Failed() {
			who := chance.IntN(4)
			switch n := chance.IntN(100); {
			case n < 30: // the network is gone, and back before anybody minds
				p.act(who, 11)
				p.act(who, 13)
			case n < 45: // the server has not noticed that the old connection is gone
				p.act(who, 13)
			case n < 60: // the page begins anew
				come(who)
			case n < 70: // it was closed, and comes again in time
				p.act(who, 12)
				h.later(time.Duration(chance.IntN(4000)) * time.Millisecond)
				come(who)
			case n < 78: // or too late
				p.act(who, 12)
				h.later(reloadGrace + time.Second)
				p.gone(who)
				come(who)
			case n < 86:
				p.act(who, 11)
				h.later(31 * time.Second)
				p.gone(who)
				come(who)
			case n < 98: // a new connection in the old page
				p.act(who, 2)
			default:
				h.close()
				h.open()
				for _, each := range chance.Perm(4) {
					h.later(time.Duration(chance.IntN(3000)) * time.Millisecond)
					if chance.IntN(2) == 0 {
						p.act(each, 13) // by what the server of before told
					}
					come(each)
					p.check()
				}
			}
			cuts++
			p.check()
		}
		for who := range 4 {
			come(who)
		}
		p.check()
		for who, c := range p.sessions[:4] {
			c.enter()
			var seen []interview.UserID
			for _, n := range c.news() {
				if e, ok := n.(Entered); ok {
					seen = seen[:0]
					for _, each := range e.Participants {
						seen = append(seen, each.Participant.ID)
						if each.Reconnecting && each.Participant.ID != cast[who].ID {
							t.Errorf("%s is shown %s as cut off", cast[who].ID, each.Participant.ID)
						}
					}
				}
			}
			slices.Sort(seen)
			want := []interview.UserID{clara.ID, femi.ID, ines.ID, olga.ID}
			slices.Sort(want)
			if !slices.Equal(seen, want) {
				t.Errorf("after %d cuts %s sees %v, want %v", cuts, cast[who].ID, seen, want)
			}
		}
		if n := h.rooms.Stats().Sessions; n != 4 {
			t.Errorf("after %d cuts there are %d sessions of four people", cuts, n)
		}
	})
}

// gone checks that nobody is told any more of somebody who did not come back.
func (p *play) gone(who int) {
	p.h.t.Helper()
	iv := p.h.stored(p.iv.ID)
	if slices.ContainsFunc(iv.Present(), func(each interview.Participant) bool { return each.ID == cast[who].ID }) {
		p.h.t.Errorf("%s did not come back and is there", cast[who].ID)
	}
}
