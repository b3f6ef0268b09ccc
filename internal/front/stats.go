package front

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats is what a Front has counted. The keys of its maps are closed sets.
type Stats struct {
	Open         int               // connections, those handed over included
	Waiting      int               // of those, the ones that have not been told apart
	Told         map[string]uint64 // handed over, by "http", "https", "turn" and "turns"
	Failed       map[string]uint64 // closed before that, by reason
	AcceptErrors uint64
}

// failure is why a connection was closed before it was handed over.
type failure string

const (
	failedSilent        failure = "silent"           // no first byte in time
	failedGone          failure = "gone"             // closed by the client
	failedHandshake     failure = "handshake"        // TLS was refused or broken
	failedHandshakeLate failure = "handshake_late"   // TLS took too long
	failedProxyHeader   failure = "proxy_header"     // a proxy's header cannot be read
	failedClosing       failure = "closing"          // nobody accepts any more
	refusedFull         failure = "too_many"         // Limits.Open
	refusedAddress      failure = "too_many_of_one"  // Limits.PerAddress or Limits.Waiting
	finished            failure = "nothing_to_do_on" // no failure: the handshake was all
)

type counters struct {
	waiting      atomic.Int64
	acceptErrors atomic.Uint64
	told, failed tally
}

// Stats returns the counts at this moment.
func (f *Front) Stats() Stats {
	return Stats{
		Open:         f.crowd.size(),
		Waiting:      int(f.stats.waiting.Load()),
		Told:         f.stats.told.read(),
		Failed:       f.stats.failed.read(),
		AcceptErrors: f.stats.acceptErrors.Load(),
	}
}

// kind is the name under which a connection that was told apart is counted.
func kind(turn, secured bool) string {
	switch {
	case turn && secured:
		return "turns"
	case turn:
		return "turn"
	case secured:
		return "https"
	}
	return "http"
}

// tally counts by a word of a closed set.
type tally struct {
	mu    sync.Mutex
	count map[string]uint64
}

func (t *tally) add(word string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.count == nil {
		t.count = make(map[string]uint64)
	}
	t.count[word]++
}

func (t *tally) read() map[string]uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.count)
}
