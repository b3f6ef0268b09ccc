package main

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"parley/sfu"
	"parley/sfu/socket"
	"parley/turn"
)

// relayPorts are the ports by which the relay reaches other nodes.
type relayPorts struct {
	*socket.Ports
	out *sfu.Out
}

// openRelayPorts starts the goroutine that reads them. Where the system has no such
// ports there are none, and the relay opens its own.
func (s *server) openRelayPorts() (turn.Ports, error) {
	ports, err := socket.NewPorts()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil, nil
	case err != nil:
		return nil, err
	}
	p := relayPorts{ports, s.engine.NewOut()}
	var reading sync.WaitGroup
	reading.Go(func() {
		if err := p.read(); !errors.Is(err, socket.ErrClosed) {
			s.log.Error("relay hears no other nodes any more", "err", err)
		}
	})
	s.started.add("relay ports", func(context.Context) error {
		err := ports.Close()
		reading.Wait()
		return err
	})
	return p, nil
}

// Open opens a port. What comes there for clients goes out in batches.
func (p relayPorts) Open(deliver func(p []byte, from netip.AddrPort, write turn.Write)) (turn.Port, error) {
	port, err := p.Ports.Open(func(b []byte, from netip.AddrPort) { deliver(b, from, p.out.WriteTo) })
	if err != nil {
		return nil, err // and not a Port that holds nil
	}
	return port, nil
}

// read hands out what comes until it cannot, and says why.
func (p relayPorts) read() error {
	for yielded := time.Now(); ; {
		if err := p.Receive(); err != nil {
			return err
		}
		p.out.Flush()
		if now := time.Now(); now.Sub(yielded) >= sfu.YieldEvery {
			yielded = now
			runtime.Gosched()
		}
	}
}
