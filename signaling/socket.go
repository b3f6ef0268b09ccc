package signaling

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"parley/internal/conference"
	"parley/signaling/wire"
)

const (
	helloWithin  = 5 * time.Second
	pingEvery    = 3 * time.Second
	deadAfter    = 9 * time.Second
	rotateEvery  = 5 * time.Minute // half of what relay credentials last
	lingerFor    = 2 * time.Second // how long a client has to answer a close frame
	messageRate  = 20              // messages per second
	messageBurst = 50
	retryAfter   = time.Second // what GoingAway advises
)

// socket is one WebSocket from the handshake to the last byte.
type socket struct {
	server   *Server
	ws       *websocket.Conn
	cancel   func() // ends the calls the reader has under way
	admitted func() // called when the client is let in; may be called again
	out      *outbox
	hello    *time.Timer
	rotate   chan func() []wire.ICEServer // to the writer, once: what makes new relay credentials

	// Of the reader alone.
	log       *slog.Logger
	limit     *rate.Limiter
	session   *conference.Session // nil until hello
	early     *conference.Session // of somebody who said hello before the interview opened
	left      bool                // the participant pressed Leave
	inMessage bool

	mu        sync.Mutex
	lingering bool // the close frame is out: the read deadline stays as it is
}

func newSocket(s *Server, ws *websocket.Conn, cancel, admitted func()) *socket {
	c := &socket{
		server:   s,
		ws:       ws,
		cancel:   cancel,
		admitted: admitted,
		out:      newOutbox(),
		hello:    time.NewTimer(helloWithin),
		rotate:   make(chan func() []wire.ICEServer, 1),
		log:      s.log,
		limit:    rate.NewLimiter(messageRate, messageBurst),
	}
	ws.SetPingHandler(c.pinged)
	ws.SetPongHandler(func(string) error {
		c.extend()
		return nil
	})
	ws.SetCloseHandler(func(int, string) error { return nil }) // the writer answers
	return c
}

// serve reads until the socket fails, and returns when everything is over.
func (c *socket) serve(ctx context.Context) {
	opened := time.Now()
	var writer sync.WaitGroup
	writer.Go(c.write)
	err := c.read(ctx)
	mine, badFrame := c.failed(err)
	c.detach(mine)
	writer.Wait()
	c.hello.Stop()
	if badFrame {
		c.hangUp()
	}
	c.ws.Close()
	reason := c.out.ended().reason
	c.server.stats.closed.add(reason)
	if c.session != nil {
		c.server.stats.sessions.Add(-1)
		c.log.Info("session closed", "reason", reason, "lasted", time.Since(opened).Round(time.Millisecond))
	} else {
		c.log.Debug("socket closed before hello", "reason", reason, "addr", c.ws.RemoteAddr().String())
	}
}

// goAway tells the client that the server stops.
func (c *socket) goAway() {
	c.out.close(ending{wire.CloseGoingAway, wire.ReasonGoingAway}, wire.GoingAway{RetryMS: retryAfter.Milliseconds()})
}

// abort cuts the socket off.
func (c *socket) abort() {
	c.out.close(ending{reason: reasonAborted})
	c.cancel()
	c.ws.Close()
}

// read handles messages until the socket fails. After the ending it goes on
// reading, so that the client's answer to the close frame is met by a reader
// and not by a reset that would take the close frame with it.
func (c *socket) read(ctx context.Context) error {
	for {
		kind, data, err := c.next()
		switch {
		case err != nil:
			return err
		case c.out.ended() != nil:
		case !c.limit.Allow():
			c.refuse(fatalError(wire.CodeFlood))
		case kind != websocket.TextMessage:
			c.refuse(fatalError(wire.CodeNotText))
		default:
			c.receive(ctx, data)
		}
	}
}

func (c *socket) receive(ctx context.Context, data []byte) {
	m, err := wire.DecodeClient(data)
	if err != nil {
		c.server.stats.received.add(receivedRefused)
		c.refuse(refusal(err))
		return
	}
	c.server.stats.received.add(m.Type())
	c.handle(ctx, m)
}

// next reads one message. A message that never ends is silence: what its sender
// does in between, such as pings, does not extend the deadline.
func (c *socket) next() (kind int, data []byte, err error) {
	c.extend()
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return 0, nil, err
	}
	c.extend()
	c.inMessage = true
	defer func() { c.inMessage = false }()
	data, err = io.ReadAll(io.LimitReader(r, wire.MaxMessage+1))
	return kind, data, err
}

// extend moves the moment at which the client counts as dead.
func (c *socket) extend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.lingering && !c.inMessage {
		c.ws.SetReadDeadline(time.Now().Add(deadAfter))
	}
}

// pinged answers a WebSocket ping, which counts as a message.
func (c *socket) pinged(payload string) error {
	c.extend()
	if c.out.ended() == nil && !c.limit.Allow() {
		c.refuse(fatalError(wire.CodeFlood))
	}
	c.out.put(item{pong: []byte(payload)})
	return nil
}

// failed settles how the socket ended, now that reading has failed, and says
// what that means for the session and whether the client broke RFC 6455.
func (c *socket) failed(err error) (cause conference.DetachCause, badFrame bool) {
	cause = conference.Dropped
	var closed *websocket.CloseError
	var network net.Error
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		e := ending{closed.Code, reasonClient}
		if closed.Code == websocket.CloseGoingAway {
			e.reason = reasonTabClosed
		}
		if c.out.close(e) && e.reason == reasonTabClosed {
			cause = conference.TabClosed
		}
		return cause, false
	case strings.HasPrefix(err.Error(), "websocket: ") && closed == nil:
		c.out.close(ending{reason: string(wire.CodeBadFrame)}) // the library has sent the close frame
		return cause, true
	case errors.As(err, &network) && network.Timeout():
		c.out.close(ending{reason: reasonDead})
	default:
		c.out.close(ending{reason: reasonLost})
	}
	c.ws.Close() // the writer need not wait for a client that is gone
	return cause, false
}

// hangUp ends a connection whose close frame is out but whose reader is broken:
// it says that no more will come and lets the client finish, since closing with
// unread input makes TCP throw the close frame away.
func (c *socket) hangUp() {
	nc := c.ws.NetConn()
	if half, ok := nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	nc.SetReadDeadline(time.Now().Add(lingerFor))
	io.Copy(io.Discard, nc)
}

// refuse sends an error, and ends the socket when it is fatal or the client has
// not been let in.
func (c *socket) refuse(e wire.Error) {
	if c.session == nil {
		e.Fatal = true
	}
	if !e.Fatal {
		c.out.put(item{message: e})
		return
	}
	c.out.close(fatalEnding(e.Code), e)
}
