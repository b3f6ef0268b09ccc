package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// stopTimeout bounds the whole of an orderly stop.
const stopTimeout = 10 * time.Second

// closers is what has been started, in order; it is stopped in the opposite
// order, also when starting fails half-way.
type closers struct {
	parts []part
}

type part struct {
	name  string
	close func(context.Context) error
}

func (c *closers) add(name string, close func(context.Context) error) {
	c.parts = append(c.parts, part{name, close})
}

// stop closes every part, the last one first. A part that fails does not keep
// the others from closing. All of them share timeout; when it has passed, stop
// returns without those that still hang, for the process to end.
func (c *closers) stop(timeout time.Duration, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	done := make(chan error, 1)
	at := make(chan string, len(c.parts))
	// Nobody can wait longer for this goroutine than the deadline allows: the
	// process ends then, and the goroutine with it.
	go func() {
		var errs []error
		for i := len(c.parts) - 1; i >= 0; i-- {
			p := c.parts[i]
			at <- p.name
			log.Debug("stopping", "part", p.name)
			if err := p.close(ctx); err != nil {
				errs = append(errs, fmt.Errorf("stop %s: %w", p.name, err))
			}
		}
		done <- errors.Join(errs...)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// A part that minds the deadline returns now; give it the moment it needs.
	select {
	case err := <-done:
		return err
	case <-time.After(timeout / 20):
	}
	name := ""
	for len(at) > 0 {
		name = <-at
	}
	return fmt.Errorf("stopping took longer than %s; left while closing %s", timeout, name)
}
