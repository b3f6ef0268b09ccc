package signaling_test

import (
	"testing"
	"testing/synctest"
	"time"

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
