// Package frames makes frames of the RTP packets of one line: it puts them in
// order, waits a while for those that are repaired late, and takes them out of
// their wrapping (RFC 7741 VP8, RFC 9628 VP9, RFC 6184 H.264, AV1's own, RFC 7587
// Opus).
//
// Frames come out whole or not at all. After a frame is lost, those that may
// depend on it are left out as well, up to the next keyframe.
//
// The package has no goroutine, clock or lock, and trusts no byte it is given.
package frames
