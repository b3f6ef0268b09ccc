package forward

// bits reads a bit stream from the front. Past the end it reads zeros and says so
// in short, so that a parser checks once, at the end.
type bits struct {
	b     []byte
	at    int // bits read
	short bool
}

// read takes the next n bits, at most 16.
func (r *bits) read(n int) int {
	v := 0
	for range n {
		v <<= 1
		if r.at>>3 >= len(r.b) {
			r.short = true
			continue
		}
		v |= int(r.b[r.at>>3]>>(7-r.at&7)) & 1
		r.at++
	}
	return v
}

// flag takes one bit.
func (r *bits) flag() bool { return r.read(1) != 0 }

// below takes a number less than n, in the fewest bits: the ns(n) of the AV1
// specification §4.10.7.
func (r *bits) below(n int) int {
	w := 0
	for x := n; x != 0; x >>= 1 {
		w++
	}
	m := 1<<w - n
	v := r.read(w - 1)
	if v < m {
		return v
	}
	return v<<1 - m + r.read(1)
}
