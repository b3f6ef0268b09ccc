package turn

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// ErrClosed is returned by a server or a carrier that has been closed.
var ErrClosed = errors.New("turn: closed")

// Identity is whose a credential is.
type Identity struct {
	Interview, Participant string
}

// Write sends a datagram from the relay's UDP port. It does not wait, and does not
// keep p.
type Write = func(p []byte, to netip.AddrPort) error

// Media is what clients are relayed to, within this process.
type Media interface {
	// Targets returns the only addresses that a client may reach.
	Targets() []netip.AddrPort
	// Carry opens the way for one allocation. What is sent to the Carrier's
	// address is given to deliver, which does not block and does not keep p or
	// write. By write it sends what becomes of p to a client on the UDP port: media
	// that comes in batches goes out in batches so.
	Carry(deliver func(p []byte, from netip.AddrPort, write Write)) (Carrier, error)
}

// Carrier is an allocation's way to Media. Any goroutine may call its methods, and
// Close more than once.
type Carrier interface {
	// Addr is the address by which Media knows the client, and the client itself.
	Addr() netip.AddrPort
	// WriteTo hands over a copy of p and does not wait.
	WriteTo(p []byte, to netip.AddrPort) error
	Close() error
}

// Config is what a Server needs.
type Config struct {
	// Realm names the server to clients; short, as each refusal carries it.
	Realm string
	// Secret is what passwords are made with, 32 bytes or more. Servers that share
	// it accept each other's credentials.
	Secret []byte
	// Allowed says whether somebody may relay now. It is asked with each request
	// but the ending of an allocation, by any goroutine, and returns at once.
	Allowed func(Identity) bool
	// Media is what clients are relayed to. Nil if there is nothing but Peers.
	Media Media
	// Peers are addresses outside this process that clients may reach besides: other
	// nodes. Exactly these, and IPv4. RelayAddr is the address that they see.
	Peers     []netip.AddrPort
	RelayAddr netip.Addr
	Ports     Ports // to reach Peers by. Nil means the system's, each with a goroutine that reads it
	Limits    Limits
	Logger    *slog.Logger
}

// Server is the relay. Its methods may be called from any goroutine.
type Server struct {
	cfg     Config
	log     *slog.Logger
	began   time.Time
	targets targets
	sources *sources
	tally   tally

	wg     sync.WaitGroup
	mu     sync.Mutex
	closed bool
	open   map[interface{ shut() }]struct{} // what Close ends: ports, listeners, connections
	book   book
	doors  map[netip.Addr]int // connections of each source
}

// New makes a relay, or says what is wrong with its configuration. It does nothing
// until Packets or Serve gives it something to do.
func New(cfg Config) (*Server, error) {
	if len(cfg.Secret) < 32 {
		return nil, errors.New("turn: the secret is shorter than 32 bytes; make one with: openssl rand -hex 32")
	}
	if cfg.Realm == "" || len(cfg.Realm) > 64 {
		return nil, errors.New("turn: the realm must have 1 to 64 bytes; the server's host name is a good one")
	}
	if cfg.Allowed == nil {
		return nil, errors.New("turn: nothing says who may relay; set Allowed")
	}
	if cfg.Media == nil && len(cfg.Peers) == 0 {
		return nil, errors.New("turn: there is nothing to relay to; set Media or Peers")
	}
	if err := checkPeers(cfg.Peers, cfg.RelayAddr); err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Limits = cfg.Limits.orDefaults()
	s := &Server{
		cfg: cfg, log: cfg.Logger, began: now(),
		targets: newTargets(cfg.Media, cfg.Peers),
		sources: newSources(cfg.Limits),
		open:    make(map[interface{ shut() }]struct{}),
		book:    newBook(),
		doors:   make(map[netip.Addr]int),
	}
	if s.cfg.Ports == nil {
		s.cfg.Ports = ownPorts{&s.wg}
	}
	return s, nil
}

func checkPeers(peers []netip.AddrPort, relay netip.Addr) error {
	for _, p := range peers {
		a := p.Addr()
		if !a.Is4() || a.IsUnspecified() || a.IsMulticast() || p.Port() == 0 {
			return fmt.Errorf("turn: %v cannot be a peer; name another node's media port as an IPv4 address and a port, such as 203.0.113.7:40000", p)
		}
	}
	if len(peers) > 0 && !relay.Is4() {
		return errors.New("turn: peers are reached from an IPv4 address of this server; set RelayAddr")
	}
	return nil
}

// adopt registers what Close is to end, and reports false when it has ended already.
func (s *Server) adopt(x interface{ shut() }) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.open[x] = struct{}{}
		s.wg.Add(1)
	}
	return !s.closed
}

// release takes note that something adopted has ended.
func (s *Server) release(x interface{ shut() }) {
	s.mu.Lock()
	_, held := s.open[x]
	delete(s.open, x)
	s.mu.Unlock()
	if held {
		s.wg.Done()
	}
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Close ends all allocations, connections and listeners, and waits for them. It
// may be called more than once.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	all := make([]interface{ shut() }, 0, len(s.open))
	for x := range s.open {
		all = append(all, x)
	}
	s.mu.Unlock()
	for _, x := range all {
		x.shut()
	}
	s.wg.Wait()
	return nil
}

// Revoke ends the allocations of somebody who has left, at once: not a packet is
// taken from them or for them after it returns. Media's current batch still leaves.
func (s *Server) Revoke(id Identity) {
	for _, a := range s.book.of(id) {
		a.end()
	}
}

func now() time.Time { return time.Now() }

// clock is the time for what is done with every packet, at half the price of now:
// it follows no change of the system's clock.
func (s *Server) clock() time.Time { return s.began.Add(time.Since(s.began)) }

// transport is how a client reaches the relay.
type transport uint8

const (
	overUDP transport = iota
	overTCP
	overTLS
	transports
)

func udpAddr(a netip.AddrPort) *net.UDPAddr { return net.UDPAddrFromAddrPort(a) }
