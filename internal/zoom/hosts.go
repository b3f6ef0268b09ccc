package zoom

import (
	"slices"
	"sync"
	"time"
)

// dailyMeetings is how many meetings Zoom lets one user make in a day, which
// begins at midnight UTC.
const dailyMeetings = 100

// hosts are the Zoom users that meetings are held under.
type hosts struct {
	names []string
	each  int // meetings that one can hold at a time

	mu    sync.Mutex
	day   time.Time
	made  map[string]int       // today
	until map[string]time.Time // not before then
}

func newHosts(names []string, each int) *hosts {
	return &hosts{
		names: slices.Clone(names), each: max(each, 1),
		made: map[string]int{}, until: map[string]time.Time{},
	}
}

// pick returns the host with the fewest open meetings and, of those, the most
// left to make today. free tells, where there is none, whether it is only that all
// of them are busy. open is how many meetings each holds.
func (h *hosts) pick(open map[string]int, now time.Time) (name string, free bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turnDay(now)
	best := ""
	for _, name := range h.names {
		if h.made[name] >= dailyMeetings || now.Before(h.until[name]) {
			continue
		}
		free = true // of quota; it may yet be busy
		if open[name] >= h.each {
			continue
		}
		if best == "" || open[name] < open[best] || open[name] == open[best] && h.made[name] < h.made[best] {
			best = name
		}
	}
	return best, free
}

// turnDay forgets what was made yesterday; h.mu is held.
func (h *hosts) turnDay(now time.Time) {
	if day := now.UTC().Truncate(24 * time.Hour); !day.Equal(h.day) {
		h.day = day
		clear(h.made)
	}
}

// used counts a meeting that was made.
func (h *hosts) used(name string, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turnDay(now)
	h.made[name]++
}

// rest leaves a host alone until a moment.
func (h *hosts) rest(name string, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until[name] = until
}

// quota returns how many meetings all of them can still make today.
func (h *hosts) quota(now time.Time) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turnDay(now)
	left := 0
	for _, name := range h.names {
		if !now.Before(h.until[name]) {
			left += max(dailyMeetings-h.made[name], 0)
		}
	}
	return left
}
