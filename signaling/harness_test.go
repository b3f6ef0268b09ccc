package signaling_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parley/internal/chat"
	"parley/internal/conference"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/internal/token"
	"parley/sfu"
	"parley/signaling"
	"parley/signaling/wire"
)

// world is a whole server: a real store, real rooms, real HTTP. Most have no
// media engine, so that offers are refused; mediaWorld's has.
type world struct {
	t      testing.TB
	keys   *token.Keyring
	store  *store.Store
	chat   *chat.Clerk
	rooms  *conference.Rooms
	server *signaling.Server
	log    *lockedBuffer
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	addr   string
}

// clara and femi are the two sides of the thread of every world.
var (
	clara = interview.Participant{ID: "client", Name: "Clara Novak", Role: interview.RoleInterviewer}
	femi  = interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee}
)

const thread = "t_1"

// newWorld returns a world that listens on l and ends with the test. media may be nil.
func newWorld(t testing.TB, l net.Listener, media *sfu.Engine, adapt ...func(*signaling.Config)) *world {
	t.Helper()
	w := &world{t: t, log: new(lockedBuffer), addr: "parley.test"}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	key, err := token.GenerateKey()
	w.must(err)
	w.keys, err = token.NewKeyring(key)
	w.must(err)
	w.store, err = store.Open(t.Context(), storetest.Dir(t), log)
	w.must(err)
	w.chat = chat.New(chat.Config{
		Store: w.store, Key: make([]byte, 32), Mode: guard.Full, Logger: log,
		Files: chat.FileRules{FilePolicy: interview.FilePolicy{MaxSize: 10 << 20}, Origins: []string{chat.OriginSelf}},
	})
	w.rooms, err = conference.Open(t.Context(), conference.Config{
		Engine: media, Store: w.store, Chat: w.chat, Logger: log, Recorder: blank{}, Zoom: true,
		ZoomLink: func(text string) (conference.ZoomLink, error) {
			return conference.ZoomLink{URL: text, Number: "81234567891"}, nil
		},
	})
	w.must(err)
	cfg := signaling.Config{Rooms: w.rooms, Keys: w.keys, Logger: log}
	for _, a := range adapt {
		a(&cfg)
	}
	w.server = signaling.NewServer(cfg)
	w.serve(l)
	err = w.store.PutThread(t.Context(), interview.Thread{
		ID: thread, Title: "A logo", Participants: []interview.Participant{clara, femi},
	}, time.Now())
	w.must(err)
	return w
}

