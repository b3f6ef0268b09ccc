package sfu_test

import (
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// An hour of interview, with a little loss, a wrong clock, pauses of the camera
// and a shared screen, in which nothing drifts, leaks or sticks.
func TestAnHourOfCall(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes a minute: run without -short and without -race")
	}
	story(t, func(t *testing.T, c *call) {
		light := sfutest.VideoRate{FPS: 10, Packets: 2, KeyPackets: 6, Size: 900}
		p := sfutest.Path{Delay: 30 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.005}
		options := []sfutest.Option{sfutest.Up(p), sfutest.Down(p), sfutest.Rate(sfu.Camera, light)}
		alice := c.join("alice", 1, options...)
		ben := c.join("ben", 1, append(options, sfutest.Skew(11*time.Minute), sfutest.FirefoxTypes())...)
		meet(alice, ben)
		for minute := range 60 {
			if minute%20 == 10 {
				ben.peer.Open(sfu.Camera, false)
				ben.Stop(sfu.Camera)
				pass(10 * time.Second)
				ben.publish(sfu.Camera)
				pass(50 * time.Second)
				alice.Seat(0).Reset()
				ben.Seat(0).Reset()
				continue
			}
			pass(time.Minute)
			for _, g := range c.guests {
				v, s := g.Seat(0).Video(), g.Seat(0).LipSync()
				if v.Frames < 590 || v.MaxGap > 700*time.Millisecond || s.Worst.Abs() > 40*time.Millisecond {
					t.Errorf("minute %d, %s: %d frames, longest gap %v, sync %v", minute, g.Name(), v.Frames, v.MaxGap, s.Worst)
				}
				g.flawless(0)
				g.Seat(0).Reset()
			}
		}
	})
}
