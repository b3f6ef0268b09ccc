package front

import (
	"net"
	"sync"
)

// conn is a connection with the address of its client, and with what the front
// has read of it put back.
type conn struct {
	net.Conn
	prefix []byte   // read before, and not by the half yet
	remote net.Addr // from a PROXY header; nil: the connection's own
	tls    bool

	once    sync.Once
	release func() // gives its place in the crowd back; nil without one
	spoke   func() // gives its place among the silent ones back; nil without one
}

// TLS reports whether what passes is encrypted on the way.
func (c *conn) TLS() bool { return c.tls }

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.prefix) > 0 {
		n := copy(p, c.prefix)
		c.prefix = c.prefix[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// RemoteAddr returns the client's address, also behind a proxy that names it.
func (c *conn) RemoteAddr() net.Addr {
	if c.remote != nil {
		return c.remote
	}
	return c.Conn.RemoteAddr()
}

// Close implements net.Conn. It is idempotent as to the front's counts.
func (c *conn) Close() error {
	if c.release != nil {
		c.once.Do(c.release)
	}
	return c.Conn.Close()
}

// CloseWrite says that no more will come, and leaves the other direction open.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
