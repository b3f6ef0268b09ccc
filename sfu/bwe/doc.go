// Package bwe estimates how much one viewer's connection carries, from the
// sender's side: what was sent when, and what the viewer reports to have got when.
//
// It follows Google congestion control (draft-ietf-rmcat-gcc-02) and what its
// authors did to it later in libwebrtc; the code is our own. Five parts, each a
// file: the report's parser (feedback.go), one-way delay (group.go, trend.go), loss
// (loss.go), probes (probe.go), and the rate that follows from them (rate.go);
// estimator.go joins them. What it is told can be written down (trace.go), to be told
// again in a test.
//
// An Estimator has no clock, goroutine or lock: time is passed in, and one
// goroutine owns it. Sent does not allocate, Feedback neither once it is warm.
package bwe
