package signaling_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/signaling/wire"
)

func TestClosingTellsEverybodyToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		c, _ := w.enter(clara, iv.ID, "d1")
		f, _ := w.enter(femi, iv.ID, "d2")
		silent := w.connect()
		w.must(w.server.Close(t.Context()))
		for _, p := range []*page{c, f, silent} {
			if away, ok := p.ends(wire.CloseGoingAway, wire.ReasonGoingAway).(wire.GoingAway); !ok || away.RetryMS != 1000 {
				t.Errorf("got %+v, want going_away in 1000 ms", away)
			}
		}
		got := w.server.Stats()
		if got.Sessions != 0 || got.Waiting != 0 || got.Closed["going_away"] != 3 || got.Closed["tab_closed"] != 0 {
			t.Errorf("got %+v, want three gone", got)
		}
		if response := upgrade(t, w, nil); response.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("got %d for a new socket, want 503", response.StatusCode)
		}
		w.must(w.server.Close(t.Context()))
	})
}

func TestTheInterviewGoesOnAfterTheServersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		w.enter(clara, iv.ID, "d1")
		w.enter(femi, iv.ID, "d2")
		w.must(w.server.Close(t.Context()))
		w.must(w.rooms.Close(t.Context()))
		after, err := w.store.Interview(t.Context(), iv.ID)
		w.must(err)
		if after.State != "live" || len(after.Present()) != 2 {
			t.Errorf("got %s with %v, want it live with both", after.State, after.Present())
		}
	})
}

func TestRoomsThatCloseFirstSayGoingAwayToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		p, _ := w.enter(clara, iv.ID, "d1")
		w.must(w.rooms.Close(t.Context()))
		p.ends(wire.CloseGoingAway, wire.ReasonGoingAway)
		late := w.connect()
		late.send(wire.Hello{Token: w.token(femi, iv.ID), Device: "d2"})
		if _, ok := late.ends(wire.CloseGoingAway, wire.ReasonGoingAway).(wire.GoingAway); !ok {
			t.Error("got no going_away for a hello that came too late")
		}
	})
}

func TestClosingDoesNotWaitForEverForSomebodyWhoDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		ws := w.handshake()
		defer ws.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := w.server.Close(ctx)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != time.Second {
			t.Errorf("got %v after %v, want the deadline after 1s", err, took)
		}
	})
}

func TestAClientThatDoesNotAnswerTheCloseFrameIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		p, _ := w.join(femi, w.ring().ID, "d1", "")
		p.mute.Store(true)
		start := time.Now()
		w.must(w.server.Close(t.Context()))
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("waited %v, want 2s", took)
		}
	})
}

func TestNothingSecretIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		secrets := []string{"Clara", "Femi", "device-7f3a", "v=0"}
		for range 2 {
			p, hello := w.enter(femi, iv.ID, "device-7f3a")
			p.text(`{"type":"offer","id":1,"sdp":"v=0 secret","sources":{},"seats":[]}`)
			await[wire.Error](p)
			p.vanish()
			synctest.Wait()
			secrets = append(secrets, hello.Resume)
		}
		token := w.token(femi, iv.ID)
		_, signature, _ := strings.Cut(token, ".")
		for _, bad := range []string{token[:len(token)-2] + "xx", "secret"} {
			p := w.connect()
			p.send(wire.Hello{Token: bad, Device: "device-7f3a"})
			e := await[wire.Error](p)
			p.ends(wire.CloseTokenRefused, string(e.Code))
		}
		synctest.Wait()
		log := w.log.String()
		for _, s := range append(secrets, signature[:20], "secret") {
			if strings.Contains(log, s) {
				t.Errorf("the log holds %q:\n%s", s, log)
			}
		}
		if !strings.Contains(log, `"msg":"session closed"`) || !strings.Contains(log, `"reason":"lost"`) {
			t.Errorf("the log does not say how sessions ended:\n%s", log)
		}
	})
}
