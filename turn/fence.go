package turn

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/pion/logging"
	pion "github.com/pion/turn/v3"
)

var (
	errQuota  = errors.New("turn: quota reached")
	errNoConn = errors.New("turn: no relaying over TCP")
)

// shortest is the shortest lifetime that a client may ask for: well above margin.
const shortest = 30 * time.Second

// fence stands between clients and pion/turn on one UDP port or one connection. A
// request is read, judged, carried out and answered by one goroutine of
// pion/turn's, one after the other, so what is known of it is kept here meanwhile.
type fence struct {
	server *Server
	local  net.Addr
	how    transport
	find   func(netip.AddrPort) *allocation
	// opened is told of a new allocation, before anything can come for it.
	opened func(*allocation)
	retire func(*allocation)
	write  Write // the UDP port's, for what pion/turn says; nil on a connection
	out    func(p []byte, to netip.AddrPort, write Write)

	m       message
	from    netip.AddrPort
	key     []byte      // of who has signed the request; nil while unknown
	id      Identity    // who that is
	verdict int         // the error code that refuses it; 0 to let pion/turn answer
	ends    *allocation // what ends when it has been answered
}

// serve starts pion/turn on a conn of which f is a part.
func (f *fence) serve(conn net.PacketConn) error {
	_, err := pion.NewServer(pion.ServerConfig{
		Realm: f.server.cfg.Realm, AuthHandler: f.authorize,
		LoggerFactory: silent{}, InboundMTU: maxMessage + 8, ChannelBindTimeout: channelLife,
		PacketConnConfigs: []pion.PacketConnConfig{{
			PacketConn: conn, RelayAddressGenerator: generator{f}, PermissionHandler: f.server.targets.hasIP,
		}},
	})
	return err
}

// begin takes in a message, and reports whether pion/turn shall see it.
func (f *fence) begin(p []byte, from netip.AddrPort) bool {
	f.from, f.key, f.id, f.verdict, f.ends = from, nil, Identity{}, 0, nil
	if !f.m.parse(p) {
		f.server.tally.junk.Add(1)
		return false
	}
	a := f.find(from)
	if a != nil {
		a.heard.Store(f.server.clock().UnixNano())
	}
	switch f.m.method() {
	case binding, allocate:
		return true
	case send:
		if a == nil {
			f.server.tally.deny(channelless)
			return false
		}
		if !f.server.targets.has(f.m.peers[0]) {
			f.server.tally.deny(peer)
			return false
		}
		return true
	}
	if a == nil { // pion/turn would not answer at all
		f.server.tally.deny(channelless)
		if refusal := f.m.refusal(437, nil); len(refusal) <= len(p) {
			f.out(refusal, from, f.write)
		}
		return false
	}
	return true
}

// authorize is asked by pion/turn for the key of a request whose nonce is good. It
// judges the whole request: where it says no, pion/turn answers 400, which WriteTo
// makes what it should be.
func (f *fence) authorize(username, realm string, _ net.Addr) ([]byte, bool) {
	id, expires, ok := parseUsername(username)
	key := f.server.key(username)
	if !ok || realm != f.server.cfg.Realm || !f.m.isSigned(key) {
		f.server.tally.authFailures.Add(1)
		f.verdict = 401
		return nil, false
	}
	f.key, f.id = key, id
	f.verdict = f.judge(f.find(f.from), expires, now())
	return key, f.verdict == 0
}

// judge says with which code a signed request is refused. It is 0 for one that
// pion/turn shall carry out, and 200 for one that has been.
func (f *fence) judge(a *allocation, expires, now time.Time) int {
	deny := func(reason, code int) int {
		f.server.tally.deny(reason)
		return code
	}
	m := &f.m
	lifetime := time.Duration(m.lifetime) * time.Second
	switch {
	case a != nil && a.id != f.id:
		return deny(owner, 441)
	case a == nil && (now.After(expires) || expires.Sub(now) > credentialLife+time.Minute):
		f.server.tally.authFailures.Add(1)
		return 401
	case m.method() == refresh && m.hasLifetime && lifetime == 0:
		f.ends = a
		return 200
	case !f.server.cfg.Allowed(f.id):
		f.ends = a
		return deny(gone, 403)
	case m.hasLifetime && lifetime < shortest:
		return 400
	}
	switch m.method() {
	case allocate:
		return f.judgeAllocate(deny)
	case createPermission, channelBind:
		return f.judgePeers(a, now, deny)
	}
	return 0
}

