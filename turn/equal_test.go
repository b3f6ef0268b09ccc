package turn

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	pion "github.com/pion/turn/v3"
)

// plain is pion/turn v3 as it is, on a port that is a queue.
type plain struct {
	net.PacketConn
	in    chan []byte
	from  net.Addr
	write func(p []byte, to netip.AddrPort) error
	done  chan struct{}
}

func (p *plain) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case q := <-p.in:
		return copy(b, q), p.from, nil
	case <-p.done:
		return 0, nil, net.ErrClosed
	}
}

func (p *plain) WriteTo(b []byte, to net.Addr) (int, error) {
	return len(b), p.write(b, addrPort(to))
}
func (p *plain) LocalAddr() net.Addr { return udpAddr(serverAddr) }
func (p *plain) Close() error        { close(p.done); return nil }

// plainRelay is what pion/turn relays by: the same media as the relay's.
type plainRelay struct {
	net.PacketConn
	carrier Carrier
	in      chan packet
	done    chan struct{}
}

func (p *plainRelay) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case x := <-p.in:
		return copy(b, x.data), udpAddr(x.from), nil
	case <-p.done:
		return 0, nil, net.ErrClosed
	}
}

func (p *plainRelay) WriteTo(b []byte, to net.Addr) (int, error) {
	return len(b), p.carrier.WriteTo(b, addrPort(to))
}
func (p *plainRelay) LocalAddr() net.Addr { return udpAddr(p.carrier.Addr()) }
func (p *plainRelay) Close() error        { close(p.done); return nil }

type plainGenerator struct{ *echo }

func (plainGenerator) Validate() error { return nil }
func (plainGenerator) AllocateConn(string, int) (net.Conn, net.Addr, error) {
	return nil, nil, errNoConn
}

func (g plainGenerator) AllocatePacketConn(string, int) (net.PacketConn, net.Addr, error) {
	p := &plainRelay{in: make(chan packet, 100), done: make(chan struct{})}
	p.carrier, _ = g.Carry(func(b []byte, from netip.AddrPort, _ Write) { p.in <- packet{slices.Clone(b), from} })
	return p, udpAddr(p.carrier.Addr()), nil
}

// plainClient is a client of pion/turn v3 without the fence.
func plainClient(t *testing.T) *client {
	r := newRig(t)
	c := r.client("198.51.100.7:1", clara)
	p := &plain{in: make(chan []byte, 100), from: udpAddr(c.from), write: r.write, done: make(chan struct{})}
	server, err := pion.NewServer(pion.ServerConfig{
		Realm: "parley", LoggerFactory: silent{},
		AuthHandler:       func(u, _ string, _ net.Addr) ([]byte, bool) { return r.server.key(u), true },
		PacketConnConfigs: []pion.PacketConnConfig{{PacketConn: p, RelayAddressGenerator: plainGenerator{r.media}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	c.send = func(b []byte) { p.in <- slices.Clone(b) }
	return c
}

// What passes pion/turn by goes as it would have gone through it: the same random
// script of binds, data both ways and time has the same outcome on both.
func TestBoundChannelsBehaveAsInPion(t *testing.T) {
	other := netip.MustParseAddrPort("203.0.113.1:40001")
	script := func(c *client, seed uint64) (events []string) {
		random := rand.New(rand.NewPCG(seed, 1))
		note := func(what string, x any) { events = append(events, fmt.Sprint(what, " ", x)) }
		c.media.targets = append(c.media.targets, other)
		note("allocate", c.allocate())
		carrier := c.media.carried[len(c.media.carried)-1]
		at := func() netip.AddrPort { return []netip.AddrPort{mediaAddr, other}[random.IntN(2)] }
		for i := range 150 {
			number := uint16(0x4001 + random.IntN(3))
			data := fmt.Sprint("packet ", i, string(make([]byte, random.IntN(5))))
			switch random.IntN(8) {
			case 0:
				note("bind", c.bind(number, at()))
			case 1, 2:
				c.send(onChannel(number, data))
			case 3:
				p := onChannel(number, data)
				c.send(append(p, make([]byte, -len(p)&3)...))
			case 4:
				carrier.deliver([]byte(data), at())
			case 5:
				c.send(c.build(send|classIndication, false, attrPeer, xored(at()), attrData, []byte(data)))
			case 6:
				note("permission", c.ask(createPermission, attrPeer, xored(at())))
			case 7:
				time.Sleep(time.Duration(random.IntN(150)) * time.Second)
				note("refresh", c.refresh(900))
			}
			note("back", c.received())
		}
		note("carried", fmt.Sprintf("%q", carrier.got))
		return events
	}
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(20) {
			ours, pions := script(newRig(t).client("198.51.100.7:1", clara), seed), script(plainClient(t), seed)
			for i := range ours {
				if ours[i] != pions[i] {
					t.Fatalf("script %d, step %d: got %s, pion/turn says %s", seed, i, ours[i], pions[i])
				}
			}
		}
	})
}

// The frames are the same to the byte.
func TestFramesAreAsPions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var frames [2][][]byte
		for i, c := range []*client{newRig(t).client("198.51.100.7:1", clara), plainClient(t)} {
			c.allocate()
			c.bind(0x4001, mediaAddr)
			for n := range 20 {
				c.media.carried[len(c.media.carried)-1].deliver(make([]byte, n), mediaAddr)
				synctest.Wait()
				p := <-c.in
				if binary.BigEndian.Uint16(p[2:]) != uint16(n) {
					t.Errorf("a frame of %d bytes says % x", n, p[:4])
				}
				frames[i] = append(frames[i], p)
			}
		}
		want(t, "frames", fmt.Sprint(frames[0]), fmt.Sprint(frames[1]))
	})
}

// What is carried of a frame is what pion/turn would carry of it. What it would
// carry and this relay does not, has bytes after it that belong to nothing.
func FuzzChannelData(f *testing.F) {
	frame := onChannel(0x4001, "data!")
	for _, p := range [][]byte{
		frame, append(slices.Clone(frame), 0, 0, 0), append(slices.Clone(frame), 0, 0, 0, 0), frame[:8], frame[:4], frame[:3],
		onChannel(0x4001, ""), onChannel(0x4002, "of another"), onChannel(0x4FFF, "x"), onChannel(0x7FFF, "x"), onChannel(0x4001, string(make([]byte, maxMessage))),
		{0x40, 1, 0xff, 0xff, 1, 2}, {0x40},
	} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) == 0 || p[0]>>6 != 1 || len(p) > maxMessage+8 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			var got [2][][]byte
			for i, c := range []*client{newRig(t).client("198.51.100.7:1", clara), plainClient(t)} {
				want(t, "Allocate", c.allocate(), 0)
				want(t, "ChannelBind", c.bind(0x4001, mediaAddr), 0)
				c.send(p)
				synctest.Wait()
				got[i] = c.media.carried[0].got
			}
			ours, pions := got[0], got[1]
			if len(ours) > 0 && !slices.EqualFunc(ours, pions, slices.Equal[[]byte]) {
				t.Errorf("carried %x, pion/turn carries %x", ours, pions)
			}
			if len(ours) == 0 && len(pions) > 0 && len(p)-4 <= (len(pions[0])+3)&^3 && len(pions[0]) <= maxMessage {
				t.Errorf("%x was not carried; pion/turn carries %x", p, pions)
			}
		})
	})
}
