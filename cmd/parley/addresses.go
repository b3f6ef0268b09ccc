package main

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ownAddresses are the machine's addresses that another machine may reach:
// those of interfaces that are up, without loopback, link-local addresses and
// the bridges of container engines.
func ownAddresses() []netip.Addr {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil // a machine that hides its interfaces has loopback only
	}
	var own []netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || isContainerBridge(i.Name) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			prefix, err := netip.ParsePrefix(a.String())
			if err != nil {
				continue
			}
			if ip := prefix.Addr().Unmap(); ip.IsGlobalUnicast() && !slices.Contains(own, ip) {
				own = append(own, ip)
			}
		}
	}
	return own
}

func isContainerBridge(name string) bool {
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "cni", "lxc"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// hasIPv6 reports whether a socket of this machine can carry IPv6.
func hasIPv6() bool {
	c, err := net.ListenPacket("udp6", "[::1]:0")
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// announced are the addresses browsers are told to send media to: those that
// were configured, or else the one that is listened on, or else own, the
// machine's own. Loopback is among them in the demo, and where there is nothing
// else.
func (c Config) announced(listen netip.Addr, own []netip.Addr, demo bool) []netip.Addr {
	if len(c.Media.Announce) > 0 {
		return c.Media.Announce
	}
	if !listen.IsUnspecified() {
		return []netip.Addr{listen}
	}
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	var announced []netip.Addr
	if demo {
		announced = append(announced, loopback)
	}
	for _, a := range own {
		if a.Is4() {
			announced = append(announced, a)
		}
	}
	for _, a := range own { // what is first is tried first
		if a.Is6() && listen.Is6() {
			announced = append(announced, a)
		}
	}
	if len(announced) == 0 {
		announced = append(announced, loopback)
	}
	return announced
}

// localURL is the address of a listener as people on this machine type it.
func localURL(scheme string, listener net.Addr) string {
	addr, err := netip.ParseAddrPort(listener.String())
	if err != nil || !addr.Addr().IsUnspecified() && !addr.Addr().IsLoopback() {
		return scheme + "://" + listener.String()
	}
	return scheme + "://" + net.JoinHostPort("localhost", portOf(addr))
}

// dialURL is the address of a listener as this process itself reaches it,
// which leaves nothing to name resolution.
func dialURL(scheme string, listener net.Addr) string {
	addr, err := netip.ParseAddrPort(listener.String())
	if err != nil {
		return scheme + "://" + listener.String()
	}
	if addr.Addr().IsUnspecified() {
		return scheme + "://" + net.JoinHostPort("127.0.0.1", portOf(addr))
	}
	return scheme + "://" + addr.String()
}

// networkURLs are the addresses of a listener as other machines reach it, none
// when it listens on loopback.
func networkURLs(scheme string, listener net.Addr, own []netip.Addr) []string {
	addr, err := netip.ParseAddrPort(listener.String())
	if err != nil || addr.Addr().IsLoopback() {
		return nil
	}
	if !addr.Addr().IsUnspecified() {
		return []string{scheme + "://" + addr.String()}
	}
	var urls []string
	for _, a := range own {
		if a.Is4() {
			urls = append(urls, scheme+"://"+net.JoinHostPort(a.String(), portOf(addr)))
		}
	}
	return urls
}

func portOf(a netip.AddrPort) string {
	return strconv.Itoa(int(a.Port()))
}
