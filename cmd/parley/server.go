package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"parley/internal/api"
	"parley/internal/certificate"
	"parley/internal/chat"
	"parley/internal/check"
	"parley/internal/conference"
	"parley/internal/demo"
	"parley/internal/front"
	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/store"
	"parley/internal/token"
	"parley/internal/webhook"
	"parley/internal/zoom"
	"parley/sfu"
	"parley/signaling"
	"parley/web"
)

// server is a running Parley: every part, started in the order in which each
// needs the ones before it.
type server struct {
	cfg      Config
	demo     bool
	log      *slog.Logger
	resolver *net.Resolver
	started  closers

	pages    *pages
	listener net.Listener
	url      string // what people open
	apiKey   string

	front       *front.Front
	certificate keeper            // nil: TLS is somebody else's
	acme        *certificate.ACME // nil: the certificate is from files, or nobody's
	announced   []netip.Addr
	relay       relay

	store       *store.Store
	keys        *token.Keyring
	chat        *chat.Clerk
	engine      *sfu.Engine
	webhooks    *webhook.Deliverer
	recordings  *recording.Library
	transcripts bool // of them are made
	rooms       *conference.Rooms
	watched     atomic.Pointer[conference.Rooms] // rooms, for the library, which works before they are open
	checks      *check.Checks
	zoom        *zoom.Desk
	api         *api.Server
	signaling   *signaling.Server
	app         *demo.App
	site        *site

	running sync.WaitGroup
	failed  chan error // from the HTTP server; nil once it was told to stop
}

// startServer starts everything, or stops what it had started and says in one
// sentence why it could not. The server accepts requests when it returns.
func startServer(ctx context.Context, cfg Config, withDemo bool, log *slog.Logger) (*server, error) {
	s := newServer(cfg, withDemo, log)
	return s, s.start(ctx)
}

func newServer(cfg Config, withDemo bool, log *slog.Logger) *server {
	return &server{cfg: cfg, demo: withDemo, log: log, resolver: net.DefaultResolver, failed: make(chan error, 1)}
}

// start starts the parts; startServer says how.
func (s *server) start(ctx context.Context) error {
	for _, start := range []func(context.Context) error{
		s.loadPages, s.listen, s.openStore, s.openCertificate, s.openFront, s.openEngine, s.checkAddress, s.checkMachine,
		s.openRelay, s.openWebhooks, s.openChat, s.openLibrary, s.openRooms, s.openZoom, s.openChecks, s.startRelay,
		s.openDoors, s.openApp, s.serve, s.openRedirect,
	} {
		if err := start(ctx); err != nil {
			return errors.Join(err, s.started.stop(stopTimeout, s.log))
		}
	}
	return nil
}

func (s *server) loadPages(context.Context) (err error) {
	assets, err := web.Assets()
	if err != nil {
		return err
	}
	s.pages, err = newPages(assets)
	return err
}

// listen takes the port first: a server that cannot be reached should not
// touch its data.
func (s *server) listen(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.HTTP.Listen)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program; stop it, or choose another port with --listen", s.cfg.HTTP.Listen)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s may not be listened on: ports below 1024 need more rights; choose another with --listen", s.cfg.HTTP.Listen)
	case err != nil:
		return fmt.Errorf("%s cannot be listened on (%w); choose an address of this machine with --listen", s.cfg.HTTP.Listen, errors.Unwrap(err))
	}
	s.listener = l
	s.url = s.cfg.HTTP.PublicURL
	if s.url == "" {
		s.url = localURL("http", l.Addr())
	}
	s.started.add("listener", func(context.Context) error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) { // the HTTP server closes it first
			return err
		}
		return nil
	})
	return nil
}

func (s *server) openStore(ctx context.Context) (err error) {
	if s.store, err = store.Open(ctx, s.cfg.Data, s.log); err != nil {
		return err
	}
	s.started.add("store", func(context.Context) error { return s.store.Close() })
	if s.demo { // the directory is ours now, so what a killed demo left is stale
		if err := removeFile(filepath.Join(s.cfg.Data, demoFile)); err != nil {
			return err
		}
	}
	now := time.Now()
	if s.keys, err = openKeyring(ctx, s.store, now); err != nil {
		return err
	}
	s.apiKey, err = openAPIKey(ctx, s.store, s.cfg.Data, now, s.log)
	return err
}

func (s *server) openEngine(context.Context) (err error) {
	listen := s.cfg.mediaListen(hasIPv6())
	s.announced = s.cfg.announced(listen.Addr(), ownAddresses(), s.demo)
	config := sfu.Config{Listen: listen, Shards: s.cfg.shards(), Announce: s.announced, Logger: s.log}
	if s.cfg.TURN.Enabled {
		config.Turn = s.relay.push
	}
	waiting := config.Shards // goroutines in system calls
	if s.cfg.TURN.Enabled && len(s.cfg.TURN.Peers) > 0 {
		waiting++
	}
	if runtime.GOMAXPROCS(0) <= waiting {
		runtime.GOMAXPROCS(waiting + 1)
	}
	s.engine, err = sfu.New(config)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the UDP ports from %d to %d are not all free; stop the program that has one, or choose others with --media-port",
			listen.Port(), int(listen.Port())+s.cfg.shards()-1)
	}
	if err != nil {
		return err
	}
	s.started.add("media", func(context.Context) error { return s.engine.Close() })
	s.log.Debug("media listens", "addrs", s.engine.Addrs(), "announced", s.announced)
	return nil
}

