package webhook

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// steps are the pauses before each attempt, the first at once: the schedule
// that Standard Webhooks 1.0.0 recommends.
var steps = [...]time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// patience is how long a message is tried in all. One that waited that long
// behind another is tried once and given up.
const patience = 80 * time.Hour

// maxRetryAfter bounds what a receiver may ask for: no longer than the longest
// pause of the schedule.
const maxRetryAfter = 24 * time.Hour

// pause returns how long to wait after so many attempts, up to a tenth longer
// or shorter so that what failed together does not come back together. It
// reports false when none are left.
func pause(attempts int) (time.Duration, bool) {
	if attempts >= len(steps) {
		return 0, false
	}
	step := steps[attempts]
	return step + time.Duration((rand.Float64()-0.5)*0.2*float64(step)), true
}

// retryAfter reads the header of that name, seconds or an HTTP date
// (RFC 9110 §10.2.3), or returns 0 when there is none that can be read.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 63); err == nil {
		wait = time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
