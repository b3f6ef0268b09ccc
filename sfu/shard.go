package sfu

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/sfu/floor"
	"parley/sfu/forward"
	"parley/sfu/socket"
)

// How often a shard looks up from its packets.
const (
	tickEvery  = 20 * time.Millisecond  // retries, reports, voices
	idleFor    = time.Second            // between looks when nobody is connected
	voiceEvery = 100 * time.Millisecond // who speaks
)

// YieldEvery is how often a goroutine that waits in system calls, as shards do, calls
// runtime.Gosched. From one that has not been scheduled for 10 ms, Go takes the
// processor in its next system call, whoever wants it, and getting one back is a
// quarter of what a shard costs. It leaves it alone while another one is idle: see
// Config.Shards.
const YieldEvery = 6 * time.Millisecond

// shard is one socket, one goroutine and all that its rooms' packets need. Only
// its goroutine touches the fields below inbox; others reach them with do.
type shard struct {
	conn *socket.Virtual
	mux  *mux
	turn func(p []byte, from netip.AddrPort) // the relay that shares the port, or nil
	log  *slog.Logger
	load atomic.Int64 // peers, for placing rooms
	done sync.WaitGroup

	mu        sync.Mutex // guards the next three
	inbox     []func()
	stopped   bool
	published counters
	pending   atomic.Bool // inbox is not empty

	now        time.Time
	nextTick   time.Time
	nextVoices time.Time
	transports []*transport
	stages     map[*stage]struct{}
	routes     map[netip.AddrPort]*transport // a cache of the mux's
	generation uint64                        // of the mux's routes that the cache holds
	publishers map[uint32]*transport         // by the SSRCs of what they send
	roamers    map[netip.AddrPort]*transport // whom media are followed to where ICE has not been
	out        *Out                          // to relayed clients
	count      counters
	pacing     []*transport // that hold packets back
	running    []func()     // the inbox being worked off
	asks       []uint16     // scratch, as the next three
	copies     []forward.Copy
	redundant  [maxRedundantSize + 64]byte
	scratch    [socket.MTU]byte // a packet for a tap
}

// startShard starts a shard. The relay shares the socket of the first.
func startShard(conn, first *socket.Virtual, announce []netip.Addr, turn func([]byte, netip.AddrPort), log *slog.Logger) *shard {
	s := &shard{
		conn:       conn,
		turn:       turn,
		log:        log,
		stages:     map[*stage]struct{}{},
		routes:     map[netip.AddrPort]*transport{},
		publishers: map[uint32]*transport{},
		roamers:    map[netip.AddrPort]*transport{},
		out:        newOut(first),
	}
	s.mux = newMux(conn, announce)
	s.done.Go(s.run)
	return s
}

// do runs f on the shard's goroutine, soon and in order. It reports false, and
// drops f, once the shard has stopped.
func (s *shard) do(f func()) bool {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return false
	}
	s.inbox = append(s.inbox, f)
	s.mu.Unlock()
	if s.pending.CompareAndSwap(false, true) {
		s.conn.Wake()
	}
	return true
}

// wait is do that returns when f has run. It must not be called by the shard's
// own goroutine.
func (s *shard) wait(f func()) {
	ran := make(chan struct{})
	if s.do(func() { f(); close(ran) }) {
		<-ran
	}
}

func (s *shard) close() error {
	err := s.conn.Close()
	s.done.Wait()
	return err
}

func (s *shard) stats() counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.published
}

// run is the shard's life: receive a batch, carry each packet all the way, send
// what came of it.
func (s *shard) run() {
	defer s.stop()
	var yielded time.Time
	for {
		batch, err := s.conn.Receive(s.patience())
		if err != nil && (errors.Is(err, socket.ErrClosed) || errors.Is(err, net.ErrClosed)) {
			return
		}
		s.now = time.Now()
		s.workInbox()
		for i := range batch {
			s.receive(batch[i].Payload, batch[i].From)
		}
		if !s.now.Before(s.nextTick) {
			s.tick()
		}
		if len(s.pacing) > 0 {
			s.release()
		}
		_, dropped := s.conn.Flush()
		s.count.drops[congested] += uint64(dropped + s.out.Flush())
		if s.now.Sub(yielded) >= YieldEvery {
			yielded = s.now
			runtime.Gosched()
		}
	}
}

