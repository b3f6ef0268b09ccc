// Package forward holds the decisions of the packet path that need no socket,
// no clock and no lock: what a payload is (VP8, H.264), which packets of a stream
// have arrived and which to ask for again, how one outgoing stream stays
// continuous when the stream behind it changes, and how a publisher's clock
// relates to ours.
//
// Everything here is owned by the goroutine that calls it; time is passed in.
package forward
