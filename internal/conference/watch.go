package conference

import (
	"slices"
	"sync/atomic"

	"parley/internal/interview"
)

type watcher struct{ see func(interview.Event) }

// Watch calls f with every domain event after it is stored, in order per
// interview, until stop is called. f is called from rooms' goroutines, several at
// a time, and must not block; a call under way when stop is called may still be
// running when it returns.
func (r *Rooms) Watch(f func(interview.Event)) (stop func()) {
	w := &watcher{f}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchers = append(slices.Clip(r.watchers), w)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.watchers = slices.DeleteFunc(slices.Clone(r.watchers), func(o *watcher) bool { return o == w })
	}
}

// Announce hands the watchers an event of an interview that no room makes, such as
// that its recording can be opened. It has been stored.
func (r *Rooms) Announce(e interview.Event) { r.publish([]interview.Event{e}) }

// publish shows events to the watchers. Their list is never changed in place, so
// that they can be called without the lock.
func (r *Rooms) publish(events []interview.Event) {
	r.mu.Lock()
	watchers := r.watchers
	r.mu.Unlock()
	for _, e := range events {
		for _, w := range watchers {
			w.see(e)
		}
	}
}

// Stats are the counters and levels of all rooms.
type Stats struct {
	Rooms        int // open interviews
	Sessions     int // attached sessions
	Participants int // people inside, reconnecting ones too

	Entered       uint64 // participants who came in
	Resumed       uint64 // sessions taken over with their resume secret
	Replaced      uint64 // attached sessions that a new one replaced
	Lost          uint64 // participants who did not come back in time
	StoreFailures uint64 // writes that failed

	// Every connection, two seconds at a time: Loss before repair and Score by
	// direction, RTT in seconds.
	Loss, Score map[string]Histogram
	RTT         Histogram
}

// counts is what Stats are read from.
type counts struct {
	sessions, participants                          atomic.Int64
	entered, resumed, replaced, lost, storeFailures atomic.Uint64
	quality                                         *measurements
}

// Stats returns the counters and levels. It waits for no room.
func (r *Rooms) Stats() Stats {
	r.mu.Lock()
	rooms := len(r.open)
	r.mu.Unlock()
	loss, score, rtt := r.counts.quality.read()
	return Stats{
		Loss:          loss,
		Score:         score,
		RTT:           rtt,
		Rooms:         rooms,
		Sessions:      int(r.counts.sessions.Load()),
		Participants:  int(r.counts.participants.Load()),
		Entered:       r.counts.entered.Load(),
		Resumed:       r.counts.resumed.Load(),
		Replaced:      r.counts.replaced.Load(),
		Lost:          r.counts.lost.Load(),
		StoreFailures: r.counts.storeFailures.Load(),
	}
}
