package turn

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	mediaAddr  = netip.MustParseAddrPort("203.0.113.1:40000")
	serverAddr = netip.MustParseAddrPort("203.0.113.1:40000")
	clara      = Identity{"interview", "clara"}
	dan        = Identity{"interview", "dan"}
)

// echo is media that sends back what it gets, from where it was sent to.
type echo struct {
	mu      sync.Mutex
	targets []netip.AddrPort
	carried []*echoCarrier
	mute    bool // keeps nothing
	write   Write
}

type echoCarrier struct {
	addr    netip.AddrPort
	deliver func([]byte, netip.AddrPort)
	mu      sync.Mutex
	got     [][]byte
	closed  bool
	mute    bool
}

func (e *echo) Targets() []netip.AddrPort { return e.targets }

func (e *echo) Carry(deliver func([]byte, netip.AddrPort, Write)) (Carrier, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.carried) + 1
	c := &echoCarrier{addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{0, 0, byte(n >> 8), byte(n)}), 1), mute: e.mute}
	c.deliver = func(p []byte, from netip.AddrPort) { deliver(p, from, e.write) }
	e.carried = append(e.carried, c)
	return c, nil
}

func (c *echoCarrier) Addr() netip.AddrPort { return c.addr }

func (c *echoCarrier) WriteTo(p []byte, to netip.AddrPort) error {
	c.mu.Lock()
	closed, mute := c.closed, c.mute
	if !mute {
		c.got = append(c.got, slices.Clone(p))
	}
	c.mu.Unlock()
	if closed {
		return ErrClosed
	}
	c.deliver(p, to)
	return nil
}

func (c *echoCarrier) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

// rig is a relay with a UDP port that is a map of queues.
type rig struct {
	*testing.T
	server  *Server
	media   *echo
	packets *Packets
	refused sync.Map // Identity

	mu      sync.Mutex
	inboxes map[netip.AddrPort]chan []byte
}

func newRig(t *testing.T, change ...func(*Config)) *rig {
	r := &rig{T: t, media: &echo{targets: []netip.AddrPort{mediaAddr}}, inboxes: map[netip.AddrPort]chan []byte{}}
	cfg := Config{
		Realm: "parley", Secret: []byte("a secret of at least thirty-two bytes"), Media: r.media,
		Allowed: func(id Identity) bool { _, no := r.refused.Load(id); return !no },
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if r.server, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.server.Close() })
	r.media.write = r.write
	r.packets = r.server.Packets(serverAddr, r.write)
	return r
}

func (r *rig) write(p []byte, to netip.AddrPort) error {
	r.mu.Lock()
	in := r.inboxes[to]
	r.mu.Unlock()
	if in != nil {
		select {
		case in <- slices.Clone(p):
		default:
		}
	}
	return nil
}

// client is one that speaks TURN by hand, over anything.
type client struct {
	*rig
	from  netip.AddrPort
	in    chan []byte
	send  func([]byte)
	cred  Credentials
	nonce []byte
	last  byte
}

func (r *rig) client(from string, id Identity) *client {
	c := &client{rig: r, from: netip.MustParseAddrPort(from), in: make(chan []byte, 4096)}
	c.cred = r.server.Credentials(id, time.Now())
	r.mu.Lock()
	r.inboxes[c.from] = c.in
	r.mu.Unlock()
	c.send = func(p []byte) { r.packets.Push(p, c.from) }
	return c
}

// build makes a message with the attributes, which are number and value by turns.
func (c *client) build(kind uint16, signed bool, attrs ...any) []byte {
	p := make([]byte, headerSize)
	binary.BigEndian.PutUint16(p, kind)
	binary.BigEndian.PutUint32(p[4:], magicCookie)
	c.last++
	p[19] = c.last
	for i := 0; i < len(attrs); i += 2 {
		p = appendAttr(p, uint16(attrs[i].(int)), attrs[i+1].([]byte))
	}
	var key []byte
	if signed {
		p = appendAttr(p, attrUsername, []byte(c.cred.Username))
		p = appendAttr(p, attrRealm, []byte("parley"))
		p = appendAttr(p, attrNonce, c.nonce)
		s := Server{cfg: Config{Realm: "parley"}}
		key = s.keyOf(c.cred.Username, c.cred.Password)
	}
	return sealed(p, key)
}

// ask sends a signed request, and returns 0 for success, the error's code, or -1
// for no answer.
func (c *client) ask(kind uint16, attrs ...any) int {
	c.Helper()
	if c.nonce == nil {
		c.challenge()
	}
	c.send(c.build(kind, true, attrs...))
	code, _ := c.answer()
	return code
}

func (c *client) challenge() {
	c.Helper()
	c.send(c.build(allocate, false))
	if code, p := c.answer(); code == 401 {
		c.nonce = slices.Clone(find(p, attrNonce))
	} else {
		c.Fatalf("an unsigned request got %d, want 401", code)
	}
}

func (c *client) answer() (int, []byte) {
	synctest.Wait()
	select {
	case p := <-c.in:
		if binary.BigEndian.Uint16(p)&classMask == classSuccess {
			return 0, p
		}
		v := find(p, attrErrorCode)
		if len(v) < 4 {
			c.Fatalf("got % x, want an answer", p)
		}
		return int(v[2])*100 + int(v[3]), p
	default:
		return -1, nil
	}
}

func find(p []byte, kind uint16) []byte {
	for at := headerSize; at+4 <= len(p); {
		size := int(binary.BigEndian.Uint16(p[at+2:]))
		if binary.BigEndian.Uint16(p[at:]) == kind {
			return p[at+4 : at+4+size]
		}
		at += 4 + (size+3)&^3
	}
	return nil
}

