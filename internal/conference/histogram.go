package conference

import (
	"math"
	"sync"
)

// Directions of [Stats], as participants see them.
const (
	Up   = "up"
	Down = "down"
)

// Histogram is a distribution: Counts[i] values were at most Bounds[i], and more
// than the bound before; the last one of Counts has no bound.
type Histogram struct {
	Bounds []float64
	Counts []uint64
	Sum    float64
}

// Count returns how many values there were.
func (h Histogram) Count() uint64 {
	var n uint64
	for _, c := range h.Counts {
		n += c
	}
	return n
}

var (
	lossBounds  = []float64{0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4}
	rttBounds   = []float64{0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1}
	scoreBounds = []float64{1.5, 2, 2.5, 3, 3.5, 3.75, 4, 4.25}
)

// measurements is every connection's quality, two seconds at a time.
type measurements struct {
	mu    sync.Mutex
	loss  map[string]*Histogram
	score map[string]*Histogram
	rtt   Histogram
}

func newMeasurements() *measurements {
	both := func(bounds []float64) map[string]*Histogram {
		up, down := newHistogram(bounds), newHistogram(bounds)
		return map[string]*Histogram{Up: &up, Down: &down}
	}
	return &measurements{loss: both(lossBounds), score: both(scoreBounds), rtt: newHistogram(rttBounds)}
}

func newHistogram(bounds []float64) Histogram {
	return Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
}

func (m *measurements) add(e ends) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for direction, p := range map[string]Path{Up: e.up, Down: e.down} {
		m.loss[direction].add(p.Loss)
		m.score[direction].add(p.Score)
	}
	if e.up.RTT > 0 {
		m.rtt.add(e.up.RTT.Seconds())
	}
}

// read copies the distributions.
func (m *measurements) read() (loss, score map[string]Histogram, rtt Histogram) {
	m.mu.Lock()
	defer m.mu.Unlock()
	copied := func(from map[string]*Histogram) map[string]Histogram {
		to := make(map[string]Histogram, len(from))
		for direction, h := range from {
			to[direction] = h.clone()
		}
		return to
	}
	return copied(m.loss), copied(m.score), m.rtt.clone()
}

func (h *Histogram) add(v float64) {
	if math.IsNaN(v) {
		return
	}
	i := 0
	for i < len(h.Bounds) && v > h.Bounds[i] {
		i++
	}
	h.Counts[i]++
	h.Sum += v
}

func (h *Histogram) clone() Histogram {
	c := *h
	c.Counts = append([]uint64(nil), h.Counts...)
	return c
}
