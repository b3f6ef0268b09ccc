// Package link decides what becomes of the packets on an impaired link: which
// are lost, and when the others come out. It has no clock, goroutine or socket,
// and its chance is seeded, so that one list of packets meets one fate. The
// virtual network of sfutest and the relay of internal/impair both use it.
package link

import (
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"
)

// overhead is what IPv4 and UDP add to a datagram on a rate-limited link.
const overhead = 28

// defaultQueue is how much a rate-limited link holds unless told otherwise.
const defaultQueue = 300 * time.Millisecond

// Path is what one direction of a way does to packets. The zero Path delivers
// everything at once.
type Path struct {
	Delay   time.Duration // of every packet
	Jitter  time.Duration // added at random, evenly from 0 to this
	Reorder bool          // jitter lets packets overtake each other; otherwise it only delays
	Loss    float64       // share of the packets lost, 0 to 1
	Burst   float64       // mean length of a run of losses (Gilbert's model); up to 1 each packet is lost for itself
	Rate    int           // bit/s that pass, IP headers counted; 0 is no limit
	Queue   time.Duration // what the link holds before the limit; more is dropped at the tail. 0 is 300 ms
}

// Stats counts what a link has met.
type Stats struct {
	Packets  uint64        // that came in
	Bytes    uint64        // that went out, IP headers counted
	Lost     uint64        // by chance, blackout or LoseNext
	Dropped  uint64        // because the queue was full
	MaxQueue time.Duration // longest wait since the last ResetQueue
}

// Link is a Path in use by everything that goes over it. Its methods may be
// called from any goroutine; packets meet it in the order of the calls.
type Link struct {
	mu       sync.Mutex
	path     Path
	losses   *rand.Rand // each kind of chance is its own, so that one does not shift another
	jitters  *rand.Rand
	bad      bool      // in a run of losses
	free     time.Time // when what is queued has left
	last     time.Time // when the packet before comes out
	dark     time.Time // nothing passes before
	lostNext int
	stats    Stats
}

// New makes a link with the chance of a seed and a name.
func New(seed uint64, name string) *Link {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &Link{
		losses:  rand.New(rand.NewPCG(seed, h.Sum64())),
		jitters: rand.New(rand.NewPCG(seed+1, h.Sum64())),
	}
}

// Set changes the path. What is queued stays, and leaves at the new rate only
// after it has left at the old.
func (l *Link) Set(p Path) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.Burst <= 1 {
		l.bad = false
	}
	l.path = p
}

// Path is what the link does now.
func (l *Link) Path() Path {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.path
}

// Blackout loses everything that enters before a time.
func (l *Link) Blackout(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dark = until
}

// LoseNext loses the next n packets.
func (l *Link) LoseNext(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lostNext = n
}

// Pass takes a datagram that enters at a time and tells when it comes out, or
// that it never does.
func (l *Link) Pass(at time.Time, size int) (out time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Packets++
	if l.loses(at) {
		l.stats.Lost++
		return time.Time{}, false
	}
	size += overhead
	if at, ok = l.queue(at, size); !ok {
		l.stats.Dropped++
		return time.Time{}, false
	}
	l.stats.Bytes += uint64(size)
	at = at.Add(l.path.Delay)
	if l.path.Jitter > 0 {
		at = at.Add(time.Duration(l.jitters.Int64N(int64(l.path.Jitter))))
	}
	if !l.path.Reorder && at.Before(l.last) {
		at = l.last
	}
	l.last = at
	return at, true
}

// loses draws whether a packet is lost. The caller holds mu.
func (l *Link) loses(at time.Time) bool {
	if l.lostNext > 0 {
		l.lostNext--
		return true
	}
	if at.Before(l.dark) {
		return true
	}
	p := l.path
	switch {
	case p.Loss <= 0:
		return false
	case p.Loss >= 1:
		return true
	case p.Burst <= 1:
		return l.losses.Float64() < p.Loss
	case l.bad: // a run goes on so that its mean length is Burst
		l.bad = l.losses.Float64() >= 1/p.Burst
	default: // and begins so often that the share of losses is Loss
		l.bad = l.losses.Float64() < p.Loss/(p.Burst*(1-p.Loss))
	}
	return l.bad
}

// queue puts a packet of so many bytes through the rate limit. The caller
// holds mu.
func (l *Link) queue(at time.Time, size int) (time.Time, bool) {
	if l.path.Rate <= 0 {
		return at, true
	}
	if l.free.Before(at) {
		l.free = at
	}
	wait, limit := l.free.Sub(at), l.path.Queue
	if limit == 0 {
		limit = defaultQueue
	}
	if wait > limit {
		return at, false
	}
	l.free = l.free.Add(time.Duration(int64(size) * 8 * int64(time.Second) / int64(l.path.Rate)))
	l.stats.MaxQueue = max(l.stats.MaxQueue, wait)
	return l.free, true
}

// Queued is how long a packet that enters at a time would wait for those before
// it.
func (l *Link) Queued(at time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.free.Sub(at))
}

// Stats is what the link has met so far.
func (l *Link) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}

// ResetQueue begins a new search for the longest wait.
func (l *Link) ResetQueue() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.MaxQueue = 0
}
