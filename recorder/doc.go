// Package recorder keeps interviews: of those who agreed, and never lost.
//
// A Recording is fed the packets of its participants by whoever has them, one
// Track for each source, and writes one file for each participant and source. It
// is told who is there and what they answered, and that alone opens its gate: the
// packets of somebody who has not agreed are not even copied (consent.go). What
// arrived is kept as it arrived, in WebM or Matroska that plays wherever it is cut
// (recorder/matroska), on one clock for all (clock.go). A journal, each line of
// which holds the hash of the line before, says what happened; the manifest is made
// from it and from nothing else.
//
// A recording has one goroutine, which alone touches the disk. Calls put their
// matter into its queue and return at once. The queue is bounded: when the disk is
// slow, packets are dropped, counted, and it is said. When the disk is full or gone
// the recording fails, at once, and whoever fed it need not notice. The Recorder
// has one goroutine more, which watches the disk and the recordings.
//
// The package knows no sfu, no pion/webrtc, no HTTP and no SQL.
package recorder
