// Package interview is the domain: what a thread and an interview are, who may
// do what to them, and when.
//
// It is pure. Nothing here reads a clock, takes a lock, starts a goroutine or
// does I/O: time is passed in, a rule that is broken comes back as an *Error,
// and what happened comes back as events in order. An Interview belongs to one
// goroutine at a time; Clone makes a copy for another one.
//
// An interview moves one way only:
//
//	scheduled ──► ringing ──► live ──► ended
//	    │            ├──────────────► missed
//	    │            ├──────────────► declined
//	    └────────────┴──────────────► cancelled
//
// (a scheduled one can also be missed or declined without ever ringing). The
// four states on the right are final: no method changes a final interview.
//
// Beside that, an interview can have a meeting in Zoom: offered, chosen, ready,
// started, ended. People move there of their own accord, and the room stays open.
//
// Times are kept in UTC with microsecond precision, so that what is stored is
// exactly what was decided. A clock that steps back never makes an interview
// end before it began: every moment is at least as late as the one before it.
package interview
