package turn

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Serve takes TURN connections from l until l or the server is closed, which is no
// error. Other errors of Accept, such as too many open files, it waits out. A
// connection that has a method TLS() bool which says so counts as TLS. L is closed
// with the server.
func (s *Server) Serve(l net.Listener) error {
	d := &door{l: l, shutting: make(chan struct{})}
	if !s.adopt(d) {
		return errors.Join(ErrClosed, l.Close())
	}
	defer s.release(d)
	pause := firstPause
	for {
		conn, err := l.Accept()
		if err == nil {
			s.admit(conn)
			pause = firstPause
			continue
		}
		if errors.Is(err, net.ErrClosed) || s.isClosed() {
			return nil
		}
		s.log.Warn("relay connections cannot be accepted; trying again", "err", err, "after", pause)
		select {
		case <-d.shutting:
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, time.Second)
	}
}

const firstPause = 5 * time.Millisecond

// door is one listener.
type door struct {
	l        net.Listener
	once     sync.Once
	shutting chan struct{}
}

func (d *door) shut() {
	d.once.Do(func() {
		close(d.shutting)
		d.l.Close()
	})
}

// admit starts the relay on a connection, unless there are too many.
func (s *Server) admit(conn net.Conn) {
	how := overTCP
	if secure, ok := conn.(interface{ TLS() bool }); ok && secure.TLS() {
		how = overTLS
	}
	from := source(addrPort(conn.RemoteAddr()).Addr())
	l := s.cfg.Limits
	s.mu.Lock()
	ok := s.doors[from] < l.ConnectionsPerAddr &&
		int(s.tally.connections[overTCP].Load()+s.tally.connections[overTLS].Load()) < l.Connections
	if ok {
		s.doors[from]++
		s.tally.connections[how].Add(1)
	}
	s.mu.Unlock()
	if !ok {
		s.tally.deny(connections)
		conn.Close()
		return
	}
	if err := startStream(s, conn, how, from); err != nil {
		conn.Close()
	}
}

// dismiss takes note that a connection has ended.
func (s *Server) dismiss(from netip.Addr, how transport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally.connections[how].Add(-1)
	if s.doors[from]--; s.doors[from] == 0 {
		delete(s.doors, from)
	}
}
