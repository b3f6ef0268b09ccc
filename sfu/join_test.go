package sfu_test

import (
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// far is a browser with a round trip of 50 ms to the server.
func far() []sfutest.Option {
	p := sfutest.Path{Delay: 25 * time.Millisecond}
	return []sfutest.Option{sfutest.Up(p), sfutest.Down(p)}
}

func TestTwoPeopleSeeAndHearEachOther(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.join("alice", 1, far()...), c.join("ben", 1, append(far(), sfutest.FirefoxTypes())...)
		meet(alice, ben)
		pass(5 * time.Second)
		alice.sees(0, "ben", 65, 240)
		ben.sees(0, "alice", 65, 240)
		if !c.saw(sfu.Connected{Peer: "alice"}) || !c.saw(sfu.Connected{Peer: "ben"}) {
			t.Error("the room was not told who is connected")
		}
	})
}

// From the offer's sending: a round trip for offer and answer, one for the first
// check, one for the client's nomination, and the handshake's remaining one: the
// server has not waited with its half. A browser nominates with its first check
// and needs a round trip less.
func TestAJoinTakesFewRoundTrips(t *testing.T) {
	const roundTrip = 50 * time.Millisecond
	const polling = 2 * time.Millisecond // the scripted browser's, which looks at its checks once a millisecond
	story(t, func(t *testing.T, c *call) {
		alice := &guest{Browser: c.network.Browser("alice", far()...), call: c}
		c.guests = append(c.guests, alice)
		start := time.Now()
		offer := alice.Offer(3)
		time.Sleep(roundTrip / 2) // to the server
		var err error
		if alice.peer, err = c.room.NewPeer("alice", sfu.PeerOptions{Allow: everything}); err != nil {
			t.Fatal(err)
		}
		answer, err := alice.peer.Answer(t.Context(), offer)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(roundTrip / 2) // and back
		if err := alice.Accept(answer); err != nil {
			t.Fatal(err)
		}
		<-alice.Connected()
		if took := time.Since(start); took > 200*time.Millisecond+polling {
			t.Errorf("connected %v after the offer was sent, want at most 200 ms", took)
		} else {
			t.Logf("connected %v after the offer was sent", took)
		}
	})
}

func TestALateJoinerSeesThePictureAtOnce(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, far()...)
		pass(time.Minute)
		ben := c.lobby("ben", 1, far()...)
		ben.publish(sfu.Mic, sfu.Camera)
		start := time.Now()
		meet(alice, ben)
		pass(2 * time.Second)
		if first := ben.Seat(0).Video().First; first.IsZero() || first.Sub(start) > 250*time.Millisecond {
			t.Errorf("first picture %v after the seat was given", first.Sub(start))
		}
		ben.sees(0, "alice", 24, 95)
		alice.sees(0, "ben", 24, 95)
	})
}

func TestNothingIsForwardedBeforeTheGateOpens(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben := c.lobby("alice", 1), c.lobby("ben", 1)
		meet(alice, ben)
		alice.Send(sfu.Mic)
		alice.Send(sfu.Camera)
		pass(3 * time.Second)
		ben.blank(0)
		alice.peer.Open(sfu.Mic, true)
		alice.peer.Open(sfu.Camera, true)
		pass(3 * time.Second)
		ben.sees(0, "alice", 35, 140)
	})
}

func TestASecondOfferAddsSeats(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice, ben, cleo := c.join("alice", 1), c.join("ben", 1), c.join("cleo", 1)
		meet(alice, ben)
		pass(2 * time.Second)
		alice.offer(2)
		alice.peer.Show(1, cleo.peer)
		pass(3 * time.Second)
		alice.sees(0, "ben", 65, 240)
		alice.sees(1, "cleo", 35, 140)
	})
}

func TestASourceThatIsNotAllowedIsRefused(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.lobbyWith(sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic}}, "alice", 1)
		ben := c.join("ben", 1)
		meet(alice, ben)
		alice.publish(sfu.Mic, sfu.Camera, sfu.Screen)
		ben.peer.Show(sfu.ScreenPlace, alice.peer)
		pass(3 * time.Second)
		ben.sees(0, "alice", 0, 140)
		if v := ben.Seat(0).Video(); v.Frames > 0 {
			t.Errorf("ben saw %d frames of a camera that is not allowed", v.Frames)
		}
		ben.blank(sfu.ScreenPlace)
	})
}

func TestAClientMayBeginTheHandshake(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.lobbyWith(sfu.PeerOptions{Allow: everything, Fallback: true}, "alice", 1, far()...)
		ben := c.join("ben", 1, far()...)
		alice.publish(sfu.Mic, sfu.Camera)
		meet(alice, ben)
		pass(3 * time.Second)
		alice.sees(0, "ben", 35, 140)
		ben.sees(0, "alice", 35, 140)
	})
}
