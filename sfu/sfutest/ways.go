package sfutest

import (
	"net/netip"
	"time"

	"parley/sfu/sfutest/link"
)

// Router is a way to the world that several browsers share, as the people of a
// household do: its rate, its queue and its losses are one for all of them. A
// browser's own way comes before it.
type Router struct{ up, down *link.Link }

// Router adds a shared way. Browsers use it by the option Behind.
func (n *Network) Router(name string, up, down Path) *Router {
	r := &Router{up: link.New(n.seed, name+" up"), down: link.New(n.seed, name+" down")}
	r.SetPath(up, down)
	return r
}

// Behind puts a browser behind a router.
func Behind(r *Router) Option { return func(b *profile) { b.router = r } }

// SetPath changes the way: from its browsers and to them.
func (r *Router) SetPath(up, down Path) {
	r.up.Set(up)
	r.down.Set(down)
}

// Blackout lets nothing through, either way, for d.
func (r *Router) Blackout(d time.Duration) {
	until := time.Now().Add(d)
	r.up.Blackout(until)
	r.down.Blackout(until)
}

// Links are the two directions, for their counts.
func (r *Router) Links() (up, down *link.Link) { return r.up, r.down }

// SetPath changes the browser's way to and from the world.
func (b *Browser) SetPath(up, down Path) {
	b.host.up.Set(up)
	b.host.down.Set(down)
}

// Links are the two directions of the browser's own way, for their counts.
func (b *Browser) Links() (up, down *link.Link) { return b.host.up, b.host.down }

// LoseUp loses the next n packets from the browser, LoseDown those to it.
func (b *Browser) LoseUp(n int) { b.host.up.LoseNext(n) }

// LoseDown loses the next n packets to the browser.
func (b *Browser) LoseDown(n int) { b.host.down.LoseNext(n) }

// Vanish cuts the browser off without a word, as a lost network does.
func (b *Browser) Vanish() {
	b.SetPath(Path{Loss: 1}, Path{Loss: 1})
}

// Blackout lets nothing from or to the browser through for d.
func (b *Browser) Blackout(d time.Duration) {
	until := time.Now().Add(d)
	b.host.up.Blackout(until)
	b.host.down.Blackout(until)
}

// BlockUDP makes a firewall drop everything from and to the browser, or stop
// doing so.
func (b *Browser) BlockUDP(on bool) { b.host.block(on) }

// Rebind makes the browser's NAT forget: what it sends from now on comes from
// another port, and what is sent to the old one arrives nowhere. The browser
// does not notice.
func (b *Browser) Rebind() { b.host.rebind() }

// Move takes the browser to another network: it has another address, and its
// open sockets are dead. The connection is not told. A page that is told by an
// event, or that notices, makes an offer by Restart.
func (b *Browser) Move() {
	b.network.t.Helper()
	b.must(b.network.readdress(b.host), "move to another network")
}

// Addr is the address that the browser's host has now.
func (b *Browser) Addr() netip.Addr {
	b.host.mu.Lock()
	defer b.host.mu.Unlock()
	return b.host.addr
}
