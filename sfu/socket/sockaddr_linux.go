package socket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sockaddr is a raw socket address with room for either family.
type sockaddr struct {
	raw unix.RawSockaddrInet6
	len uint32 // zero: no address
}

// makeSockaddr is addr as a socket of one family wants it: an IPv6 socket
// takes IPv4 addresses mapped.
func makeSockaddr(addr netip.AddrPort, v6 bool) (sockaddr, error) {
	var s sockaddr
	a := addr.Addr()
	switch {
	case !a.IsValid():
		return sockaddr{}, errors.New("no address")
	case v6:
		s.raw.Family = unix.AF_INET6
		s.raw.Addr = a.As16()
		scope, err := scopeOf(a.Zone())
		if err != nil {
			return sockaddr{}, err
		}
		s.raw.Scope_id = scope
		s.len = unix.SizeofSockaddrInet6
	case a.Is4():
		v4 := s.v4()
		v4.Family = unix.AF_INET
		v4.Addr = a.As4()
		s.len = unix.SizeofSockaddrInet4
	default:
		return sockaddr{}, fmt.Errorf("%v is no IPv4 address, and the socket is", a)
	}
	binary.BigEndian.PutUint16(s.port(), addr.Port())
	return s, nil
}

// addrPort is the address, unmapped.
func (s *sockaddr) addrPort() netip.AddrPort {
	port := binary.BigEndian.Uint16(s.port())
	if s.raw.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4(s.v4().Addr), port)
	}
	a := netip.AddrFrom16(s.raw.Addr).Unmap()
	if s.raw.Scope_id != 0 && a.Is6() {
		a = a.WithZone(strconv.FormatUint(uint64(s.raw.Scope_id), 10))
	}
	return netip.AddrPortFrom(a, port)
}

// sockaddr is the address for the calls of package unix.
func (s *sockaddr) sockaddr() unix.Sockaddr {
	port := int(binary.BigEndian.Uint16(s.port()))
	if s.raw.Family == unix.AF_INET {
		return &unix.SockaddrInet4{Port: port, Addr: s.v4().Addr}
	}
	return &unix.SockaddrInet6{Port: port, ZoneId: s.raw.Scope_id, Addr: s.raw.Addr}
}

func (s *sockaddr) v4() *unix.RawSockaddrInet4 {
	return (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw))
}

// port is where both families keep the port, in network order.
func (s *sockaddr) port() []byte {
	return (*[2]byte)(unsafe.Pointer(&s.raw.Port))[:]
}

// scopeOf is the index of the interface that a zone names.
func scopeOf(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("zone %q: %w", zone, err)
	}
	return uint32(i.Index), nil
}

func localAddr(fd int) (netip.AddrPort, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("local address: %w", err)
	}
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port)), nil
	case *unix.SockaddrInet6:
		a := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.ZoneId != 0 && a.Is6() {
			a = a.WithZone(strconv.FormatUint(uint64(sa.ZoneId), 10))
		}
		return netip.AddrPortFrom(a, uint16(sa.Port)), nil
	default:
		return netip.AddrPort{}, fmt.Errorf("local address of unexpected type %T", sa)
	}
}
