package sfu_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// narrow plays a call on a network with a chance of its own.
func narrow(t *testing.T, seed uint64, play func(t *testing.T, c *call)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t, sfutest.Seed(seed))
		play(t, c)
		c.end()
	})
}

// audience is a publisher of layers, a viewer behind a link of so many bit/s
// each way, and one behind a good one.
func (c *call) audience(rate int, delay time.Duration) (from, slow, fast *guest) {
	p := sfutest.Path{Delay: delay, Rate: rate, Queue: time.Second}
	from = c.lobby("alice", 2, append(far(), sfutest.Layered(sfutest.ChromiumStyle, 20, 1_500_000))...)
	slow = c.lobby("slow", 2, sfutest.Up(p), sfutest.Down(p), sfutest.Sources(sfu.Mic))
	fast = c.lobby("fast", 2, append(far(), sfutest.Sources(sfu.Mic))...)
	from.publish(sfu.Mic, sfu.Camera)
	slow.publish(sfu.Mic)
	fast.publish(sfu.Mic)
	for _, g := range []*guest{slow, fast} {
		g.peer.Show(0, from.peer)
	}
	slow.peer.Show(1, fast.peer)
	fast.peer.Show(1, slow.peer)
	from.peer.Show(0, slow.peer)
	from.peer.Show(1, fast.peer)
	return from, slow, fast
}

func TestANarrowViewerKeepsTheSmallLayer(t *testing.T) {
	seeds := uint64(3)
	delays := []time.Duration{10 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond}
	rates := []int{300_000, 450_000, 600_000}
	if testing.Short() || raceEnabled { // they are to find no races, and take six times as long: the rest is played without the detector
		seeds, delays, rates = 1, delays[1:2], rates[1:2]
	}
	for _, rate := range rates {
		for _, delay := range delays {
			for seed := range seeds {
				t.Run(fmt.Sprintf("%d kbit/s, %v, %d", rate/1000, delay, seed), func(t *testing.T) {
					narrow(t, seed+1, func(t *testing.T, c *call) {
						_, slow, fast := c.audience(rate, delay)
						pass(10 * time.Second)
						slow.Seat(0).Reset()
						fast.Seat(0).Reset()
						pass(20 * time.Second)
						v, a := slow.Seat(0).Video(), slow.Seat(0).Audio()
						if v.Frames < 390 || v.Frozen > 0 || v.MaxDelay > delay+300*time.Millisecond {
							t.Errorf("the slow one sees %d frames of 400, frozen %v, up to %v old", v.Frames, v.Frozen, v.MaxDelay)
						}
						if 100*a.Concealed > a.Played {
							t.Errorf("the slow one hears %d of %d packets concealed", a.Concealed, a.Played)
						}
						if f := fast.Seat(0).Video(); f.Frames < 390 || f.Layer != 2 {
							t.Errorf("the fast one sees %d frames of layer %d, want 400 of layer 2", f.Frames, f.Layer)
						}
					})
				})
			}
		}
	}
}

func TestSoundAloneStaysWholeWhereNoPictureFits(t *testing.T) {
	delays := []time.Duration{10 * time.Millisecond, 100 * time.Millisecond}
	if raceEnabled { // the other is played without the detector
		delays = delays[1:]
	}
	for _, delay := range delays {
		narrow(t, 1, func(t *testing.T, c *call) {
			_, slow, _ := c.audience(200_000, delay)
			pass(10 * time.Second)
			slow.Seat(0).Reset()
			pass(20 * time.Second)
			if !c.saw(sfu.Paused{Peer: "slow", Place: 0, On: true}) {
				t.Error("the viewer is not told that the picture is paused")
			}
			if a := slow.Seat(0).Audio(); a.Played < 950 || 100*a.Concealed > a.Played {
				t.Errorf("%d of %d packets of sound concealed with a delay of %v", a.Concealed, a.Played, delay)
			}
		})
	}
}

