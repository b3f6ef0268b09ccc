package signaling_test

import (
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/store"
	"parley/signaling/wire"
)

func TestZoomIsOfferedChosenAndEachToldTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, hers := w.enter(clara, iv.ID, "d1")
		f, his := w.enter(femi, iv.ID, "d2")
		if hers.Zoom == nil || !hers.Zoom.MayChoose || !hers.Zoom.MayPaste || his.Zoom != nil && his.Zoom.MayPaste || his.Zoom == nil || his.Zoom.MayChoose || hers.Zoom.Way != nil {
			t.Errorf("what each may do: got %+v and %+v", hers.Zoom, his.Zoom)
		}
		f.send(wire.AskZoom{Action: wire.ZoomChoose, Reason: wire.ZoomCannotConnect})
		if e := await[wire.Error](f); e.Code != wire.CodeNotAllowed || e.Re != "zoom" || e.Fatal {
			t.Errorf("an interviewee who chooses: got %+v", e)
		}
		f.send(wire.AskZoom{Action: wire.ZoomOffer, Reason: wire.ZoomCannotConnect})
		for _, p := range []*page{c, f} {
			if z := await[wire.Zoom](p); z.Status.State != "offered" || z.Status.By != "freelancer" || z.Status.Name != femi.Name || z.Status.Reason != "cannot_connect" || z.Way != nil {
				t.Errorf("offered: got %+v", z)
			}
		}
		c.send(wire.AskZoom{Action: wire.ZoomChoose, Reason: wire.ZoomPoorConnection})
		if z := await[wire.Zoom](f); z.Status.State != "pending" || z.Status.By != "client" || z.Status.Reason != "poor_connection" {
			t.Errorf("chosen: got %+v", z)
		}
		way := wire.ZoomWay{URL: "https://zoom.us/j/81234567890?pwd=x", Passcode: "402713"}
		w.must(w.store.PutZoomMeeting(t.Context(), store.ZoomMeeting{
			Interview: iv.ID, Number: "81234567890", Host: "host", URL: way.URL, Passcode: way.Passcode, CreatedAt: time.Now(),
		}))
		w.must(w.rooms.ZoomMade(t.Context(), iv.ID))
		if z := await[wire.Zoom](f); z.Status.State != "ready" || z.Way == nil || *z.Way != way {
			t.Errorf("made: got %+v", z)
		}
		c.send(wire.AskZoom{Action: wire.ZoomChoose, Reason: wire.ZoomChosen, URL: "https://zoom.us/j/81234567891"})
		if e := await[wire.Error](c); e.Code != wire.CodeZoomOpen || e.Re != "zoom" || e.Message == "" || e.Fatal {
			t.Errorf("a link besides: got %+v", e)
		}
		f.vanish()
		_, again := w.join(femi, iv.ID, "d2", his.Resume)
		if again.Zoom == nil || again.Zoom.Way == nil || *again.Zoom.Way != way || again.Interview.Zoom == nil || again.Interview.Zoom.State != "ready" {
			t.Errorf("back again: got %+v of %+v", again.Zoom, again.Interview.Zoom)
		}
	})
}
