package transcript

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"
)

// Sound is heard as one channel of 16-bit samples, which is what models of speech
// are made for.
const (
	Rate  = 16_000
	frame = Rate / 50 // 20 ms
)

const (
	// quiet is the level below which nobody speaks: 50 dB below full scale. Microphones of
	// browsers are levelled and freed of noise, so that speech is far above it.
	quiet = 100
	// longest is the longest piece that is sent at once: five minutes are 9.6 MB, of the
	// 25 MB that services take.
	longest = 300 * Rate
	// rest is how long nobody has to speak for the silence to be left out.
	rest = 5 * Rate
	// margin of silence stays around speech.
	margin = Rate / 2
	// search is how far back from its end a piece that became too long is looked
	// through for the best place to cut it.
	search = 30 * Rate
)

// piece is sound in which somebody speaks.
type piece struct {
	at      int64 // of its first sample, in the file
	samples []int16
}

func (p piece) end() int64 { return p.at + int64(len(p.samples)) }

func (p piece) length() time.Duration { return duration(int64(len(p.samples))) }

func duration(samples int64) time.Duration { return time.Duration(samples) * time.Second / Rate }

// cutter takes sound apart where nobody speaks.
type cutter struct {
	piece
	spoken bool
	still  int // samples since anybody spoke
}

// put takes the next samples, at most a frame, and returns a piece when one is
// complete. The piece is the caller's.
func (c *cutter) put(samples []int16) (piece, bool) {
	c.samples = append(c.samples, samples...)
	if level(samples) < quiet {
		c.still += len(samples)
	} else {
		c.spoken, c.still = true, 0
	}
	switch {
	case !c.spoken && len(c.samples) > margin:
		c.drop(len(c.samples) - margin)
	case c.spoken && c.still >= rest:
		return c.cut(len(c.samples)-c.still+margin, false), true
	case len(c.samples) >= longest:
		return c.cut(stillest(c.samples), true), true
	}
	return piece{}, false
}

// last returns what is left at the end.
func (c *cutter) last() (piece, bool) { return c.piece, c.spoken }

// cut takes the first n samples off.
func (c *cutter) cut(n int, spoken bool) piece {
	p := piece{c.at, append([]int16(nil), c.samples[:n]...)}
	c.drop(n)
	c.spoken, c.still = spoken, min(c.still, len(c.samples))
	return p
}

func (c *cutter) drop(n int) {
	c.samples = append(c.samples[:0], c.samples[n:]...)
	c.at += int64(n)
}

// stillest returns the middle of the quietest fifth of a second near the end.
func stillest(samples []int16) int {
	const window = 10 * frame
	best, at := math.Inf(1), len(samples)
	for i := max(len(samples)-search, 0); i+window <= len(samples); i += frame {
		if l := level(samples[i : i+window]); l < best {
			best, at = l, i+window/2
		}
	}
	return at
}

// level is the root mean square.
func level(samples []int16) float64 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(max(len(samples), 1)))
}

// wave is samples as a WAV file, which every service takes.
func wave(samples []int16) []byte {
	var b bytes.Buffer
	size := uint32(2 * len(samples))
	b.Grow(44 + int(size))
	b.WriteString("RIFF")
	for _, part := range []any{
		36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(Rate), uint32(2 * Rate), uint16(2), uint16(16),
		[]byte("data"), size, samples,
	} {
		// A Buffer takes everything, and these have sizes.
		_ = binary.Write(&b, binary.LittleEndian, part)
	}
	return b.Bytes()
}
