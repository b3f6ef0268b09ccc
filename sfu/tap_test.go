package sfu_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// tapped hangs a tap on what a guest publishes: microphone and camera, or a shared
// screen and its sound.
type tapped struct {
	*sfutest.Received
	sound, picture *sfutest.Tapped
}

func newTapped() *tapped {
	r := sfutest.NewReceived()
	return &tapped{Received: r, sound: r.Tap(false), picture: r.Tap(true)}
}

func (r *tapped) follow(p *sfu.Peer) {
	p.Tap(sfu.Mic, r.sound)
	p.Tap(sfu.Camera, r.picture)
}

// whole checks that what came since the last look is one line each of sound and
// picture without a fault, so many frames of it, in step with each other and with
// the server's clock.
func (r *tapped) whole(t *testing.T, who string, frames, packets int) {
	t.Helper()
	v, a, s := r.Video(), r.Audio(), r.LipSync()
	for _, violation := range slices.Concat(v.Violations, a.Violations) {
		t.Error(violation)
	}
	if v.Publisher != who || a.Publisher != who || v.Frames < frames || a.Packets < packets {
		t.Errorf("%d frames of %s and %d packets of sound of %s, want %d and %d of %s", v.Frames, v.Publisher, a.Packets, a.Publisher, frames, packets, who)
	}
	if v.Broken > 0 || v.Skipped > 0 || v.Lost > 0 || a.Lost > 0 {
		t.Errorf("picture: %d frames broken, %d skipped, %d packets lost; sound: %d packets lost", v.Broken, v.Skipped, v.Lost, a.Lost)
	}
	// A clock cannot be known better than by the quickest way from it to us.
	if s.Worst.Abs() > 20*time.Millisecond || s.Off > 60*time.Millisecond {
		t.Errorf("picture and sound are %v apart, and %v from the server's clock", s.Worst, s.Off)
	}
	r.Reset()
}

// ledger is a tap that keeps which numbers of its line it was given.
type ledger struct {
	mu     sync.Mutex
	newest uint16
	missed map[uint16]bool
	given  int
}

func (l *ledger) RTP(_ time.Time, packet []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq := binary.BigEndian.Uint16(packet[2:])
	l.given++
	if l.given == 1 {
		l.newest = seq
	}
	delete(l.missed, seq)
	for ; int16(seq-l.newest) > 0; l.newest++ {
		if l.newest+1 != seq {
			l.missed[l.newest+1] = true
		}
	}
}

func (l *ledger) SenderReport(time.Time, uint64, uint32) {}

func TestATapIsGivenOneWholeLineThroughLossAndLayers(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		lossy := sfutest.Path{Delay: 25 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.03}
		alice := c.join("alice", 1, sfutest.Up(lossy), sfutest.Down(lossy), sfutest.Skew(37*time.Second),
			sfutest.Layered(sfutest.ChromiumStyle, 20, 1_500_000))
		r, kept := newTapped(), &ledger{missed: map[uint16]bool{}}
		pass(3 * time.Second)
		alice.SetLayers("q")
		pass(time.Second)
		r.follow(alice.peer)
		alice.peer.Tap(sfu.Camera, kept)
		pass(time.Second)
		if wanted := c.lastWanted("alice"); !slices.Equal(wanted, []string{"q", "f"}) {
			t.Errorf("layers wanted: %v, want what there is and the best", wanted)
		}
		for _, layers := range [][]string{{"q", "h"}, {"h"}, {"q"}, {"q", "h"}, {"h", "f"}} {
			alice.SetLayers(layers...)
			pass(4 * time.Second)
			if v := r.Video(); v.Layer == 0 && len(layers) > 1 {
				t.Errorf("is given the smallest of %v", layers)
			}
		}
		v, s := r.Video(), r.LipSync()
		alice.SetPath(sfutest.Path{Delay: lossy.Delay}, sfutest.Path{Delay: lossy.Delay})
		pass(500 * time.Millisecond) // for what is being repaired
		if v.Frames < 360 || v.Late == 0 || v.MaxGap > 1300*time.Millisecond || len(v.Violations) > 0 {
			t.Errorf("%d frames, %d packets repaired, longest gap %v, %v", v.Frames, v.Late, v.MaxGap, v.Violations)
		}
		if s.Worst.Abs() > 30*time.Millisecond {
			t.Errorf("picture and sound are %v apart", s.Worst)
		}
		// A packet or two may be the last of a layer: nobody knows that they are lost.
		if len(kept.missed) > 2 || kept.given < 800 {
			t.Errorf("given %d packets, never given %d", kept.given, len(kept.missed))
		}
		if len(r.sound.Extensions()) == 0 {
			t.Error("the packets of sound have lost their header extensions")
		}
	})
}

// lastWanted is the layers that a camera was last told to send.
func (c *call) lastWanted(who sfu.PeerID) (rids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if w, ok := e.(sfu.LayersWanted); ok && w.Peer == who && w.Source == sfu.Camera {
			rids = w.RIDs
		}
	}
	return rids
}

