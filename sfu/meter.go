package sfu

import (
	"time"

	"parley/sfu/forward"
)

// qualityEvery is how often an owner hears how a connection does.
const qualityEvery = 2 * time.Second

// meter measures both directions of a transport between two Quality events. Owned
// by the shard.
type meter struct {
	since   time.Time
	heardAt time.Time // last packet of media or reports
	rtt     time.Duration

	bytesIn, bytesOut    int
	expected, lost       uint32 // upward packets
	upJitter, downJitter time.Duration
	reports              int     // reception blocks of the viewer
	reportedLoss         float64 // their sum
}

// received takes a reception report that we send of one stream.
func (m *meter) received(r forward.Report, rate uint32) {
	m.expected += r.Expected
	m.lost += r.Lost
	m.upJitter = max(m.upJitter, ticks(r.Jitter, rate))
}

// sawReport takes one that the viewer sends.
func (m *meter) sawReport(b receptionBlock, rate uint32) {
	m.reports++
	m.reportedLoss += float64(b.lost) / 256
	m.downJitter = max(m.downJitter, ticks(b.jitter, rate))
}

func ticks(n, rate uint32) time.Duration {
	return time.Duration(int64(n) * int64(time.Second) / int64(rate))
}

// read closes the interval and tells what it was like.
func (m *meter) read(now time.Time) (up, down Path) {
	span := now.Sub(m.since)
	silent := now.Sub(m.heardAt)
	up = Path{RTT: m.rtt, Jitter: m.upJitter, Bitrate: rateOver(m.bytesIn, span), Silent: silent}
	down = Path{RTT: m.rtt, Jitter: m.downJitter, Bitrate: rateOver(m.bytesOut, span), Silent: silent}
	if m.expected > 0 {
		up.Loss = float64(m.lost) / float64(m.expected)
	}
	if m.reports > 0 {
		down.Loss = m.reportedLoss / float64(m.reports)
	}
	*m = meter{since: now, heardAt: m.heardAt, rtt: m.rtt}
	return up, down
}

func rateOver(bytes int, span time.Duration) int {
	if span <= 0 {
		return 0
	}
	return int(int64(bytes) * 8 * int64(time.Second) / int64(span))
}