func (s *server) openRooms(ctx context.Context) (err error) {
	s.rooms, err = conference.Open(ctx, conference.Config{
		Engine: s.engine,
		Store:  s.store,
		Chat:   s.chat,
		Policy: interview.Policy{
			RingFor:         s.cfg.Interview.RingFor,
			EmptyFor:        s.cfg.Interview.EmptyFor,
			MaxParticipants: s.cfg.Interview.MaxParticipants,
		},
		Grace:    s.cfg.Interview.Grace,
		Seats:    s.cfg.Interview.Seats,
		Logger:   s.log,
		Encode:   api.EncodeEvent,
		Gone:     s.gone,
		Zoom:     s.cfg.Zoom.isOn(),
		ZoomLink: s.cfg.Zoom.zoomLink,
		Recorder: s.recorder(),

		Recording:   interview.RecordingMode(s.cfg.Recording.Mode),
		Transcripts: s.transcripts,
	})
	if err != nil {
		return err
	}
	s.watched.Store(s.rooms)
	s.started.add("rooms", s.rooms.Close)
	s.followWebhooks()
	return nil
}

// openChecks lets people try their networks.
func (s *server) openChecks(context.Context) error {
	s.checks = check.New(check.Config{Engine: s.engine, Gone: func(id string) { s.gone(check.Interview, interview.UserID(id)) }})
	s.started.add("checks", func(context.Context) error { return s.checks.Close() })
	return nil
}

// openDoors makes what people and host applications talk to.
func (s *server) openDoors(context.Context) error {
	s.api = api.New(api.Config{
		Rooms: s.rooms, Store: s.store, Keys: s.keys, Chat: s.chat, Zoom: s.zoom,
		PublicURL: s.url, Version: versionName(), Logger: s.log,
		ICEServers:   s.apiICEServers,
		Checks:       s.checks,
		ClientAddr:   func(r *http.Request) netip.Addr { return clientAddr(r, s.cfg.HTTP.Proxies) },
		Library:      s.recordings,
		WebhookAllow: s.cfg.Webhook.Allow, WakeWebhooks: s.webhooks.Wake,
	})
	s.signaling = signaling.NewServer(signaling.Config{
		Rooms: s.rooms, Keys: s.keys, Logger: s.log, ICEServers: s.iceServers,
		// Behind a proxy the public address may not be the Host that arrives.
		AllowedOrigins: append([]string{s.url}, s.cfg.HTTP.Origins...),
		ClientAddr:     func(r *http.Request) netip.Addr { return clientAddr(r, s.cfg.HTTP.Proxies) },
	})
	return nil
}

// openApp makes the demo's messaging app, a host application in the same
// process that knows Parley by its address and an API key alone.
func (s *server) openApp(context.Context) (err error) {
	if !s.demo {
		return nil
	}
	s.app, err = demo.New(demo.Config{
		API: dialURL("http", s.listener.Addr()), Key: s.apiKey, PublicURL: s.url, Dir: s.cfg.Data, Page: s.pages.page("app.html"), Logger: s.log,
	})
	return err
}

func (s *server) serve(ctx context.Context) error {
	s.site = &site{
		pages: s.pages, headers: newHeaders(s.cfg), api: s.api, signaling: s.signaling,
		metrics: newMetricsHandler(s), allow: s.cfg.Metrics.Allow, ping: s.store.Ping, log: s.log,
	}
	if s.app != nil {
		s.site.app = s.app
	}
	httpServer := s.site.server(s.log)
	// Stopped in the opposite order: no new requests, then those who listen
	// are told, then the requests under way are waited for.
	var stopped sync.WaitGroup
	var stopErr error
	s.started.add("requests", func(ctx context.Context) error {
		stopped.Wait()
		s.running.Wait()
		return errors.Join(stopErr, httpServer.Close())
	})
	s.started.add("api", s.api.Close)
	s.started.add("signaling", s.signaling.Close)
	if s.app != nil {
		s.started.add("messaging app", s.app.Close)
	}
	s.started.add("http server", func(ctx context.Context) error {
		s.site.draining.Store(true)
		stopped.Go(func() { stopErr = httpServer.Shutdown(ctx) })
		return nil
	})
	s.running.Go(func() { s.failed <- s.accept(httpServer) })
	s.running.Go(func() {
		if err := s.front.Serve(); err != nil {
			s.log.Error("connections are no longer accepted", "err", err)
		}
	})
	if s.acme != nil {
		s.acme.Start()
	}
	return nil
}

// accept serves until the server is told to stop, which is no error.
func (s *server) accept(h *http.Server) error {
	if err := h.Serve(s.front.HTTP()); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// wait returns when ctx is done or the HTTP server has failed, and everything
// has stopped in order.
func (s *server) wait(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	s.log.Info("stopping")
	if err = errors.Join(err, s.stop()); err == nil {
		s.log.Info("stopped")
	}
	return err
}

// stop stops everything in order.
func (s *server) stop() error { return s.started.stop(stopTimeout, s.log) }

// newLogger logs to w as the configuration says.
func newLogger(c LogConfig, w io.Writer) *slog.Logger {
	var level slog.Level
	// The configuration was checked: the words are those slog knows.
	_ = level.UnmarshalText([]byte(c.Level))
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
