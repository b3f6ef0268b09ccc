package sfu

import "fmt"

// Source is what a participant publishes. Each source has one line in the
// participant's offer, added at the start and filled when it is wanted.
type Source uint8

// The sources, in the order in which a client offers them.
const (
	Mic Source = iota
	Camera
	Screen
	ScreenAudio
	sources // how many there are
)

// String returns the word used on the wire and in logs.
func (s Source) String() string {
	switch s {
	case Mic:
		return "mic"
	case Camera:
		return "camera"
	case Screen:
		return "screen"
	case ScreenAudio:
		return "screen-audio"
	default:
		return fmt.Sprintf("source(%d)", uint8(s))
	}
}

// Video reports whether the source carries pictures.
func (s Source) Video() bool { return s == Camera || s == Screen }
