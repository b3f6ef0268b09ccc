package bwe

import (
	"math"
	"time"
)

const (
	baseSlots = 20 // seconds over which the lowest delay is taken to be an empty queue

	// A report's lowest delay wanders by itself; only what is more than this
	// many mean deviations, and more than quietQueue, is a queue.
	restless   = 2.0
	quietQueue = 8 * time.Millisecond
)

// queue estimates how long packets wait, from the lowest one-way delay of each
// report against the lowest of the last twenty seconds. Twenty seconds follow a
// clock that drifts by 500 ppm to 10 ms.
type queue struct {
	base   [baseSlots]time.Duration
	newest int64
	used   bool
	latest time.Duration // delay of the last report
	wander time.Duration // mean step from report to report
}

// add takes the lowest one-way delay of a report; clocks need not agree.
func (q *queue) add(delay, now time.Duration) {
	n := int64(now / time.Second)
	if !q.used {
		q.fill(delay)
		q.used, q.newest, q.latest = true, n, delay
		return
	}
	if n-q.newest > baseSlots {
		q.fill(math.MaxInt64)
		q.newest = n
	}
	for q.newest < n {
		q.newest++
		q.base[q.newest%baseSlots] = math.MaxInt64
	}
	i := q.newest % baseSlots
	q.base[i] = min(q.base[i], delay)
	step := (delay - q.latest).Abs()
	// A sixteenth, and never more than 100 ms at once: one step is no habit.
	q.wander += (min(step, 100*time.Millisecond) - q.wander) / 16
	q.latest = delay
}

// rebase takes the delay of now for an empty queue: the path has become longer.
func (q *queue) rebase() { q.fill(q.latest) }

func (q *queue) fill(d time.Duration) {
	for i := range q.base {
		q.base[i] = d
	}
}

// noise is what a queue must exceed to be told from the delay's wandering.
func (q *queue) noise() time.Duration {
	return quietQueue + time.Duration(restless*float64(q.wander))
}

// wait is how long packets wait, wandering included.
func (q *queue) wait() time.Duration {
	if !q.used {
		return 0
	}
	low := q.latest
	for _, b := range q.base {
		low = min(low, b)
	}
	return q.latest - low
}

// remains is how long packets have waited at least for half of the time that the lowest
// delay is remembered: a queue that has not been empty for so long would soon be taken
// for none.
func (q *queue) remains() time.Duration {
	if !q.used {
		return 0
	}
	low, lately := int64(math.MaxInt64), int64(math.MaxInt64)
	for i, b := range q.base {
		low = min(low, int64(b))
		if age := (q.newest - int64(i)) % baseSlots; (age+baseSlots)%baseSlots < baseSlots/2 {
			lately = min(lately, int64(b))
		}
	}
	if lately == math.MaxInt64 {
		return 0
	}
	return time.Duration(lately - low)
}

// stands reports whether there is a queue at all.
func (q *queue) stands() bool { return q.wait() > q.noise() }

// excess is how much more than bearable packets wait.
func (q *queue) excess(bearable time.Duration) time.Duration {
	return max(0, q.wait()-bearable-time.Duration(restless*float64(q.wander)))
}
