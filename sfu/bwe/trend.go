package bwe

import "time"

// The trend line's constants are libwebrtc's: a window of 20 groups, smoothing by
// 0.9, and a gain of 4 that counts up to 60 groups. The threshold's are those of
// draft-ietf-rmcat-gcc-02 §5.4 (del_var_th 12.5 ms, K_u, K_d, bounds 6 and 600 ms,
// 10 ms of overuse before it counts, 15 ms as the largest step it adapts to).
const (
	trendWindow    = 20
	trendSmoothing = 0.9
	trendGain      = 4.0
	trendGroups    = 60

	thresholdStart = 12.5
	thresholdLow   = 6.0
	thresholdHigh  = 600.0
	thresholdUp    = 0.0087
	thresholdDown  = 0.039
	thresholdStep  = 15.0
	overuseTime    = 10.0 // ms
)

// usage is what delay says of the connection.
type usage uint8

const (
	normal usage = iota
	underused
	overused
)

// trend fits a line through the delay of the last groups and compares its slope
// with a threshold that follows how restless the delay is.
type trend struct {
	x, y  [trendWindow]float64 // ms sent, ms of smoothed delay
	n     int                  // groups seen
	delay float64              // sum of differences, ms
	mild  float64              // delay, smoothed

	threshold float64
	before    float64 // the slope before
	over      float64 // for how long the slope has been above, ms
	last      time.Duration
	usage     usage
}

func newTrend() trend { return trend{threshold: thresholdStart} }

// add takes the difference between two groups and the time the later was sent.
func (t *trend) add(diff, sent time.Duration) {
	d := float64(diff) / float64(time.Millisecond)
	passed := 0.0
	if t.n > 0 {
		passed = float64(sent-t.last) / float64(time.Millisecond)
	}
	t.last = sent
	t.delay += d
	t.mild = trendSmoothing*t.mild + (1-trendSmoothing)*t.delay
	t.x[t.n%trendWindow], t.y[t.n%trendWindow] = float64(sent)/float64(time.Millisecond), t.mild
	t.n++
	if t.n < 2 {
		return
	}
	slope := t.before
	if t.n >= trendWindow {
		slope = t.slope()
	}
	t.detect(slope, passed)
}

// slope is that of the line of least squares, ms of delay per ms sent.
func (t *trend) slope() float64 {
	var mx, my float64
	for i := range t.x {
		mx += t.x[i] - t.x[0]
		my += t.y[i] - t.y[0]
	}
	mx, my = t.x[0]+mx/trendWindow, t.y[0]+my/trendWindow
	var above, below float64
	for i := range t.x {
		above += (t.x[i] - mx) * (t.y[i] - my)
		below += (t.x[i] - mx) * (t.x[i] - mx)
	}
	if below == 0 {
		return t.before
	}
	return above / below
}

func (t *trend) detect(slope, passed float64) {
	m := slope * float64(min(t.n, trendGroups)) * trendGain
	switch {
	case m > t.threshold:
		t.over += passed
		if t.over > overuseTime && slope >= t.before {
			t.over = 0
			t.usage = overused
		}
	case m < -t.threshold:
		t.over, t.usage = 0, underused
	default:
		t.over, t.usage = 0, normal
	}
	t.before = slope
	t.adapt(m, passed)
}

// adapt moves the threshold towards the slope: slowly up, or a self-made queue
// would hide itself, and quickly down.
func (t *trend) adapt(m, passed float64) {
	if m < 0 {
		m = -m
	}
	if m > t.threshold+thresholdStep {
		return // a sudden step is not restlessness
	}
	k := thresholdUp
	if m < t.threshold {
		k = thresholdDown
	}
	t.threshold += k * (m - t.threshold) * min(passed, 100)
	t.threshold = min(max(t.threshold, thresholdLow), thresholdHigh)
}
