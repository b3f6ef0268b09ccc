package sfu_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// story plays a call in virtual time, on a network of its own.
func story(t *testing.T, play func(t *testing.T, c *call)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := newCall(t)
		play(t, c)
		c.end()
	})
}

// call is an engine with one room, and the browsers in it.
type call struct {
	t       *testing.T
	network *sfutest.Network
	engine  *sfu.Engine
	room    *sfu.Room
	guests  []*guest

	mu     sync.Mutex
	events []sfu.Event
	wished func(sfu.LayersWanted) // what a page does about it
}

// guest is a browser and the server's end of its connection.
type guest struct {
	*sfutest.Browser
	call    *call
	peer    *sfu.Peer
	offered sfu.Offer // last
}

func newCall(t *testing.T, options ...sfutest.NetworkOption) *call {
	t.Helper()
	c := &call{t: t, network: sfutest.NewNetwork(t, options...)}
	var err error
	c.engine, err = sfu.New(sfu.Config{
		Listen: netip.AddrPortFrom(c.network.ServerAddr(), 3478),
		Net:    c.network.Server(),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.room, err = c.engine.NewRoom(func(e sfu.Event) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.events = append(c.events, e)
		if w, ok := e.(sfu.LayersWanted); ok && c.wished != nil {
			c.wished(w)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// saw reports whether an event has come.
func (c *call) saw(e sfu.Event) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.events, e)
}

// end closes everything; a goroutine left over fails the story.
func (c *call) end() {
	for _, g := range c.guests {
		g.Browser.Close()
	}
	if err := c.engine.Close(); err != nil {
		c.t.Errorf("close the engine: %v", err)
	}
}

var everything = []sfu.Source{sfu.Mic, sfu.Camera, sfu.Screen, sfu.ScreenAudio}

// lobby connects a browser that publishes nothing yet.
func (c *call) lobby(name string, seats int, options ...sfutest.Option) *guest {
	c.t.Helper()
	return c.lobbyWith(sfu.PeerOptions{Allow: everything}, name, seats, options...)
}

func (c *call) lobbyWith(o sfu.PeerOptions, name string, seats int, options ...sfutest.Option) *guest {
	c.t.Helper()
	g := &guest{Browser: c.network.Browser(name, options...), call: c}
	var err error
	if g.peer, err = c.room.NewPeer(sfu.PeerID(name), o); err != nil {
		c.t.Fatal(err)
	}
	c.guests = append(c.guests, g)
	g.offer(seats)
	select {
	case <-g.Connected():
	case <-time.After(20 * time.Second):
		c.t.Fatalf("%s is not connected after 20 s", name)
	}
	return g
}

func (g *guest) offer(seats int) {
	g.call.t.Helper()
	g.offered = g.Offer(seats)
	answer, err := g.peer.Answer(g.call.t.Context(), g.offered)
	if err != nil {
		g.call.t.Fatalf("answer %s: %v", g.Name(), err)
	}
	if err := g.Accept(answer); err != nil {
		g.call.t.Fatalf("%s refuses the answer: %v", g.Name(), err)
	}
}

// publish opens the gates of sources and starts sending them.
func (g *guest) publish(sources ...sfu.Source) {
	for _, s := range sources {
		g.peer.Open(s, true)
		g.Send(s)
	}
}

// join connects a browser and turns on its microphone and camera.
func (c *call) join(name string, seats int, options ...sfutest.Option) *guest {
	c.t.Helper()
	g := c.lobby(name, seats, options...)
	g.publish(sfu.Mic, sfu.Camera)
	return g
}

// meet shows two people to each other.
func meet(a, b *guest) {
	a.peer.Show(0, b.peer)
	b.peer.Show(0, a.peer)
}

// pass lets time pass, and then whatever is on its way arrive.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// sees checks that a place has shown who it should for the last interval, whole
// and in order, and begins a new interval.
func (g *guest) sees(place int, who string, frames, packets int) {
	t := g.call.t
	t.Helper()
	v, a := g.Seat(place).Video(), g.Seat(place).Audio()
	where := fmt.Sprintf("%s on place %d", g.Name(), place)
	if v.Publisher != who && frames > 0 || a.Publisher != who && packets > 0 {
		t.Errorf("%s sees %q and hears %q, want %q", where, v.Publisher, a.Publisher, who)
	}
	if v.Frames < frames {
		t.Errorf("%s: %d frames, want at least %d: %+v", where, v.Frames, frames, v)
	}
	if a.Packets < packets {
		t.Errorf("%s: %d packets of sound, want at least %d", where, a.Packets, packets)
	}
	g.flawless(place)
	g.Seat(place).Reset()
}

// flawless checks that nothing came that no stream may do.
func (g *guest) flawless(place int) {
	t := g.call.t
	t.Helper()
	v, a := g.Seat(place).Video(), g.Seat(place).Audio()
	for _, violation := range slices.Concat(v.Violations, a.Violations) {
		t.Errorf("%s on place %d: %s", g.Name(), place, violation)
	}
}

// blank checks that nothing more has come since the last look.
func (g *guest) blank(place int) {
	t := g.call.t
	t.Helper()
	v, a := g.Seat(place).Video(), g.Seat(place).Audio()
	if v.Frames > 0 || a.Packets > 0 {
		t.Errorf("%s: %d frames and %d packets of sound on empty place %d", g.Name(), v.Frames, a.Packets, place)
	}
	g.Seat(place).Reset()
}

// each runs a check for every pair of different guests.
func (c *call) each(check func(viewer, other *guest)) {
	for _, v := range c.guests {
		for _, o := range c.guests {
			if v != o {
				check(v, o)
			}
		}
	}
}

func asOfferError(err error) (*sfu.OfferError, bool) {
	return errors.AsType[*sfu.OfferError](err)
}