// When a way up becomes narrow its queue fills before anybody knows. The server, which
// sees how late pictures come, has it emptied.
func TestAJamOnTheWayUpIsGoneSoon(t *testing.T) {
	for seed := range uint64(3) {
		narrow(t, seed+1, func(t *testing.T, c *call) {
			alice := c.join("alice", 1, append(far(), sfutest.Adaptive(sfu.Camera, 20, 1_500_000))...)
			ben := c.join("ben", 1, far()...)
			meet(alice, ben)
			pass(8 * time.Second)
			up, down := sfutest.Path{Delay: 20 * time.Millisecond, Rate: 300_000, Queue: time.Second}, sfutest.Path{Delay: 20 * time.Millisecond}
			alice.SetPath(up, down)
			pass(500 * time.Millisecond)
			way, _ := alice.Links()
			if q := way.Queued(time.Now()); q < 800*time.Millisecond {
				t.Fatalf("the queue is only %v: the way up is not jammed", q)
			}
			pass(2 * time.Second)
			if q := way.Queued(time.Now()); q > 300*time.Millisecond {
				t.Errorf("2.5 s later the queue is still %v, want at most 300 ms", q)
			}
		})
	}
}

// Where next to nothing gets through, the server says so long before the page could find
// out: the picture is not sent, the sound is thin, and in time again.
func TestAJamThatLetsNoPictureThroughIsToldAtOnce(t *testing.T) {
	for seed := range uint64(3) {
		narrow(t, seed+1, func(t *testing.T, c *call) {
			alice := c.join("alice", 1, append(far(), sfutest.Adaptive(sfu.Camera, 20, 1_500_000))...)
			ben := c.join("ben", 1, far()...)
			meet(alice, ben)
			pass(8 * time.Second)
			alice.SetPath(sfutest.Path{Delay: 20 * time.Millisecond, Rate: 60_000, Queue: time.Second}, sfutest.Path{Delay: 20 * time.Millisecond})
			pass(600 * time.Millisecond)
			told := c.jams("alice")
			if len(told) == 0 || !told[0].On || told[0].Bitrate < 40_000 || told[0].Bitrate > 80_000 {
				t.Fatalf("after 0.6 s the owner has been told %+v, want a jam of 60 kbit/s", told)
			}
			alice.Hold(sfu.Camera, true)
			alice.Spare(true, true)
			pass(4 * time.Second)
			way, _ := alice.Links()
			if q := way.Queued(time.Now()); q > 200*time.Millisecond {
				t.Errorf("4 s later the queue is still %v", q)
			}
			if told = c.jams("alice"); told[len(told)-1].On {
				t.Errorf("the owner is not told that the queue has gone: %+v", told)
			}
			ben.Seat(0).Reset()
			pass(5 * time.Second)
			if a := ben.Seat(0).Audio(); a.Delay > 300*time.Millisecond || 50*a.Concealed > a.Played {
				t.Errorf("the sound is %v old, and %d of %d frames concealed", a.Delay, a.Concealed, a.Played)
			}
		})
	}
}

// What gets lost, comes late or comes in bursts is no jam.
func TestLossJitterAndBlackoutsAreNoJam(t *testing.T) {
	for name, p := range map[string]sfutest.Path{
		"loss":   {Delay: 20 * time.Millisecond, Loss: 0.3},
		"jitter": {Jitter: 200 * time.Millisecond, Reorder: true},
	} {
		t.Run(name, func(t *testing.T) {
			narrow(t, 1, func(t *testing.T, c *call) {
				alice := c.join("alice", 1, append(far(), sfutest.Adaptive(sfu.Camera, 20, 1_500_000))...)
				ben := c.join("ben", 1, far()...)
				meet(alice, ben)
				pass(8 * time.Second)
				alice.SetPath(p, p)
				pass(20 * time.Second)
				alice.Blackout(time.Second)
				pass(5 * time.Second)
				if told := c.jams("alice"); len(told) > 0 {
					t.Errorf("the owner has been told of a jam: %+v", told)
				}
			})
		})
	}
}

// jams is what the owner has been told of a peer's way up.
func (c *call) jams(peer sfu.PeerID) (told []sfu.Jammed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if j, ok := e.(sfu.Jammed); ok && j.Peer == peer {
			told = append(told, j)
		}
	}
	return told
}
