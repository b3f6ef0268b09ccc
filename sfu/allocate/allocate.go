// Package allocate shares what a viewer's connection carries among the places the
// viewer looks at: which layer of each, or none.
//
// Steps up are put in one order that does not depend on the estimate: first the
// lowest layer of every seat, then one layer more for each; the cheaper first,
// where a screen, a pinned seat and a speaker count for more than others. As many
// steps are taken, from the front, as fit. So a larger estimate never takes a
// layer from anybody, and nobody goes up while somebody who is looked at has nothing.
//
// An Allocator has no clock, goroutine or lock: time is passed in, and one
// goroutine owns it.
package allocate

import (
	"cmp"
	"slices"
	"time"
)

const (
	headroom  = 1.15 // what must be there before a step up is taken
	tolerance = 0.80 // of the lowest layer: with less, a picture is paused
	returns   = 0.90 // of the lowest layer: with more, it comes back; what is measured of a narrow link falls short of it
	patience  = time.Second
	// A keyframe on a narrow connection looks like a jam for a moment, and to pause
	// for it would bring the next keyframe.
	holdsOn = 1500 * time.Millisecond
	// A step that was taken back is tried again later each time, up to longest;
	// quiet for forgiven, it is as new.
	longest  = 16 * time.Second
	forgiven = time.Minute
	// Who speaks stays first for a breath, or layers would change with every word.
	breath = 5 * time.Second
)

// Allocator remembers what it chose, so that choices do not flap. The zero value
// is ready.
type Allocator struct {
	seats   map[int]*memory
	round   uint64
	steps   []step
	low, up []int
	choices []Choice
}

// memory is what is known of a seat from call to call.
type memory struct {
	layer  int
	since  time.Time // the step up is affordable without a break
	waits  bool
	wait   time.Duration // how long it must be; not at all until it falls
	fell   time.Time
	short  time.Time // since when the lowest layer does not fit
	spoke  time.Time
	talked bool
	round  uint64
	fresh  bool // nothing was there to show
	rose   bool // since it fell
}

// step is one layer more for one seat.
type step struct {
	seat, layer int
	base        bool
	price       int // bit/s more than the layer before
	rank        int
}

// Allocate chooses a layer for each seat, in the order of seats; IDs differ.
// Estimate and audio are bit/s; audio is taken off first. The result is valid
// until the next call.
func (a *Allocator) Allocate(estimate, audio int, seats []Seat, now time.Time) []Choice {
	a.remember(seats, now)
	a.plan(seats, now)
	budget := max(0, max(0, estimate)-max(0, audio))
	a.low = a.fit(a.low, len(seats), float64(budget), tolerance)
	a.up = a.fit(a.up, len(seats), float64(budget)/headroom, returns/headroom)
	a.choices = a.choices[:0]
	for i, s := range seats {
		m := a.seats[s.ID]
		m.choose(s, a.low[i], a.up[i], now)
		a.choices = append(a.choices, Choice{ID: s.ID, Layer: m.layer})
	}
	return a.choices
}

// remember finds or makes the memory of each seat and forgets the others'.
func (a *Allocator) remember(seats []Seat, now time.Time) {
	if a.seats == nil {
		a.seats = make(map[int]*memory)
	}
	a.round++
	for _, s := range seats {
		m := a.seats[s.ID]
		if m == nil {
			m = &memory{layer: -1, fresh: true}
			a.seats[s.ID] = m
		}
		m.round = a.round
		if s.Speaking {
			m.spoke, m.talked = now, true
		}
	}
	for id, m := range a.seats {
		if m.round != a.round {
			delete(a.seats, id)
		}
	}
}

// plan puts every step of every seat in order.
func (a *Allocator) plan(seats []Seat, now time.Time) {
	a.steps = a.steps[:0]
	for i, s := range seats {
		m := a.seats[s.ID]
		weight := s.weight(m.talked && now.Sub(m.spoke) < breath)
		most, base := 0, true // layers below, as measured, may cost more than those above
		for layer := range s.layers() {
			price := max(0, s.cost(layer)-most)
			most += price
			a.steps = append(a.steps, step{seat: i, layer: layer, base: base, price: price, rank: most / weight})
			base = false
		}
	}
	slices.SortStableFunc(a.steps, func(x, y step) int {
		if x.base != y.base {
			if x.base {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.rank, y.rank)
	})
}

// layers goes through the layers that a seat may show, small to large: the
// active ones that are not more than useful, or the smallest active one.
func (s Seat) layers() func(yield func(int) bool) {
	useful := s.Useful()
	return func(yield func(int) bool) {
		any := false
		for i, l := range s.Layers {
			if useful < 0 || any && i > useful {
				return
			}
			if !l.Active {
				continue
			}
			any = true
			if !yield(i) {
				return
			}
		}
	}
}

// fit takes steps while the budget lasts. The lowest layers may exceed it: floor
// is the share of them that must fit.
func (a *Allocator) fit(into []int, n int, budget, floor float64) []int {
	into = into[:0]
	for range n {
		into = append(into, -1)
	}
	sum := 0.0
	for _, s := range a.steps {
		sum += float64(s.price)
		need := sum
		if s.base {
			need *= floor
		}
		if need > budget {
			break
		}
		into[s.seat] = s.layer
	}
	return into
}

// choose moves a seat between what it may keep (low) and what it may go up to (up).
func (m *memory) choose(s Seat, low, up int, now time.Time) {
	lowest := s.lowest()
	if lowest < 0 {
		m.layer, m.fresh, m.waits = -1, true, false
		return
	}
	if m.fresh { // the first picture does not wait for headroom
		m.layer, m.fresh = max(min(low, lowest), up), false
		return
	}
	allowed := -1 // what is left of the layer before, when the publisher or the page changes
	for i := range s.layers() {
		if i <= m.layer {
			allowed = i
		}
	}
	if m.layer >= 0 && allowed < 0 {
		allowed = lowest
	}
	if low >= 0 || allowed < 0 {
		m.short = time.Time{}
	} else if m.short.IsZero() {
		m.short = now
	}
	if low < 0 && allowed >= 0 && now.Sub(m.short) < holdsOn {
		low = lowest
	}
	m.layer = min(allowed, low)
	if m.layer < allowed {
		m.fall(now)
	}
	if up <= m.layer {
		m.waits = false
		return
	}
	if !m.waits {
		m.waits, m.since = true, now
	}
	if now.Sub(m.since) >= m.wait {
		m.layer, m.waits, m.rose = up, false, true
	}
}

// lowest is the smallest layer that a seat may show; -1 is none.
func (s Seat) lowest() int {
	for i := range s.layers() {
		return i
	}
	return -1
}

// fall notes a step down that the connection forced. One that undoes a step up
// soon after the last fall makes the way back longer.
func (m *memory) fall(now time.Time) {
	switch {
	case m.fell.IsZero() || now.Sub(m.fell) >= forgiven:
		m.wait = patience
	case m.rose:
		m.wait = min(2*m.wait, longest)
	}
	m.fell, m.waits, m.rose = now, false, false
}
