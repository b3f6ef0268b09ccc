package sfutest

import "time"

const (
	nackTries    = 10   // for one packet
	nackLimit    = 1000 // packets waited for
	nackRTT      = 100 * time.Millisecond
	nackReversed = 1 << 15
)

// nackList is what one stream of video still waits for. As in browsers, a
// missing packet is asked for at once, then every round trip, up to ten times.
type nackList struct {
	started bool
	newest  uint16
	missing map[uint16]*wanted
}

// wanted is a missing packet.
type wanted struct {
	asked time.Time
	tries int
}

// received takes the number of a packet that came, by itself or repaired, and
// returns what is newly missing.
func (l *nackList) received(seq uint16, now time.Time) (missing []uint16) {
	if !l.started {
		l.started, l.newest, l.missing = true, seq, map[uint16]*wanted{}
		return nil
	}
	ahead := seq - l.newest
	if ahead == 0 || ahead >= nackReversed {
		delete(l.missing, seq)
		return nil
	}
	if int(ahead) > nackLimit {
		clear(l.missing)
		l.newest = seq
		return nil
	}
	for s := l.newest + 1; s != seq; s++ {
		l.missing[s] = &wanted{asked: now, tries: 1}
		missing = append(missing, s)
	}
	l.newest = seq
	return missing
}

// due returns what is to be asked for again.
func (l *nackList) due(now time.Time, rtt time.Duration) (again []uint16) {
	if len(l.missing) == 0 {
		return nil
	}
	for back := uint16(min(nackLimit, 1<<14)); back > 0; back-- { // in order
		s := l.newest - back
		w := l.missing[s]
		switch {
		case w == nil || now.Sub(w.asked) < rtt:
		case w.tries == nackTries:
			delete(l.missing, s)
		default:
			w.asked = now
			w.tries++
			again = append(again, s)
		}
	}
	return again
}

// forget gives up what is missing before a number: it is not needed any more.
func (l *nackList) forget(before uint16) {
	for s := range l.missing {
		if s-before >= nackReversed {
			delete(l.missing, s)
		}
	}
}
