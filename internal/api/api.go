package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"

	"parley/internal/chat"
	"parley/internal/check"
	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
	"parley/internal/token"
)

// Config is what a Server works with. The fields up to Logger are needed.
type Config struct {
	Rooms *conference.Rooms
	Store *store.Store
	Keys  *token.Keyring
	Chat  *chat.Clerk
	// PublicURL is where browsers reach this server, without a trailing
	// slash, such as "https://calls.example.com".
	PublicURL string
	// Version is the program's version, for the OpenAPI document.
	Version string
	Logger  *slog.Logger
	// ICEServers returns what a participant's join answer names as ice_servers. It
	// must not block. Nil: none.
	ICEServers func(interview interview.ID, user interview.UserID) []ICEServer
	// Checks are the tries of people's networks; nil: there are none.
	Checks *check.Checks
	// ClientAddr is the address a request is counted under. Nil: nobody's.
	ClientAddr func(*http.Request) netip.Addr
	// WebhookAllow are networks that webhooks may be sent to besides the
	// public internet; see webhook.Config.
	WebhookAllow []netip.Prefix
	// Library holds the recordings; nil: there are none.
	Library *recording.Library
	// Zoom is who speaks to Zoom. Nil: nobody does.
	Zoom Zoom
	// WakeWebhooks is told that there may be something to send.
	WakeWebhooks func()
}

// Server is the REST API, an http.Handler for /v1/ except /v1/signal. It is
// safe for concurrent use.
type Server struct {
	cfg      Config
	mux      *http.ServeMux
	limits   limiter
	hub      *hub
	unwatch  func()
	document func() ([]byte, error)
}

// New returns a server that is ready to serve. It watches
// cfg.Rooms and cfg.Chat until Close.
func New(cfg Config) *Server {
	s := &Server{
		cfg:      cfg,
		mux:      http.NewServeMux(),
		hub:      newHub(),
		document: sync.OnceValues(func() ([]byte, error) { return openAPI(cfg.Version, cfg.PublicURL) }),
	}
	s.register(routes())
	rooms, threads := cfg.Rooms.Watch(s.hub.publish), cfg.Chat.Watch(s.follow)
	s.unwatch = sync.OnceFunc(func() { rooms(); threads() })
	return s
}

// ServeHTTP answers one request. No answer may be kept by a cache: some hold
// tokens, and all of them change.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = withRequestID(w, r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s.mux.ServeHTTP(w, r)
}

// Close ends every open event stream and waits for them, at most until ctx is
// done. The server refuses new streams from then on; other requests are still
// answered. It is idempotent.
func (s *Server) Close(ctx context.Context) error {
	s.unwatch()
	return s.hub.close(ctx)
}
