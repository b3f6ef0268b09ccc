package signaling

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"parley/internal/conference"
	"parley/internal/token"
	"parley/signaling/wire"
)

// waitingLimit is how many sockets of one address may wait to say hello.
const waitingLimit = 20

// writeTimeout is how long one message, or the handshake, may take to be written.
const writeTimeout = 5 * time.Second

// Config is what a Server works with. Rooms and Keys are required.
type Config struct {
	Rooms *conference.Rooms
	Keys  *token.Keyring
	// AllowedOrigins are the pages, other than this server's own, that may open
	// a socket: "https://app.example.com". What is no http or https origin
	// allows nothing.
	AllowedOrigins []string
	Logger         *slog.Logger // nil: no logs
	// ICEServers returns what a participant's welcome names as ice_servers, and
	// what takes its place every five minutes: its credentials have to last longer.
	// Nil: none. It must not block.
	ICEServers func(interview, user string) []wire.ICEServer
	// ClientAddr returns the address that a request is counted under. Nil: the
	// connection's own, which is the proxy's where there is one.
	ClientAddr func(*http.Request) netip.Addr
}

// Server is the WebSocket endpoint. It is an http.Handler for one path.
type Server struct {
	rooms      *conference.Rooms
	keys       *token.Keyring
	origins    []string
	log        *slog.Logger
	iceServers func(interview, user string) []wire.ICEServer
	clientAddr func(*http.Request) netip.Addr
	upgrader   websocket.Upgrader
	stats      *stats
	idle       chan struct{} // closed once the server is closing and no socket is left

	mu      sync.Mutex
	closing bool
	sockets map[*socket]struct{}
	open    int                  // sockets, and requests about to become one
	waiting map[netip.Prefix]int // those that have not been let in, by address
}

// NewServer returns a Server that takes requests until Close.
func NewServer(cfg Config) *Server {
	s := &Server{
		rooms:      cfg.Rooms,
		keys:       cfg.Keys,
		log:        cfg.Logger,
		iceServers: cfg.ICEServers,
		clientAddr: cfg.ClientAddr,
		stats:      newStats(),
		idle:       make(chan struct{}),
		sockets:    make(map[*socket]struct{}),
		waiting:    make(map[netip.Prefix]int),
	}
	for _, raw := range cfg.AllowedOrigins {
		if origin, _, ok := parseOrigin(raw); ok {
			s.origins = append(s.origins, origin)
		}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.iceServers == nil {
		s.iceServers = func(string, string) []wire.ICEServer { return nil }
	}
	if s.clientAddr == nil {
		s.clientAddr = remoteAddr
	}
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout: writeTimeout,
		Subprotocols:     []string{wire.Subprotocol},
		CheckOrigin:      func(*http.Request) bool { return true }, // refuse has looked
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			s.turnAway(w, upgradeHandshake, status, "The WebSocket handshake is not valid.")
		},
	}
	return s
}

// ServeHTTP turns the request into a WebSocket and serves it until it ends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.refuse(w, r) {
		return
	}
	from := network(s.clientAddr(r))
	if reason := s.reserve(from); reason != "" {
		s.refuseFor(w, reason)
		return
	}
	defer s.free()
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.admit(from)
		s.log.Debug("handshake failed", "addr", r.RemoteAddr, "err", err)
		return
	}
	s.stats.upgrades.add(upgradeAccepted)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c := newSocket(s, ws, cancel, sync.OnceFunc(func() { s.admit(from) }))
	defer c.admitted()
	defer s.forget(c)
	if !s.remember(c) {
		c.goAway()
	}
	c.serve(ctx)
}

// Close refuses new sockets, tells every client to come back in a moment, and
// waits until all sockets are gone. When ctx ends first, they are cut off and
// its error is returned. Close may be called more than once.
func (s *Server) Close(ctx context.Context) error {
	for _, c := range s.shut() {
		c.goAway()
	}
	select {
	case <-s.idle:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	left := make([]*socket, 0, len(s.sockets))
	for c := range s.sockets {
		left = append(left, c)
	}
	s.mu.Unlock()
	for _, c := range left {
		c.abort()
	}
	<-s.idle
	return ctx.Err()
}

// shut lets nobody in from now on and returns who is there.
func (s *Server) shut() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing && s.open == 0 {
		close(s.idle)
	}
	s.closing = true
	sockets := make([]*socket, 0, len(s.sockets))
	for c := range s.sockets {
		sockets = append(sockets, c)
	}
	return sockets
}

// reserve makes place for one more socket, or says why there is none.
func (s *Server) reserve(from netip.Prefix) (reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return upgradeClosing
	case s.waiting[from] >= waitingLimit:
		return upgradeTooMany
	}
	s.open++
	s.waiting[from]++
	s.stats.waiting.Add(1)
	return ""
}

// admit takes a socket off those that wait.
func (s *Server) admit(from netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.waiting.Add(-1)
	if s.waiting[from]--; s.waiting[from] == 0 {
		delete(s.waiting, from)
	}
}

// free gives a place of reserve back.
func (s *Server) free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open--; s.open == 0 && s.closing {
		close(s.idle)
	}
}

// remember makes c known to Close, unless that has begun.
func (s *Server) remember(c *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets[c] = struct{}{}
	return !s.closing
}

func (s *Server) forget(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, c)
}
