package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/demo"
)

// The limits of the HTTP server. A request that only listens (WebSocket, event
// streams) has no deadline for its answer; every other one has.
const (
	readHeaderTimeout = 5 * time.Second
	readBodyTimeout   = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 16 << 10
	maxBodyBytes      = 1 << 20 // a fuse; the API's own limits are tighter
	pingTimeout       = 2 * time.Second
)

// site is everything the HTTP listener serves.
type site struct {
	pages     *pages
	headers   headers
	api       http.Handler
	signaling http.Handler
	app       http.Handler // the demo's messaging app; nil without it
	metrics   http.Handler
	allow     []netip.Prefix // who may read metrics, besides loopback
	ping      func(context.Context) error
	draining  atomic.Bool
	log       *slog.Logger
}

func (s *site) server(errorLog *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// What it says is about single connections: noise that clients make.
		ErrorLog: slog.NewLogLogger(errorLog.Handler(), slog.LevelDebug),
	}
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/signal", s.signaling)
	mux.Handle("/v1/", s.api)
	mux.Handle("GET /r/{interview}", s.pages.page("room.html"))
	mux.Handle("GET /recordings/{recording}", s.pages.page("recording.html"))
	mux.Handle("GET /check", s.pages.page("check.html"))
	mux.HandleFunc("GET /embed/v1.js", s.pages.script("embed/v1.js"))
	mux.HandleFunc("GET /embed/thread.js", s.pages.script("embed/thread.js"))
	mux.HandleFunc("GET /assets/", s.pages.serveAsset)
	mux.HandleFunc("GET /healthz", serveAlive)
	mux.HandleFunc("GET /readyz", s.serveReady)
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	if s.app != nil {
		mux.Handle("/{$}", s.app)
		mux.Handle("/app/", s.app)
	}
	return s.guard(mux)
}

// guard is what every request passes: security headers, deadlines, the fuse on
// its body, and the one recover of the program.
func (s *site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.recover(w, r)
		s.headers.set(w.Header(), r)
		deadlines(w, r, time.Now())
		r.Body = http.MaxBytesReader(w, r.Body, largestBody(r.URL.Path))
		next.ServeHTTP(w, r)
	})
}

// recover keeps the mistake of one request from ending every interview.
func (s *site) recover(w http.ResponseWriter, r *http.Request) {
	reason := recover()
	if reason == nil {
		return
	}
	if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(reason) // how handlers end a connection on purpose
	}
	s.log.Error("request panicked", "method", r.Method, "pattern", r.Pattern, "err", reason, "stack", string(debug.Stack()))
	http.Error(w, "Something went wrong on the server.", http.StatusInternalServerError)
}

// deadlines bounds how long a request's body and its answer may take. They are
// set on each request anew, because a connection keeps the last ones.
func deadlines(w http.ResponseWriter, r *http.Request, now time.Time) {
	var read, write time.Time
	if r.ContentLength != 0 {
		read = now.Add(readBodyTimeout)
	}
	if !isStream(r.URL.Path) {
		write = now.Add(writeTimeout)
	}
	c := http.NewResponseController(w)
	// A writer without deadlines is a test's.
	_ = c.SetReadDeadline(read)
	_ = c.SetWriteDeadline(write)
}

// largestBody is the fuse on a path's request bodies. Files come to the demo's app
// alone.
func largestBody(path string) int64 {
	if strings.HasPrefix(path, "/app/uploads/") {
		return demo.MaxFileMB << 20
	}
	return maxBodyBytes
}

// isStream tells the paths whose answers last as long as somebody listens.
func isStream(path string) bool {
	return path == "/v1/signal" || path == "/v1/events" || path == "/app/events"
}

func serveAlive(w http.ResponseWriter, r *http.Request) {
	answerText(w, http.StatusOK, "alive")
}

// serveReady says whether to send people here: not while stopping, and not
// without a database.
func (s *site) serveReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if s.draining.Load() {
		answerText(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	if err := s.ping(ctx); err != nil {
		s.log.Warn("database not ready", "err", err)
		answerText(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	answerText(w, http.StatusOK, "ready")
}

func (s *site) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !mayReadMetrics(r, s.allow) {
		answerText(w, http.StatusForbidden, "metrics.allow does not name your network")
		return
	}
	s.metrics.ServeHTTP(w, r)
}

// mayReadMetrics lets the machine itself read, and the allowed networks. What a
// proxy passes on is refused: its peer address says nothing about who asks.
func mayReadMetrics(r *http.Request, allow []netip.Prefix) bool {
	if r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	addr := peer.Addr().Unmap().WithZone("")
	return addr.IsLoopback() || contains(allow, addr)
}

func answerText(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, strings.TrimSpace(text)+"\n") // the client may be gone
}
