package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limits of the pages' event streams.
const (
	maxPages      = 64
	pageKeepAlive = 15 * time.Second
	pageWrite     = 10 * time.Second
)

// pages are the open event streams. Telling them something never blocks and
// never queues: a page that was told twice looks once.
type pages struct {
	idle chan struct{} // closed when closed, and the last page is gone

	mu     sync.Mutex
	open   map[chan struct{}]struct{}
	closed bool
}

func newPages() *pages {
	return &pages{idle: make(chan struct{}), open: make(map[chan struct{}]struct{})}
}

// enter adds a page. news has something in it whenever the page should look,
// at first too, and is closed when the app is.
func (p *pages) enter() (news chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, refuse(codeGoingAway, "The app is shutting down. Try again in a moment.")
	}
	if len(p.open) >= maxPages {
		return nil, refuse(codeTooManyPages, "Too many pages are open. Close one and reload.")
	}
	news = make(chan struct{}, 1)
	news <- struct{}{}
	p.open[news] = struct{}{}
	return news, nil
}

func (p *pages) leave(news chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, news)
	if p.closed && len(p.open) == 0 {
		close(p.idle)
	}
}

// tell makes every page look at the state.
func (p *pages) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	for news := range p.open {
		select {
		case news <- struct{}{}:
		default:
		}
	}
}

// close ends every stream and waits for the requests behind them.
func (p *pages) close(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		if len(p.open) == 0 {
			close(p.idle)
		}
		for news := range p.open {
			close(news)
		}
	}
	p.mu.Unlock()
	select {
	case <-p.idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the app's pages: %w", ctx.Err())
	}
}

// events is GET /app/events.
func (a *App) events(w http.ResponseWriter, r *http.Request) error {
	me, err := personIn(r)
	if err != nil {
		return err
	}
	news, err := a.pages.enter()
	if err != nil {
		return err
	}
	defer a.pages.leave(news)

	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the server's own is for reading requests
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	send := func(text []byte) error {
		_ = control.SetWriteDeadline(time.Now().Add(pageWrite))
		if _, err := w.Write(text); err != nil {
			return err
		}
		return control.Flush()
	}
	if err := a.push(r.Context(), me, news, send); err != nil {
		a.cfg.Logger.Debug("page lost", "person", me.ID, "err", err)
	}
	return nil
}

// push sends a person their state, now and whenever it changes for them.
func (a *App) push(ctx context.Context, me Person, news <-chan struct{}, send func([]byte) error) error {
	if err := send([]byte("retry: 1000\n\n")); err != nil {
		return err
	}
	tick := time.NewTicker(pageKeepAlive)
	defer tick.Stop()
	var last []byte
	for {
		text := []byte(": keep-alive\n\n")
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-news:
			if !open {
				return nil
			}
			state, err := json.Marshal(a.see(me))
			if err != nil {
				return err
			}
			if bytes.Equal(state, last) {
				continue // the news was about others
			}
			last = state
			text = fmt.Appendf(nil, "event: state\ndata: %s\n\n", state)
		case <-tick.C:
		}
		if err := send(text); err != nil {
			return err
		}
	}
}
