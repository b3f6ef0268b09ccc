package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	virtual "github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
	"github.com/pion/webrtc/v4"

	"parley/sfu/socket"
)

// ErrClosed is returned by calls on an engine, a room or a peer after its Close.
var ErrClosed = errors.New("sfu: closed")

// Config is what an Engine needs to know.
type Config struct {
	// Listen is the UDP address of the first shard; the others take the ports
	// after it. With port 0 each shard takes any free port.
	Listen netip.AddrPort
	// Shards is how many sockets and goroutines share the rooms. At least 1. They
	// are cheapest when GOMAXPROCS is one more, which is the caller's to set.
	Shards int
	// Announce is the addresses that answers name as candidates, best first.
	// Empty means the address listened on.
	Announce []netip.Addr
	// Turn takes what reaches the first shard's port for a relay that shares it:
	// TURN's messages and ChannelData, and STUN binding requests of nobody's ICE.
	// It is called by the shard's goroutine, must return at once and must not keep
	// p. Nil drops them.
	Turn func(p []byte, from netip.AddrPort)
	// Net opens the sockets. Nil means the kernel's, read and written in
	// batches; a virtual network is read packet by packet.
	Net virtual.Net
	// Trace gives where to write what the estimate of a peer's way down is made of, as
	// bwe.Estimator.Trace does, or nil. It is written to by a shard's goroutine, which
	// must not wait. Nil writes nothing.
	Trace func(PeerID) io.Writer
	// Logger receives the lifecycle of transports. Nil discards.
	Logger *slog.Logger
}

// Engine forwards media. It owns its sockets, its shards' goroutines and every
// PeerConnection made through it. Its methods may be called from any goroutine.
type Engine struct {
	certificate webrtc.Certificate
	net         virtual.Net // looked at once: to list the machine's interfaces is a good part of a join
	shards      []*shard
	log         *slog.Logger
	trace       func(PeerID) io.Writer

	mu      sync.Mutex
	rooms   map[*Room]struct{}
	carried uint32 // relayed clients so far
	closed  bool
}

// New opens the sockets and starts the shards. Close ends them.
func New(cfg Config) (*Engine, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the media key: %w", err)
	}
	// One certificate for the process: it only identifies the server, and to
	// make one costs as much as the rest of a join.
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("make the media certificate: %w", err)
	}
	network := cfg.Net
	if network == nil {
		if network, err = stdnet.NewNet(); err != nil {
			return nil, fmt.Errorf("look at the machine's network: %w", err)
		}
	}
	e := &Engine{certificate: *certificate, net: network, log: cfg.Logger, trace: cfg.Trace, rooms: map[*Room]struct{}{}}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	for i := range max(cfg.Shards, 1) {
		s, err := e.openShard(cfg, i)
		if err != nil {
			return nil, errors.Join(err, e.Close())
		}
		e.shards = append(e.shards, s)
	}
	return e, nil
}

func (e *Engine) openShard(cfg Config, i int) (*shard, error) {
	addr := cfg.Listen
	if addr.Port() != 0 {
		addr = netip.AddrPortFrom(addr.Addr(), addr.Port()+uint16(i))
	}
	conn, err := listen(cfg.Net, addr)
	if err != nil {
		return nil, fmt.Errorf("listen for media on UDP %v: %w", addr, err)
	}
	announce := cfg.Announce
	if len(announce) == 0 {
		announce = []netip.Addr{conn.LocalAddr().Addr()}
	}
	own := socket.NewVirtual(conn)
	if i == 0 {
		return startShard(own, own, unmapped(announce), cfg.Turn, e.log), nil
	}
	return startShard(own, e.shards[0].conn, unmapped(announce), nil, e.log), nil
}

func unmapped(addrs []netip.Addr) []netip.Addr {
	plain := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		plain[i] = a.Unmap()
	}
	return plain
}

// gatherFor is the least time between two batches of a shard: a wake-up is most of
// a packet's cost, and a millisecond is nothing to a conversation.
const gatherFor = time.Millisecond

func listen(n virtual.Net, addr netip.AddrPort) (socket.Conn, error) {
	if n == nil {
		return socket.Listen(addr, socket.Options{Gather: gatherFor})
	}
	pc, err := n.ListenUDP("udp4", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	return socket.Wrap(pc), nil
}

// Addrs returns the address of each shard's socket.
func (e *Engine) Addrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(e.shards))
	for i, s := range e.shards {
		addrs[i] = s.conn.LocalAddr()
	}
	return addrs
}

// NewRoom makes a room on the shard with the fewest peers. deliver is called
// with the room's events, in order, by the shard's goroutine: it must return at
// once and must not call into the engine.
func (e *Engine) NewRoom(deliver func(Event)) (*Room, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	least := e.shards[0]
	for _, s := range e.shards[1:] {
		if s.load.Load() < least.load.Load() {
			least = s
		}
	}
	r := newRoom(e, least, deliver)
	e.rooms[r] = struct{}{}
	return r, nil
}

func (e *Engine) forget(r *Room) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.rooms, r)
}

// Close closes every room, then the shards and their sockets, and waits for all
// of it. It may be called more than once.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	rooms := make([]*Room, 0, len(e.rooms))
	for r := range e.rooms {
		rooms = append(rooms, r)
	}
	e.mu.Unlock()
	var closing sync.WaitGroup
	for _, r := range rooms {
		closing.Go(r.Close)
	}
	closing.Wait()
	var errs []error
	for _, s := range e.shards {
		if err := s.close(); err != nil && !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Stats sums up what all shards have done.
func (e *Engine) Stats() Stats {
	var total Stats
	for _, s := range e.shards {
		total.add(s.stats())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	total.Rooms = len(e.rooms)
	return total
}
