package turn

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// silence is how long an allocation must have been unheard of before it makes way
// for another of the same participant: a network that was left, a page reloaded.
const silence = 30 * time.Second

// book knows whose allocations there are, for the quotas.
type book struct {
	mu       *sync.Mutex
	byOwner  map[Identity][]*allocation
	bySource map[netip.Addr]int
	all      *atomic.Int64
}

func newBook() book {
	return book{
		mu: new(sync.Mutex), byOwner: make(map[Identity][]*allocation),
		bySource: make(map[netip.Addr]int), all: new(atomic.Int64),
	}
}

// enter writes a down, if the quotas let it. It returns one of the same owner that
// has made way, which the caller must end.
func (b *book) enter(a *allocation, l Limits, now time.Time) (instead *allocation, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	src := source(a.client.Addr())
	own := b.byOwner[a.id]
	if int(b.all.Load()) >= l.Allocations || b.bySource[src] >= l.PerAddress {
		return nil, false
	}
	if len(own) >= l.PerParticipant {
		instead = slices.MinFunc(own, func(x, y *allocation) int { return int(x.heard.Load() - y.heard.Load()) })
		if now.Sub(time.Unix(0, instead.heard.Load())) < silence {
			return nil, false
		}
		b.strike(instead)
	}
	b.byOwner[a.id] = append(b.byOwner[a.id], a)
	b.bySource[src]++
	b.all.Add(1)
	return instead, true
}

func (b *book) leave(a *allocation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.strike(a)
}

// strike takes a out, if it is in.
func (b *book) strike(a *allocation) {
	own := b.byOwner[a.id]
	i := slices.Index(own, a)
	if i < 0 {
		return
	}
	if own = slices.Delete(own, i, i+1); len(own) > 0 {
		b.byOwner[a.id] = own
	} else {
		delete(b.byOwner, a.id)
	}
	src := source(a.client.Addr())
	if b.bySource[src]--; b.bySource[src] == 0 {
		delete(b.bySource, src)
	}
	b.all.Add(-1)
}

// of returns the allocations of one owner.
func (b *book) of(id Identity) []*allocation {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.byOwner[id])
}
