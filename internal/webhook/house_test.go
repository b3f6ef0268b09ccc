package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/store"
	"parley/internal/store/storetest"
)

// pipes is a listener whose connections are pipes in memory.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// got is one request as a receiver saw it.
type got struct {
	at     time.Time
	path   string
	id     string
	body   string
	header http.Header
}

// house is a real store and a real deliverer in virtual time, before a receiver
// that answers as the test says.
type house struct {
	t         *testing.T
	store     *store.Store
	deliverer *Deliverer
	cfg       Config
	start     time.Time
	messages  int

	mu       sync.Mutex
	requests []got
	answer   func(g got) (status int, header map[string]string)
	down     bool
}

func story(t *testing.T, tell func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, start: time.Now(), answer: func(got) (int, map[string]string) { return 204, nil }}
		var err error
		if h.store, err = store.Open(t.Context(), storetest.Dir(t), slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		defer h.store.Close()
		if err := h.store.PutAPIKey(t.Context(), store.APIKey{ID: "key", Hash: make([]byte, 32), CreatedAt: h.start}); err != nil {
			t.Fatal(err)
		}
		l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(h.receive)}
		var wg sync.WaitGroup
		wg.Go(func() { _ = server.Serve(l) })
		h.cfg = Config{Store: h.store, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			h.mu.Lock()
			down := h.down
			h.mu.Unlock()
			if down {
				return nil, errors.New("connection refused")
			}
			return l.dial(ctx, network, addr)
		}}
		h.deliverer = New(h.cfg)
		tell(t, h)
		h.deliverer.Close()
		server.Close()
		wg.Wait()
	})
}

func (h *house) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g := got{at: time.Now(), path: r.URL.Path, id: r.Header.Get("webhook-id"), body: string(body), header: r.Header}
	h.mu.Lock()
	h.requests = append(h.requests, g)
	answer := h.answer
	h.mu.Unlock()
	status, header := answer(g)
	for k, v := range header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(status)
	fmt.Fprint(w, "what it said")
}

func (h *house) endpoint(id string, events ...string) store.Webhook {
	h.t.Helper()
	w := store.Webhook{ID: id, APIKey: "key", URL: "http://receiver/" + id, Events: events, Enabled: true, Secret: NewSecret(), CreatedAt: time.Now(), UpdatedAt: time.Now()}
	if err := h.store.PutWebhook(h.t.Context(), w); err != nil {
		h.t.Fatal(err)
	}
	return w
}

// happen sends a message about a subject to every endpoint.
func (h *house) happen(subject, body string) {
	h.t.Helper()
	for _, w := range h.all() {
		h.messages++
		m := store.Message{ID: fmt.Sprintf("msg_%d", h.messages), Type: "x", Subject: subject, At: time.Now(), Body: []byte(body)}
		if _, err := h.store.SendTest(h.t.Context(), "key", w.ID, m); err != nil {
			h.t.Fatal(err)
		}
	}
	h.deliverer.Wake()
}

func (h *house) all() []store.Webhook {
	found, err := h.store.Webhooks(h.t.Context(), "key")
	if err != nil {
		h.t.Fatal(err)
	}
	return found
}

func (h *house) answers(f func(g got) (int, map[string]string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = f
}

func (h *house) later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (h *house) seen() []got {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.requests)
}

func bodies(gs []got) (out []string) {
	for _, g := range gs {
		out = append(out, g.body)
	}
	return out
}

func (h *house) wantBodies(want ...string) {
	h.t.Helper()
	if got := bodies(h.seen()); !slices.Equal(got, want) {
		h.t.Errorf("received %v, want %v", got, want)
	}
}

func (h *house) reachable(yes bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = !yes
}
