// Package doctor judges whether an installation can work, from facts that
// somebody else has gathered: what is configured, what the machine and the name
// service say, which certificate is served. `parley serve` asks it at the start,
// so that it does not start silently wrong.
//
// It is pure: no network, no files, no clock. It starts no goroutines.
package doctor
