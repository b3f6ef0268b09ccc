package sfu_test

import (
	"slices"
	"testing"
	"time"

	"parley/sfu"
)

// A camera may have no layer as large as is wished: browsers do not encode three of a small
// picture, or leave out the large one on a narrow way up.
func TestTheNextSmallerLayerIsAskedForWhereOneDoesNotCome(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 2, camera())
		bob, carol := c.join("bob", 1), c.join("carol", 1)
		follow := func(missing string) {
			c.wished = func(w sfu.LayersWanted) {
				if w.Peer == "alice" {
					alice.SetLayers(slices.DeleteFunc(slices.Clone(w.RIDs), func(rid string) bool { return rid == missing })...)
				}
			}
		}
		follow("f")
		alice.SetLayers("q") // as after a stream of several layers
		alice.shown(bob, carol)
		carol.peer.Wish(0, sfu.Wish{Width: 200, Height: 112})
		pass(5 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); !slices.Equal(w.RIDs, []string{"q", "h", "f"}) {
			t.Errorf("%v are wanted, want h beside f, which does not come, and q", w.RIDs)
		}
		if l := bob.Seat(0).Video().Layer; l != 1 {
			t.Errorf("bob is shown layer %d, want h", l)
		}
		follow("")
		alice.SetLayers("q", "h", "f")
		pass(5 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); !slices.Equal(w.RIDs, []string{"q", "f"}) {
			t.Errorf("%v are wanted, want f to do without h once it comes", w.RIDs)
		}
		if l := bob.Seat(0).Video().Layer; l != 2 {
			t.Errorf("bob is shown layer %d, want f", l)
		}
		for _, g := range []*guest{bob, carol} {
			g.flawless(0)
		}
	})
}

// What does not come at all is not asked for in smaller layers: who is cut off would begin
// with all of them at once.
func TestNothingMoreIsAskedOfWhoIsCutOff(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, camera())
		bob := c.join("bob", 1)
		alice.shown(bob)
		pass(5 * time.Second)
		before, _ := c.wish(alice, sfu.Camera)
		alice.Blackout(5 * time.Second)
		pass(4 * time.Second)
		if after, _ := c.wish(alice, sfu.Camera); !slices.Equal(before.RIDs, []string{"f"}) || !slices.Equal(after.RIDs, before.RIDs) {
			t.Errorf("%v were wanted before, and %v are after", before.RIDs, after.RIDs)
		}
	})
}
