package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// Config says where an App finds Parley and keeps its data.
type Config struct {
	// API is the base URL of Parley's REST API as this process reaches it,
	// without a trailing slash, such as "http://127.0.0.1:8080".
	API string
	// Key is the API key it presents.
	Key string
	// PublicURL is where people open the app. On loopback it answers to that
	// name, localhost and plain addresses only.
	PublicURL string
	// Dir is the directory of app.json. It must exist.
	Dir string
	// Page answers with the built page.
	Page http.Handler
	// Logger must not be nil.
	Logger *slog.Logger
}

// App is the reference messaging app's backend, an http.Handler for "/" and
// "/app/". It is safe for concurrent use.
type App struct {
	cfg     Config
	handler http.Handler
	book    *book
	parley  *parley
	pages   *pages
	shelf   shelf
	modes   atomic.Pointer[[]string] // in which Parley holds interviews
	limits  map[string]*rate.Limiter // by person; never written to

	stop      context.CancelFunc
	following sync.WaitGroup
}

// New reads DIR/app.json, when there is one, and starts to follow Parley's
// events. It does not wait for Parley to be up. A file it cannot read or write
// is an error: starting with an empty one would lose the messages.
func New(cfg Config) (*App, error) {
	book, err := openBook(cfg.Dir)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	a := &App{
		cfg:    cfg,
		book:   book,
		parley: &parley{base: cfg.API, key: cfg.Key, zone: book.zone, client: &http.Client{Transport: &http.Transport{}}},
		pages:  newPages(),
		limits: make(map[string]*rate.Limiter),
		stop:   stop,
	}
	for _, p := range people() {
		a.limits[p.ID] = rate.NewLimiter(requestsPerSecond, requestBurst)
	}
	a.modes.Store(&[]string{"video", "audio"}) // every Parley has these
	a.handler = a.routes()
	a.following.Go(func() { a.follow(ctx) })
	return a, nil
}

// ServeHTTP serves the page and its backend, see the package comment.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.handler.ServeHTTP(w, r)
}

// Close ends every event stream and waits for them and for the goroutine that
// follows Parley, at most until ctx is done. It is idempotent.
func (a *App) Close(ctx context.Context) error {
	a.stop()
	err := a.pages.close(ctx)
	a.following.Wait() // its requests ended with the context that stop cancelled
	a.parley.client.CloseIdleConnections()
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("close the app: %w", err)
	}
	return err
}
