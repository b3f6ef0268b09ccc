// Package guest is the other end of signaling: a program that joins an interview
// as a page would. It speaks the protocol and carries no media.
//
// A Session has one goroutine that reads its socket; Close ends and waits for it.
package guest
