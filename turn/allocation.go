package turn

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// channelLife is how long a channel lasts after a ChannelBind (RFC 8656 §12).
	channelLife = 10 * time.Minute
	// margin is how much sooner an allocation ends here than in pion/turn. Its own
	// end, by a timer, could meet a request that it is handling and crash.
	margin = 5 * time.Second
	// inboxSize is how many packets wait to become Data indications.
	inboxSize = 128
)

// allocation is what one client has of the relay: a way in and out for what is on
// bound channels, and a net.PacketConn for pion/turn, by which the rest goes.
type allocation struct {
	server    *Server
	id        Identity
	client    netip.AddrPort
	transport transport
	out       func(p []byte, write Write) // a message for the client; does not wait, does not keep p
	write     Write                       // for what comes from Peers
	retire    func(*allocation)           // has pion/turn let go of it, in its own time

	carrier Carrier // nil without Media
	outside Port    // nil without Peers
	addr    netip.AddrPort

	channels atomic.Pointer[[]channel]
	heard    atomic.Int64 // when the client was last heard of, in Unix nanoseconds
	dead     atomic.Bool
	expiry   *time.Timer
	ending   sync.Once

	inbox  chan packet   // for pion/turn
	closed chan struct{} // pion/turn shall let go
	gone   chan struct{} // it has
	going  sync.Once

	mu       sync.Mutex
	up, down bucket
	requests bucket
	frame    []byte // of what goes to the client
}

var errNoPort = errors.New("turn: no even port is free")

// channel is one that pion/turn has bound.
type channel struct {
	number  uint16
	peer    netip.AddrPort
	outside bool
	expires time.Time
}

type packet struct {
	data []byte
	from netip.AddrPort
}

// openAllocation makes an allocation for a client, if the quotas let it, with an
// even port if that is asked for.
func (s *Server) openAllocation(a *allocation, even bool) error {
	a.server = s
	a.inbox, a.closed, a.gone = make(chan packet, inboxSize), make(chan struct{}), make(chan struct{})
	a.frame = make([]byte, 0, 4+maxMessage+4)
	t := s.clock()
	a.heard.Store(t.UnixNano())
	a.channels.Store(new([]channel))
	instead, ok := s.book.enter(a, s.cfg.Limits, t)
	if !ok {
		return errQuota
	}
	if instead != nil {
		instead.end()
	}
	if err := a.connect(even); err != nil {
		s.book.leave(a)
		return err
	}
	if !s.adopt(a) {
		a.disconnect()
		s.book.leave(a)
		return ErrClosed
	}
	s.tally.allocations[a.transport].Add(1)
	s.tally.allocated[a.transport].Add(1)
	a.mu.Lock() // against the first delivery
	defer a.mu.Unlock()
	a.expiry = time.AfterFunc(time.Hour, a.end)
	return nil
}

// connect opens the ways out. The client's relayed address is that by which Media
// knows it, or for Peers one of the kernel's.
func (a *allocation) connect(even bool) (err error) {
	if media := a.server.cfg.Media; media != nil {
		if a.carrier, err = media.Carry(a.deliver); err != nil {
			return err
		}
		a.addr = a.carrier.Addr()
	}
	if len(a.server.cfg.Peers) > 0 {
		if err = a.listen(even); err != nil {
			a.disconnect()
		}
	}
	return err
}

// listen opens a port for Peers.
func (a *allocation) listen(even bool) error {
	for range 64 {
		port, err := a.server.cfg.Ports.Open(a.hear)
		if err != nil {
			return err
		}
		number := port.LocalAddr().Port()
		if !even || number%2 == 0 {
			a.outside, a.addr = port, netip.AddrPortFrom(a.server.cfg.RelayAddr, number)
			return nil
		}
		port.Close()
	}
	return errNoPort
}

func (a *allocation) disconnect() {
	if a.carrier != nil {
		a.carrier.Close()
	}
	if a.outside != nil {
		a.outside.Close()
	}
}

// hear takes what came from outside, which may be anybody.
func (a *allocation) hear(p []byte, from netip.AddrPort, write Write) {
	if write == nil {
		write = a.write
	}
	if a.server.targets.isPeer(from) {
		a.deliver(p, from, write)
	}
}

// lasts sets when the allocation ends, unless it is refreshed.
func (a *allocation) lasts(lifetime time.Duration) {
	if !a.dead.Load() {
		a.expiry.Reset(max(lifetime-margin, 0))
	}
}

// end ends the allocation: nothing is taken any more when it returns. pion/turn lets
// go of it when it next can.
func (a *allocation) end() {
	a.ending.Do(func() {
		a.dead.Store(true)
		a.mu.Lock()
		if a.expiry != nil {
			a.expiry.Stop()
		}
		a.mu.Unlock()
		a.disconnect()
		a.server.book.leave(a)
		a.server.tally.allocations[a.transport].Add(-1)
		a.retire(a)
	})
}

func (a *allocation) shut() { a.end() }

