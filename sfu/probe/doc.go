// Package probe is a guest who calls over a real network, by one path and no
// other: straight over UDP, or through one address of a relay. It speaks and
// listens, and tells whether the others were heard; what the offer and the answer
// travel by is its owner's business.
//
// A Guest has one goroutine that speaks and one that listens, besides Pion's.
// Close ends and waits for them.
package probe
