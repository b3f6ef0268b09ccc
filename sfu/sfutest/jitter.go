package sfutest

import "time"

// The adaptive delay of sound, as libwebrtc's NetEq settles it (modules/
// audio_coding/neteq: delay_manager, underrun_optimizer, reorder_optimizer,
// decision_logic), from the lateness of each frame when it first came: by itself,
// again, or as a copy.
const (
	delayBucket    = 20 * time.Millisecond
	delayBuckets   = 50
	startDelay     = 80 * time.Millisecond
	baseFor        = 2 * time.Second // lateness is measured against the quickest of these
	sampleEvery    = 500 * time.Millisecond
	sampleForget   = 0.983
	sampleQuantile = 0.95
	reorderForget  = 0.9993
	costPerLoss    = 20 * time.Millisecond // of delay that one per cent of loss is worth
	delaySlack     = 85 * time.Millisecond
	delayStep      = 2 * time.Millisecond // gained or lost in a frame, by playing slower or faster
)

// histogram is shares of lateness, by buckets; what is new weighs most at first.
type histogram struct {
	share [delayBuckets]float64
	n     int
}

func (h *histogram) add(late time.Duration, forget float64) {
	h.n++
	keep := min(forget, 1-2/float64(h.n+2))
	for i := range h.share {
		h.share[i] *= keep
	}
	h.share[min(int(max(late, 0)/delayBucket), delayBuckets-1)] += 1 - keep
}

// delayer settles by how much sound is played later than it could be.
type delayer struct {
	transits [128]transit // of baseFor
	n        int

	worst   time.Duration // of the samples since
	since   time.Time
	inOrder histogram
	again   histogram
	base    time.Duration // what frames in order need
	target  time.Duration
}

type transit struct {
	at   time.Time
	took time.Duration
}

// shortest is the quickest way of late.
func (d *delayer) shortest(now time.Time) time.Duration {
	least, found := time.Duration(0), false
	for _, t := range d.transits[:min(d.n, len(d.transits))] {
		if now.Sub(t.at) <= baseFor && (!found || t.took < least) {
			least, found = t.took, true
		}
	}
	return least
}

// arrived takes the first coming of a frame; older is one that comes after a newer.
func (d *delayer) arrived(captured, at time.Time, older bool) {
	d.transits[d.n%len(d.transits)] = transit{at, at.Sub(captured)}
	d.n++
	late := at.Sub(captured) - d.shortest(at)
	if d.target == 0 {
		d.base, d.target, d.since = startDelay, startDelay, at
	}
	if !older {
		d.worst = max(d.worst, late)
		if at.Sub(d.since) >= sampleEvery {
			d.inOrder.add(d.worst, sampleForget)
			d.base = d.quantile()
			d.worst, d.since = 0, at
		}
	}
	if !older {
		d.again.add(0, reorderForget)
	} else {
		d.again.add(late-d.base, reorderForget)
	}
	d.target = d.base + d.cheapest()
}

// quantile is the delay that all but a few of the samples need.
func (d *delayer) quantile() time.Duration {
	sum := 0.0
	for i, s := range d.inOrder.share {
		if sum += s; sum >= sampleQuantile {
			return time.Duration(i+1) * delayBucket
		}
	}
	return delayBuckets * delayBucket
}

// cheapest is the further delay that costs least, loss counted as delay.
func (d *delayer) cheapest() time.Duration {
	best, least := 0, time.Duration(-1)
	lost := 1.0
	for i, s := range d.again.share {
		lost -= s
		cost := time.Duration(i)*delayBucket + time.Duration(100*max(lost, 0)*float64(costPerLoss))
		if least < 0 || cost < least {
			best, least = i, cost
		}
	}
	return time.Duration(best) * delayBucket
}

// speaker plays sound frame by frame, each as long after its capture as the delay
// is then, and counts what it had to make up. A frame that is not there at its
// time is made up; where later ones are there they are played next, otherwise the
// frame is waited for, and all that follows is played later.
type speaker struct {
	delayer
	from    string // whose sound
	next    uint32 // frame
	due     time.Time
	newest  uint32
	waited  int                  // frames made up for want of next
	here    map[uint32]voiceHere // what has come and is not played
	delay   time.Duration
	counted func(concealed bool)
	came    [cameOf]uint32 // frames, by themselves or as copies
}

// cameOf is how many frames back a frame is known to have come.
const cameOf = 128

type voiceHere struct {
	captured time.Time
	fec      bool
}

// take hears a frame that came now.
func (s *speaker) take(st *stamp, now time.Time, copied bool) {
	if s.here == nil || s.from != st.publisher || st.first && int32(st.number-s.newest) > 0 {
		if copied && s.here != nil {
			return // from before
		}
		*s = speaker{from: st.publisher, next: st.number, newest: st.number, here: map[uint32]voiceHere{}, counted: s.counted, delayer: s.delayer}
		s.arrived(st.captured, now, false)
		s.delay = s.target
		s.due = st.captured.Add(s.shortest(now) + s.delay)
		s.here[st.number] = voiceHere{st.captured, st.fec}
		return
	}
	s.play(now)
	if _, known := s.here[st.number]; known {
		return
	}
	older := int32(st.number-s.newest) < 0
	missed := int32(st.number-s.next) < 0
	if missed && (copied || s.came[st.number%cameOf] == st.number) {
		return
	}
	s.arrived(st.captured, now, older) // what comes too late tells how long to wait for the next
	s.came[st.number%cameOf] = st.number
	if missed {
		return
	}
	if !older {
		s.newest = st.number
	}
	s.here[st.number] = voiceHere{st.captured, st.fec}
}

// play plays what was due before now.
func (s *speaker) play(now time.Time) {
	for s.due.Before(now) {
		f, ok := s.here[s.next]
		switch {
		case ok:
			s.counted(false)
			delete(s.here, s.next)
			s.next++
			s.waited = 0
			s.delay = s.due.Sub(f.captured) - s.shortest(now)
			s.due = s.due.Add(audioEvery + s.stretch())
		case len(s.here) == 0: // nothing to go on with
			s.counted(true)
			s.waited++
			s.due = s.due.Add(audioEvery)
		case s.waited > 0: // made up already
			s.next++
			s.waited--
		default:
			after := s.here[s.next+1]
			s.counted(!after.fec)
			s.next++
			s.due = s.due.Add(audioEvery)
		}
	}
}

// stretch is how much longer or shorter the frame is played, to get nearer to the
// delay that is aimed at.
func (s *speaker) stretch() time.Duration {
	low := max(s.target*3/4, s.target-delaySlack)
	high := max(s.target, low+delayBucket)
	switch {
	case s.delay < low:
		return min(delayStep, low-s.delay)
	case s.delay > high:
		return -min(delayStep, s.delay-high)
	}
	return 0
}
