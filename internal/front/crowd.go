package front

import (
	"net/netip"
	"sync"
)

// crowd counts open connections, by the address or IPv6 subnet they come from.
// The machine itself is counted in all, and under no address: what stands there
// is a proxy for many, or the operator.
type crowd struct {
	limits Limits

	mu      sync.Mutex
	open    int
	from    map[netip.Prefix]int
	waiting map[netip.Prefix]int // of those, the ones that have said nothing yet
}

func newCrowd(l Limits) *crowd {
	return &crowd{limits: l, from: make(map[netip.Prefix]int), waiting: make(map[netip.Prefix]int)}
}

// enter counts c until it is closed, or says why it may not stay.
func (w *crowd) enter(c *conn, from netip.Addr) failure {
	if !from.IsValid() || from.IsLoopback() {
		return w.enterUncounted(c)
	}
	bits := 32
	if from.Is6() {
		bits = 64 // what one party is given
	}
	key, _ := from.Prefix(bits)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.open >= w.limits.Open:
		return refusedFull
	case w.from[key] >= w.limits.PerAddress, w.waiting[key] >= w.limits.Waiting:
		return refusedAddress
	}
	w.open++
	w.from[key]++
	w.waiting[key]++
	c.spoke = sync.OnceFunc(func() { w.lower(w.waiting, key) })
	c.release = func() {
		c.spoke()
		w.lower(w.from, key)
		w.leave()
	}
	return ""
}

// enterUncounted is enter for connections that no address is charged with.
func (w *crowd) enterUncounted(c *conn) failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open >= w.limits.Open {
		return refusedFull
	}
	w.open++
	c.release = w.leave
	return ""
}

// settle says that c has shown what it is.
func (w *crowd) settle(c *conn) {
	if c.spoke != nil {
		c.spoke()
	}
}

func (w *crowd) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open--
}

func (w *crowd) lower(m map[netip.Prefix]int, key netip.Prefix) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m[key]--; m[key] == 0 {
		delete(m, key)
	}
}

func (w *crowd) size() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open
}
