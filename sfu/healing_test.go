package sfu_test

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// restart makes an offer with new ICE credentials, as a page does that has lost
// its connection or its network.
func (g *guest) restart() {
	t := g.call.t
	t.Helper()
	d, err := g.PC().CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.PC().SetLocalDescription(d); err != nil {
		t.Fatal(err)
	}
	o := g.offered
	o.SDP = d.SDP
	answer, err := g.peer.Answer(t.Context(), o)
	if err != nil {
		t.Fatalf("answer the restart of %s: %v", g.Name(), err)
	}
	if err := g.PC().SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		t.Fatal(err)
	}
}

// couple is two people who have seen each other for two seconds.
func (c *call) couple() (alice, ben *guest) {
	alice, ben = c.join("alice", 1, far()...), c.join("ben", 1, far()...)
	meet(alice, ben)
	pass(2 * time.Second)
	for _, g := range c.guests {
		g.Seat(0).Reset()
	}
	return alice, ben
}

// stood checks the longest gaps in what everybody has seen and heard, and begins
// anew.
func (c *call) stood(most time.Duration) {
	c.t.Helper()
	for _, g := range c.guests {
		v, a := g.Seat(0).Video(), g.Seat(0).Audio()
		c.t.Logf("%s: picture stood for %v, sound for %v", g.Name(), v.MaxGap, a.MaxGap)
		if v.Frames == 0 || a.Packets == 0 || v.MaxGap > most || a.MaxGap > most {
			c.t.Errorf("%s: picture stood for %v, sound for %v, want at most %v", g.Name(), v.MaxGap, a.MaxGap, most)
		}
		g.flawless(0)
		g.Seat(0).Reset()
	}
}

// count tells how often an event came.
func (c *call) count(e sfu.Event) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.events {
		if x == e {
			n++
		}
	}
	return n
}

// stayed checks that a peer connected once and was never lost.
func (c *call) stayed(id sfu.PeerID) {
	c.t.Helper()
	if lost, came := c.count(sfu.Disconnected{Peer: id}), c.count(sfu.Connected{Peer: id}); lost != 0 || came != 1 {
		c.t.Errorf("%s was lost %d times and came %d times", id, lost, came)
	}
}

func TestABlackoutEndsWhenTheNetworkIsBack(t *testing.T) {
	for _, p := range []struct {
		name        string
		lasts, most time.Duration
		silences    int
	}{
		{"one second", time.Second, 1200 * time.Millisecond, 0},
		{"five seconds", 5 * time.Second, 5500 * time.Millisecond, 1},
	} {
		t.Run(p.name, func(t *testing.T) {
			story(t, func(t *testing.T, c *call) {
				alice, _ := c.couple()
				alice.Blackout(p.lasts)
				pass(p.lasts + 5*time.Second)
				c.stood(p.most)
				if n := c.count(sfu.Disconnected{Peer: "alice"}); n != p.silences {
					t.Errorf("alice was lost %d times, want %d", n, p.silences)
				}
				if n := c.count(sfu.Connected{Peer: "alice"}); n != p.silences+1 {
					t.Errorf("alice came %d times, want %d", n, p.silences+1)
				}
				c.stayed("ben")
			})
		})
	}
}

func TestANATThatForgetsIsHardlyNoticed(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, _ := c.couple()
		for range 5 {
			alice.Rebind()
			pass(10 * time.Second)
			c.stood(500 * time.Millisecond)
		}
		c.stayed("alice")
	})
}

func TestAnICERestartWhileAllIsWellIsNotNoticed(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, _ := c.couple()
		for range 3 {
			alice.restart()
			pass(5 * time.Second)
			c.stood(250 * time.Millisecond)
		}
		pass(30 * time.Second) // past every patience with the old credentials
		c.stood(250 * time.Millisecond)
		c.stayed("alice")
	})
}

func TestAnotherNetworkIsTakenByAnICERestart(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, _ := c.couple()
		alice.Move()
		alice.restart()
		pass(5 * time.Second)
		c.stood(time.Second)
		pass(30 * time.Second)
		c.stood(250 * time.Millisecond)
		c.stayed("alice")
	})
}

func TestAnotherNetworkIsTakenWhenThePageNoticesTheSilence(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, _ := c.couple()
		alice.Move()
		pass(2500 * time.Millisecond) // what the page waits for, and its next look
		alice.restart()
		pass(5 * time.Second)
		c.stood(3 * time.Second)
	})
}

func TestARelayIsTakenWhereUDPIsBlockedAndLeftWithoutAGap(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, _ := c.couple()
		over := sfutest.Path{Delay: 25 * time.Millisecond}
		alice.BlockUDP(true)
		alice.Relay(over, over)
		pass(2500 * time.Millisecond) // what the page waits for, and its next look
		alice.restart()
		pass(5 * time.Second)
		c.stood(3 * time.Second)
		c.stayed("alice")
		pass(30 * time.Second)
		c.stood(250 * time.Millisecond)
		alice.BlockUDP(false)
		alice.restart()
		pass(30 * time.Second)
		c.stood(250 * time.Millisecond)
		alice.Relay(over, over) // another: nothing goes over the first any more
		pass(10 * time.Second)
		c.stood(250 * time.Millisecond)
		c.stayed("alice")
		c.stayed("ben")
	})
}

func TestSilenceIsToldWithinTenSecondsAndNeverByLossAlone(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		lossy := sfutest.Path{Delay: 25 * time.Millisecond, Loss: 0.3}
		talks, listens := c.join("talks", 1, far()...), c.lobby("listens", 1, far()...)
		meet(talks, listens)
		for _, g := range c.guests {
			g.SetPath(lossy, lossy)
		}
		lasts := 10 * time.Minute
		if raceEnabled { // the whole of it is played without the detector
			lasts = time.Minute
		}
		pass(lasts)
		c.stayed("talks")
		c.stayed("listens")
		for _, g := range c.guests {
			g.SetPath(sfutest.Path{}, sfutest.Path{})
		}
		pass(5 * time.Second)
		talks.Vanish()
		listens.Vanish()
		pass(4 * time.Second)
		if !c.saw(sfu.Disconnected{Peer: "talks"}) {
			t.Error("nobody noticed within 4 s that who talked is gone")
		}
		pass(6 * time.Second)
		if !c.saw(sfu.Disconnected{Peer: "listens"}) {
			t.Error("nobody noticed within 10 s that who listened is gone")
		}
	})
}
