package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Address is what is known of how browsers find the machine.
type Address struct {
	Host      string       // of the address people open: a name or an IP address
	Resolved  []netip.Addr // what the name service makes of it; empty: it does not know
	Announced []netip.Addr // where media is to be sent to
	Chosen    bool         // Announced was configured, not found by looking at the machine
}

// CheckAddress looks for a media address that people who can open the page
// cannot reach.
func CheckAddress(a Address) Finding {
	const check = "address"
	if isLocalName(a.Host) {
		return ok(check, "only this machine is meant: "+a.Host)
	}
	resolved := a.Resolved
	if ip, err := netip.ParseAddr(strings.Trim(a.Host, "[]")); err == nil {
		resolved = []netip.Addr{ip}
	}
	public := slices.DeleteFunc(slices.Clone(resolved), IsPrivate)
	announced := join(a.Announced)
	switch {
	case len(resolved) == 0:
		return warn(check, fmt.Sprintf("the name service does not know %s", a.Host),
			fmt.Sprintf("make a DNS record that leads from %s to this machine", a.Host))
	case len(public) > 0 && !slices.ContainsFunc(a.Announced, func(x netip.Addr) bool { return !IsPrivate(x) }):
		how := "media.announce names"
		if !a.Chosen {
			how = "the machine has"
		}
		return fail(check,
			fmt.Sprintf("%s only %s, which nobody outside can send media to, while people open %s at %s", how, announced, a.Host, join(public)),
			fmt.Sprintf("write media.announce: [%s], or the address of this machine that the internet sees", join(public)))
	case len(public) > 0 && !intersects(a.Announced, public):
		return warn(check,
			fmt.Sprintf("%s leads to %s, and media to %s: right only if something else stands in front of the pages", a.Host, join(public), announced),
			fmt.Sprintf("if %s is this machine, write media.announce: [%s]", a.Host, join(public)))
	}
	return ok(check, fmt.Sprintf("media is sent to %s", announced))
}

// IsPrivate reports whether an address is of no use on the internet: private,
// shared (RFC 6598), link-local, loopback, or none at all.
func IsPrivate(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || shared.Contains(a)
}

var shared = netip.MustParsePrefix("100.64.0.0/10")

func isLocalName(host string) bool {
	host = strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func intersects(a, b []netip.Addr) bool {
	return slices.ContainsFunc(a, func(x netip.Addr) bool { return slices.Contains(b, x) })
}

func join(list []netip.Addr) string {
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}
