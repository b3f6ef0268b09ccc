package front

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Config is what a Front works with. Listener is required.
type Config struct {
	// Listener is the port that is shared. The front closes it.
	Listener net.Listener
	// TLS has the certificate. The front chooses the protocols of its ALPN.
	// Nil: connections are plain, or an external terminator has opened them.
	TLS *tls.Config
	// Proxies are the networks whose PROXY protocol header, version 1 or 2, is
	// believed. From elsewhere a header is the rubbish it looks like.
	Proxies []netip.Prefix
	// TURN says that somebody accepts from the TURN half. Without it all is HTTP.
	TURN   bool
	Limits Limits
	Logger *slog.Logger // nil: no logs
}

// Limits bound what clients who have shown nothing yet can hold. A field that is
// zero has the default that stands with it.
type Limits struct {
	FirstByte  time.Duration // for the PROXY header and the client's first byte, each; 5 s
	Handshake  time.Duration // for the TLS handshake; 5 s
	Open       int           // connections in all; 16384
	PerAddress int           // open connections of one address; 512
	Waiting    int           // connections of one address that have said nothing yet; 128
}

func (l Limits) withDefaults() Limits {
	return Limits{
		FirstByte:  cmp.Or(l.FirstByte, 5*time.Second),
		Handshake:  cmp.Or(l.Handshake, 5*time.Second),
		Open:       cmp.Or(l.Open, 16384),
		PerAddress: cmp.Or(l.PerAddress, 512),
		Waiting:    cmp.Or(l.Waiting, 128),
	}
}

// Front shares one listener. Its methods may be called from any goroutine.
type Front struct {
	listener  net.Listener
	tls       *tls.Config
	proxies   []netip.Prefix
	takesTURN bool
	limits    Limits
	log       *slog.Logger

	http, turn *half
	crowd      *crowd
	stats      counters

	life context.Context // ends with Close
	stop context.CancelFunc
	wg   sync.WaitGroup // connections that have not been handed over
	mu   sync.Mutex     // keeps wg from growing after Close
	shut bool
}

// New returns a Front that accepts once Serve is called. The caller closes it.
func New(cfg Config) *Front {
	f := &Front{
		listener:  cfg.Listener,
		proxies:   cfg.Proxies,
		takesTURN: cfg.TURN,
		limits:    cfg.Limits.withDefaults(),
		log:       cfg.Logger,
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	f.tls = withProtocols(cfg.TLS, cfg.TURN)
	f.crowd = newCrowd(f.limits)
	f.life, f.stop = context.WithCancel(context.Background())
	// Without HTTP there is nothing left to listen for: an HTTP server that
	// shuts down expects its port to be closed.
	f.http = newHalf(cfg.Listener.Addr(), func() { _ = f.quit() })
	f.turn = newHalf(cfg.Listener.Addr(), func() {})
	return f
}

// HTTP returns the listener of what is not TURN. Closing it closes the port.
func (f *Front) HTTP() net.Listener { return f.http }

// TURN returns the listener of the relay's connections. Closing it turns later
// ones away, and leaves the port open.
func (f *Front) TURN() net.Listener { return f.turn }

// The least and the most Serve waits after an error before it accepts again.
const (
	leastBackOff = 5 * time.Millisecond
	mostBackOff  = time.Second
)

// Serve accepts until the front is closed, and returns nil then. No other error
// ends it: a process that is out of file descriptors accepts again once it has
// some.
func (f *Front) Serve() error {
	wait := leastBackOff
	for {
		c, err := f.listener.Accept()
		switch {
		case err == nil:
			wait = leastBackOff
			f.take(c)
		case f.life.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			f.stats.acceptErrors.Add(1)
			f.log.Warn("connections cannot be accepted for a moment", "err", err, "wait", wait)
			select {
			case <-time.After(wait):
			case <-f.life.Done():
				return nil
			}
			wait = min(2*wait, mostBackOff)
		}
	}
}

// Close closes the port and the connections that have not been handed over, and
// waits for their goroutines. It is idempotent.
func (f *Front) Close() error {
	err := f.quit()
	f.turn.end()
	f.wg.Wait()
	return err
}

// quit is Close without waiting.
func (f *Front) quit() error {
	f.mu.Lock()
	first := !f.shut
	f.shut = true
	f.mu.Unlock()
	if !first {
		return nil
	}
	f.stop()
	f.http.end()
	if err := f.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// take gives a connection its goroutine.
func (f *Front) take(raw net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shut {
		raw.Close()
		return
	}
	f.stats.waiting.Add(1)
	f.wg.Go(func() {
		defer f.stats.waiting.Add(-1)
		f.meet(raw)
	})
}
