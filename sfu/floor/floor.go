// Package floor decides who speaks and who holds the floor, from the audio levels
// that publishers send with each packet (RFC 6464). It is pure: times are passed
// in, one goroutine owns it.
package floor

import (
	"cmp"
	"time"
)

// How voices are told from noise. Levels are in dBov as on the wire: 0 is the
// loudest, 127 silence.
const (
	speechLevel   = 50                     // a louder packet than this may be speech
	longestPacket = 60 * time.Millisecond  // what one packet can stand for
	onset         = 60 * time.Millisecond  // so much of it, and somebody speaks
	hangover      = 700 * time.Millisecond // so long without, and they have stopped
	takeOver      = 250 * time.Millisecond // so long louder than the holder, and the floor changes
)

// Voice follows one microphone. The zero value is silent.
type Voice struct {
	speaking bool
	loud     time.Duration // speech heard since the last silence
	last     time.Time     // when speech was last heard
	previous time.Time     // the packet before
	level    float64       // smoothed loudness above speechLevel, 0…127
	since    time.Time     // speaking since
}

// Hear takes one packet's level.
func (v *Voice) Hear(level uint8, now time.Time) {
	step := min(now.Sub(v.previous), longestPacket)
	if v.previous.IsZero() {
		step = 0
	}
	v.previous = now
	loudness := max(0, float64(speechLevel)-float64(level&0x7f))
	v.level += (loudness - v.level) / 8
	if loudness == 0 {
		if now.Sub(v.last) > hangover/4 {
			v.loud = 0
		}
		return
	}
	v.loud += step
	v.last = now
}

// Speaking reports whether the person speaks, and whether that changed since it
// was last asked.
func (v *Voice) Speaking(now time.Time) (speaking, changed bool) {
	was := v.speaking
	switch {
	case v.speaking && now.Sub(v.last) > hangover:
		v.speaking, v.loud = false, 0
	case !v.speaking && v.loud >= onset:
		v.speaking, v.since = true, now
	}
	if now.Sub(v.previous) > hangover {
		v.level = 0
	}
	return v.speaking, v.speaking != was
}

// Active reports whether the person speaks, as Speaking last found.
func (v *Voice) Active() bool { return v.speaking }

// Silence ends speech at once, as when the microphone is muted. It reports
// whether that changed anything.
func (v *Voice) Silence() (changed bool) {
	changed = v.speaking
	*v = Voice{}
	return changed
}

// Floor follows who holds the floor in a room. K names a voice. The zero value
// has no holder.
type Floor[K cmp.Ordered] struct {
	holder     K
	held       bool
	challenger K
	since      time.Time
	challenged bool
}

// Update takes the voices as they are now and reports the holder, and whether it
// changed. The holder keeps the floor while silent; another takes it by speaking
// louder for a quarter of a second, or at once when the holder does not speak.
func (f *Floor[K]) Update(voices map[K]*Voice, now time.Time) (holder K, changed bool) {
	best, found := f.best(voices)
	if !found || f.held && best == f.holder {
		f.challenged = false
		return f.holder, false
	}
	if h, ok := voices[f.holder]; f.held && ok && h.speaking {
		if !f.challenged || f.challenger != best {
			f.challenger, f.since, f.challenged = best, now, true
		}
		if now.Sub(f.since) < takeOver {
			return f.holder, false
		}
	}
	f.holder, f.held, f.challenged = best, true, false
	return best, true
}

func (f *Floor[K]) best(voices map[K]*Voice) (best K, found bool) {
	var top *Voice
	for k, v := range voices {
		if !v.speaking {
			continue
		}
		louder := top == nil || v.level > top.level ||
			v.level == top.level && (v.since.Before(top.since) || v.since.Equal(top.since) && k < best)
		if louder {
			best, top, found = k, v, true
		}
	}
	return best, found
}
