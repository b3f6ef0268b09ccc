package sfutest

import (
	"time"

	"parley/sfu"
)

// VideoRate is how much a camera or screen sends.
type VideoRate struct {
	FPS        int
	Packets    int // of a frame
	KeyPackets int // of a keyframe
	Size       int // bytes of a packet's payload

	// Max, in bit/s, makes the source follow the browser's send budget up to
	// it, instead of sending the packets above.
	Max int
}

// profile is what kind of browser it is.
type profile struct {
	up, down  Path
	router    *Router
	simulcast Simulcast
	skew      time.Duration
	rates     map[sfu.Source]VideoRate
	sources   []sfu.Source
	opus, vp8 uint8 // payload types; that of RTX follows VP8's
	plain     bool  // no redundant sound
	asks      bool  // for sound that got lost
	layered   bool  // knows VP9 and AV1
	described bool  // and dependency descriptors
}

func defaultProfile() profile {
	return profile{
		rates: map[sfu.Source]VideoRate{
			sfu.Camera: {FPS: 15, Packets: 2, KeyPackets: 8, Size: 1000},
			sfu.Screen: {FPS: 5, Packets: 4, KeyPackets: 20, Size: 1100},
		},
		sources: []sfu.Source{sfu.Mic, sfu.Camera, sfu.Screen, sfu.ScreenAudio},
		opus:    111, vp8: 96,
	}
}

// Option changes a Browser.
type Option func(*profile)

// Up sets the way from the browser to the world.
func Up(p Path) Option { return func(b *profile) { b.up = p } }

// Down sets the way from the world to the browser.
func Down(p Path) Option { return func(b *profile) { b.down = p } }

// Skew sets the browser's wall clock wrong by d. It shows in its sender
// reports.
func Skew(d time.Duration) Option { return func(b *profile) { b.skew = d } }

// Rate sets what a video source sends.
func Rate(s sfu.Source, r VideoRate) Option { return func(b *profile) { b.rates[s] = r } }

// Sources sets what the browser offers to publish, instead of everything: an
// audio interview's page offers the microphone alone.
func Sources(s ...sfu.Source) Option { return func(b *profile) { b.sources = s } }

// FirefoxTypes gives the payload types that Firefox uses instead of Chromium's.
func FirefoxTypes() Option {
	return func(b *profile) { b.opus, b.vp8, b.plain = 109, 120, true }
}

// WithoutRED makes the browser neither send nor take redundant sound, as Firefox.
func WithoutRED() Option { return func(b *profile) { b.plain = true } }

// WithAudioNACK makes the browser ask again for sound, as Chromium does where its
// page has put that into its offer. By themselves Chromium 156 and Firefox 153 do not
// offer it; they answer requests all the same.
func WithAudioNACK() Option { return func(b *profile) { b.asks = true } }

// WithSVC makes the browser know VP9 and AV1, and send and take dependency
// descriptors, as Chromium does.
func WithSVC() Option { return func(b *profile) { b.layered, b.described = true, true } }

// WithVP9 makes the browser know VP9 and AV1 without dependency descriptors, as
// Firefox does.
func WithVP9() Option { return func(b *profile) { b.layered = true } }

// Adaptive makes a video source follow the browser's send budget, up to max
// bit/s.
func Adaptive(s sfu.Source, fps, max int) Option {
	return func(b *profile) { b.rates[s] = VideoRate{FPS: fps, Max: max} }
}

// Layered makes the camera send layers q, h and f, the last of them with up to
// max bit/s, as its budget allows.
func Layered(style Simulcast, fps, max int) Option {
	return func(b *profile) {
		b.simulcast = style
		b.rates[sfu.Camera] = VideoRate{FPS: fps, Max: max}
	}
}
