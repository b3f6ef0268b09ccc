package main

import (
	"net/netip"
	"slices"
	"testing"
)

func addrs(texts ...string) []netip.Addr {
	list := make([]netip.Addr, len(texts))
	for i, s := range texts {
		list[i] = netip.MustParseAddr(s)
	}
	return list
}

func TestMediaIsAnnouncedWhereBrowsersReachIt(t *testing.T) {
	own := addrs("192.0.2.7", "2001:db8::7")
	for name, test := range map[string]struct {
		announce []netip.Addr
		listen   string
		own      []netip.Addr
		demo     bool
		want     []netip.Addr
	}{
		"the machine's own, IPv4 first": {listen: "::", own: addrs("2001:db8::7", "192.0.2.7"), want: addrs("192.0.2.7", "2001:db8::7")},
		"IPv6 where there is no IPv4":   {listen: "::", own: addrs("2001:db8::7"), want: addrs("2001:db8::7")},
		"and loopback in the demo":      {listen: "::", own: own, demo: true, want: addrs("127.0.0.1", "192.0.2.7", "2001:db8::7")},
		"of the family listened on":     {listen: "0.0.0.0", own: own, want: addrs("192.0.2.7")},
		"what was configured":           {announce: addrs("203.0.113.1"), listen: "::", own: own, demo: true, want: addrs("203.0.113.1")},
		"the one address listened on":   {listen: "192.0.2.9", own: own, demo: true, want: addrs("192.0.2.9")},
		"loopback without a network":    {listen: "::", want: addrs("127.0.0.1")},
	} {
		c := defaultConfig()
		c.Media.Announce = test.announce
		got := c.announced(netip.MustParseAddr(test.listen), test.own, test.demo)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestOwnAddressesAreThoseAnotherMachineMayReach(t *testing.T) {
	for _, a := range ownAddresses() {
		if a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.Is4In6() {
			t.Errorf("%v is among them", a)
		}
	}
	for name, want := range map[string]bool{"eth0": false, "wlan0": false, "docker0": true, "br-1a2b": true, "veth12": true, "bridge0": false} {
		if got := isContainerBridge(name); got != want {
			t.Errorf("%s is a container's bridge: got %v, want %v", name, got, want)
		}
	}
}
