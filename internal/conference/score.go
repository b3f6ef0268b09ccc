package conference

import (
	"math"
	"time"
)

// Parameters of the E-model (ITU-T G.107 §7 and its default values).
const (
	baseRating  = 93.2 // R with every parameter at its default: noise and loudness as usual
	lossHalving = 25.1 // Bpl: robustness of a codec that conceals (ITU-T G.113 table I.4, G.711 with PLC)
	delayKnee   = 177.3
	// processing is what the ends add to the way: a frame of 20 ms, its coding,
	// and playing it out.
	processing = 60 * time.Millisecond
)

// score estimates the mean opinion of the sound over a path, 1 (bad) to 4.5, from
// the share of sound that is missing and the delay. It is the E-model without the
// parameters that are not known here; delay is weighed as by Cole and Rosenbluth,
// "Voice over IP performance monitoring" (2001).
func score(missing float64, rtt, jitter time.Duration) float64 {
	delay := float64((rtt/2 + 2*jitter + processing).Microseconds()) / 1000
	rating := baseRating - 0.024*delay
	if delay > delayKnee {
		rating -= 0.11 * (delay - delayKnee)
	}
	percent := 100 * min(max(missing, 0), 1)
	rating -= 95 * percent / (percent + lossHalving) // Ie,eff with Ie 0 and random loss
	return math.Round(10*opinion(rating)) / 10
}

// opinion turns a rating into a mean opinion score (ITU-T G.107 annex B).
func opinion(r float64) float64 {
	switch {
	case r <= 6.5: // below it the curve would fall under 1
		return 1
	case r >= 100:
		return 4.5
	}
	return 1 + 0.035*r + r*(r-60)*(100-r)*7e-6
}
