package sfu_test

import (
	"testing"
	"time"

	"parley/sfu"
)

func TestAPersonWhoLeavesEmptiesTheirSeats(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1), c.join("ben", 1)
		meet(alice, ben)
		pass(2 * time.Second)
		ben.peer.Close()
		ben.Close()
		pass(100 * time.Millisecond)
		alice.Seat(0).Reset()
		pass(2 * time.Second)
		alice.blank(0)

		cleo := c.join("cleo", 1)
		meet(alice, cleo)
		pass(2 * time.Second)
		alice.sees(0, "cleo", 24, 95)
	})
}

func TestAClosedTabIsNoticed(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1), c.join("ben", 1)
		meet(alice, ben)
		pass(time.Second)
		ben.Close()
		pass(time.Second)
		if !c.saw(sfu.Failed{Peer: "ben", Reason: sfu.HungUp}) {
			t.Errorf("events: %+v", c.events)
		}
	})
}

func TestASilentDeathIsNoticed(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1), c.join("ben", 1)
		meet(alice, ben)
		pass(time.Second)
		ben.Vanish()
		pass(10 * time.Second)
		if !c.saw(sfu.Disconnected{Peer: "ben"}) {
			t.Errorf("after 10 s: %+v", c.events)
		}
		pass(30 * time.Second)
		if !c.saw(sfu.Failed{Peer: "ben", Reason: sfu.PathLost}) {
			t.Errorf("after 40 s: %+v", c.events)
		}
		ben.peer.Close()
	})
}

func TestShutdownInMidCall(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		for _, name := range []string{"alice", "ben", "cleo"} {
			c.join(name, 2, far()...)
		}
		for i, g := range c.guests {
			g.peer.Show(0, c.guests[(i+1)%3].peer)
			g.peer.Show(1, c.guests[(i+2)%3].peer)
		}
		pass(2 * time.Second)
		start := time.Now()
		if err := c.engine.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("closing took %v", took)
		}
		if _, err := c.engine.NewRoom(func(sfu.Event) {}); err != sfu.ErrClosed {
			t.Errorf("a room after Close: %v", err)
		}
		if _, err := c.room.NewPeer("late", sfu.PeerOptions{}); err != sfu.ErrClosed {
			t.Errorf("a peer after Close: %v", err)
		}
		c.guests[0].peer.Show(0, c.guests[1].peer) // nothing to do, and no harm
		c.guests[0].peer.Close()
	})
}
