package sfutest

import (
	"container/heap"
	"net/netip"
	"sync"
	"time"

	"parley/sfu/sfutest/link"
)

// wire holds the packets under way and lets each go on when it is due, in order
// of due times and, among equals, of sending.
type wire struct {
	goOn func(inFlight)
	wake chan struct{}
	done chan struct{}
	once sync.Once

	mu    sync.Mutex
	queue flights
	seq   uint64
}

// inFlight is a packet under way.
type inFlight struct {
	due      time.Time
	seq      uint64
	to       *host
	addr     netip.Addr // of to, when it was sent
	port     uint16
	ways     [4]*link.Link // to go over, with gaps
	passed   int           // of them
	datagram datagram
}

func newWire(goOn func(inFlight)) *wire {
	return &wire{goOn: goOn, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

func (w *wire) put(f inFlight) {
	w.mu.Lock()
	f.seq = w.seq
	w.seq++
	heap.Push(&w.queue, f)
	first := w.queue[0].seq == f.seq
	w.mu.Unlock()
	if !first {
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *wire) close() { w.once.Do(func() { close(w.done) }) }

func (w *wire) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(w.deliver())
		select {
		case <-timer.C:
		case <-w.wake:
		case <-w.done:
			return
		}
	}
}

// deliver delivers what is due and tells how long until the next is.
func (w *wire) deliver() time.Duration {
	for {
		w.mu.Lock()
		if len(w.queue) == 0 {
			w.mu.Unlock()
			return time.Hour
		}
		if wait := time.Until(w.queue[0].due); wait > 0 {
			w.mu.Unlock()
			return wait
		}
		f := heap.Pop(&w.queue).(inFlight)
		w.mu.Unlock()
		w.goOn(f)
	}
}

// flights is a heap by due time.
type flights []inFlight

func (f flights) Len() int { return len(f) }
func (f flights) Less(i, j int) bool {
	if f[i].due.Equal(f[j].due) {
		return f[i].seq < f[j].seq
	}
	return f[i].due.Before(f[j].due)
}
func (f flights) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flights) Push(x any)   { *f = append(*f, x.(inFlight)) }
func (f *flights) Pop() any {
	old := *f
	last := old[len(old)-1]
	old[len(old)-1] = inFlight{}
	*f = old[:len(old)-1]
	return last
}
