package conference

import (
	"testing"
	"time"

	"parley/internal/interview"
	"parley/sfu/sfutest"
)

// Whether somebody is cut off, the others see by their media.

func TestALostSocketIsNotToldWhileMediaFlow(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		f := h.visit(iv, femi, 1, interview.SourceMic)
		h.later(time.Second)
		c.news()
		f.Detach(Dropped)
		h.later(20 * time.Second)
		c.wantNoChange(femi.ID)
		f.browser.Vanish()
		h.later(4 * time.Second)
		c.wantChange(femi.ID, true)
	})
}

func TestSilenceIsToldThoughTheSocketLivesAndTheEndOfItToo(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		f := h.visit(iv, femi, 1, interview.SourceMic)
		h.later(time.Second)
		c.news()
		f.browser.Vanish()
		h.later(4 * time.Second)
		c.wantChange(femi.ID, true)
		f.browser.SetPath(sfutest.Path{}, sfutest.Path{})
		h.later(time.Second)
		c.wantChange(femi.ID, false)
		h.later(time.Minute)
		c.wantNoChange(femi.ID)
	})
}

func TestATabThatClosesIsToldThoughItsMediaJustFlowed(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		f := h.visit(iv, femi, 1, interview.SourceMic)
		h.later(time.Second)
		c.news()
		f.Detach(TabClosed)
		h.later(10 * time.Millisecond)
		c.wantChange(femi.ID, true)
	})
}

// wantChange checks that the last change of a participant says whether they are
// reconnecting.
func (c *caller) wantChange(id interview.UserID, reconnecting bool) {
	c.h.t.Helper()
	changes := c.changesOf(id)
	if len(changes) != 1 || changes[0].Reconnecting != reconnecting {
		c.h.t.Errorf("changes of %s: %+v, want one to reconnecting %v", id, changes, reconnecting)
	}
}

func (c *caller) wantNoChange(id interview.UserID) {
	c.h.t.Helper()
	if changes := c.changesOf(id); len(changes) > 0 {
		c.h.t.Errorf("changes of %s: %+v, want none", id, changes)
	}
}

func (c *caller) changesOf(id interview.UserID) (changes []Presence) {
	for _, n := range c.news() {
		if n, ok := n.(Changed); ok && n.Presence.Participant.ID == id {
			changes = append(changes, n.Presence)
		}
	}
	return changes
}
