package sfu_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// camera is what a publisher in these stories has: three encodings, or one stream.
func camera() sfutest.Option { return sfutest.Layered(sfutest.ChromiumStyle, 30, 1_500_000) }

// encodes joins a guest whose page can send its sources in layers, and does what it
// is asked for.
func (c *call) encodes(name string, seats int, codecs []sfu.Codec, options ...sfutest.Option) *guest {
	c.t.Helper()
	g := c.join(name, seats, append(options, camera(), sfutest.WithSVC())...)
	g.peer.Encodes(sfu.Camera, codecs)
	g.peer.Encodes(sfu.Screen, codecs)
	c.wished = func(w sfu.LayersWanted) {
		if w.Peer != sfu.PeerID(name) {
			return
		}
		g.SetSVC(w.Source, w.Codec)
		if w.Codec == "" && len(w.RIDs) > 0 {
			g.SetLayers(w.RIDs...)
		}
	}
	return g
}

// shown seats a guest with all the others.
func (g *guest) shown(to ...*guest) {
	for _, v := range to {
		v.peer.Show(0, g.peer)
	}
}

// wish is what a source's publisher was last asked for, and how often it was told of
// a codec.
func (c *call) wish(of *guest, s sfu.Source) (last sfu.LayersWanted, told int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events {
		if w, ok := e.(sfu.LayersWanted); ok && w.Peer == sfu.PeerID(of.Name()) && w.Source == s {
			last = w
			if w.Codec != "" {
				told++
			}
		}
	}
	return last, told
}

var vp9Only = []sfu.Codec{sfu.VP9}

func TestASlowViewerGetsTheSmallSizeOfTheStreamThatAnotherGetsWhole(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		bob := c.join("bob", 1, sfutest.WithSVC())
		carol := c.join("carol", 1, sfutest.WithSVC(), sfutest.Down(sfutest.Path{Rate: 450_000, Queue: 200 * time.Millisecond}))
		alice.shown(bob, carol)
		pass(20 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != sfu.VP9 || w.Mode != "L3T3_KEY" || len(w.RIDs) != 1 || w.RIDs[0] != "q" {
			t.Errorf("alice is asked for %+v, want VP9 in L3T3_KEY on q", w)
		}
		bob.Seat(0).Reset()
		carol.Seat(0).Reset()
		pass(10 * time.Second)
		whole, small := bob.Seat(0).Video(), carol.Seat(0).Video()
		if whole.Sizes[2] < 290 {
			t.Errorf("bob was shown %v frames of each size in 10 s, want 290 of the largest", whole.Sizes)
		}
		if small.Sizes[2] > 0 || small.Sizes[0]+small.Sizes[1] < 270 {
			t.Errorf("carol was shown %v frames of each size in 10 s, want 270 of the small ones", small.Sizes)
		}
		bob.flawless(0)
		carol.flawless(0)
	})
}

func TestAViewerWhoCannotDecodeBringsSimulcastBackAtOnce(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		bob, carol := c.join("bob", 1, sfutest.WithSVC()), c.join("carol", 1, sfutest.WithSVC())
		dave := c.join("dave", 1) // knows VP8 alone
		alice.shown(bob, carol)
		pass(10 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != sfu.VP9 {
			t.Fatalf("alice is asked for %+v, want VP9", w)
		}
		alice.shown(dave)
		pass(100 * time.Millisecond)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != "" || len(w.RIDs) == 0 {
			t.Errorf("alice is asked for %+v a moment after dave came, want her layers", w)
		}
		pass(2 * time.Second)
		for _, g := range []*guest{bob, carol, dave} {
			g.flawless(0)
			g.Seat(0).Reset()
		}
		pass(2 * time.Second)
		for _, g := range []*guest{bob, carol, dave} {
			g.sees(0, "alice", 55, 90)
		}
	})
}

