package sfutest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// connect connects two browsers without a server: what each publishes comes on
// the other's seat 0 and screen place.
func connect(t *testing.T, alice, bob *Browser) {
	t.Helper()
	offer := alice.Offer(1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(bob.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer.SDP}))
	bob.mu.Lock()
	bob.places[0], bob.places[ScreenPlace] = NewReceived(), NewReceived()
	for s, mid := range offer.Sources {
		place := bob.places[0]
		if s == sfu.Screen || s == sfu.ScreenAudio {
			place = bob.places[ScreenPlace]
		}
		bob.receives[mid] = &stream{place: place, video: s.Video()}
	}
	bob.mu.Unlock()
	answer, err := bob.pc.CreateAnswer(nil)
	must(err)
	gathered := webrtc.GatheringCompletePromise(bob.pc)
	must(bob.pc.SetLocalDescription(answer))
	<-gathered
	must(alice.Accept(bob.pc.LocalDescription().SDP))
	for _, s := range bob.sources {
		s.negotiated()
	}
	<-alice.Connected()
	<-bob.Connected()
}

// call runs a call between two connected browsers in a bubble.
func call(t *testing.T, run func(t *testing.T, alice, bob *Browser), options ...Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(t)
		alice, bob := n.Browser("alice", options...), n.Browser("bob", options...)
		connect(t, alice, bob)
		run(t, alice, bob)
	})
}

func noViolations(t *testing.T, r *Received) {
	t.Helper()
	for _, v := range append(r.Video().Violations, r.Audio().Violations...) {
		t.Error("violation:", v)
	}
}

func TestAMinuteOfCallArrivesWhole(t *testing.T) {
	delay := Path{Delay: 20 * time.Millisecond}
	call(t, func(t *testing.T, alice, bob *Browser) {
		for _, b := range []*Browser{alice, bob} {
			for _, s := range []sfu.Source{sfu.Mic, sfu.Camera} {
				b.Send(s)
			}
		}
		time.Sleep(time.Minute)
		for _, b := range []*Browser{alice, bob} {
			for _, s := range []sfu.Source{sfu.Mic, sfu.Camera} {
				b.Stop(s)
			}
		}
		time.Sleep(time.Second)
		for _, pair := range [][2]*Browser{{alice, bob}, {bob, alice}} {
			from, to := pair[0], pair[1].Seat(0)
			noViolations(t, to)
			v, a, l := to.Video(), to.Audio(), to.LipSync()
			if sent := from.Sent(sfu.Camera); v.Frames != sent.Frames || v.Packets != sent.Packets || v.Keyframes != sent.Keyframes {
				t.Errorf("pictures received %+v, sent %+v", v, sent)
			}
			if sent := from.Sent(sfu.Mic); a.Packets != sent.Packets || a.Lost != 0 {
				t.Errorf("sound received %+v, sent %+v", a, sent)
			}
			if v.Publisher != from.Name() || a.Publisher != from.Name() || len(v.Switches)+len(a.Switches) != 0 {
				t.Errorf("received pictures of %q and sound of %q, want those of %q", v.Publisher, a.Publisher, from.Name())
			}
			if v.Delay != 40*time.Millisecond || v.MaxDelay != v.Delay || a.MaxDelay != v.Delay {
				t.Errorf("delays %v, %v and %v, want 40ms", v.Delay, v.MaxDelay, a.MaxDelay)
			}
			if v.Freezes != 0 || v.MaxGap > 70*time.Millisecond {
				t.Errorf("%d freezes, the longest gap %v", v.Freezes, v.MaxGap)
			}
			if l.Measured < 800 || l.Reports < 100 || l.Worst.Abs() > time.Millisecond {
				t.Errorf("sound and picture: %+v", l)
			}
			if sent := from.Sent(sfu.Camera); sent.ReceiverReports < 50 || from.Feedbacks() < 500 {
				t.Errorf("reports came back: %+v, and %d feedbacks", sent, from.Feedbacks())
			}
		}
	}, Up(delay), Down(delay))
}

