package frames

import (
	"errors"
	"time"
)

// Codec is what a line carries.
type Codec string

// The codecs that can be kept.
const (
	Opus Codec = "opus"
	VP8  Codec = "vp8"
	VP9  Codec = "vp9"
	AV1  Codec = "av1"
	H264 Codec = "h264"
)

// Video reports whether the codec is of pictures.
func (c Codec) Video() bool { return c != Opus }

// Rate is how many steps of an RTP timestamp are a second.
func (c Codec) Rate() int {
	if c == Opus {
		return 48000
	}
	return 90000
}

// Known reports whether c is one of the codecs above.
func (c Codec) Known() bool {
	switch c {
	case Opus, VP8, VP9, AV1, H264:
		return true
	}
	return false
}

// Frame is a picture, or a packet of sound, as its decoder takes it.
type Frame struct {
	Timestamp uint32
	Arrived   time.Time // its earliest packet: large frames take no longer
	Data      []byte    // the assembler's: valid until the next call
	Keyframe  bool      // of sound every frame is one
	Width     int       // of a keyframe, 0 where it is not known
	Height    int
	Private   []byte // of a keyframe: the codec's head for the container
}

// The bounds of what waits. A packet that is repaired comes within two round
// trips; a frame is written within a second of its arrival in any case.
const (
	wait        = 500 * time.Millisecond
	patience    = 200 * time.Millisecond
	videoWindow = 1024 // packets
	audioWindow = 128
	maxFrame    = 4 << 20 // bytes
	maxParts    = 4096    // packets
)

var errFrame = errors.New("the frame is damaged")

// Assembler makes frames of one line's packets. It belongs to one goroutine.
type Assembler struct {
	codec   Codec
	order   order
	unpack  unpacker
	parts   []*Packet
	broken  bool // until the next keyframe
	damaged uint64
	buf     []byte
}

// NewAssembler returns an assembler.
func NewAssembler(codec Codec) *Assembler {
	a := &Assembler{codec: codec, broken: codec.Video(), unpack: newUnpacker(codec)}
	window := audioWindow
	if codec.Video() {
		window = videoWindow
	}
	a.order = newOrder(window, wait)
	return a
}

// Push takes a packet and gives the frames that are whole now to emit.
func (a *Assembler) Push(p *Packet, emit func(Frame)) {
	arrived := p.Arrived
	for a.order.full(p.seq) {
		a.take(a.order.force(), emit)
	}
	if !a.order.push(p) {
		p.Free()
	}
	a.Expire(arrived, emit)
}

// Expire gives up what has been waited for long enough, and gives the frames that
// follow to emit.
func (a *Assembler) Expire(now time.Time, emit func(Frame)) {
	for p := a.order.pop(now); p != nil; p = a.order.pop(now) {
		a.take(p, emit)
	}
}

// Drain gives up all that is waited for, and gives the frames that follow to emit.
func (a *Assembler) Drain(emit func(Frame)) {
	for p := a.order.force(); p != nil; p = a.order.force() {
		a.take(p, emit)
	}
}

func (a *Assembler) take(p *Packet, emit func(Frame)) {
	if a.codec.Video() {
		a.video(p, emit)
		return
	}
	if len(p.payload) > 0 { // an empty one only holds its number
		emit(Frame{Timestamp: p.ts, Arrived: p.Arrived, Data: p.payload, Keyframe: true})
	}
	p.Free()
}

// Reset forgets what waits. Pictures begin again with a keyframe.
func (a *Assembler) Reset() {
	a.drop()
	a.order.clear()
	a.order.started = false
	a.broken = a.codec.Video()
}

// WantsKeyframe reports whether no picture can follow before a keyframe, or whether
// that is likely: a packet has been missing for longer than most repairs take.
func (a *Assembler) WantsKeyframe(now time.Time) bool {
	return a.broken || a.codec.Video() && a.order.waited(now) > patience
}

// Lost is how many packets never came, and how many frames could not be made of
// those that did.
func (a *Assembler) Lost() (packets, frames uint64) { return a.order.lost, a.damaged }

// video adds a packet, the next in order, to its frame.
func (a *Assembler) video(p *Packet, emit func(Frame)) {
	if p.before {
		a.drop()
		a.broken = true
	}
	if len(p.payload) == 0 { // padding, which probes bandwidth
		p.Free()
		return
	}
	if len(a.parts) > 0 && a.parts[0].ts != p.ts {
		a.finish(emit) // its last packet had no mark
	}
	if len(a.parts) == 0 && !a.unpack.head(p.payload) || len(a.parts) >= maxParts {
		a.drop()
		a.broken = true
		p.Free()
		return
	}
	a.parts = append(a.parts, p)
	if p.marker {
		a.finish(emit)
	}
}

// finish makes a frame of its parts.
func (a *Assembler) finish(emit func(Frame)) {
	last := a.parts[len(a.parts)-1]
	f := Frame{Timestamp: last.ts, Arrived: last.Arrived}
	for _, p := range a.parts {
		if p.Arrived.Before(f.Arrived) {
			f.Arrived = p.Arrived
		}
	}
	var err error
	a.buf, err = a.unpack.frame(a.buf[:0], a.parts, &f)
	f.Data = a.buf
	switch {
	case err != nil || len(f.Data) == 0:
		a.damaged++
		a.broken = true
	case a.broken && !f.Keyframe:
		a.damaged++
	default:
		a.broken = false
		emit(f)
	}
	a.drop()
	if cap(a.buf) > 512<<10 {
		a.buf = nil
	}
}

func (a *Assembler) drop() {
	for i, p := range a.parts {
		p.Free()
		a.parts[i] = nil
	}
	a.parts = a.parts[:0]
}
