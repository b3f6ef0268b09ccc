package sfu_test

import (
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// The viewer's browser keeps one idea of a seat's clock. Publishers' clocks are
// wrong by seconds, in both directions; whoever sits there, sound and picture
// must stay in step, at once.
func TestASeatThatChangesHandsKeepsLipSync(t *testing.T) {
	const limit = 40 * time.Millisecond
	story(t, func(t *testing.T, c *call) {
		viewer := c.lobby("viewer", 1, far()...)
		ana := c.join("ana", 1, append(far(), sfutest.Skew(37*time.Second))...)
		ben := c.join("ben", 1, append(far(), sfutest.Skew(-3*time.Hour))...)
		cleo := c.join("cleo", 1, sfutest.FirefoxTypes())
		pass(3 * time.Second)
		for i := range 12 {
			who := []*guest{ana, ben, cleo}[i%3]
			viewer.peer.Show(0, who.peer)
			pass(400 * time.Millisecond)
			viewer.Seat(0).Reset()
			pass(6 * time.Second)
			s, v := viewer.Seat(0).LipSync(), viewer.Seat(0).Video()
			if s.Measured < 50 || s.Worst.Abs() > limit {
				t.Errorf("seat with %s: picture is up to %v late of sound, in %d pictures", who.Name(), s.Worst, s.Measured)
			}
			if v.Freezes > 0 || v.Broken > 0 || v.Skipped > 0 {
				t.Errorf("seat with %s: %+v", who.Name(), v)
			}
			viewer.sees(0, who.Name(), 85, 290)
		}
	})
}

func TestAChangeOfSeatIsNeverABlackGap(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		viewer := c.lobby("viewer", 1, far()...)
		ana, ben := c.join("ana", 1, far()...), c.join("ben", 1, far()...)
		viewer.peer.Show(0, ana.peer)
		pass(2 * time.Second)
		for i := range 20 {
			who := []*guest{ben, ana}[i%2]
			viewer.peer.Show(0, who.peer)
			pass(1500 * time.Millisecond)
		}
		v := viewer.Seat(0).Video()
		if len(v.Switches) != 20 {
			t.Errorf("%d switches, want 20", len(v.Switches))
		}
		for _, s := range v.Switches {
			if s.Gap > 200*time.Millisecond {
				t.Errorf("%v without a picture between %s and %s", s.Gap, s.From, s.To)
			}
		}
		viewer.flawless(0)
	})
}

func TestASharedScreenHasItsOwnPlace(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(time.Second)
		ben.peer.Show(sfu.ScreenPlace, alice.peer)
		alice.publish(sfu.Screen, sfu.ScreenAudio)
		pass(4 * time.Second)
		ben.sees(sfu.ScreenPlace, "alice", 18, 190)
		ben.sees(0, "alice", 65, 240)
		ben.peer.Show(sfu.ScreenPlace, nil)
		pass(200 * time.Millisecond)
		ben.Seat(sfu.ScreenPlace).Reset()
		pass(2 * time.Second)
		ben.blank(sfu.ScreenPlace)
	})
}

func TestSixPeopleInOneRoom(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		for _, name := range []string{"ana", "ben", "cleo", "dan", "eva", "finn"} {
			c.join(name, 5, far()...)
		}
		for i, g := range c.guests {
			for n := range 5 {
				g.peer.Show(n, c.guests[(i+n+1)%6].peer)
			}
		}
		pass(5 * time.Second)
		for i, g := range c.guests {
			for n := range 5 {
				g.sees(n, c.guests[(i+n+1)%6].Name(), 60, 230)
			}
		}
	})
}
