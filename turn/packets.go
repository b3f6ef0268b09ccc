package turn

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"time"
)

// queueSize is how many requests wait for pion/turn on one UDP port.
const queueSize = 512

// Packets is the relay on a UDP port that it does not own.
type Packets struct {
	fence
	queue chan *request
	spare sync.Pool // of *request
	done  chan struct{}
	stop  sync.Once
	wake  chan struct{} // something is in retired

	mu      sync.RWMutex
	clients map[netip.AddrPort]*allocation
	retired []*allocation // that pion/turn is still to let go of
}

type request struct {
	data []byte
	from netip.AddrPort
}

// Packets serves the relay's UDP port, with the address local, on which write sends.
// It is called by any goroutine. It is not closed but by Close.
func (s *Server) Packets(local netip.AddrPort, write Write) *Packets {
	p := &Packets{
		queue: make(chan *request, queueSize), done: make(chan struct{}),
		wake: make(chan struct{}, 1), clients: make(map[netip.AddrPort]*allocation),
	}
	p.spare.New = func() any { return &request{data: make([]byte, 0, maxMessage)} }
	p.fence = fence{
		server: s, local: udpAddr(local), how: overUDP, find: p.client, opened: p.enter, retire: p.leave,
		write: write, out: func(b []byte, to netip.AddrPort, write Write) { _ = write(b, to) },
	}
	if !s.adopt(p) || p.serve(p) != nil {
		p.shut()
	}
	return p
}

// Push takes a datagram. It copies what it needs and returns at once: data on
// bound channels has been sent by then, other messages wait for their turn, and
// what is junk or too much is dropped and counted. It is called by one goroutine.
func (p *Packets) Push(b []byte, from netip.AddrPort) {
	from = unmap(from)
	t := p.server.clock()
	a := p.client(from)
	if isChannelData(b) {
		if a == nil {
			p.server.tally.deny(channelless)
			return
		}
		a.carry(b, t)
		return
	}
	if len(b) < headerSize || len(b) > maxMessage || b[0] > 1 || binary.BigEndian.Uint32(b[4:]) != magicCookie {
		p.server.tally.junk.Add(1)
		return
	}
	if !p.admit(a, b, from, t) {
		p.server.tally.deny(flood)
		return
	}
	r := p.spare.Get().(*request)
	r.data, r.from = append(r.data[:0], b...), from
	select {
	case p.queue <- r:
	default:
		p.spare.Put(r)
		p.server.tally.deny(backlog)
	}
}

// admit limits what may be answered. Send indications are not, and have the limit
// of their bytes.
func (p *Packets) admit(a *allocation, b []byte, from netip.AddrPort, now time.Time) bool {
	if a == nil {
		return p.server.sources.admit(from.Addr(), now)
	}
	return binary.BigEndian.Uint16(b) == send|classIndication || a.mayAsk(now)
}

// mayAsk limits the requests of a client that has an allocation.
func (a *allocation) mayAsk(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests.take(1, 20, 100, now)
}

func (p *Packets) client(a netip.AddrPort) *allocation {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.clients[a]
}

func (p *Packets) enter(a *allocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !a.dead.Load() { // it may have ended already, and left
		p.clients[a.client] = a
	}
}

// leave takes an allocation off the port, and has pion/turn let go of it before
// the next request.
func (p *Packets) leave(a *allocation) {
	p.mu.Lock()
	if p.clients[a.client] == a {
		delete(p.clients, a.client)
	}
	p.retired = append(p.retired, a)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// ReadFrom gives pion/turn the next request. It is called by the one goroutine
// that carries requests out, so none is when it makes pion/turn let go of
// allocations, and none comes before it has: pion/turn v3 may crash, or end a newer
// allocation of the same client, when these meet.
func (p *Packets) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		p.finish()
		p.letGo()
		select {
		case <-p.done:
			return 0, nil, net.ErrClosed
		case <-p.wake:
		case r := <-p.queue:
			p.letGo()
			n, from := copy(b, r.data), r.from
			p.spare.Put(r)
			if p.begin(b[:n], from) {
				return n, udpAddr(from), nil
			}
		}
	}
}

func (p *Packets) letGo() {
	p.mu.Lock()
	retired := p.retired
	p.retired = nil
	p.mu.Unlock()
	for _, a := range retired {
		a.release()
		select {
		case <-a.gone:
		case <-p.done: // pion/turn lets go of all, as ReadFrom returns
		}
	}
}

// WriteTo sends what pion/turn answers.
func (p *Packets) WriteTo(b []byte, to net.Addr) (int, error) {
	p.answer(b, to)
	return len(b), nil
}

// Close ends the port's allocations.
func (p *Packets) Close() error {
	p.shut()
	return nil
}

func (p *Packets) shut() {
	p.stop.Do(func() {
		close(p.done)
		p.server.release(p)
	})
}

// LocalAddr is the port's address.
func (p *Packets) LocalAddr() net.Addr { return p.local }

// SetDeadline is not used by pion/turn.
func (p *Packets) SetDeadline(time.Time) error { return nil }

// SetReadDeadline is not used by pion/turn.
func (p *Packets) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is not used by pion/turn.
func (p *Packets) SetWriteDeadline(time.Time) error { return nil }
