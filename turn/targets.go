package turn

import (
	"net"
	"net/netip"
	"slices"
)

// targets is the list of what may be reached, address and port. Whatever is not on
// it cannot be, so there is no list of what is forbidden that could have a hole.
type targets struct {
	media Media
	peers []netip.AddrPort
}

func newTargets(media Media, peers []netip.AddrPort) targets {
	return targets{media: media, peers: slices.Clone(peers)}
}

func (t targets) isMedia(a netip.AddrPort) bool {
	return t.media != nil && a.Addr().Is4() && slices.Contains(t.media.Targets(), a)
}

func (t targets) isPeer(a netip.AddrPort) bool { return slices.Contains(t.peers, a) }

func (t targets) has(a netip.AddrPort) bool { return t.isMedia(a) || t.isPeer(a) }

// hasAddr reports whether anything of an address may be reached: permissions know
// no ports (RFC 8656 §9).
func (t targets) hasAddr(a netip.Addr) bool {
	same := func(x netip.AddrPort) bool { return x.Addr() == a }
	return a.Is4() && (slices.ContainsFunc(t.peers, same) ||
		t.media != nil && slices.ContainsFunc(t.media.Targets(), same))
}

// hasIP is pion/turn's question for the same.
func (t targets) hasIP(_ net.Addr, ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip.To4())
	return ok && t.hasAddr(a)
}
