package signaling_test

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
	"parley/signaling/wire"
)

func TestQualityLayoutAndReportTravelBetweenPageAndRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, network := mediaWorld(t)
		iv := w.ring()
		p, _ := w.call(network.Browser("clara"), clara, iv.ID)
		p.send(wire.Layout{
			Seats:  []wire.SeatShown{{Seat: 0, Shown: wire.Shown{Width: 640, Height: 360}, Pinned: true}},
			Screen: &wire.Shown{Hidden: true},
		})
		p.send(wire.Report{CPULimited: true, UpLimited: true, DecodedFPS: 20})
		time.Sleep(3 * time.Second)
		q := await[wire.Quality](p)
		for q.Cause == "" { // measured before the report came
			q = await[wire.Quality](p)
		}
		if q.Participant != string(clara.ID) || q.Cause != wire.CauseBusy || len(q.Limited) != 2 {
			t.Errorf("got %+v, want Clara's own busy computer", q)
		}
		if q.Up.Score < 1 || q.Up.KBPS == 0 || q.Down.Score < 1 {
			t.Errorf("not measured: %+v", q)
		}
	})
}

func TestAPageIsAskedForLayersItSaysThatItCanEncode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, network := mediaWorld(t)
		iv := w.ring()
		browser := network.Browser("clara", sfutest.WithSVC())
		c, _ := w.call(browser, clara, iv.ID)
		w.call(network.Browser("femi", sfutest.WithSVC()), femi, iv.ID)
		c.send(wire.Encodes{Source: wire.SourceScreen, Codecs: []wire.Codec{wire.CodecVP9, wire.CodecAV1}})
		browser.Send(sfu.Screen)
		c.send(wire.Publish{Source: wire.SourceScreen, On: true})
		if l := await[wire.Layers](c); l.Source != wire.SourceScreen || l.Codec != wire.CodecAV1 || l.Mode != "L1T3" || len(l.RIDs) != 0 {
			t.Errorf("got %+v, want the screen in AV1 with three rates", l)
		}
		c.send(wire.Encodes{Source: wire.SourceScreen})
		if l := await[wire.Layers](c); l.Source != wire.SourceScreen || l.Codec != "" || l.Mode != "" {
			t.Errorf("got %+v when she cannot any more, want the screen as it was offered", l)
		}
	})
}
