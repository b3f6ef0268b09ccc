package sfu_test

import (
	"testing"
	"time"

	"parley/sfu"
)

func TestWhatIsMutedIsNotHeard(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(2 * time.Second)
		alice.peer.Open(sfu.Mic, false) // the browser goes on sending
		pass(time.Second)
		ben.Seat(0).Reset()
		pass(2 * time.Second)
		if a := ben.Seat(0).Audio(); a.Packets != 0 {
			t.Errorf("%d packets of a muted microphone", a.Packets)
		}
		ben.sees(0, "alice", 24, 0)
		alice.peer.Open(sfu.Mic, true)
		pass(2 * time.Second)
		ben.sees(0, "alice", 24, 95)
	})
}

func TestACameraTurnedOnAgainStartsWithAWholePicture(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(2 * time.Second)
		for range 3 {
			alice.peer.Open(sfu.Camera, false)
			alice.Stop(sfu.Camera)
			pass(6 * time.Second)
			ben.Seat(0).Reset()
			alice.publish(sfu.Camera)
			pass(2 * time.Second)
			v := ben.Seat(0).Video()
			if v.Keyframes == 0 || v.Broken > 0 || v.Skipped > 0 {
				t.Errorf("%+v", v)
			}
			ben.sees(0, "alice", 24, 95)
		}
	})
}

func TestWhoSpeaksIsKnown(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1), c.join("ben", 1)
		ben.Talk(false)
		pass(time.Second)
		if !c.saw(sfu.Speaking{Peer: "alice", On: true}) || !c.saw(sfu.Loudest{Peer: "alice"}) {
			t.Errorf("alice speaks: %+v", c.events)
		}
		if c.saw(sfu.Speaking{Peer: "ben", On: true}) {
			t.Error("ben is silent and speaks")
		}
		alice.Talk(false)
		ben.Talk(true)
		pass(2 * time.Second)
		if !c.saw(sfu.Speaking{Peer: "alice", On: false}) || !c.saw(sfu.Loudest{Peer: "ben"}) {
			t.Errorf("ben speaks: %+v", c.events)
		}
		ben.peer.Open(sfu.Mic, false)
		pass(200 * time.Millisecond)
		if !c.saw(sfu.Speaking{Peer: "ben", On: false}) {
			t.Errorf("ben is muted: %+v", c.events)
		}
	})
}
