package bwe

import "time"

// Config bounds an estimate, in bit/s. Zero fields take the defaults.
type Config struct {
	Start int // before anything is known; 600 kbit/s
	Min   int // never lower; 50 kbit/s
	Max   int // never higher; 6 Mbit/s
}

// Probe is a burst that shows whether the connection carries more.
type Probe struct {
	Bytes int // how much to send in all, media or padding
	Rate  int // bit/s to send it at
}

// Estimator is the estimate of one viewer's connection.
type Estimator struct {
	c Config
}

// New makes an Estimator that nothing has been sent to yet.
func New(c Config, now time.Time) *Estimator { return &Estimator{c: c} }

// Sent tells of a packet with a transport-wide number that leaves now, padding
// too. Size is what it takes on the wire, IP and UDP headers included if the
// caller counts them elsewhere too.
func (e *Estimator) Sent(seq uint16, size int, now time.Time) {}

// Feedback takes a report of arrivals: the body of a transport-wide feedback
// packet after the two SSRCs (draft-holmer-rmcat-transport-wide-cc-extensions-01
// §3.1). A malformed report changes nothing and is an error.
func (e *Estimator) Feedback(fci []byte, now time.Time) error { return nil }

// REMB takes the estimate that a viewer made itself, in bit/s.
func (e *Estimator) REMB(bps int, now time.Time) {}

// RTT takes a measured round trip.
func (e *Estimator) RTT(d time.Duration) {}

// Estimate is how much may be sent, in bit/s.
func (e *Estimator) Estimate() int { return 600_000 }

// Probe asks whether a burst should be sent now. Each probe is handed out once.
func (e *Estimator) Probe(now time.Time) (p Probe, ok bool) { return Probe{}, false }

// Want tells how much would be sent if the connection carried it, in bit/s.
// Nothing is probed beyond it; 0 is nothing, so that nothing is probed.
func (e *Estimator) Want(bps int) {}

// Loss is the share of packets lost of late, 0 to 1.
func (e *Estimator) Loss() float64 { return 0 }
