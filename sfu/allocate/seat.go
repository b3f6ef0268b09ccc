package allocate

// Layer is what a seat may be given of a source's video, as measured: one of its
// sizes, or of its frames a second in one size.
type Layer struct {
	Bitrate       int // bit/s; 0 is not measured yet
	Width, Height int // pixels; 0 is not known
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

// enough is the share of a place's size from which a layer fills it: browsers
// enlarge by a third without a visible loss.
const enough = 0.75

// Useful is the layer that a seat would show if the connection carried anything,
// active or not: the best of the smallest size that fills the place, -1 where nobody
// looks. It is what to ask of the publisher.
func (s Seat) Useful() int {
	if s.Hidden || len(s.Layers) == 0 {
		return -1
	}
	top := len(s.Layers) - 1
	if s.Width <= 0 && s.Height <= 0 {
		return top
	}
	for i, l := range s.Layers {
		wide := s.Width > 0 && float64(l.Width) >= enough*float64(s.Width)
		high := s.Height > 0 && float64(l.Height) >= enough*float64(s.Height)
		if wide || high {
			for i < top && s.Layers[i+1].Width == l.Width && s.Layers[i+1].Height == l.Height {
				i++ // more frames of it
			}
			return i
		}
	}
	return top
}

// cost is the bit/s of a layer. One that is not measured yet is taken to need
// 0.05 bit a pixel at 30 frames a second, as VP8 does of a face, or four times
// the layer below from 150 kbit/s on.
func (s Seat) cost(layer int) int {
	l := s.Layers[layer]
	switch {
	case l.Bitrate > 0:
		return min(l.Bitrate, 1<<32) // so that sums do not overflow
	case l.Width > 0 && l.Height > 0:
		return min(l.Width, 1<<13) * min(l.Height, 1<<13) * 3 / 2
	}
	return 150_000 << min(2*layer, 10)
}

// weight says how many times the bitrate of others a seat is worth.
func (s Seat) weight(speaking bool) int {
	switch {
	case s.Screen, s.Pinned:
		return 4
	case speaking:
		return 2
	}
	return 1
}
