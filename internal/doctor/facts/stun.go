package facts

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// STUN (RFC 8489 §5, §14).
const (
	stunHeader         = 20
	stunCookie         = 0x2112A442
	stunBinding        = 0x0001
	stunBindingSuccess = 0x0101
	xorMappedAddress   = 0x0020
)

const (
	bindingTries = 4
	bindingWait  = 500 * time.Millisecond
)

// Binding asks an address over UDP from where it is asked. It tries several
// times, because UDP may lose any one.
func Binding(ctx context.Context, to netip.AddrPort) (mapped netip.AddrPort, err error) {
	c, err := new(net.Dialer).DialContext(ctx, "udp", to.String())
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails
	answer := make([]byte, 1500)
	for range bindingTries {
		deadline := time.Now().Add(bindingWait)
		// A refusal of the datagram before shows here; the next may fare better.
		if _, err = c.Write(bindingRequest(id)); err == nil {
			mapped, err = awaitBinding(c, id, answer, deadline)
		}
		if err == nil || ctx.Err() != nil {
			return mapped, err
		}
		select {
		case <-time.After(time.Until(deadline)):
		case <-ctx.Done():
		}
	}
	return netip.AddrPort{}, fmt.Errorf("no answer from %s: %w", to, err)
}

func awaitBinding(c net.Conn, id [12]byte, answer []byte, deadline time.Time) (netip.AddrPort, error) {
	if err := c.SetReadDeadline(deadline); err != nil {
		return netip.AddrPort{}, err
	}
	for {
		n, err := c.Read(answer)
		if err != nil {
			return netip.AddrPort{}, err
		}
		if mapped, err := parseBinding(answer[:n], id); err == nil {
			return mapped, nil
		}
	}
}

func bindingRequest(id [12]byte) []byte {
	p := make([]byte, stunHeader)
	binary.BigEndian.PutUint16(p, stunBinding)
	binary.BigEndian.PutUint32(p[4:], stunCookie)
	copy(p[8:], id[:])
	return p
}

var errNoBinding = errors.New("not the answer to a binding request")

// parseBinding reads the address in the answer to the request with this id.
func parseBinding(p []byte, id [12]byte) (netip.AddrPort, error) {
	if len(p) < stunHeader || binary.BigEndian.Uint16(p) != stunBindingSuccess ||
		int(binary.BigEndian.Uint16(p[2:])) != len(p)-stunHeader || binary.BigEndian.Uint32(p[4:]) != stunCookie || [12]byte(p[8:20]) != id {
		return netip.AddrPort{}, errNoBinding
	}
	for rest := p[stunHeader:]; len(rest) >= 4; {
		kind, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		padded := 4 + (size+3)/4*4
		if len(rest) < padded {
			break
		}
		if kind == xorMappedAddress {
			return xorMapped(rest[4:4+size], p)
		}
		rest = rest[padded:]
	}
	return netip.AddrPort{}, errNoBinding
}

// xorMapped reads XOR-MAPPED-ADDRESS (RFC 8489 §14.2); message holds the cookie
// and the id it is masked with.
func xorMapped(v, message []byte) (netip.AddrPort, error) {
	if len(v) != 8 && len(v) != 20 || v[1] != map[int]byte{8: 1, 20: 2}[len(v)] {
		return netip.AddrPort{}, errNoBinding
	}
	ip := make([]byte, len(v)-4)
	for i := range ip {
		ip[i] = v[4+i] ^ message[4+i]
	}
	addr, _ := netip.AddrFromSlice(ip) // of a right length
	return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(v[2:])^stunCookie>>16), nil
}
