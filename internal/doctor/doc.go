// Package doctor judges whether an installation can work, from facts that
// somebody else has gathered: what is configured, what the machine and the name
// service say, what answers and what does not. `parley serve` asks it at the
// start, so that it does not start silently wrong; `parley doctor` asks it
// everything.
//
// A Check is one row of an examination, Examine goes through them, and the
// Check… functions judge. They are pure: no network, no files, no clock. It
// starts no goroutines. Facts are gathered by internal/doctor/facts and by the
// caller.
package doctor
