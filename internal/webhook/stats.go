package webhook

import (
	"context"
	"sync/atomic"
	"time"

	"parley/internal/store"
)

// Stats are the counters since the start, and the levels of this moment.
type Stats struct {
	Delivered uint64
	Failed    map[string]uint64 // attempts by reason; see Reasons
	Queued    int               // deliveries that enabled endpoints have yet to get
	Oldest    time.Duration     // how long the oldest of them waits
}

type counts struct {
	delivered                                                               atomic.Uint64
	unreachable, timeout, tls, throttled, forbidden, redirect, gone, status atomic.Uint64
}

// of returns the counter of a reason; the empty one is success.
func (c *counts) of(reason string) *atomic.Uint64 {
	switch reason {
	case "":
		return &c.delivered
	case ReasonUnreachable:
		return &c.unreachable
	case ReasonTimeout:
		return &c.timeout
	case ReasonTLS:
		return &c.tls
	case ReasonThrottled:
		return &c.throttled
	case ReasonForbidden:
		return &c.forbidden
	case ReasonRedirect:
		return &c.redirect
	case ReasonGone:
		return &c.gone
	}
	return &c.status
}

func (c *counts) note(a store.Attempt) { c.of(a.Reason).Add(1) }

// Stats returns the counters and levels. It reads the store for the levels,
// for two seconds at most; what cannot be read in that time is 0.
func (d *Deliverer) Stats() Stats {
	ctx, cancel := context.WithTimeout(d.life, 2*time.Second)
	defer cancel()
	s := Stats{Delivered: d.counts.delivered.Load(), Failed: make(map[string]uint64)}
	for _, reason := range Reasons() {
		s.Failed[reason] = d.counts.of(reason).Load()
	}
	depth, oldest, err := d.cfg.Store.Backlog(ctx)
	if s.Queued = depth; err == nil && !oldest.IsZero() {
		s.Oldest = max(time.Since(oldest), 0)
	}
	return s
}
