package front

import (
	"net"
	"sync"
)

// half is one of the two listeners that share the port.
type half struct {
	addr    net.Addr
	conns   chan net.Conn
	closed  chan struct{}
	onClose func()
	once    sync.Once
}

func newHalf(addr net.Addr, onClose func()) *half {
	return &half{addr: addr, conns: make(chan net.Conn), closed: make(chan struct{}), onClose: onClose}
}

// Accept implements net.Listener. Its only error is net.ErrClosed.
func (h *half) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It is idempotent.
func (h *half) Close() error {
	h.end()
	h.onClose()
	return nil
}

// Addr implements net.Listener: the port's address.
func (h *half) Addr() net.Addr { return h.addr }

func (h *half) end() { h.once.Do(func() { close(h.closed) }) }