func TestLossIsRepairedByRetransmission(t *testing.T) {
	path := Path{Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.03}
	call(t, func(t *testing.T, alice, bob *Browser) {
		alice.Send(sfu.Mic)
		alice.Send(sfu.Camera)
		time.Sleep(time.Minute)
		r := bob.Seat(0)
		noViolations(t, r)
		v, sent := r.Video(), alice.Sent(sfu.Camera)
		if v.Late < 50 || sent.NACKs < 50 {
			t.Errorf("%d packets repaired, %d asked for, want many", v.Late, sent.NACKs)
		}
		if v.Frames < sent.Frames*97/100 {
			t.Errorf("%d of %d frames shown: %+v", v.Frames, sent.Frames, v)
		}
		if a := r.Audio(); a.Lost > 20 { // repaired too
			t.Errorf("%d of %d sounds lost, want hardly any", a.Lost, alice.Sent(sfu.Mic).Packets)
		}
	}, Up(path), Down(path), WithAudioNACK())
}

func TestALostPictureIsSeenAndAskedForAgain(t *testing.T) {
	call(t, func(t *testing.T, alice, bob *Browser) {
		alice.Send(sfu.Camera)
		time.Sleep(5 * time.Second)
		bob.Seat(0).Reset()
		bob.SetPath(Path{}, Path{Loss: 1})
		time.Sleep(4 * time.Second) // beyond what retransmission can repair
		bob.SetPath(Path{}, Path{})
		time.Sleep(5 * time.Second)
		v := bob.Seat(0).Video()
		if v.Lost == 0 || v.Freezes == 0 || v.MaxGap < 4*time.Second {
			t.Errorf("received %+v, want packets lost and a freeze of 4 s", v)
		}
		if alice.Sent(sfu.Camera).PLIs == 0 || v.Keyframes == 0 {
			t.Errorf("%d keyframes came and %d were asked for, want some", v.Keyframes, alice.Sent(sfu.Camera).PLIs)
		}
		bob.Seat(0).Reset()
		time.Sleep(5 * time.Second)
		if v := bob.Seat(0).Video(); v.Frames < 148 || v.Lost != 0 || v.Broken != 0 {
			t.Errorf("after it %+v, want a whole stream", v)
		}
	}, Rate(sfu.Camera, VideoRate{FPS: 30, Packets: 10, KeyPackets: 20, Size: 1000}))
}

func TestASkewedClockKeepsLipSync(t *testing.T) {
	call(t, func(t *testing.T, alice, bob *Browser) {
		alice.Send(sfu.Mic)
		alice.Send(sfu.Camera)
		time.Sleep(20 * time.Second)
		r := bob.Seat(0)
		if l := r.LipSync(); l.Measured < 200 || l.Worst.Abs() > time.Millisecond {
			t.Errorf("sound and picture %+v, want together", l)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if wrong := r.sync.heard; (wrong - 37*time.Second).Abs() > time.Millisecond {
			t.Errorf("the reports are %v wrong, want the 37 s of the clock", wrong)
		}
	}, Skew(37*time.Second))
}

func TestAStoppedSourceGoesOnWithAKeyframe(t *testing.T) {
	call(t, func(t *testing.T, alice, bob *Browser) {
		for range 3 {
			alice.Send(sfu.Camera)
			alice.Send(sfu.Mic)
			alice.Send(sfu.Screen)
			time.Sleep(2 * time.Second)
			alice.Stop(sfu.Camera)
			alice.Stop(sfu.Mic)
			alice.Stop(sfu.Screen)
			time.Sleep(time.Minute)
		}
		for place, source := range map[int]sfu.Source{0: sfu.Camera, ScreenPlace: sfu.Screen} {
			r := bob.Seat(place)
			noViolations(t, r)
			if v := r.Video(); v.Keyframes != 3 || v.Frames != alice.Sent(source).Frames || v.Freezes != 0 {
				t.Errorf("%v: received %+v, want three whole takes", source, v)
			}
		}
		if a := bob.Seat(0).Audio(); a.Lost != 0 || a.MaxGap > 25*time.Millisecond {
			t.Errorf("sound: received %+v", a)
		}
	}, FirefoxTypes())
}
