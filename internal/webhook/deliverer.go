package webhook

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"parley/internal/store"
)

// Limits of what is under way at once. Every endpoint has its first request
// whatever the others do; only further ones share the rest.
const (
	perEndpoint = 4
	shared      = 64
)

const (
	lookAgain  = time.Minute // at the latest, though nothing was heard of
	storeRetry = time.Second // after the store failed
	pruneEvery = time.Hour
	maxSlow    = time.Minute // the longest pause of an endpoint that did not name one
)

// Store is the outbox; *store.Store is one.
type Store interface {
	Queues(ctx context.Context) ([]store.Queue, error)
	DueDeliveries(ctx context.Context, endpoint string, now time.Time, limit int) ([]store.Delivery, error)
	SaveOutcome(ctx context.Context, o store.Outcome) error
	PruneWebhooks(ctx context.Context, before time.Time) error
	Backlog(ctx context.Context) (depth int, oldest time.Time, err error)
}

// Config configures [New]. Store is required and stays the caller's to close,
// after the deliverer.
type Config struct {
	Store Store
	// Allow are networks that may be reached though they are not public, for
	// development and for receivers beside the server.
	Allow []netip.Prefix
	// Keep is how long messages and the log of their deliveries are kept;
	// zero: 30 days.
	Keep   time.Duration
	Logger *slog.Logger // nil: no logs
	// Dial replaces the dialler and its check of addresses; nil: the real one.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// A Deliverer sends what is in the outbox. Its methods may be called from any
// goroutine.
type Deliverer struct {
	cfg    Config
	client *http.Client
	life   context.Context
	stop   context.CancelFunc
	wake   chan struct{}
	wg     sync.WaitGroup
	counts counts

	mu        sync.Mutex
	endpoints map[string]*endpoint
	extra     int // requests under way besides the first of each endpoint
}

// endpoint is what is known of an endpoint beyond the store: nothing that a
// restart may not forget.
type endpoint struct {
	busy  map[int64]bool // deliveries under way
	width int            // how many may be
	until time.Time      // nothing before then
	slow  time.Duration  // the last pause made without being asked for one
	away  bool           // the last attempt found nobody
}

// New starts delivering.
func New(cfg Config) *Deliverer {
	if cfg.Keep <= 0 {
		cfg.Keep = 30 * 24 * time.Hour
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	dial := cfg.Dial
	if dial == nil {
		dial = dialer(cfg.Allow)
	}
	life, stop := context.WithCancel(context.Background())
	d := &Deliverer{
		cfg: cfg, client: newClient(dial), life: life, stop: stop,
		wake: make(chan struct{}, 1), endpoints: make(map[string]*endpoint),
	}
	d.wg.Go(d.run)
	d.wg.Go(d.prune)
	return d
}

// Wake says that something may be due. It never blocks; without it messages
// that are new go out within a minute.
func (d *Deliverer) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Close ends requests under way, whose messages are sent again after the next
// start, and waits for everything. It is idempotent.
func (d *Deliverer) Close() error {
	d.stop()
	d.wg.Wait()
	d.client.CloseIdleConnections()
	return nil
}

func (d *Deliverer) run() {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		select {
		case <-d.life.Done():
			return
		case <-d.wake:
		case <-alarm.C:
		}
		next, err := d.dispatch()
		if err != nil && d.life.Err() == nil {
			d.cfg.Logger.Error("webhooks cannot be read", "err", err)
			next = time.Now().Add(storeRetry)
		}
		alarm.Reset(min(time.Until(next), lookAgain))
	}
}

// dispatch starts what is due and has room, and returns when to look again.
func (d *Deliverer) dispatch() (next time.Time, err error) {
	queues, err := d.cfg.Store.Queues(d.life)
	if err != nil {
		return next, err
	}
	now := time.Now()
	next = now.Add(lookAgain)
	known := make(map[string]bool, len(queues))
	for _, q := range queues {
		known[q.Webhook.ID] = true
		due, err := d.serve(q, now)
		if err != nil {
			return next, err
		}
		if !due.IsZero() && due.Before(next) {
			next = due
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, e := range d.endpoints {
		if !known[id] && len(e.busy) == 0 {
			delete(d.endpoints, id)
		}
	}
	return next, nil
}

// serve starts what is due for one endpoint, and returns when more will be; a
// request that ends looks again by itself.
func (d *Deliverer) serve(q store.Queue, now time.Time) (due time.Time, err error) {
	if q.NextAt.IsZero() {
		return due, nil
	}
	until, busy, room := d.look(q.Webhook.ID)
	switch {
	case q.NextAt.After(now):
		return q.NextAt, nil
	case until.After(now):
		return until, nil
	case room == 0:
		return due, nil
	}
	found, err := d.cfg.Store.DueDeliveries(d.life, q.Webhook.ID, now, len(busy)+room+1)
	if err != nil {
		return due, err
	}
	started := 0
	for _, delivery := range found {
		// One that was under way before the store was read may be done by now,
		// and what was read of it is old: sent again, it could come after the
		// message behind it.
		if !busy[delivery.N] && d.begin(q.Webhook.ID, delivery.N) {
			started++
			d.wg.Go(func() { d.deliver(q.Webhook, delivery) })
		}
	}
	if started == 0 && len(found) < len(busy)+room+1 { // all that is due is under way: find what comes after it
		return now.Add(time.Second), nil
	}
	return due, nil
}

// look returns before when an endpoint gets nothing, which deliveries are under
// way, and how much room there is for more.
func (d *Deliverer) look(id string) (until time.Time, busy map[int64]bool, room int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.endpoints[id]
	if known == nil {
		known = &endpoint{busy: make(map[int64]bool), width: perEndpoint}
		d.endpoints[id] = known
	}
	return known.until, maps.Clone(known.busy), max(known.width-len(known.busy), 0)
}

// begin takes a place for a delivery, if there is one. Only the dispatching
// goroutine calls it.
func (d *Deliverer) begin(id string, n int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.endpoints[id]
	if len(e.busy) >= e.width || len(e.busy) > 0 && d.extra >= shared {
		return false
	}
	if len(e.busy) > 0 {
		d.extra++
	}
	e.busy[n] = true
	return true
}

// deliver makes one attempt and stores what came of it.
func (d *Deliverer) deliver(w store.Webhook, delivery store.Delivery) {
	attempt, after := d.post(d.life, w, delivery.Message)
	if d.life.Err() != nil && attempt.Status == 0 {
		return // cut off by Close: it was no attempt
	}
	o := outcome(delivery, attempt, after)
	o.Hasten = d.learn(w.ID, attempt, after)
	d.save(o)
	d.counts.note(attempt)
	level := slog.LevelDebug
	if o.Disable != "" || o.State == store.DeliveryFailed {
		level = slog.LevelWarn
	}
	d.cfg.Logger.Log(d.life, level, "webhook attempted", "webhook", w.ID, "message", delivery.Message.ID, "type", delivery.Message.Type,
		"status", attempt.Status, "reason", attempt.Reason, "state", o.State, "attempt", delivery.Attempts+1)
	d.finish(w.ID, delivery.N)
	d.Wake()
}

// save stores an outcome, however long the store takes to work again: until
// then the delivery counts as under way. After Close it is sent again.
func (d *Deliverer) save(o store.Outcome) {
	for {
		err := d.cfg.Store.SaveOutcome(context.WithoutCancel(d.life), o)
		if err == nil || errors.Is(err, store.ErrNotFound) {
			return
		}
		d.cfg.Logger.Error("a webhook's outcome cannot be stored", "err", err)
		select {
		case <-time.After(storeRetry):
		case <-d.life.Done():
			return
		}
	}
}

// outcome decides what an attempt means.
func outcome(delivery store.Delivery, a store.Attempt, after time.Duration) store.Outcome {
	o := store.Outcome{Delivery: delivery.N, Attempt: a, State: store.DeliveryPending}
	done := a.At.Add(a.Took)
	wait, left := pause(delivery.Attempts + 1)
	switch {
	case a.Reason == "":
		o.State = store.DeliveryDelivered
	case a.Reason == ReasonGone:
		o.State, o.Disable = store.DeliveryFailed, "the receiver answered 410 Gone"
	case !left || done.Sub(delivery.CreatedAt) > patience:
		o.State = store.DeliveryFailed
	default:
		o.NextAt = done.Add(max(wait, after))
	}
	return o
}

// learn adapts to how an endpoint does, and reports whether it is back after
// having been away.
func (d *Deliverer) learn(id string, a store.Attempt, after time.Duration) (back bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.endpoints[id]
	now := time.Now()
	switch a.Reason {
	case "":
		if e.until.After(now) {
			return false // it was asked before another answer said when to come back
		}
		back, e.away, e.slow = e.away, false, 0
		e.width = min(e.width+1, perEndpoint)
	case ReasonThrottled:
		e.away, e.width = true, 1
		e.slow = min(max(2*e.slow, time.Second), maxSlow)
		e.until = now.Add(max(e.slow, after))
	case ReasonUnreachable, ReasonTimeout, ReasonTLS:
		e.away, e.width = true, 1
	}
	if a.Reason != "" && after > 0 {
		e.until = now.Add(max(after, e.slow))
	}
	return back
}

func (d *Deliverer) finish(id string, n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.endpoints[id]
	delete(e.busy, n)
	if len(e.busy) > 0 {
		d.extra--
	}
}

func (d *Deliverer) prune() {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		select {
		case <-d.life.Done():
			return
		case <-tick.C:
			if err := d.cfg.Store.PruneWebhooks(d.life, time.Now().Add(-d.cfg.Keep)); err != nil && d.life.Err() == nil {
				d.cfg.Logger.Error("old webhooks cannot be deleted", "err", err)
			}
		}
	}
}
