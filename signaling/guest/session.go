package guest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"parley/signaling/wire"
)

// Config says where to join, and as whom.
type Config struct {
	URL    string // of the server: http or https, and a host
	Token  string
	Device string
	// Dial opens connections; nil: the system's own way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is how the server is trusted; nil: as browsers do.
	TLS *tls.Config
}

const (
	writeTimeout = 5 * time.Second
	queue        = 64      // of messages that nobody has asked for yet
	maxMessage   = 1 << 20 // a fuse
)

// Session is a socket that has been welcomed. Its methods are for one goroutine.
type Session struct {
	socket   *websocket.Conn
	messages chan message
	quit     chan struct{}
	once     sync.Once
	wg       sync.WaitGroup
	err      error // why messages is closed
}

type message struct {
	kind string
	body []byte
}

// Join opens a socket and says hello. The error is a sentence: the server's own
// where it refused.
func Join(ctx context.Context, cfg Config) (*Session, wire.Welcome, error) {
	d := &websocket.Dialer{
		NetDialContext: cfg.Dial, TLSClientConfig: cfg.TLS, Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: 10 * time.Second,
	}
	header := http.Header{"Origin": {cfg.URL}}
	socket, response, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(cfg.URL, "http")+"/v1/signal", header)
	if response != nil && err != nil {
		err = fmt.Errorf("it answered %d: %w", response.StatusCode, err)
	}
	if err != nil {
		return nil, wire.Welcome{}, fmt.Errorf("open a WebSocket: %w", err)
	}
	socket.SetReadLimit(maxMessage)
	s := &Session{socket: socket, messages: make(chan message, queue), quit: make(chan struct{})}
	s.wg.Go(s.read)
	if err := s.Send(wire.Hello{Token: cfg.Token, Device: cfg.Device}); err != nil {
		return nil, wire.Welcome{}, errors.Join(err, s.Close())
	}
	welcome, err := Await[wire.Welcome](ctx, s)
	if err != nil {
		return nil, welcome, errors.Join(err, s.Close())
	}
	return s, welcome, nil
}

// wanted are the messages that a session keeps for Await; the rest only tells how
// others fare.
var wanted = map[string]bool{
	wire.TypeWelcome: true, wire.TypeAnswer: true, wire.TypeEntered: true, wire.TypeError: true, wire.TypeEnded: true, wire.TypeGoingAway: true,
	wire.TypePong: true,
}

func (s *Session) read() {
	defer close(s.messages)
	for {
		_, body, err := s.socket.ReadMessage()
		if err != nil {
			s.err = err
			return
		}
		var head struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(body, &head) != nil || !wanted[head.Type] {
			continue
		}
		select {
		case s.messages <- message{head.Type, body}:
		case <-s.quit:
			return
		}
	}
}

// Send sends one message.
func (s *Session) Send(m wire.ClientMessage) error {
	body, err := wire.Encode(m)
	if err != nil {
		return err
	}
	if err := s.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("send %s: %w", m.Type(), err)
	}
	if err := s.socket.WriteMessage(websocket.TextMessage, body); err != nil {
		return fmt.Errorf("send %s: %w", m.Type(), err)
	}
	return nil
}

// Await waits for a message of one type, past others. A refusal ends it with the
// server's sentence.
func Await[T wire.ServerMessage](ctx context.Context, s *Session) (T, error) {
	var want T
	for {
		select {
		case m, open := <-s.messages:
			switch {
			case !open:
				return want, fmt.Errorf("the server hung up before %q: %w", want.Type(), s.err)
			case m.kind == want.Type():
				if err := json.Unmarshal(m.body, &want); err != nil {
					return want, fmt.Errorf("%q is not understood: %w", m.kind, err)
				}
				return want, nil
			case m.kind == wire.TypeError:
				var e wire.Error
				if err := json.Unmarshal(m.body, &e); err != nil {
					return want, fmt.Errorf("%q is not understood: %w", m.kind, err)
				}
				return want, fmt.Errorf("the server refuses (%s): %s", e.Code, e.Message)
			case m.kind == wire.TypeEnded, m.kind == wire.TypeGoingAway:
				return want, fmt.Errorf("%q came before %q", m.kind, want.Type())
			}
		case <-ctx.Done():
			return want, fmt.Errorf("no %q came in time", want.Type())
		}
	}
}

// Close closes the socket, as a page does that is closed: without a Leave before
// it the server waits a while for this person to come back. It is idempotent.
func (s *Session) Close() error {
	var err error
	s.once.Do(func() {
		close(s.quit)
		err = s.socket.Close()
		s.wg.Wait()
	})
	return err
}