func (f *fence) judgeAllocate(deny func(int, int) int) int {
	m := &f.m
	switch {
	case m.transport == 0:
		return 400
	case m.transport != protocolUDP:
		return deny(unsupported, 442)
	case m.family != 0 && m.family != familyIPv4:
		return deny(family, 440)
	case m.reservation, m.evenPort && len(f.server.cfg.Peers) == 0:
		return deny(unsupported, 508) // no port is next to another inside the process
	}
	return 0
}

func (f *fence) judgePeers(a *allocation, now time.Time, deny func(int, int) int) int {
	m, binds := &f.m, f.m.method() == channelBind
	if len(m.peers) == 0 || binds && (len(m.peers) > 1 || m.channel < firstChan || m.channel > lastChan) {
		return 400
	}
	if len(m.peers) > f.server.cfg.Limits.Permissions {
		return deny(quota, 486)
	}
	for _, p := range m.peers {
		switch {
		case !p.Addr().Is4():
			return deny(family, 443)
		case !f.server.targets.hasAddr(p.Addr()), binds && !f.server.targets.has(p):
			return deny(peer, 403)
		}
	}
	if binds && !a.mayBind(m.channel, now) {
		return deny(quota, 486)
	}
	return 0
}

// answer sends what pion/turn has written, once it is what it should be.
func (f *fence) answer(p []byte, to net.Addr) {
	at := addrPort(to)
	if len(p) < headerSize || isChannelData(p) || p[0] == 0 && p[1]&0x10 != 0 && p[0]&1 == 0 {
		f.out(p, at, f.write) // data, of the goroutine of an allocation
		return
	}
	switch {
	case f.verdict == 200:
		p = f.m.ended(f.key)
	case f.verdict != 0:
		p = f.m.refusal(f.verdict, f.key)
	case binary.BigEndian.Uint16(p)&classMask == classSuccess:
		f.granted(p)
	}
	f.out(p, at, f.write)
}

// granted takes note of what pion/turn has granted.
func (f *fence) granted(p []byte) {
	a := f.find(f.from)
	if a == nil {
		return
	}
	switch f.m.method() {
	case allocate, refresh:
		a.lasts(time.Duration(lifetimeOf(p)) * time.Second)
	case channelBind:
		a.bind(f.m.channel, f.m.peers[0], now())
	}
}

// finish ends what the last request was to end.
func (f *fence) finish() {
	if a := f.ends; a != nil {
		f.ends = nil
		a.end()
	}
}

// generator is where pion/turn gets allocations from.
type generator struct{ f *fence }

// Validate is pion/turn's.
func (generator) Validate() error { return nil }

// AllocatePacketConn opens an allocation for who has signed the current request.
// For an even port pion/turn asks twice: what any port would be, and what it
// wants. The first is answered with one that is even, of nobody.
func (g generator) AllocatePacketConn(_ string, port int) (net.PacketConn, net.Addr, error) {
	f := g.f
	if f.m.evenPort && port == 0 {
		return nowhere{}, udpAddr(netip.AddrPortFrom(f.server.cfg.RelayAddr, 2)), nil
	}
	a := &allocation{id: f.id, client: f.from, transport: f.how, write: f.write, retire: f.retire}
	a.out = func(p []byte, write Write) { f.out(p, a.client, write) }
	if err := f.server.openAllocation(a, f.m.evenPort); err != nil {
		f.verdict = 508
		if errors.Is(err, errQuota) {
			f.verdict = 486
			f.server.tally.deny(quota)
		}
		return nil, nil, err
	}
	f.opened(a)
	return a, udpAddr(a.addr), nil
}

// nowhere is a port that is only looked at.
type nowhere struct{ net.PacketConn }

// Close does nothing.
func (nowhere) Close() error { return nil }

// AllocateConn is not asked for by pion/turn v3.
func (generator) AllocateConn(string, int) (net.Conn, net.Addr, error) { return nil, nil, errNoConn }

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	}
	return netip.AddrPort{}
}

func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

// silent is a log for pion/turn, which writes a line for each message it does not
// like. What matters is counted here.
type silent struct{}

// NewLogger is pion's.
func (silent) NewLogger(string) logging.LeveledLogger { return silent{} }

func (silent) Trace(string)          {}
func (silent) Tracef(string, ...any) {}
func (silent) Debug(string)          {}
func (silent) Debugf(string, ...any) {}
func (silent) Info(string)           {}
func (silent) Infof(string, ...any)  {}
func (silent) Warn(string)           {}
func (silent) Warnf(string, ...any)  {}
func (silent) Error(string)          {}
func (silent) Errorf(string, ...any) {}
