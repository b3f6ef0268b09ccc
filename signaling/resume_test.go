package signaling_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"parley/internal/interview"
	"parley/signaling/wire"
)

// enter brings a participant into the room.
func (w *world) enter(p interview.Participant, id interview.ID, device string) (*page, wire.Welcome) {
	w.t.Helper()
	page, hello := w.join(p, id, device, "")
	page.send(wire.Enter{})
	await[wire.Entered](page)
	return page, hello
}

func TestADroppedSocketResumesItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		watcher, _ := w.enter(clara, iv.ID, "d1")
		p, before := w.enter(femi, iv.ID, "d2")
		p.send(wire.Publish{Source: wire.SourceMic, On: true})
		await[wire.Published](watcher)
		p.vanish()
		if c := await[wire.Participant](watcher); !c.Participant.Reconnecting || c.Participant.ID != "freelancer" {
			t.Errorf("got %+v, want femi reconnecting", c)
		}
		time.Sleep(29 * time.Second)
		_, after := w.join(femi, iv.ID, "d2", before.Resume)
		if !after.Resumed || !after.Entered || after.Session != before.Session {
			t.Errorf("got %+v, want session %s resumed inside", after, before.Session)
		}
		c := await[wire.Participant](watcher)
		if c.Participant.Reconnecting || len(c.Participant.Publishing) != 1 {
			t.Errorf("got %+v, want femi back with a microphone", c)
		}
	})
}

func TestWhoDoesNotComeBackHasLeft(t *testing.T) {
	for _, c := range []struct {
		name  string
		part  func(*page)
		after time.Duration
		cause string
	}{
		{"network lost", (*page).vanish, 30 * time.Second, "lost"},
		{"tab closed", func(p *page) { p.close(websocket.CloseGoingAway) }, 5 * time.Second, "closed"},
		{"closed without leaving", func(p *page) { p.close(websocket.CloseNormalClosure) }, 30 * time.Second, "lost"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := virtualWorld(t)
				iv := w.ring()
				watcher, _ := w.enter(clara, iv.ID, "d1")
				p, _ := w.enter(femi, iv.ID, "d2")
				await[wire.Participant](watcher) // joined
				start := time.Now()
				c.part(p)
				await[wire.Participant](watcher) // reconnecting
				left := await[wire.Participant](watcher)
				if left.Change != wire.ChangeLeft || left.Cause != c.cause || left.Participant.ID != "freelancer" {
					t.Errorf("got %+v, want femi left: %s", left, c.cause)
				}
				if took := time.Since(start); took < c.after || took > c.after+100*time.Millisecond {
					t.Errorf("left after %v, want %v", took, c.after)
				}
			})
		})
	}
}

// close closes the socket as a browser does.
func (p *page) close(code int) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(code, "")); err != nil {
		p.t.Fatal(err)
	}
}

func TestTheClientsCloseIsAnsweredWithItsCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		for _, code := range []int{1000, 1001, 4321, websocket.CloseNoStatusReceived} {
			p, _ := w.join(femi, iv.ID, "d1", "")
			p.close(code)
			p.ends(code, "")
		}
		synctest.Wait()
		if got := w.server.Stats().Closed; got["client"] != 3 || got["tab_closed"] != 1 {
			t.Errorf("got %v, want 3 by the client and 1 closed tab", got)
		}
	})
}

func TestASecondPageOfTheSameBrowserReplacesTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		first, one := w.enter(femi, iv.ID, "d1")
		start := time.Now()
		_, two := w.join(femi, iv.ID, "d1", "")
		first.refused(wire.CodeReplaced)
		if two.Resumed || two.Session == one.Session {
			t.Errorf("got %+v, want a new session", two)
		}
		if took := time.Since(start); took > 10*time.Millisecond {
			t.Errorf("replaced after %v, want at once", took)
		}
	})
}

func TestATokenWorksOnOneDeviceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		first, _ := w.join(femi, iv.ID, "d1", "")
		second := w.connect()
		second.send(wire.Hello{Token: w.token(femi, iv.ID), Device: "d2"})
		second.refused(wire.CodeTokenReused)
		first.send(wire.Ping{N: 1})
		await[wire.Pong](first)
		first.vanish()
		synctest.Wait()
		w.join(femi, iv.ID, "d2", "")
	})
}

func TestResumingTakesOverFromASocketThatSeemsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		stale, before := w.enter(femi, iv.ID, "d1")
		_, after := w.join(femi, iv.ID, "d1", before.Resume)
		stale.refused(wire.CodeReplaced)
		if !after.Resumed || after.Session != before.Session {
			t.Errorf("got %+v, want session %s resumed", after, before.Session)
		}
	})
}
