// Package check lets anybody try, without an interview, whether calls get through
// to this server. A check is a media room with nobody in it but the one who tries:
// their browser connects to it as it would to an interview, over the same ports and
// relays, and is forwarded to nobody. It costs no login, so there are few at a time,
// fewer of one network, and each is over within a minute.
//
// Each check has a timer of its own, which Close waits for.
package check

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"parley/sfu"
)

const (
	lasts      = 45 * time.Second
	atOnce     = 32 // checks in all
	ofNetwork  = 6  // of one address, or IPv6 /64
	networkLen = 64
)

// What a check is refused for.
var (
	ErrBusy     = errors.New("as many checks as allowed are under way")
	ErrNotFound = errors.New("there is no such check, or it is over")
	ErrClosed   = errors.New("the server is shutting down")
	ErrOffer    = errors.New("the offer is none that a browser makes")
)

// Interview is the interview that a relay knows the identities of checks by.
const Interview = "check"

// Offer is what a browser offers: one line for a microphone that stays silent, and
// the pair of lines that every page has for a screen.
type Offer struct {
	SDP, Mic                 string
	ScreenAudio, ScreenVideo string
	Fallback                 bool // by the transport's second recipe, as sfu.PeerOptions says
}

// Config is what Checks work with.
type Config struct {
	Engine *sfu.Engine
	// Gone is told of every check that is over. It must not block. Nil: nobody is.
	Gone func(id string)
}

// Checks holds the checks under way. Its methods may be called from any goroutine.
type Checks struct {
	cfg   Config
	ended sync.WaitGroup // timers that have not run

	mu     sync.Mutex
	open   map[string]*one
	closed bool
}

// one is a check.
type one struct {
	from  netip.Prefix
	timer *time.Timer
	peers int

	mu   sync.Mutex // over what follows
	room *sfu.Room  // from the first offer on
	peer *sfu.Peer
	over bool
}

// New returns Checks without any. Close ends them.
func New(cfg Config) *Checks { return &Checks{cfg: cfg, open: map[string]*one{}} }

// Begin starts a check for somebody at an address. The id is a secret between the
// server and them.
func (c *Checks) Begin(from netip.Addr) (id string, until time.Time, err error) {
	network := networkOf(from)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", time.Time{}, ErrClosed
	}
	mine := 0
	for _, o := range c.open {
		if o.from == network {
			mine++
		}
	}
	if mine >= ofNetwork || len(c.open) >= atOnce {
		return "", time.Time{}, ErrBusy
	}
	id = "check_" + rand.Text()
	c.ended.Add(1)
	c.open[id] = &one{from: network, timer: time.AfterFunc(lasts, func() {
		defer c.ended.Done()
		c.end(id)
	})}
	return id, time.Now().Add(lasts), nil
}

// Has reports whether a check is under way.
func (c *Checks) Has(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[id] != nil
}

// Answer takes the browser's offer and returns the answer. The error is or wraps
// ErrNotFound or ErrOffer, or is the engine's.
func (c *Checks) Answer(ctx context.Context, id string, o Offer) (string, error) {
	c.mu.Lock()
	check := c.open[id]
	c.mu.Unlock()
	if check == nil {
		return "", ErrNotFound
	}
	check.mu.Lock()
	defer check.mu.Unlock()
	if check.over {
		return "", ErrNotFound
	}
	if check.room == nil {
		room, err := c.cfg.Engine.NewRoom(func(sfu.Event) {})
		if err != nil {
			return "", fmt.Errorf("open media room: %w", err)
		}
		check.room = room
	}
	if check.peer != nil {
		check.peer.Close() // an offer after the first is of a new connection
	}
	check.peers++
	peer, err := check.room.NewPeer(sfu.PeerID(fmt.Sprintf("%s.%d", id, check.peers)), sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic}, Fallback: o.Fallback})
	if err != nil {
		return "", fmt.Errorf("make peer: %w", err)
	}
	check.peer = peer
	answer, err := peer.Answer(ctx, sfu.Offer{
		SDP: o.SDP, Sources: map[sfu.Source]string{sfu.Mic: o.Mic}, Screen: sfu.Lines{Audio: o.ScreenAudio, Video: o.ScreenVideo},
	})
	if wrong, ok := errors.AsType[*sfu.OfferError](err); ok {
		return "", fmt.Errorf("%w: %s", ErrOffer, wrong.Message)
	}
	return answer, err
}

// End ends a check before its time. It is no error when it is over.
func (c *Checks) End(id string) {
	c.mu.Lock()
	check := c.open[id]
	stopped := check != nil && check.timer.Stop()
	c.mu.Unlock()
	if stopped {
		defer c.ended.Done()
		c.end(id)
	}
}

// Close ends every check and waits for it. It may be called more than once.
func (c *Checks) Close() error {
	c.mu.Lock()
	c.closed = true
	var ids []string
	for id := range c.open {
		ids = append(ids, id)
	}
	c.mu.Unlock()
	for _, id := range ids {
		c.End(id)
	}
	c.ended.Wait()
	return nil
}

func (c *Checks) end(id string) {
	c.mu.Lock()
	check := c.open[id]
	delete(c.open, id)
	c.mu.Unlock()
	check.mu.Lock()
	check.over = true
	room := check.room
	check.mu.Unlock()
	if room != nil {
		room.Close()
	}
	if c.cfg.Gone != nil {
		c.cfg.Gone(id)
	}
}

// networkOf is what is counted as one: an IPv6 address stands for its /64.
func networkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = networkLen
	}
	p, _ := a.Prefix(bits) // the zero Addr has the zero Prefix
	return p
}
