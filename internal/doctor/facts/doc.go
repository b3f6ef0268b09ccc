// Package facts gathers what internal/doctor judges: from the machine, over HTTP
// and over STUN. It knows no settings; each function is told what to look at. It
// starts no goroutines, and everything that can take long ends with its context.
package facts
