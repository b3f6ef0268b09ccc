package api

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one API key may ask for. A host app asks once per click of a person, so
// this is far above honest use and far below what would hurt.
const (
	requestsPerSecond = 50
	requestBurst      = 200
)

// limiter holds one token bucket per API key. Only keys that have been verified
// get one, so there are never more buckets than keys.
type limiter struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// allow takes one request of key from its bucket, or says how long to wait.
func (l *limiter) allow(key string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil {
		l.buckets = make(map[string]*rate.Limiter)
	}
	bucket := l.buckets[key]
	if bucket == nil {
		bucket = rate.NewLimiter(requestsPerSecond, requestBurst)
		l.buckets[key] = bucket
	}
	booking := bucket.ReserveN(now, 1)
	if wait = booking.DelayFrom(now); wait > 0 {
		booking.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// checkRate refuses a request of a key that asks too often.
func (s *Server) checkRate(w http.ResponseWriter, key string) error {
	wait, ok := s.limits.allow(key, time.Now())
	if ok {
		return nil
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return problem(CodeRateLimited, "This API key asks too often. Wait as long as Retry-After says and try again.")
}