var udpTransport = []byte{protocolUDP, 0, 0, 0}

func (c *client) allocate(attrs ...any) int {
	return c.ask(allocate, append([]any{attrTransport, udpTransport}, attrs...)...)
}

func (c *client) refresh(seconds uint32) int {
	return c.ask(refresh, attrLifetime, binary.BigEndian.AppendUint32(nil, seconds))
}

func (c *client) bind(number uint16, to netip.AddrPort) int {
	return c.ask(channelBind, attrChannel, []byte{byte(number >> 8), byte(number), 0, 0}, attrPeer, xored(to))
}

// xored is an XOR-PEER-ADDRESS, for the transaction that build makes next to none
// of: IPv6 addresses are wrong by its number, in a last byte that no test looks at.
func (c *client) xored6(a netip.AddrPort) []byte {
	v := binary.BigEndian.AppendUint16([]byte{0, familyIPv6}, a.Port()^magicCookie>>16)
	key := make([]byte, 16)
	binary.BigEndian.PutUint32(key, magicCookie)
	key[15] = c.last + 1
	for i, b := range a.Addr().As16() {
		v = append(v, b^key[i])
	}
	return v
}

func xored(a netip.AddrPort) []byte {
	v := binary.BigEndian.AppendUint16([]byte{0, familyIPv4}, a.Port()^magicCookie>>16)
	b := a.Addr().As4()
	return binary.BigEndian.AppendUint32(v, binary.BigEndian.Uint32(b[:])^magicCookie)
}

func onChannel(number uint16, data string) []byte {
	p := binary.BigEndian.AppendUint16(nil, number)
	return append(binary.BigEndian.AppendUint16(p, uint16(len(data))), data...)
}

// received is what data has come on a channel.
func (c *client) received() (all []string) {
	synctest.Wait()
	for {
		select {
		case p := <-c.in:
			if number, data, ok := channelData(p); ok {
				all = append(all, fmt.Sprintf("%x %s", number, data))
			} else if d := find(p, attrData); d != nil {
				all = append(all, "data "+string(d))
			}
		default:
			return all
		}
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestPacketsAreRelayed(t *testing.T) {
	for name, from := range map[string]string{"IPv4": "198.51.100.7:5000", "IPv6": "[2001:db8::7]:5000"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newRig(t).client(from, clara)
				want(t, "Allocate", c.allocate(), 0)
				want(t, "CreatePermission", c.ask(createPermission, attrPeer, xored(mediaAddr)), 0)
				c.send(c.build(send|classIndication, false, attrPeer, xored(mediaAddr), attrData, []byte("by indication")))
				want(t, "indication", fmt.Sprint(c.received()), "[data by indication]")
				want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
				c.send(onChannel(0x4001, "by channel"))
				want(t, "channel", fmt.Sprint(c.received()), "[4001 by channel]")
				s := c.server.Stats().UDP
				want(t, "from clients", s.FromClients, Traffic{2, 23})
				want(t, "to clients", s.ToClients, Traffic{2, 23})
				want(t, "allocations", s.Allocations, 1)
				c.server.Close()
				want(t, "allocations at the end", c.server.Stats().UDP.Allocations, 0)
			})
		})
	}
}

// pipe is a connection with addresses, for virtual time.
type pipe struct {
	net.Conn
	remote net.Addr
	tls    bool
}

func (p pipe) RemoteAddr() net.Addr { return p.remote }
func (p pipe) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(serverAddr) }
func (p pipe) TLS() bool            { return p.tls }

// dial opens a connection to the relay that is read into the client's inbox.
func (r *rig) dial(from string, id Identity, tls bool) (*client, net.Conn, <-chan struct{}) {
	ours, theirs := net.Pipe()
	c := r.client(from, id)
	r.server.admit(pipe{theirs, net.TCPAddrFromAddrPort(c.from), tls})
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		var all []byte
		for buf := make([]byte, 4096); ; {
			n, err := ours.Read(buf)
			all = append(all, buf[:n]...)
			for len(all) >= 4 {
				size, ok := frameSize(all)
				if !ok || len(all) < size {
					break
				}
				c.in <- slices.Clone(all[:size])
				all = all[size:]
			}
			if err != nil {
				return
			}
		}
	}()
	c.send = func(p []byte) {
		ours.SetWriteDeadline(time.Now().Add(time.Second))
		ours.Write(p)
	}
	r.Cleanup(func() { ours.Close() })
	return c, ours, closed
}

func TestPacketsAreRelayedOverConnections(t *testing.T) {
	for _, tls := range []bool{false, true} {
		t.Run(fmt.Sprint("TLS ", tls), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				c, _, _ := r.dial("198.51.100.7:5000", clara, tls)
				want(t, "Allocate", c.allocate(), 0)
				want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
				padded := append(onChannel(0x4001, "ten  bytes"), 0, 0)
				c.send(slices.Concat(padded, padded, padded[:5]))
				c.send(padded[5:])
				want(t, "channel", fmt.Sprint(c.received()), "[4001 ten  bytes 4001 ten  bytes 4001 ten  bytes]")
				s := r.server.Stats().TCP
				if tls {
					s = r.server.Stats().TLS
				}
				want(t, "connections", s.Connections, 1)
				want(t, "allocations", s.Allocations, 1)
				want(t, "to clients", s.ToClients, Traffic{3, 30})
				r.server.Close()
				want(t, "connections at the end", r.server.Stats().TCP.Connections+r.server.Stats().TLS.Connections, 0)
			})
		})
	}
}