func (w *world) serve(l net.Listener) {
	hs := &http.Server{Handler: w.server, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	var wg sync.WaitGroup
	wg.Go(func() { _ = hs.Serve(l) })
	w.t.Cleanup(func() {
		ctx := context.WithoutCancel(w.t.Context())
		_ = hs.Close()
		w.must(w.server.Close(ctx))
		wg.Wait()
		w.must(w.rooms.Close(ctx))
		w.must(w.chat.Close())
		w.must(w.store.Close())
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// ring begins a video interview.
func (w *world) ring() interview.Interview {
	w.t.Helper()
	iv, _, err := w.rooms.Create(w.t.Context(), conference.Create{Thread: thread, Mode: interview.ModeVideo, By: clara.ID})
	w.must(err)
	return iv
}

// token mints a token that leads a participant to an interview.
func (w *world) token(p interview.Participant, id interview.ID, change ...func(*token.Claims)) string {
	w.t.Helper()
	c := token.Claims{
		ID: "jti_" + string(p.ID), User: string(p.ID), Name: p.Name, Role: string(p.Role), Interview: string(id),
		IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	}
	for _, f := range change {
		f(&c)
	}
	raw, err := w.keys.Mint(c)
	w.must(err)
	return raw
}

// page is a browser's end of a socket. What arrives is collected at once, as a
// browser does it.
type page struct {
	t        testing.TB
	ws       *websocket.Conn
	messages chan wire.ServerMessage
	err      error        // why messages was closed
	raw      lockedBuffer // everything that came, as it came
	mute     atomic.Bool  // half open: it hears, and answers neither pings nor the close frame
}

// connect opens a socket and says nothing yet.
func (w *world) connect() *page {
	w.t.Helper()
	ws := w.handshake()
	p := &page{t: w.t, ws: ws, messages: make(chan wire.ServerMessage, 4096)}
	pong, answer := ws.PingHandler(), ws.CloseHandler()
	ws.SetPingHandler(func(payload string) error {
		if p.mute.Load() {
			return nil
		}
		return pong(payload)
	})
	ws.SetCloseHandler(func(code int, reason string) error {
		if p.mute.Load() {
			return nil
		}
		return answer(code, reason)
	})
	var reader sync.WaitGroup
	reader.Go(p.collect)
	w.t.Cleanup(func() {
		ws.Close()
		reader.Wait()
	})
	return p
}

func (w *world) handshake() *websocket.Conn {
	w.t.Helper()
	d := websocket.Dialer{NetDialContext: w.dial, Subprotocols: []string{wire.Subprotocol}}
	ws, _, err := d.DialContext(w.t.Context(), "ws://"+w.addr+"/v1/signal", nil)
	w.must(err)
	return ws
}

// join opens a socket and says hello.
func (w *world) join(p interview.Participant, id interview.ID, device, resume string) (*page, wire.Welcome) {
	w.t.Helper()
	page := w.connect()
	page.send(wire.Hello{Token: w.token(p, id), Device: device, Resume: resume})
	return page, await[wire.Welcome](page)
}

func (p *page) collect() {
	defer close(p.messages)
	for {
		_, data, err := p.ws.ReadMessage()
		if err != nil {
			p.err = err
			return
		}
		_, _ = p.raw.Write(append(data, '\n'))
		m, err := wire.DecodeServer(data)
		if err != nil {
			p.err = err
			return
		}
		p.messages <- m
	}
}

func (p *page) send(m wire.ClientMessage) {
	p.t.Helper()
	data, err := wire.Encode(m)
	if err != nil {
		p.t.Fatal(err)
	}
	p.text(string(data))
}

func (p *page) text(data string) {
	p.t.Helper()
	if err := p.ws.WriteMessage(websocket.TextMessage, []byte(data)); err != nil {
		p.t.Fatalf("send %.60s: %v", data, err)
	}
}

// await returns the next message of a type; others are passed over.
func await[M wire.ServerMessage](p *page) M {
	p.t.Helper()
	for m := range p.messages {
		if want, ok := m.(M); ok {
			return want
		}
	}
	var want M
	p.t.Fatalf("the socket closed (%v) before a %T came", p.err, want)
	return want
}

// ends waits for the socket to close and returns the last message before.
func (p *page) ends(code int, reason string) wire.ServerMessage {
	p.t.Helper()
	var last wire.ServerMessage
	for m := range p.messages {
		last = m
	}
	var closed *websocket.CloseError
	if !errors.As(p.err, &closed) || closed.Code != code || closed.Text != reason {
		p.t.Errorf("got close %v, want %d %q", p.err, code, reason)
	}
	return last
}

// refused waits for a fatal error and the close that belongs to it.
func (p *page) refused(code wire.Code) wire.Error {
	p.t.Helper()
	last := p.ends(wire.CloseCode(code), string(code))
	e, ok := last.(wire.Error)
	if !ok || e.Code != code || !e.Fatal {
		p.t.Fatalf("got %+v, want a fatal error %s", last, code)
	}
	return e
}

// vanish breaks the connection as a lost network does that sends a reset.
func (p *page) vanish() { p.ws.NetConn().Close() }

// pipes is a listener whose connections are pipes in memory, so that a server
// can live in virtual time.
type pipes struct {
	accept chan net.Conn
	done   chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{accept: make(chan net.Conn), done: make(chan struct{})} }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	mine, theirs := net.Pipe()
	select {
	case l.accept <- theirs:
		return mine, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// virtualWorld returns a world for a synctest bubble.
func virtualWorld(t testing.TB, adapt ...func(*signaling.Config)) *world {
	l := newPipes()
	w := newWorld(t, l, nil, adapt...)
	w.dial = l.dial
	return w
}

// realWorld returns a world on the loopback interface.
func realWorld(t testing.TB, adapt ...func(*signaling.Config)) *world {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, l, nil, adapt...)
	w.addr = l.Addr().String()
	w.dial = (&net.Dialer{}).DialContext
	return w
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