func TestATapBeginsAfreshAfterAMute(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, far()...)
		r := newTapped()
		r.follow(alice.peer)
		pass(3 * time.Second)
		r.whole(t, "alice", 35, 130)
		for range 3 {
			alice.peer.Open(sfu.Camera, false) // the browser goes on sending
			alice.peer.Open(sfu.Mic, false)
			pass(time.Second)
			before := r.sound.Calls() + r.picture.Calls()
			pass(2 * time.Second)
			if n := r.sound.Calls() + r.picture.Calls() - before; n > 8 { // reports may come
				t.Errorf("called %d times for what is muted", n)
			}
			alice.peer.Open(sfu.Camera, true)
			alice.peer.Open(sfu.Mic, true)
			pass(3 * time.Second)
			if v := r.Video(); v.Keyframes == 0 {
				t.Error("no keyframe after the pause")
			}
			r.whole(t, "alice", 35, 130)
		}
	})
}

func TestATapGoesOnWithWhoComesBack(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		r := newTapped()
		for i, skew := range []time.Duration{0, 3 * time.Hour, -time.Minute} {
			options := append(far(), sfutest.Skew(skew))
			if i == 2 {
				options = append(options, sfutest.FirefoxTypes())
			}
			name := fmt.Sprintf("alice, %d", i)
			alice := c.join(name, 1, options...)
			r.follow(alice.peer)
			pass(5 * time.Second)
			r.whole(t, name, 60, 230)
			alice.peer.Close()
			alice.Browser.Close()
			pass(4 * time.Second)
			if v := r.Video(); v.Frames > 0 {
				t.Errorf("%d frames of who has left", v.Frames)
			}
		}
	})
}

func TestATapAsksForAKeyframeWhenMoreIsLostThanIsRepaired(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, far()...)
		r := newTapped()
		r.follow(alice.peer)
		pass(3 * time.Second)
		before := alice.Sent(sfu.Camera).PLIs
		good := sfutest.Path{Delay: 25 * time.Millisecond}
		alice.SetPath(sfutest.Path{Delay: 25 * time.Millisecond, Loss: 1}, good)
		pass(1500 * time.Millisecond)
		alice.SetPath(good, good)
		pass(2 * time.Second)
		r.Reset()
		pass(3 * time.Second)
		r.whole(t, "alice", 40, 140)
		if asked := alice.Sent(sfu.Camera).PLIs - before; asked == 0 || asked > 6 {
			t.Errorf("asked for %d keyframes", asked)
		}
		before = alice.Sent(sfu.Camera).PLIs
		for range 100 {
			alice.peer.Keyframe(sfu.Camera)
			pass(20 * time.Millisecond)
		}
		if asked := alice.Sent(sfu.Camera).PLIs - before; asked < 2 || asked > 7 {
			t.Errorf("asked for %d keyframes in two seconds, want one in 400 ms at the most", asked)
		}
		r.whole(t, "alice", 25, 90)
	})
}

func TestASharedScreenIsTapped(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, far()...)
		r := newTapped()
		alice.peer.Tap(sfu.Screen, r.picture)
		alice.peer.Tap(sfu.ScreenAudio, r.sound)
		pass(3 * time.Second)
		if n := r.picture.Calls() + r.sound.Calls(); n > 0 {
			t.Errorf("called %d times before there is a screen", n)
		}
		alice.publish(sfu.Screen, sfu.ScreenAudio)
		pass(5 * time.Second)
		r.whole(t, "alice", 22, 240)
	})
}

func TestAnEndedTapIsNotCalled(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.join("alice", 1, far()...)
		r, other := newTapped(), newTapped()
		r.follow(alice.peer)
		other.follow(alice.peer)
		pass(2 * time.Second)
		c.room.Untap(r.picture)
		c.room.Untap(r.sound)
		before := r.picture.Calls() + r.sound.Calls()
		if before == 0 {
			t.Error("was never called")
		}
		other.Reset()
		pass(2 * time.Second)
		if n := r.picture.Calls() + r.sound.Calls() - before; n > 0 {
			t.Errorf("called %d times after its end", n)
		}
		other.whole(t, "alice", 28, 95)
		c.room.Untap(r.sound)
		alice.peer.Close()
		c.room.Untap(other.sound)
		c.room.Untap(other.picture)
		other.follow(alice.peer) // who has left
		c.room.Close()
		c.room.Untap(other.sound)
	})
}

func TestATapLeavesTheTalkOfTwoAlone(t *testing.T) {
	figures := func(tapped bool) (bitrate int) {
		story(t, func(t *testing.T, c *call) {
			p := sfutest.Path{Delay: 20 * time.Millisecond, Rate: 1_000_000, Queue: 300 * time.Millisecond}
			options := []sfutest.Option{sfutest.Up(p), sfutest.Down(p), sfutest.Adaptive(sfu.Camera, 20, 1_500_000)}
			alice, ben := c.join("alice", 1, options...), c.join("ben", 1, options...)
			meet(alice, ben)
			if tapped {
				for _, g := range c.guests {
					newTapped().follow(g.peer)
				}
			}
			pass(10 * time.Second)
			c.mu.Lock()
			c.events = nil
			c.mu.Unlock()
			pass(20 * time.Second)
			c.mu.Lock()
			defer c.mu.Unlock()
			n := 0
			for _, e := range c.events {
				if q, ok := e.(sfu.Quality); ok {
					bitrate, n = bitrate+q.Up.Bitrate, n+1
				}
			}
			bitrate /= max(n, 1)
		})
		return bitrate
	}
	with, without := figures(true), figures(false)
	t.Logf("%d bit/s with taps, %d without", with, without)
	if without < 500_000 || with < without*9/10 {
		t.Errorf("two people send %d bit/s with taps, and %d without", with, without)
	}
}
