package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden: an address is not one that webhooks may be sent to.
var ErrForbidden = errors.New("the address is not a public one")

// special are the networks that are not the public internet, besides those
// netip knows by itself (IANA special-purpose address registries).
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10", "::/96",
)

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// allowed reports whether a request may go to addr. allow are networks that
// the operator named.
func allowed(addr netip.Addr, allow []netip.Prefix) bool {
	addr = addr.Unmap().WithZone("")
	within := func(p netip.Prefix) bool { return p.Contains(addr) }
	if slices.ContainsFunc(allow, within) {
		return true
	}
	if v4, ok := embedded(addr); ok {
		return allowed(v4, allow)
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate() && !slices.ContainsFunc(special, within)
}

// embedded returns the IPv4 address that NAT64 (RFC 6052 §2.1) or 6to4
// (RFC 3056) would carry a packet for addr to.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case !addr.Is6():
	case netip.MustParsePrefix("64:ff9b::/96").Contains(addr):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case netip.MustParsePrefix("2002::/16").Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

// CheckURL says what is wrong with an address for webhooks, in a clause that
// follows its name. It looks at what is written only; where a name leads is
// looked at when it is dialled, each time.
func CheckURL(text string, allow []netip.Prefix) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return errors.New("must be a whole address, such as https://app.example.com/parley")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must begin with https://")
	case u.Scheme == "http" && len(allow) == 0:
		return errors.New("must begin with https://: what is sent names people")
	case u.User != nil:
		return errors.New("must hold no user name or password: messages are signed")
	case u.Fragment != "":
		return errors.New("must end before the #")
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !allowed(addr, allow) {
		return errors.New("must be on the public internet; for development the operator can allow a network with webhook.allow")
	}
	return nil
}

// dialer returns a function that dials allowed addresses only.
func dialer(allow []netip.Prefix) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := &net.Dialer{
		Timeout: 5 * time.Second,
		// The last moment before the connection: the name has been resolved,
		// and cannot mean another address by then.
		Control: func(_, addr string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(addr)
			if err != nil || !allowed(at.Addr(), allow) {
				return fmt.Errorf("%w: %s", ErrForbidden, addr)
			}
			return nil
		},
	}
	return d.DialContext
}
