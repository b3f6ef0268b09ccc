package impair

import (
	"container/heap"
	"sync"
	"time"
)

// queue holds datagrams until they are due.
type queue struct {
	wake chan struct{}
	done chan struct{}
	once sync.Once

	mu   sync.Mutex
	held held
	seq  uint64
}

// item is a datagram under way.
type item struct {
	due  time.Time
	seq  uint64
	p    []byte
	send func([]byte)
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1), done: make(chan struct{})} }

func (q *queue) put(due time.Time, p []byte, send func([]byte)) {
	q.mu.Lock()
	heap.Push(&q.held, item{due, q.seq, p, send})
	q.seq++
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) close() { q.once.Do(func() { close(q.done) }) }

func (q *queue) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		timer.Reset(q.release(time.Now()))
		select {
		case <-timer.C:
		case <-q.wake:
		case <-q.done:
			return
		}
	}
}

// release sends what is due and tells how long until the next is.
func (q *queue) release(now time.Time) time.Duration {
	for {
		q.mu.Lock()
		if len(q.held) == 0 {
			q.mu.Unlock()
			return time.Hour
		}
		if wait := q.held[0].due.Sub(now); wait > 0 {
			q.mu.Unlock()
			return wait
		}
		i := heap.Pop(&q.held).(item)
		q.mu.Unlock()
		i.send(i.p)
	}
}

// held is a heap by due time.
type held []item

func (h held) Len() int { return len(h) }
func (h held) Less(i, j int) bool {
	return h[i].due.Before(h[j].due) || h[i].due.Equal(h[j].due) && h[i].seq < h[j].seq
}
func (h held) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *held) Push(x any)   { *h = append(*h, x.(item)) }
func (h *held) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = item{}
	*h = old[:len(old)-1]
	return last
}