// bind takes note of a ChannelBind that pion/turn has granted.
func (a *allocation) bind(number uint16, to netip.AddrPort, now time.Time) {
	bound := slices.DeleteFunc(slices.Clone(*a.channels.Load()), func(c channel) bool {
		return c.number == number || !c.expires.After(now)
	})
	bound = append(bound, channel{
		number: number, peer: to, outside: !a.server.targets.isMedia(to), expires: now.Add(channelLife),
	})
	a.channels.Store(&bound)
}

// mayBind reports whether the client may have one channel more, or has this one.
func (a *allocation) mayBind(number uint16, now time.Time) bool {
	n := 0
	for _, c := range *a.channels.Load() {
		if c.number == number {
			return true
		}
		if c.expires.After(now) {
			n++
		}
	}
	return n < a.server.cfg.Limits.Channels
}

// carry takes ChannelData from the client to where its channel leads. It does not
// keep p.
func (a *allocation) carry(p []byte, now time.Time) {
	a.heard.Store(now.UnixNano())
	number, data, ok := channelData(p)
	if !ok {
		a.server.tally.junk.Add(1)
		return
	}
	for _, c := range *a.channels.Load() {
		if c.number == number && now.Before(c.expires) {
			a.pass(data, c.peer, c.outside, now)
			return
		}
	}
	a.server.tally.deny(channelless)
}

// send takes data from the client to an address that may be any.
func (a *allocation) send(p []byte, to netip.AddrPort) {
	media := a.server.targets.isMedia(to)
	if !media && !a.server.targets.isPeer(to) {
		a.server.tally.deny(peer)
		return
	}
	a.pass(p, to, !media, a.server.clock())
}

func (a *allocation) pass(p []byte, to netip.AddrPort, outside bool, now time.Time) {
	a.mu.Lock()
	ok := !a.dead.Load() && a.afford(&a.up, len(p), now)
	a.mu.Unlock()
	if !ok {
		return
	}
	var err error
	if outside {
		err = a.outside.WriteTo(p, to)
	} else {
		err = a.carrier.WriteTo(p, to)
	}
	if err == nil {
		a.server.tally.up[a.transport].add(len(p))
	}
}

// afford charges a way's byte rate, of which a second's worth may come at once.
// The caller holds mu.
func (a *allocation) afford(b *bucket, n int, now time.Time) bool {
	most := float64(a.server.cfg.Limits.BytesPerSecond)
	if !b.take(float64(n), most, most, now) {
		a.server.tally.deny(rate)
		return false
	}
	return true
}

// deliver takes what came for the client to it: on the channel of where it came
// from, or by way of pion/turn, which knows the permissions.
func (a *allocation) deliver(p []byte, from netip.AddrPort, write Write) {
	if a.dead.Load() || len(p) > maxMessage {
		return
	}
	t := a.server.clock()
	for _, c := range *a.channels.Load() {
		if c.peer == from && t.Before(c.expires) {
			a.onChannel(c.number, p, write, t)
			return
		}
	}
	a.mu.Lock()
	ok := a.afford(&a.down, len(p), t)
	a.mu.Unlock()
	if !ok {
		return
	}
	select {
	case a.inbox <- packet{slices.Clone(p), from}:
	default:
		a.server.tally.deny(backlog)
	}
}

// onChannel sends ChannelData to the client. It is padded, as pion/turn's is: over
// TCP it must be, over UDP it may (RFC 8656 §12.5).
func (a *allocation) onChannel(number uint16, p []byte, write Write, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.afford(&a.down, len(p), now) {
		return
	}
	f := binary.BigEndian.AppendUint16(a.frame[:0], number)
	f = binary.BigEndian.AppendUint16(f, uint16(len(p)))
	f = append(f, p...)
	for len(f)%4 != 0 {
		f = append(f, 0)
	}
	a.out(f, write)
	a.server.tally.down[a.transport].add(len(p))
}

// ReadFrom gives pion/turn what came for the client without a channel.
func (a *allocation) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case <-a.closed:
		return 0, nil, net.ErrClosed
	case x := <-a.inbox:
		a.server.tally.down[a.transport].add(len(x.data))
		return copy(p, x.data), udpAddr(x.from), nil
	}
}

// WriteTo takes what pion/turn has of the client in a Send indication. That it may
// not pass is no error of the caller's, and is counted here.
func (a *allocation) WriteTo(p []byte, to net.Addr) (int, error) {
	if u, ok := to.(*net.UDPAddr); ok {
		at := u.AddrPort()
		a.send(p, netip.AddrPortFrom(at.Addr().Unmap(), at.Port()))
	}
	return len(p), nil
}

// Close tells that pion/turn has let go.
func (a *allocation) Close() error {
	a.end()
	a.release()
	a.going.Do(func() {
		close(a.gone)
		a.server.release(a)
	})
	return nil
}

// release has pion/turn let go. The caller is the goroutine of its requests, or
// pion/turn itself.
func (a *allocation) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.closed:
	default:
		close(a.closed)
	}
}

// LocalAddr is the client's relayed address.
func (a *allocation) LocalAddr() net.Addr { return udpAddr(a.addr) }

// SetDeadline is not used by pion/turn.
func (a *allocation) SetDeadline(time.Time) error { return nil }

// SetReadDeadline is not used by pion/turn.
func (a *allocation) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is not used by pion/turn.
func (a *allocation) SetWriteDeadline(time.Time) error { return nil }
