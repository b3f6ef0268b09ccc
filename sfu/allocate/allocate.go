// Package allocate shares what a viewer's connection carries among the places the
// viewer looks at: which layer of each, or none.
//
// An Allocator has no clock, goroutine or lock: time is passed in, and one
// goroutine owns it.
package allocate

import "time"

// Layer is one size of a source's video, as measured.
type Layer struct {
	Bitrate       int // bit/s
	Width, Height int // pixels
	Active        bool
}

// Seat is a place in a viewer's connection and what the viewer makes of it.
type Seat struct {
	ID            int
	Layers        []Layer // small to large
	Screen        bool    // shows a shared screen
	Width, Height int     // on the viewer's display, in device pixels; 0 is as large as there is
	Hidden        bool    // the viewer does not see it
	Pinned        bool    // the viewer chose it
	Speaking      bool    // who sits there speaks
}

// Choice is the layer of one seat; -1 is none.
type Choice struct {
	ID    int
	Layer int
}

// Allocator keeps what it chose, so that choices do not flap.
type Allocator struct{}

// Allocate chooses a layer for each seat, in the order of seats. Estimate and
// audio are bit/s; audio is taken off first. The result is valid until the next call.
func (a *Allocator) Allocate(estimate, audio int, seats []Seat, now time.Time) []Choice { return nil }
