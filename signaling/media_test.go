package signaling_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/sfu"
	"parley/sfu/sfutest"
	"parley/signaling/wire"
)

// mediaWorld returns a world in a bubble whose media goes over a virtual network.
func mediaWorld(t testing.TB) (*world, *sfutest.Network) {
	t.Helper()
	network := sfutest.NewNetwork(t)
	engine, err := sfu.New(sfu.Config{Listen: netip.AddrPortFrom(network.ServerAddr(), 5000), Net: network.Server()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	l := newPipes()
	w := newWorld(t, l, engine)
	w.dial = l.dial
	return w, network
}

// offerOf is a browser's offer as its page sends it.
func offerOf(id int64, o sfu.Offer) wire.Offer {
	out := wire.Offer{ID: id, SDP: o.SDP, Sources: make(map[wire.Source]string)}
	for s, mid := range o.Sources {
		out.Sources[wire.Source(s.String())] = mid
	}
	for _, l := range o.Seats {
		out.Seats = append(out.Seats, wire.Lines(l))
	}
	screen := wire.Lines(o.Screen)
	out.Screen = &screen
	return out
}

// call brings a browser into the room, with microphone and camera on.
func (w *world) call(b *sfutest.Browser, who interview.Participant, id interview.ID) (*page, wire.Welcome) {
	w.t.Helper()
	p, hello := w.join(who, id, b.Name(), "")
	p.send(offerOf(1, b.Offer(2)))
	answer := await[wire.Answer](p)
	if answer.ID != 1 {
		w.t.Errorf("got the answer to offer %d, want 1", answer.ID)
	}
	w.must(b.Accept(answer.SDP))
	if m := await[wire.Media](p); m.State != wire.MediaConnected {
		w.t.Errorf("got media %+v, want connected", m)
	}
	for _, s := range []sfu.Source{sfu.Mic, sfu.Camera} {
		b.Send(s)
		p.send(wire.Publish{Source: wire.Source(s.String()), On: true})
	}
	p.send(wire.Enter{})
	await[wire.Entered](p)
	return p, hello
}

func TestMediaFlowsAndOutlivesALostSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, network := mediaWorld(t)
		iv := w.ring()
		clarasBrowser, femisBrowser := network.Browser("clara"), network.Browser("femi")
		c, before := w.call(clarasBrowser, clara, iv.ID)
		f, _ := w.call(femisBrowser, femi, iv.ID)
		if s := await[wire.Seat](c); s.Place != wire.PlaceSeat || s.Seat != 0 || s.Participant != "freelancer" {
			t.Errorf("got %+v, want femi on seat 0", s)
		}
		time.Sleep(3 * time.Second)
		if v := femisBrowser.Seat(0).Video(); v.Publisher != "clara" || v.Frames < 30 {
			t.Errorf("got %d frames of %q, want at least 30 of clara", v.Frames, v.Publisher)
		}

		femisBrowser.Seat(0).Reset()
		c.vanish()
		time.Sleep(20 * time.Second)
		c, after := w.join(clara, iv.ID, "clara", before.Resume)
		if !after.Resumed || len(after.Seating) == 0 || after.Seating[0].Participant != "freelancer" {
			t.Errorf("got %+v, want the session with femi on its seat", after)
		}
		time.Sleep(time.Second)
		video := femisBrowser.Seat(0).Video()
		if video.MaxGap > 200*time.Millisecond || len(video.Violations) > 0 || video.Frames < 100 {
			t.Errorf("got %d frames, a gap of %v, %v, want no gap", video.Frames, video.MaxGap, video.Violations)
		}

		c.send(wire.Leave{})
		c.ends(wire.CloseNormal, wire.ReasonLeft)
		if s := await[wire.Seat](f); s.Participant != "" {
			t.Errorf("got %+v, want the seat empty", s)
		}
	})
}

func TestAnOfferThatCannotBeAnsweredIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, network := mediaWorld(t)
		iv, _, err := w.rooms.Create(t.Context(), conference.Create{Thread: thread, Mode: interview.ModeVideo})
		w.must(err)
		p, _ := w.join(femi, iv.ID, "d1", "")
		good := network.Browser("femi").Offer(1)
		other := offerOf(3, good)
		other.Sources[wire.SourceMic] = "no_such_line"
		many := offerOf(4, good)
		for range 12 {
			many.Seats = append(many.Seats, wire.Lines{Audio: "a" + string(rune('a'+len(many.Seats)))})
		}
		for _, c := range []struct {
			offer wire.Offer
			want  wire.Code
		}{
			{wire.Offer{ID: 2, SDP: "hello"}, wire.CodeOfferMalformed},
			{other, wire.CodeOfferMalformed},
			{many, wire.CodeOfferTooLarge},
		} {
			p.send(c.offer)
			if e := await[wire.Error](p); e.Code != c.want || e.Fatal || e.ID != c.offer.ID || e.Re != "offer" {
				t.Errorf("got %+v, want %s about offer %d", e, c.want, c.offer.ID)
			}
		}
		p.send(offerOf(5, good))
		if a := await[wire.Answer](p); a.ID != 5 || a.SDP == "" {
			t.Errorf("got %+v, want an answer to offer 5", a)
		}
	})
}
