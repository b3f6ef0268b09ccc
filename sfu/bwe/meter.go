package bwe

import "time"

const (
	slot  = 25 * time.Millisecond
	slots = 64 // 1.6 s
)

// meter measures a rate over a sliding window, on any clock.
type meter struct {
	bytes  [slots]int
	newest int64         // slot of the latest time seen
	first  time.Duration // since when there is anything
	latest time.Duration
	used   bool
}

func (m *meter) reset() { *m = meter{} }

// add counts bytes at a time. What is older than the window is dropped, and a
// gap longer than the window starts the meter afresh.
func (m *meter) add(at time.Duration, bytes int) {
	n := int64(at / slot)
	switch {
	case !m.used || n >= m.newest+slots:
		*m = meter{used: true, newest: n, first: at, latest: at}
	case n <= m.newest-slots:
		return
	}
	for m.newest < n {
		m.newest++
		m.bytes[m.newest&(slots-1)] = 0
	}
	m.latest = max(m.latest, at)
	m.bytes[n&(slots-1)] += bytes
}

// rate is bit/s over the window that ends with the latest time seen; false when
// less than half of the window is known.
func (m *meter) rate(window time.Duration) (bps int, ok bool) {
	return m.rateUntil(m.latest, window)
}

// rateUntil is rate for a window that ends now, so that silence counts.
func (m *meter) rateUntil(end, window time.Duration) (bps int, ok bool) {
	if !m.used {
		return 0, false
	}
	end = max(end, m.latest)
	from := int64((end - window) / slot)
	sum := 0
	for n := max(from, m.newest-slots+1); n <= m.newest; n++ {
		sum += m.bytes[n&(slots-1)]
	}
	span := end - time.Duration(from)*slot
	if known := end - m.first; known < span {
		if known < window/2 {
			return 0, false
		}
		span = known
	}
	return int(int64(sum) * 8 * int64(time.Second) / int64(span)), true
}
