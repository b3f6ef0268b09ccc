package sfutest

import (
	"net/netip"

	"parley/sfu/sfutest/link"
)

// relay is a host's way around a firewall, as an address of its own.
type relay struct {
	addr     netip.Addr
	up, down *link.Link
}

// owns reports whether an address is the relay's; without a relay none is.
func (r *relay) owns(a netip.Addr) bool { return r != nil && r.addr == a }

// Relay gives the browser an address at a relay that it reaches over TCP, whatever
// BlockUDP does. What such a way loses comes later: a Path of it has no loss. The
// connection is not told; an offer by Restart finds it beside the direct way.
func (b *Browser) Relay(up, down Path) {
	b.network.t.Helper()
	r := &relay{addr: b.network.nextAddr(), up: link.New(b.network.seed, b.name+" relay up"), down: link.New(b.network.seed, b.name+" relay down")}
	r.up.Set(up)
	r.down.Set(down)
	m, err := newMachine(b.Addr(), r.addr)
	b.must(err, "add an address")
	b.network.mu.Lock()
	b.network.hosts[r.addr] = b.host
	b.network.mu.Unlock()
	b.host.mu.Lock()
	defer b.host.mu.Unlock()
	b.host.machine, b.host.relay = m, r
}