func TestARecordingBringsSimulcastBackAtOnce(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		bob, carol := c.join("bob", 1, sfutest.WithSVC()), c.join("carol", 1, sfutest.WithSVC())
		alice.shown(bob, carol)
		pass(10 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != sfu.VP9 {
			t.Fatalf("alice is asked for %+v, want VP9", w)
		}
		recorded := sfutest.NewReceived()
		tap := recorded.Tap(true)
		alice.peer.Tap(sfu.Camera, tap)
		pass(4 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != "" {
			t.Errorf("alice is asked for %+v while she is recorded, want her layers", w)
		}
		if v := recorded.Video(); v.Frames < 90 || len(v.Violations) > 0 {
			t.Errorf("%d frames were recorded in 4 s, want 90: %v", v.Frames, v.Violations)
		}
		c.room.Untap(tap)
		pass(6 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != sfu.VP9 {
			t.Errorf("alice is asked for %+v after the recording, want VP9", w)
		}
		bob.flawless(0)
		carol.flawless(0)
	})
}

// What is recorded may come in another form for a moment. What is recorded of it afterwards
// goes on without a hole.
func TestARecordingGoesOnAfterAFormThatItDoesNotTake(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, nil, sfutest.Adaptive(sfu.Screen, 30, 800_000))
		recorded := sfutest.NewReceived()
		alice.peer.Open(sfu.Screen, true)
		alice.Send(sfu.Screen)
		alice.peer.Tap(sfu.Screen, recorded.Tap(true))
		pass(3 * time.Second)
		alice.SetSVC(sfu.Screen, sfu.VP9)
		pass(2 * time.Second)
		alice.SetSVC(sfu.Screen, "")
		pass(3 * time.Second)
		if v := recorded.Video(); v.Frames < 150 || v.Frames > 190 || v.Lost > 0 || v.Broken > 0 || len(v.Violations) > 0 {
			t.Errorf("%d frames were recorded in 6 of 8 s, %d packets missing, %d frames broken, %v", v.Frames, v.Lost, v.Broken, v.Violations)
		}
	})
}

func TestAPublisherWhoseLayersDoNotComeIsAskedForWhatItOffered(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		c.wished = nil // her page says that it can, and does not
		bob, carol := c.join("bob", 1, sfutest.WithSVC()), c.join("carol", 1, sfutest.WithSVC())
		alice.shown(bob, carol)
		pass(6 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != sfu.VP9 {
			t.Fatalf("alice is asked for %+v, want VP9", w)
		}
		pass(20 * time.Second)
		if w, told := c.wish(alice, sfu.Camera); w.Codec != "" || len(w.RIDs) == 0 || told != 1 {
			t.Errorf("alice is asked for %+v, and was asked for VP9 %d times, want what she offered after being asked once", w, told)
		}
		bob.flawless(0)
		carol.flawless(0)
	})
}

func TestAViewerWhoLooksAwayForAMomentChangesNothing(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		bob, carol := c.join("bob", 1, sfutest.WithSVC()), c.join("carol", 1, sfutest.WithSVC())
		alice.shown(bob, carol)
		pass(8 * time.Second)
		_, before := c.wish(alice, sfu.Camera)
		carol.peer.Wish(0, sfu.Wish{Hidden: true})
		pass(5 * time.Second)
		carol.peer.Wish(0, sfu.Wish{})
		pass(5 * time.Second)
		if w, told := c.wish(alice, sfu.Camera); w.Codec != sfu.VP9 || told != before {
			t.Errorf("alice is asked for %+v, and was told %d times more, want VP9 and nothing", w, told-before)
		}
		carol.peer.Wish(0, sfu.Wish{Hidden: true})
		pass(12 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != "" {
			t.Errorf("alice is asked for %+v while one person looks, want her layers", w)
		}
		bob.flawless(0)
		carol.flawless(0)
	})
}

func TestTwoPeopleAreNotAskedForLayersInOneStream(t *testing.T) {
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		bob := c.join("bob", 1, sfutest.WithSVC())
		alice.shown(bob)
		pass(10 * time.Second)
		if w, _ := c.wish(alice, sfu.Camera); w.Codec != "" {
			t.Errorf("alice is asked for %+v, want her layers", w)
		}
		bob.flawless(0)
	})
}

