package sfutest

// pattern is the structure of a stream of several layers, as its dependency
// descriptors tell it (AV1 RTP specification §A): sizes that need one another at
// keyframes alone, in three rates each, of which a camera's or a screen's pictures
// follow one another as 0 2 1 2.
type pattern struct{ sizes int }

// Templates of each size, by their place among its own.
const (
	keyTemplate  = iota
	baseTemplate // of the lowest rate
	halfTemplate
	fullTemplate
	templates
)

// rates is how many rates a size comes in.
const rates = 3

// template is the kind of frame that follows so many pictures after a keyframe.
func template(phase int) int {
	switch {
	case phase == 0:
		return keyTemplate
	case phase%4 == 0:
		return baseTemplate
	case phase%4 == 2:
		return halfTemplate
	}
	return fullTemplate
}

// temporal is the layer of a template.
func temporal(template int) int { return max(template-1, 0) }

// diff is how many frames back the frame of a template refers to; 0 is none.
func (p pattern) diff(size, template int) int {
	switch template {
	case baseTemplate:
		return 4 * p.sizes
	case halfTemplate:
		return 2 * p.sizes
	case fullTemplate:
		return p.sizes
	}
	return min(size, 1)
}

// indication says what a frame is to a decode target: 0 not present, 1 discardable,
// 2 a switch.
func (p pattern) indication(size, template, target int) int {
	targetSize, rate := target/rates, target%rates
	switch {
	case template == keyTemplate && targetSize >= size:
		return 2
	case template == keyTemplate || targetSize != size || rate < temporal(template):
		return 0
	case template == fullTemplate:
		return 1
	}
	return 2
}

// descriptor writes what a packet of a frame carries.
func (p pattern) descriptor(start, end bool, size, template int, number uint16) []byte {
	var w bitWriter
	w.flag(start)
	w.flag(end)
	w.put(size*templates+template, 6)
	w.put(int(number), 16)
	if template != keyTemplate || size > 0 || !start {
		return w.b
	}
	w.put(0b10000, 5) // the structure alone
	p.write(&w)
	return w.b
}

func (p pattern) write(w *bitWriter) {
	targets := p.sizes * rates
	w.put(0, 6) // the first template's id
	w.put(targets-1, 5)
	for size := range p.sizes {
		w.put(0, 2) // the same layer
		w.put(1, 2) // the next rate
		w.put(1, 2)
		if size < p.sizes-1 {
			w.put(2, 2) // the next size
		}
	}
	w.put(3, 2)
	each := func(do func(size, template int)) {
		for size := range p.sizes {
			for t := range templates {
				do(size, t)
			}
		}
	}
	each(func(size, template int) {
		for target := range targets {
			w.put(p.indication(size, template, target), 2)
		}
	})
	each(func(size, template int) {
		if d := p.diff(size, template); d > 0 {
			w.put(1, 1)
			w.put(d-1, 4)
		}
		w.put(0, 1)
	})
	w.below(0, targets+1) // chains
	w.put(1, 1)
	for size := range p.sizes {
		width, height := p.size(size)
		w.put(width-1, 16)
		w.put(height-1, 16)
	}
}

// size is of a picture, of which the largest has 1280 × 720.
func (p pattern) size(i int) (width, height int) {
	return 1280 >> (p.sizes - 1 - i), 720 >> (p.sizes - 1 - i)
}

// bitWriter writes bits from the front.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func (w *bitWriter) flag(on bool) {
	if on {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
}

// below writes a number less than n in the fewest bits: ns(n) of the AV1
// specification §4.10.7.
func (w *bitWriter) below(v, n int) {
	width := 0
	for x := n; x != 0; x >>= 1 {
		width++
	}
	if m := 1<<width - n; v < m {
		w.put(v, width-1)
	} else {
		w.put((v+m)>>1, width-1)
		w.put((v+m)&1, 1)
	}
}
