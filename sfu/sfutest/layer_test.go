package sfutest

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// layersOf is what has come of a camera's layers, by RID.
type layersOf struct {
	mu     sync.Mutex
	frames map[string]int
	widths map[string]int
	named  map[string]int
}

// watchLayers connects a browser to a Pion client that takes layers apart.
func watchLayers(t *testing.T, n *Network, alice *Browser) *layersOf {
	t.Helper()
	l := &layersOf{frames: map[string]int{}, widths: map[string]int{}, named: map[string]int{}}
	bob := n.Browser("bob", Sources())
	bob.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		bob.wg.Go(func() { l.watch(track, receiver) })
	})
	offer := alice.Offer(0)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(bob.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer.SDP}))
	answer, err := bob.pc.CreateAnswer(nil)
	must(err)
	gathered := webrtc.GatheringCompletePromise(bob.pc)
	must(bob.pc.SetLocalDescription(answer))
	<-gathered
	must(alice.Accept(bob.pc.LocalDescription().SDP))
	<-alice.Connected()
	return l
}

func (l *layersOf) watch(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	rid := extensionIn(receiver.GetParameters(), "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id")
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		l.mu.Lock()
		l.take(track.RID(), p, rid)
		l.mu.Unlock()
	}
}

func (l *layersOf) take(layer string, p *rtp.Packet, rid uint8) {
	if p.GetExtension(rid) != nil {
		l.named[layer]++
	}
	d, rest, ok := parseDescriptor(p.Payload)
	if !ok {
		return
	}
	if _, ok := parseStamp(rest, ""); ok && p.Marker {
		l.frames[layer]++
	}
	if d.key {
		l.widths[layer] = int(d.width)
	}
}

func extensionIn(p webrtc.RTPParameters, uri string) uint8 {
	for _, e := range p.HeaderExtensions {
		if e.URI == uri {
			return uint8(e.ID)
		}
	}
	return 0
}

func TestACameraSendsLayersAsBrowsersDo(t *testing.T) {
	for _, tt := range []struct {
		name      string
		style     Simulcast
		ssrcs     bool
		namedLong bool
	}{{"chromium", ChromiumStyle, false, false}, {"firefox", FirefoxStyle, true, true}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(t)
				alice := n.Browser("alice", Sources(sfu.Camera), Layered(tt.style, 20, 1_500_000))
				l := watchLayers(t, n, alice)
				sdp := alice.Offer(0).SDP
				if !strings.Contains(sdp, "a=simulcast:send q;h;f") || strings.Contains(sdp, "a=ssrc") != tt.ssrcs {
					t.Errorf("the offer is not of the style:\n%s", sdp)
				}
				alice.Send(sfu.Camera)
				time.Sleep(10 * time.Second)
				l.mu.Lock()
				defer l.mu.Unlock()
				for rid, width := range map[string]int{"q": 320, "h": 640, "f": 1280} {
					if l.frames[rid] < 100 || l.widths[rid] != width {
						t.Errorf("layer %s: %d frames of width %d, want many of %d", rid, l.frames[rid], l.widths[rid], width)
					}
				}
				// Chromium names packets until the first report, a second or so.
				if long := l.named["q"] > 100; long != tt.namedLong || l.named["q"] == 0 {
					t.Errorf("%d packets of q are named", l.named["q"])
				}
			})
		})
	}
}

func TestLayersGoOffAndComeBackWithAKeyframe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(t)
		alice := n.Browser("alice", Sources(sfu.Camera), Layered(ChromiumStyle, 20, 1_500_000))
		l := watchLayers(t, n, alice)
		count := func() (frames map[string]int) {
			l.mu.Lock()
			defer l.mu.Unlock()
			frames = l.frames
			l.frames = map[string]int{}
			return frames
		}
		alice.Send(sfu.Camera)
		time.Sleep(8 * time.Second)
		alice.SetLayers("q")
		time.Sleep(time.Second)
		count()
		time.Sleep(2 * time.Second)
		if got := count(); got["q"] < 38 || got["h"]+got["f"] != 0 {
			t.Errorf("with q alone, frames %v", got)
		}
		before := alice.Sent(sfu.Camera).Keyframes
		alice.SetLayers("q", "h", "f")
		time.Sleep(2 * time.Second)
		if got := count(); got["q"] < 38 || got["h"] < 35 {
			t.Errorf("with all layers, frames %v", got)
		}
		if after := alice.Sent(sfu.Camera).Keyframes; after < before+2 {
			t.Errorf("%d keyframes when two layers came back", after-before)
		}
	})
}

func TestTheBudgetFindsTheLimitAndKeepsTheQueueShort(t *testing.T) {
	for _, tt := range []struct {
		name     string
		up       Path
		low, top int // bit/s that arrive
	}{
		{"wide", Path{Delay: 20 * time.Millisecond}, 1_300_000, 1_750_000},
		{"400 kbit/s", Path{Delay: 20 * time.Millisecond, Rate: 400_000, Queue: time.Second}, 250_000, 401_000},
		{"5 % loss", Path{Delay: 20 * time.Millisecond, Loss: 0.05}, 700_000, 1_750_000},
		{"30 % loss", Path{Delay: 20 * time.Millisecond, Loss: 0.3}, 120_000, 500_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call(t, func(t *testing.T, alice, bob *Browser) {
				alice.Send(sfu.Mic)
				alice.Send(sfu.Camera)
				time.Sleep(15 * time.Second)
				up, _ := alice.Links()
				up.ResetQueue()
				before := up.Stats()
				time.Sleep(20 * time.Second)
				after := up.Stats()
				rate := int(after.Bytes-before.Bytes) * 8 / 20
				if rate < tt.low || rate > tt.top {
					t.Errorf("%d bit/s pass, want %d to %d; target %d", rate, tt.low, tt.top, alice.Target())
				}
				if after.MaxQueue > 400*time.Millisecond {
					t.Errorf("the queue grew to %v", after.MaxQueue)
				}
				if alice.SetBudget(200_000); alice.Target() > 250_000 {
					t.Errorf("the target is %d, above the budget", alice.Target())
				}
			}, Up(tt.up), Down(Path{Delay: 20 * time.Millisecond}), Adaptive(sfu.Camera, 20, 1_500_000))
		})
	}
}
