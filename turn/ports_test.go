package turn

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
)

// quay is Ports that the test reads and writes. Their numbers go up from 50001.
type quay struct{ opened []*berth }

type berth struct {
	number  uint16
	deliver func(p []byte, from netip.AddrPort, write Write)
	sent    []string
	closed  int
}

func (q *quay) Open(deliver func(p []byte, from netip.AddrPort, write Write)) (Port, error) {
	b := &berth{number: uint16(50001 + len(q.opened)), deliver: deliver}
	q.opened = append(q.opened, b)
	return b, nil
}

func (b *berth) LocalAddr() netip.AddrPort {
	return netip.AddrPortFrom(netip.IPv4Unspecified(), b.number)
}
func (b *berth) Close() error { b.closed++; return nil }
func (b *berth) WriteTo(p []byte, to netip.AddrPort) error {
	b.sent = append(b.sent, fmt.Sprint(string(p), " to ", to))
	return nil
}

func TestPeersAreReachedByPortsThatAreGiven(t *testing.T) {
	peerAddr := netip.MustParseAddrPort("203.0.113.7:40000")
	synctest.Test(t, func(t *testing.T) {
		q := &quay{}
		r := newRig(t, func(c *Config) {
			c.Media, c.Peers, c.RelayAddr, c.Ports = nil, []netip.AddrPort{peerAddr}, netip.MustParseAddr("203.0.113.1"), q
		})
		c := r.client("198.51.100.7:1", clara)
		want(t, "Allocate with an even port", c.allocate(attrEvenPort, []byte{0}), 0)
		want(t, "ports opened", len(q.opened), 2)
		want(t, "the odd one's closes", q.opened[0].closed, 1)
		port := q.opened[1]
		want(t, "ChannelBind", c.bind(0x4001, peerAddr), 0)

		c.send(onChannel(0x4001, "on its channel"))
		c.send(c.build(send|classIndication, false, attrPeer, xored(peerAddr), attrData, []byte("indicated")))
		c.send(c.build(send|classIndication, false, attrPeer, xored(netip.MustParseAddrPort("203.0.113.7:22")), attrData, []byte("elsewhere")))
		synctest.Wait()
		if sent := []string{"on its channel to " + peerAddr.String(), "indicated to " + peerAddr.String()}; !slices.Equal(port.sent, sent) {
			t.Errorf("the port sent %q, want %q", port.sent, sent)
		}

		var batch []string
		write := func(p []byte, to netip.AddrPort) error {
			batch = append(batch, fmt.Sprintf("%s to %v", p[4:], to))
			return nil
		}
		for _, stranger := range []string{"203.0.113.7:40001", "203.0.113.8:40000", "127.0.0.1:40000"} {
			port.deliver([]byte("strangers!"), netip.MustParseAddrPort(stranger), write)
			port.deliver([]byte("strangers!"), netip.MustParseAddrPort(stranger), nil)
		}
		port.deliver([]byte("of a batch"+"!!"), peerAddr, write)
		port.deliver([]byte("by itself"), peerAddr, nil)
		want(t, "by the port's own way", fmt.Sprint(batch), "[of a batch!! to 198.51.100.7:1]")
		want(t, "by Packets'", fmt.Sprint(c.received()), "[4001 by itself]")

		r.server.Revoke(clara)
		port.deliver([]byte("late"), peerAddr, write)
		want(t, "after she has left", len(batch), 1)
		if port.closed == 0 {
			t.Error("her port is still open")
		}
	})
}
