package bwe

import (
	"math"
	"time"
)

const (
	lossSlot  = 100 * time.Millisecond
	lossSlots = 64 // 6.4 s

	// settle is how long a packet reported missing may still turn up.
	settle = 300 * time.Millisecond

	// lossWindow is what Loss speaks of, testWindow what the trial of loss compares.
	lossWindow = 2 * time.Second
	testWindow = 1500 * time.Millisecond

	// A run of losses this long and this many is a blackout, which no rate explains.
	blackoutTime  = 500 * time.Millisecond
	blackoutCount = 10

	lossBearable = 0.10 // of loss beyond the inherent; draft-ietf-rmcat-gcc-02 §6 reduces above it
	fewest       = 20   // packets that make a share of loss worth looking at
	inherentMost = 0.60 // more is never put down to chance
)

// losses counts what was reported, by the time of sending.
type losses struct {
	told, gone [lossSlots]int
	newest     int64
	upTo       time.Duration // sent when, of the latest packet reported

	runFrom  time.Duration // the losses in a row that go on now
	runCount int

	// inherent is the loss that comes without a queue and does not go when less is sent.
	inherent float64
	aged     time.Duration
}

func (l *losses) slot(sent time.Duration) (i int64, ok bool) {
	n := int64(sent / lossSlot)
	if n > l.newest+lossSlots {
		l.told, l.gone = [lossSlots]int{}, [lossSlots]int{}
		l.newest = n
	}
	for l.newest < n {
		l.newest++
		l.told[l.newest%lossSlots], l.gone[l.newest%lossSlots] = 0, 0
	}
	return n % lossSlots, n >= 0 && n > l.newest-lossSlots
}

// add counts a packet whose fate is reported for the first time.
func (l *losses) add(sent time.Duration, isLost bool) {
	i, ok := l.slot(sent)
	if !ok {
		return
	}
	l.upTo = max(l.upTo, sent)
	if !isLost {
		l.told[i]++
		l.runCount = 0
		return
	}
	if l.runCount == 0 {
		l.runFrom = sent
	}
	l.runCount++
	if l.runCount >= blackoutCount && sent-l.runFrom >= blackoutTime {
		for n := int64(l.runFrom / lossSlot); n <= int64(sent/lossSlot); n++ {
			l.told[n%lossSlots], l.gone[n%lossSlots] = 0, 0
		}
		return
	}
	l.told[i]++
	l.gone[i]++
}

// found takes back a loss: the packet came late.
func (l *losses) found(sent time.Duration) {
	if i, ok := l.slot(sent); ok && l.gone[i] > 0 {
		l.gone[i]--
	}
}

// share is the part lost of what was sent in a window, and of how many packets.
func (l *losses) share(from, to time.Duration) (p float64, n int) {
	told, gone := 0, 0
	for s := max(int64(from/lossSlot), l.newest-lossSlots+1, 0); s < int64(to/lossSlot) && s <= l.newest; s++ {
		told += l.told[s%lossSlots]
		gone += l.gone[s%lossSlots]
	}
	if told == 0 {
		return 0, 0
	}
	return float64(gone) / float64(told), told
}

// recent is the share over the window that ends where fates have settled.
func (l *losses) recent(window time.Duration) (p float64, n int) {
	end := l.upTo - settle
	return l.share(end-window, end)
}

// excess is the part of the loss that the inherent does not explain.
func (l *losses) excess(p float64) float64 {
	return max(0, (p-l.inherent)/(1-l.inherent))
}

// age lets the inherent loss sink towards what is seen, in about ten seconds:
// links recover, and what is put down to chance must not hide a queue for long.
func (l *losses) age(now time.Duration) {
	if passed := now - l.aged; passed >= 100*time.Millisecond {
		if p, n := l.recent(lossWindow); n >= fewest && p < l.inherent {
			l.inherent += (p - l.inherent) * min(1, passed.Seconds()/10)
		}
		l.aged = now
	}
}

// trial finds out whether loss without a queue is chance or a limit: it sends a
// fifth less for a moment. Where the link drops what is above a limit, the loss
// goes away with it; where it is chance, the same share stays lost.
type trial struct {
	on       bool
	share    float64       // of what was sent before, that is sent now
	loss     float64       // before
	packets  int           // that loss is of
	sent     float64       // bit/s before
	from     time.Duration // since when less is sent
	next     time.Duration // no other trial before
	patience time.Duration // between trials, doubled while they find chance
}

const (
	trialShare = 0.8
	// trialDeeper is for loss beyond an inherent one that is known: what a fifth
	// less did not explain needs a clearer answer.
	trialDeeper    = 0.65
	trialPause     = 5 * time.Second
	trialPauseMost = 20 * time.Second
	trialSure      = 2.0 // deviations of chance that the loss must go down by
)

func (t *trial) begin(now time.Duration, loss float64, packets int, sent, inherent float64) {
	t.on, t.from, t.loss, t.packets, t.sent, t.share = true, now, loss, packets, sent, trialShare
	if inherent > 0 {
		t.share = trialDeeper
	}
}

// verdict reports what a trial found, when it is over. Limit is the rate that
// passes; 0 when the loss is chance.
func (t *trial) verdict(l *losses, sent float64, now, rtt time.Duration) (done bool, limit float64) {
	start := t.from + min(rtt, time.Second) // what was sent by then had not heard of the trial
	if l.upTo < start+testWindow+settle {
		if now-t.from > 10*time.Second {
			t.on = false
		}
		return false, 0
	}
	p, n := l.share(start, start+testWindow)
	t.on = false
	if n < fewest/2 {
		return false, 0
	}
	ratio := min(t.sent/max(sent, 1), 1/t.share)
	atLimit := max(1-(1-t.loss)*ratio, l.inherent) // the loss left if only a limit made it
	chance := trialSure * math.Sqrt(t.loss*(1-t.loss)*(1/float64(n)+1/float64(max(t.packets, 1))))
	if ratio < 1.05 || p > (atLimit+t.loss)/2 || t.loss-p < chance {
		l.inherent = min(max(l.inherent, min(p, t.loss)), inherentMost)
		t.patience = min(max(2*t.patience, trialPause), trialPauseMost)
		t.next = now + t.patience
		return true, 0
	}
	t.patience, t.next = 0, now+trialPause
	return true, min(trialShare*t.sent, t.sent*(1-t.loss)/(1-l.inherent))
}
