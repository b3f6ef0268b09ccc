package impair_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"parley/internal/impair"
	"parley/sfu/sfutest/link"
)

var loopback = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// house is a relay between a client and an echo.
type house struct {
	t      *testing.T
	relay  *impair.Relay
	server *net.UDPConn
	client *net.UDPConn
}

func open(t *testing.T) *house {
	t.Helper()
	server, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	relay, err := impair.Listen(impair.Config{Listen: loopback, Server: server.LocalAddr().(*net.UDPAddr).AddrPort(), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 { // it may be closed again
			if err := relay.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	client, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(relay.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return &house{t: t, relay: relay, server: server, client: client}
}

// sent sends a byte from the client and tells from where it came to the server;
// not valid where it has not come after the time given.
func (h *house) sent(b byte, within time.Duration) netip.AddrPort {
	h.t.Helper()
	if _, err := h.client.Write([]byte{b}); err != nil {
		h.t.Fatal(err)
	}
	return h.arrived(b, within)
}

func (h *house) arrived(b byte, within time.Duration) netip.AddrPort {
	h.t.Helper()
	if err := h.server.SetReadDeadline(time.Now().Add(within)); err != nil {
		h.t.Fatal(err)
	}
	buffer := make([]byte, 10)
	_, from, err := h.server.ReadFromUDPAddrPort(buffer)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return netip.AddrPort{}
	}
	if err != nil || buffer[0] != b {
		h.t.Fatalf("received %d: %v, want %d", buffer[0], err, b)
	}
	return from
}

// answered sends a byte from the server and tells whether the client has it.
func (h *house) answered(b byte, to netip.AddrPort, within time.Duration) bool {
	h.t.Helper()
	if _, err := h.server.WriteToUDPAddrPort([]byte{b}, to); err != nil {
		h.t.Fatal(err)
	}
	if err := h.client.SetReadDeadline(time.Now().Add(within)); err != nil {
		h.t.Fatal(err)
	}
	buffer := make([]byte, 10)
	n, err := h.client.Read(buffer)
	return err == nil && n == 1 && buffer[0] == b
}

const (
	soon = 5 * time.Second
	long = 100 * time.Millisecond // enough for loopback, where nothing is to come
)

func TestDatagramsGoThereAndBack(t *testing.T) {
	h := open(t)
	from := h.sent(1, soon)
	if !from.IsValid() || from == h.client.LocalAddr().(*net.UDPAddr).AddrPort() {
		t.Fatalf("came from %v, want the relay", from)
	}
	if !h.answered(2, from, soon) {
		t.Fatal("the answer did not come")
	}
	const delay = 60 * time.Millisecond
	h.relay.SetPath(link.Path{Delay: delay}, link.Path{Delay: delay})
	start := time.Now()
	if again := h.sent(3, soon); again != from {
		t.Errorf("the second packet came from %v, want %v", again, from)
	}
	if !h.answered(4, from, soon) || time.Since(start) < 2*delay {
		t.Errorf("there and back took %v, want 120ms", time.Since(start))
	}
	if up, down := h.relay.Links(); up.Stats().Packets != 2 || down.Stats().Packets != 2 {
		t.Errorf("counted %+v and %+v", up.Stats(), down.Stats())
	}
}

func TestARebindingIsANewAddress(t *testing.T) {
	h := open(t)
	before := h.sent(1, soon)
	h.relay.Rebind()
	if h.answered(2, before, long) {
		t.Error("the old address is alive")
	}
	after := h.sent(3, soon)
	if after == before || !h.answered(4, after, soon) {
		t.Errorf("from %v to %v", before, after)
	}
}

func TestWhoIsStrandedPassesFromAnotherAddressOnly(t *testing.T) {
	h := open(t)
	before := h.sent(1, soon)
	h.relay.Strand()
	if h.sent(2, long).IsValid() || h.answered(3, before, long) {
		t.Error("a stranded address is alive")
	}
	again, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(h.relay.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	h.client = again
	if after := h.sent(4, soon); !after.IsValid() || after == before || !h.answered(5, after, soon) {
		t.Errorf("from %v to %v", before, after)
	}
}

func TestNothingPassesABlockOrABlackout(t *testing.T) {
	h := open(t)
	from := h.sent(1, soon)
	h.relay.Block(true)
	if h.sent(2, long).IsValid() || h.answered(3, from, long) {
		t.Error("something passed a block")
	}
	h.relay.Block(false)
	h.relay.Blackout(time.Hour)
	if h.sent(4, long).IsValid() || h.answered(5, from, long) {
		t.Error("something passed a blackout")
	}
	h.relay.Blackout(0)
	if !h.sent(6, soon).IsValid() {
		t.Error("nothing passes after it")
	}
}

func TestRewriteLeadsToTheRelay(t *testing.T) {
	answer := "v=0\r\na=candidate:1 1 udp 2130706431 10.0.0.1 3478 typ host\r\na=candidate:2 1 tcp 1 10.0.0.1 443 typ host tcptype passive\r\na=end-of-candidates\r\n"
	want := "v=0\r\na=candidate:1 1 udp 2130706431 127.0.0.9 99 typ host\r\na=candidate:2 1 tcp 1 10.0.0.1 443 typ host tcptype passive\r\na=end-of-candidates\r\n"
	if got := impair.Rewrite(answer, netip.MustParseAddrPort("127.0.0.9:99")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
