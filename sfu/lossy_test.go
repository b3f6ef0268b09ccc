package sfu_test

import (
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

func TestLossOfFivePercentIsRepaired(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		lossy := sfutest.Path{Delay: 25 * time.Millisecond, Loss: 0.05}
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(time.Second)
		for _, g := range c.guests {
			g.SetPath(lossy, lossy)
			g.Seat(0).Reset()
		}
		pass(60 * time.Second)
		for _, g := range c.guests {
			v := g.Seat(0).Video()
			if whole := float64(v.Frames) / (60 * 15); whole < 0.99 {
				t.Errorf("%s saw %.1f %% of the frames: %+v", g.Name(), 100*whole, v)
			}
			if v.Late == 0 {
				t.Errorf("%s had nothing repaired: is there loss at all?", g.Name())
			}
			if v.MaxGap > 600*time.Millisecond { // the viewer's NACKs leave every 100 ms
				t.Errorf("%s: %d freezes, the longest gap %v", g.Name(), v.Freezes, v.MaxGap)
			}
			g.flawless(0)
		}
		s := c.engine.Stats()
		if s.NacksOut == 0 || s.Recovered == 0 || s.NacksIn == 0 || s.Retransmitted == 0 {
			t.Errorf("repair in both directions leaves traces: %+v", s)
		}
	})
}

func TestALostKeyframeIsAskedForAgain(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, far()...)
		meet(alice, ben)
		pass(2 * time.Second)
		before := alice.Sent(sfu.Camera).PLIs
		ben.LoseDown(400) // about four seconds: more than can be repaired
		pass(10 * time.Second)
		ben.Seat(0).Reset()
		pass(2 * time.Second)
		ben.sees(0, "alice", 24, 95)
		if alice.Sent(sfu.Camera).PLIs == before {
			t.Error("nobody asked for a keyframe")
		}
	})
}

func TestKeyframeRequestsAreCoalesced(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, far()...)
		var viewers []*guest
		for _, name := range []string{"ben", "cleo", "dan", "eva"} {
			v := c.lobby(name, 1, far()...)
			v.peer.Show(0, alice.peer)
			viewers = append(viewers, v)
		}
		pass(2 * time.Second)
		before := alice.Sent(sfu.Camera)
		for range 100 { // everybody asks, ten times a second
			for _, v := range viewers {
				v.peer.Show(0, nil)
				v.peer.Show(0, alice.peer)
			}
			time.Sleep(100 * time.Millisecond)
		}
		after := alice.Sent(sfu.Camera)
		if n := after.PLIs - before.PLIs; n > 26 || n < 10 {
			t.Errorf("%d keyframe requests in 10 s", n)
		}
	})
}

func TestPublishersHearWhatArrived(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, sfutest.Up(sfutest.Path{Delay: 20 * time.Millisecond, Loss: 0.1}))
		ben := c.join("ben", 1)
		meet(alice, ben)
		pass(10 * time.Second)
		sent := alice.Sent(sfu.Camera)
		if n := alice.Feedbacks(); n < 90 {
			t.Errorf("%d congestion feedbacks in 10 s", n)
		}
		if sent.ReceiverReports < 8 || sent.FractionLost == 0 {
			t.Errorf("%d receiver reports, loss %.2f", sent.ReceiverReports, sent.FractionLost)
		}
	})
}

func TestTheOwnerHearsHowConnectionsDo(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, sfutest.Up(sfutest.Path{Delay: 40 * time.Millisecond, Loss: 0.1}), sfutest.Down(sfutest.Path{Delay: 40 * time.Millisecond}))
		ben := c.join("ben", 1)
		meet(alice, ben)
		pass(30 * time.Second)
		var told []sfu.Quality
		c.mu.Lock()
		for _, e := range c.events {
			if q, ok := e.(sfu.Quality); ok && q.Peer == "alice" {
				told = append(told, q)
			}
		}
		c.mu.Unlock()
		if len(told) < 13 || len(told) > 16 {
			t.Fatalf("told %d times in 30 s", len(told))
		}
		var loss float64
		for _, q := range told[3:] {
			loss += q.Up.Loss / float64(len(told)-3)
		}
		last := told[len(told)-1]
		if loss < 0.06 || loss > 0.14 || last.Down.Loss > 0.02 {
			t.Errorf("loss %.2f up, want 0.1, and %.2f down", loss, last.Down.Loss)
		}
		if last.Up.RTT < 75*time.Millisecond || last.Up.RTT > 100*time.Millisecond {
			t.Errorf("round trip %v, want 80 ms", last.Up.RTT)
		}
		if rate := last.Up.Bitrate; rate < 250_000 || rate > 450_000 {
			t.Errorf("%d bit/s up", rate)
		}
	})
}
