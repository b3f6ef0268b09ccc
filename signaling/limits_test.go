package signaling_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"parley/signaling/wire"
)

func TestAFloodOfMessagesClosesTheSocket(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(*page) error
	}{
		{"of messages", func(p *page) error {
			return p.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping","n":1}`))
		}},
		{"of WebSocket pings", func(p *page) error {
			return p.ws.WriteControl(websocket.PingMessage, nil, time.Time{})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := virtualWorld(t)
				p, _ := w.join(femi, w.ring().ID, "d1", "")
				for range 200 { // ten seconds at twenty a second
					if err := c.send(p); err != nil {
						t.Fatalf("at the allowed rate: %v", err)
					}
					time.Sleep(time.Second / 20)
				}
				for range 55 {
					if c.send(p) != nil {
						break // closed already
					}
				}
				p.refused(wire.CodeFlood)
			})
		})
	}
}

func TestAPageThatDoesNotReadIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		talker, _ := w.enter(clara, iv.ID, "d1")
		ws := w.handshake()
		defer ws.Close()
		hello, err := wire.Encode(wire.Hello{Token: w.token(femi, iv.ID), Device: "d2"})
		w.must(err)
		w.must(ws.WriteMessage(websocket.TextMessage, hello))
		synctest.Wait() // the welcome is being written, and nobody reads it
		start := time.Now()
		for i := range 60 {
			talker.send(wire.Publish{Source: wire.SourceMic, On: i%2 == 0})
			time.Sleep(time.Second / 10)
		}
		synctest.Wait()
		got := w.server.Stats()
		if got.Closed["slow"] != 1 || got.Sessions != 1 {
			t.Errorf("after %v: got %d sessions, closed %v, want the slow one closed", time.Since(start), got.Sessions, got.Closed)
		}
		talker.send(wire.Ping{N: 1})
		await[wire.Pong](talker)
	})
}

func TestASilentConnectionIsDeadAfterNineSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		watcher, _ := w.enter(clara, iv.ID, "d1")
		p, _ := w.enter(femi, iv.ID, "d2")
		await[wire.Participant](watcher) // joined
		start := time.Now()
		p.mute.Store(true)
		lost := await[wire.Participant](watcher)
		if took := time.Since(start); !lost.Participant.Reconnecting || took < 6*time.Second || took > 9*time.Second {
			t.Errorf("got %+v after %v, want reconnecting within 9s of the last sign of life", lost, took)
		}
		synctest.Wait()
		if got := w.server.Stats().Closed["dead"]; got != 1 {
			t.Errorf("got %d dead sockets, want 1", got)
		}
	})
}

func TestAnAnsweringConnectionLivesForHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		p, _ := w.join(femi, w.ring().ID, "d1", "")
		time.Sleep(4 * time.Minute) // it rings no longer than five
		p.send(wire.Ping{N: 9})
		await[wire.Pong](p)
	})
}

func TestAMessageThatNeverEndsIsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		ws := w.handshake()
		p := &page{t: t, ws: ws, messages: make(chan wire.ServerMessage, 64)}
		p.send(wire.Hello{Token: w.token(femi, w.ring().ID), Device: "d1"})
		done := make(chan struct{})
		go func() { defer close(done); p.collect() }()
		await[wire.Welcome](p)
		start := time.Now()
		raw := ws.NetConn()
		frame := []byte{0x01, 0x80, 0, 0, 0, 0} // text, more to come, empty, masked
		for time.Since(start) < 30*time.Second {
			if _, err := raw.Write(frame); err != nil {
				break
			}
			frame[0] = 0x00 // continuation
			time.Sleep(time.Second)
		}
		<-done
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("closed after %v, want about 9s", took)
		}
		ws.Close()
	})
}

func TestOneAddressHoldsTwentyWaitingSockets(t *testing.T) {
	w := realWorld(t)
	for range 20 {
		w.connect()
	}
	if got := upgrade(t, w, nil); got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("got %d for the next one, want 429", got.StatusCode)
	}
	if got := w.server.Stats().Waiting; got != 20 {
		t.Errorf("got %d waiting, want 20", got)
	}
}

func TestASocketThatWasLetInNoLongerCountsAsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := virtualWorld(t)
		iv := w.ring()
		w.join(femi, iv.ID, "d1", "")
		for range 20 {
			w.connect()
		}
		synctest.Wait()
		if got := w.server.Stats(); got.Waiting != 20 || got.Sessions != 1 {
			t.Errorf("got %d waiting and %d sessions, want 20 and 1", got.Waiting, got.Sessions)
		}
		time.Sleep(10 * time.Second)
		if got := w.server.Stats(); got.Waiting != 0 || got.Closed["hello_late"] != 20 {
			t.Errorf("got %d waiting, %v, want all late", got.Waiting, got.Closed)
		}
	})
}

// upgrade asks for a WebSocket with other headers than usual and returns the answer.
func upgrade(t *testing.T, w *world, header http.Header) *http.Response {
	t.Helper()
	c, err := w.dial(t.Context(), "tcp", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	h := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {wire.Subprotocol},
	}
	for name, values := range header {
		h[name] = values
	}
	var b strings.Builder
	fmt.Fprintf(&b, "GET /v1/signal HTTP/1.1\r\nHost: %s\r\n", w.addr)
	if err := h.Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(b.String() + "\r\n")); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
