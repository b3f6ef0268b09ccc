package front

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	proxyproto "github.com/pires/go-proxyproto"
)

// The protocols a client can name in its TLS handshake (ALPN).
const (
	alpnTURN = "stun.turn"  // RFC 7443
	alpnACME = "acme-tls/1" // RFC 8737: the handshake is all there is
)

// withProtocols offers, besides what the certificate's keeper needs, HTTP/2,
// HTTP/1.1 and TURN.
func withProtocols(c *tls.Config, turn bool) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	var offered []string
	if turn {
		// Before HTTP: TURN clients there are that name both, and browsers name
		// TURN for nothing else.
		offered = append(offered, alpnTURN)
	}
	offered = append(offered, "h2", "http/1.1")
	for _, p := range c.NextProtos {
		if !slices.Contains(offered, p) {
			offered = append(offered, p)
		}
	}
	c.NextProtos = offered
	return c
}

// meet brings one connection to the half it belongs to, or closes it.
func (f *Front) meet(raw net.Conn) {
	c := &conn{Conn: raw}
	// A front that closes does not wait for clients.
	stopWatching := context.AfterFunc(f.life, func() { raw.SetDeadline(time.Unix(1, 0)) })
	defer stopWatching()
	out, to, why := f.tell(c)
	if why == "" {
		stopWatching()
		// Nothing is left of the front's deadlines; those of the half begin.
		if raw.SetDeadline(time.Time{}); f.life.Err() == nil && f.hand(c, out, to) {
			return
		}
		why = failedClosing
	}
	if why != finished {
		f.stats.failed.add(string(why))
	}
	c.Close()
}

// hand gives the connection to a half that accepts. Both do so at once; one that
// does not is closing.
func (f *Front) hand(c *conn, out net.Conn, to *half) bool {
	f.crowd.settle(c)
	patience := time.NewTimer(f.limits.FirstByte)
	defer patience.Stop()
	select {
	case to.conns <- out:
		f.stats.told.add(kind(to == f.turn, c.tls))
		return true
	case <-to.closed:
	case <-f.life.Done():
	case <-patience.C:
	}
	return false
}

// tell takes a connection through its steps and returns what its half gets, or
// why there is none.
func (f *Front) tell(c *conn) (out net.Conn, to *half, why failure) {
	first, why := f.identify(c)
	switch {
	case why != "":
		return nil, nil, why
	case f.tls == nil || f.takesTURN && isTURN(first):
		return c, f.half(first), ""
	}
	return f.secure(c)
}

// identify finds out whose connection it is, counts it, and returns the first
// byte after the PROXY header, which stays to be read.
func (f *Front) identify(c *conn) (first byte, why failure) {
	c.SetDeadline(time.Now().Add(f.limits.FirstByte))
	peer := addrOf(c.Conn.RemoteAddr())
	proxied := slices.ContainsFunc(f.proxies, func(p netip.Prefix) bool { return p.Contains(peer) })
	size := 16
	if proxied {
		size = maxHeader
	} else if why := f.crowd.enter(c, peer); why != "" {
		return 0, why
	}
	r := bufio.NewReaderSize(c.Conn, size)
	if proxied {
		if why := f.believe(c, r); why != "" {
			return 0, why
		}
	}
	head, err := r.Peek(1)
	if err != nil {
		return 0, silence(err)
	}
	first = head[0]
	c.prefix, _ = r.Peek(r.Buffered())
	return first, ""
}

// maxHeader bounds a PROXY header: 52 bytes of addresses and room for what
// proxies add about TLS.
const maxHeader = 2048

// believe reads the PROXY header of a proxy, if it sends one: an HTTP proxy
// names its client in X-Forwarded-For instead.
func (f *Front) believe(c *conn, r *bufio.Reader) failure {
	header, err := proxyproto.Read(r)
	switch {
	case errors.Is(err, proxyproto.ErrNoProxyProtocol):
		return f.crowd.enterUncounted(c)
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed):
		return silence(err)
	case err != nil:
		return failedProxyHeader
	case header.Command.IsLocal(): // the proxy itself, looking whether the server lives
		return f.crowd.enterUncounted(c)
	}
	source, _, ok := header.TCPAddrs()
	if !ok {
		return failedProxyHeader
	}
	c.remote = source
	return f.crowd.enter(c, addrOf(source))
}

// secure has the TLS handshake and, where it does not tell, the first byte.
func (f *Front) secure(c *conn) (out net.Conn, to *half, why failure) {
	c.SetDeadline(time.Now().Add(f.limits.Handshake))
	secured := tls.Server(c, f.tls)
	if err := secured.HandshakeContext(f.life); err != nil {
		if e, ok := errors.AsType[tls.RecordHeaderError](err); ok && looksLikeHTTP(e.RecordHeader) {
			_, _ = io.WriteString(c, "HTTP/1.0 400 Bad Request\r\n\r\nThis port speaks HTTPS. Open the address with https://.\n")
		}
		return nil, nil, broken(err)
	}
	c.tls = true
	switch protocol := secured.ConnectionState().NegotiatedProtocol; {
	case protocol == alpnACME:
		secured.Close()
		return nil, nil, finished
	case protocol == alpnTURN:
		return &conn{Conn: secured, tls: true}, f.turn, ""
	case protocol != "" || !f.takesTURN:
		return secured, f.http, "" // net/http looks for *tls.Conn itself, to speak HTTP/2
	}
	c.SetDeadline(time.Now().Add(f.limits.FirstByte))
	first := make([]byte, 1)
	if _, err := io.ReadFull(secured, first); err != nil {
		return nil, nil, silence(err)
	}
	return &conn{Conn: secured, prefix: first, tls: true}, f.half(first[0]), ""
}

// looksLikeHTTP reports whether somebody typed http:// for https://.
func looksLikeHTTP(header [5]byte) bool {
	return slices.Contains([]string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO"}, string(header[:]))
}

// silence names the failure of a client that did not say its first byte.
func silence(err error) failure {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return failedSilent
	}
	return failedGone
}

// broken names the failure of a handshake.
func broken(err error) failure {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return failedHandshakeLate
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return failedGone
	}
	return failedHandshake
}

func addrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	parsed, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return parsed.Addr().Unmap().WithZone("")
}

// half is where what begins with first belongs.
func (f *Front) half(first byte) *half {
	if f.takesTURN && isTURN(first) {
		return f.turn
	}
	return f.http
}

// isTURN reports whether a stream that begins with b is TURN: STUN's two leading
// bits are zero (RFC 8489 §5), and the types in use begin with 0x00 or 0x01. A
// stream cannot begin with ChannelData, and neither HTTP nor TLS begins so.
func isTURN(b byte) bool { return b <= 3 }
