package conference

import (
	"context"

	"parley/internal/store"
)

// Quality is kept every keptAfter measurements, a minute: what a server that is
// killed forgets.
const keptAfter = 30

// poorScore is below what many people are dissatisfied (ITU-T G.107 annex B).
const poorScore = 3.1

// remember adds a measurement of a member inside to what will be kept of it.
func (m *member) remember(cause Cause) {
	k := &m.measured
	k.Measurements++
	sum(&k.Up, m.ends.up)
	sum(&k.Down, m.ends.down)
	if rtt := m.ends.up.RTT; rtt > 0 {
		k.RTTs++
		k.RTT += rtt.Seconds()
	}
	if min(m.ends.up.Score, m.ends.down.Score) < poorScore {
		k.Poor++
	}
	switch cause {
	case CauseYourUpload:
		k.YourUpload++
	case CauseYourDownload:
		k.YourDownload++
	case CauseBusy:
		k.Busy++
	case CauseServer:
		k.Server++
	}
}

func sum(s *store.QualitySums, p Path) {
	s.Loss += p.Loss
	s.Jitter += p.Jitter.Seconds()
	s.Bitrate += float64(p.Bitrate)
	s.Score += p.Score
}

// keep stores what was measured of some members since the last time. What the store
// does not take is kept for the next time, a minute later: nobody's call ends over a
// figure, or waits for one more often than that.
func (r *room) keep(members ...*member) {
	var all []store.Quality
	for _, m := range members {
		if m.measured.Measurements > 0 {
			m.measured.User = m.who.ID
			all = append(all, m.measured)
		}
	}
	if len(all) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(r.rooms.life, writeTimeout)
	defer cancel()
	if err := r.rooms.cfg.Store.AddQuality(ctx, r.id, all); err != nil {
		r.rooms.counts.storeFailures.Add(1)
		r.log.Error("quality was not stored", "err", err)
		return
	}
	for _, m := range members {
		m.measured = store.Quality{}
	}
}