// patience is how long the next Receive may sleep. It is not cut to the next tick:
// a socket's timeout that changes with every batch is a system call more.
func (s *shard) patience() time.Duration {
	if len(s.transports) == 0 {
		return idleFor
	}
	if len(s.pacing) > 0 {
		return paceEvery
	}
	return tickEvery
}

func (s *shard) stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.workInbox() // what was accepted before is still done: somebody waits for it
}

func (s *shard) workInbox() {
	if !s.pending.Swap(false) {
		return
	}
	s.mu.Lock()
	s.running, s.inbox = s.inbox, s.running[:0]
	s.mu.Unlock()
	for i, f := range s.running {
		f()
		s.running[i] = nil
	}
}

// receive takes one datagram to whom it is for, by its first byte (RFC 7983).
func (s *shard) receive(b []byte, from netip.AddrPort) {
	switch {
	case len(b) >= 12 && b[0] >= 128 && b[0] <= 191:
		t := s.route(from)
		if t == nil {
			t = s.byStream(b, from)
		}
		if t == nil {
			s.count.drops[stranger]++
			return
		}
		t.receive(b, from)
	case len(b) > 0 && b[0] < 4 && (s.turn == nil || !isRelays(b)):
		c := s.mux.stun(b, from)
		if c == nil && s.mux.answerFormer(b, from, s.now) {
			return
		}
		s.control(c, b, from)
	case len(b) > 0 && (b[0] < 4 || b[0] >= 64 && b[0] < 128) && s.turn != nil:
		// Channels of RFC 8656 begin with 64 to 79; clients of RFC 5766, of which
		// there are many, go on to 127.
		s.turn(b, from)
	case len(b) > 13 && b[0] >= 20 && b[0] <= 63:
		// DTLS only from where ICE has authenticated its peer: a forged
		// ClientHello cannot race the real one.
		s.control(s.mux.at(from), b, from)
	default:
		s.count.drops[junk]++
	}
}

func (s *shard) control(c *control, b []byte, from netip.AddrPort) {
	if c == nil {
		s.count.drops[stranger]++
		return
	}
	if !c.push(b, from) {
		s.count.drops[backlog]++
	}
}

// route finds whose media comes from an address.
func (s *shard) route(from netip.AddrPort) *transport {
	if g := s.mux.generation.Load(); g != s.generation {
		clear(s.routes)
		s.generation = g
	}
	if t, ok := s.routes[from]; ok {
		return t
	}
	c := s.mux.at(from)
	if c == nil {
		return nil
	}
	s.routes[from] = c.transport
	return c.transport
}

func (s *shard) tick() {
	s.nextTick = s.now.Add(tickEvery)
	for _, t := range s.transports {
		t.tick()
	}
	if !s.now.Before(s.nextVoices) {
		s.nextVoices = s.now.Add(voiceEvery)
		for st := range s.stages {
			st.listen(s.now)
		}
	}
	s.count.peers = len(s.transports)
	s.mu.Lock()
	s.published = s.count
	s.mu.Unlock()
}

func (s *shard) add(t *transport) {
	s.transports = append(s.transports, t)
	s.nextTick = s.now
}

func (s *shard) remove(t *transport) {
	if i := slices.Index(s.transports, t); i >= 0 {
		s.transports = slices.Delete(s.transports, i, i+1)
	}
	s.count.peers = len(s.transports)
	s.mu.Lock()
	s.published = s.count
	s.mu.Unlock()
}

// listen tells who speaks and who holds the floor.
func (st *stage) listen(now time.Time) {
	if len(st.voices) == 0 {
		return
	}
	ids := make([]PeerID, 0, len(st.voices))
	for id := range st.voices {
		ids = append(ids, id)
	}
	slices.Sort(ids) // events come in the same order in every run of a test
	for _, id := range ids {
		if on, changed := st.voices[id].Speaking(now); changed {
			st.deliver(Speaking{Peer: id, On: on})
		}
	}
	if holder, changed := st.floor.Update(st.voices, now); changed {
		st.deliver(Loudest{Peer: holder})
	}
}

func (st *stage) voice(id PeerID) *floor.Voice {
	v := st.voices[id]
	if v == nil {
		v = &floor.Voice{}
		st.voices[id] = v
	}
	return v
}
