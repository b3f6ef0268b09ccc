package turn

import (
	"net/netip"
	"sync"
	"time"
)

// bucket is a token bucket. It begins full, and is not safe for concurrent use.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes n tokens of those that come at a rate, of which most may be saved.
func (b *bucket) take(n, perSecond, most float64, now time.Time) bool {
	if b.at.IsZero() {
		b.tokens = most
	} else if d := now.Sub(b.at); d > 0 {
		b.tokens = min(most, b.tokens+d.Seconds()*perSecond)
	}
	b.at = now
	if b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

// maxSources bounds the memory that strangers take.
const maxSources = 8192

// sources limits what comes from addresses without an allocation. Each message
// there may be answered, and the address may be forged, so this is also what
// bounds amplification: to three times as many answers at once, and then to
// MessagesPerSecond, of about 120 bytes each.
type sources struct {
	perSecond, all float64

	mu    sync.Mutex
	by    map[netip.Addr]*bucket
	total bucket
}

func newSources(l Limits) *sources {
	return &sources{
		perSecond: float64(l.MessagesPerSecond), all: float64(l.AllMessagesPerSecond),
		by: make(map[netip.Addr]*bucket),
	}
}

// source is what counts as one source: an address, or an IPv6 /64, which is what
// one customer has at least.
func source(a netip.Addr) netip.Addr {
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.Addr()
	}
	return a
}

// admit reports whether one more message may be read. When there are more sources
// than fit, all are forgotten: who is has no more than a new one, and all together
// have their limit.
func (s *sources) admit(a netip.Addr, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.by[source(a)]
	if b == nil {
		if len(s.by) >= maxSources {
			clear(s.by)
		}
		b = &bucket{}
		s.by[source(a)] = b
	}
	return b.take(1, s.perSecond, 3*s.perSecond, now) && s.total.take(1, s.all, s.all, now)
}
