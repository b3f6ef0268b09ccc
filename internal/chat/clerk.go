package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
)

// Config configures a Clerk. Store and Key are required.
type Config struct {
	Store *store.Store
	// Key salts the hashes of what was found. It must be the operator's secret.
	Key []byte
	// Mode is that of threads whose host app has not said how to guard them.
	Mode guard.Mode
	// Allowed are domains that are no contact detail, with all below them.
	Allowed []string
	// Files are which files may be offered, and where they may go.
	Files FileRules
	// Encode makes what webhooks tell of an event. nil: nothing is told.
	Encode func(Event) ([]byte, error)
	// Keep is how long messages, findings and reports are kept; zero: for good.
	Keep time.Duration
	// Wake is told that there may be something for webhooks to send. May be nil.
	Wake   func()
	Logger *slog.Logger // nil: no logs
}

// A Clerk judges, keeps and passes on what is written. Make one with New. Its
// methods may be called from any goroutine.
type Clerk struct {
	cfg     Config
	guard   *guard.Guard
	counts  counts
	uploads map[interview.FileID]Upload // of granted offers; of whoever writes
	writing chan struct{}               // holds a token while something is stored and told
	look    chan struct{}               // holds a token when a guard may lift sooner than thought
	life    context.Context
	stop    context.CancelFunc
	wg      sync.WaitGroup

	mu       sync.Mutex
	watchers []*watcher
}

type watcher struct{ see func(Event) }

// New returns a Clerk that works until Close. It starts up to two goroutines.
func New(cfg Config) *Clerk {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	life, stop := context.WithCancel(context.Background())
	c := &Clerk{
		cfg: cfg, guard: guard.New(), uploads: make(map[interview.FileID]Upload), writing: make(chan struct{}, 1), look: make(chan struct{}, 1), life: life, stop: stop,
	}
	c.wg.Go(c.wait)
	if cfg.Keep > 0 {
		c.wg.Go(c.forget)
	}
	return c
}

// Close ends the clerk's goroutines and waits for them. It is idempotent.
func (c *Clerk) Close() error {
	c.stop()
	c.wg.Wait()
	return nil
}

// Watch calls f with every event after it is stored, in order per thread, until
// stop is called. f must not block. A call under way when stop is called may
// still be running when it returns.
func (c *Clerk) Watch(f func(Event)) (stop func()) {
	w := &watcher{f}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers = append(slices.Clip(c.watchers), w)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.watchers = slices.DeleteFunc(slices.Clone(c.watchers), func(o *watcher) bool { return o == w })
	}
}

// write runs f, which stores something, and then tells of the events it
// returns. One at a time: what is told comes in the order of what is stored.
func (c *Clerk) write(ctx context.Context, f func() ([]Event, error)) error {
	select {
	case c.writing <- struct{}{}:
		defer func() { <-c.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	events, err := f()
	if err != nil || len(events) == 0 {
		return err
	}
	c.mu.Lock()
	watchers := c.watchers
	c.mu.Unlock()
	for _, e := range events {
		for _, w := range watchers {
			w.see(e)
		}
	}
	if c.cfg.Wake != nil {
		c.cfg.Wake()
	}
	return nil
}

// messages are events as webhooks tell them.
func (c *Clerk) messages(events ...Event) ([]store.Message, error) {
	if c.cfg.Encode == nil {
		return nil, nil
	}
	out := make([]store.Message, len(events))
	for i, e := range events {
		body, err := c.cfg.Encode(e)
		if err != nil {
			return nil, fmt.Errorf("tell of %s: %w", e.Type, err)
		}
		out[i] = store.NewMessage(e.Type, string(e.Thread), e.At, body)
	}
	return out, nil
}

// stamp brings a time into the form in which times are kept.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// unknown makes a refusal of a thread that is not there.
func unknown(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrNoThread, err)
	}
	return err
}

// ErrNoThread: there is no such thread.
var ErrNoThread = errors.New("there is no such thread")

// thread reads a thread.
func (c *Clerk) thread(ctx context.Context, id interview.ThreadID) (interview.Thread, error) {
	t, err := c.cfg.Store.Thread(ctx, id)
	return t, unknown(err)
}