func TestLossesAreRepairedInTheFormInWhichTheyWereSent(t *testing.T) {
	for name, option := range map[string]sfutest.Option{"with descriptors": sfutest.WithSVC(), "without": sfutest.WithVP9()} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, c *call) {
				alice := c.encodes("alice", 2, vp9Only, sfutest.Up(sfutest.Path{Loss: 0.01}))
				bob := c.join("bob", 1, option, sfutest.Down(sfutest.Path{Loss: 0.03}))
				carol := c.join("carol", 1, option)
				alice.shown(bob, carol)
				bob.peer.Wish(0, sfu.Wish{Width: 640, Height: 360})
				pass(10 * time.Second)
				bob.Seat(0).Reset()
				carol.Seat(0).Reset()
				pass(20 * time.Second)
				v := bob.Seat(0).Video()
				if v.Sizes[1] < 550 || v.Sizes[2] > 0 || v.Late == 0 {
					t.Errorf("bob was shown %v frames of each size in 20 s, %d packets came late; want 550 of the middle one", v.Sizes, v.Late)
				}
				if n := carol.Seat(0).Video().Sizes[2]; n < 550 {
					t.Errorf("carol was shown %d frames of the largest size, want 550", n)
				}
				bob.flawless(0)
				carol.flawless(0)
			})
		})
	}
}

func TestAThousandChangesOfSizeFreezeNothing(t *testing.T) {
	changes := 1000
	if testing.Short() || raceEnabled { // the rest is played without the detector
		changes = 100
	}
	story(t, func(t *testing.T, c *call) {
		alice := c.encodes("alice", 2, vp9Only)
		viewers := []*guest{c.join("bob", 1, sfutest.WithSVC()), c.join("carol", 1, sfutest.WithSVC()), c.join("dave", 1, sfutest.WithVP9())}
		alice.shown(viewers...)
		pass(10 * time.Second)
		for _, v := range viewers {
			v.Seat(0).Reset()
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range changes {
			width := 320 << r.IntN(3)
			viewers[r.IntN(len(viewers))].peer.Wish(0, sfu.Wish{Width: width, Height: width * 9 / 16})
			pass(time.Duration(100+r.IntN(500)) * time.Millisecond)
		}
		for _, v := range viewers {
			got := v.Seat(0).Video()
			if got.MaxGap > 300*time.Millisecond || got.Broken > 0 || got.Skipped > 0 {
				t.Errorf("%s: %v without a picture, %d broken, %d undecodable; want 300 ms at most, and none", v.Name(), got.MaxGap, got.Broken, got.Skipped)
			}
			for size, n := range got.Sizes {
				if n == 0 {
					t.Errorf("%s was never shown size %d", v.Name(), size)
				}
			}
			v.flawless(0)
		}
	})
}

func TestAScreenLosesFramesASecondBeforeSharpness(t *testing.T) {
	for _, codec := range []sfu.Codec{sfu.AV1, sfu.VP9} {
		t.Run(string(codec), func(t *testing.T) {
			story(t, func(t *testing.T, c *call) {
				alice := c.encodes("alice", 2, []sfu.Codec{codec}, sfutest.Adaptive(sfu.Screen, 30, 1_200_000))
				bob := c.join("bob", 1, sfutest.WithSVC())
				carol := c.join("carol", 1, sfutest.WithSVC(), sfutest.Down(sfutest.Path{Rate: 900_000, Queue: 200 * time.Millisecond}))
				alice.publish(sfu.Screen)
				for _, v := range []*guest{bob, carol} {
					v.peer.Show(sfu.ScreenPlace, alice.peer)
				}
				pass(20 * time.Second)
				if w, _ := c.wish(alice, sfu.Screen); w.Codec != codec || w.Mode != "L1T3" || len(w.RIDs) != 0 {
					t.Errorf("alice is asked for %+v, want %s in L1T3", w, codec)
				}
				bob.Seat(sfu.ScreenPlace).Reset()
				carol.Seat(sfu.ScreenPlace).Reset()
				pass(10 * time.Second)
				all, some := bob.Seat(sfu.ScreenPlace).Video(), carol.Seat(sfu.ScreenPlace).Video()
				if all.Frames < 280 {
					t.Errorf("bob was shown %d frames in 10 s, want 280", all.Frames)
				}
				if some.Frames < 70 || some.Frames > 220 {
					t.Errorf("carol was shown %d frames in 10 s, want a quarter or half of 300, each as sharp", some.Frames)
				}
				bob.flawless(sfu.ScreenPlace)
				carol.flawless(sfu.ScreenPlace)
			})
		})
	}
}
