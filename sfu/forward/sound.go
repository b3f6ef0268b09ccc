package forward

// What a Sound keeps: a third of a second, which is as far back as a redundant
// payload can reach, of frames as large as speech is.
const (
	keptFrames   = 16
	keptPerFrame = 480
)

// Sound keeps the newest frames of one stream of sound in the order in which they
// came, each as one block: a viewer whose connection loses packets is sent them
// again inside later ones. The zero value is ready; it takes its memory with the
// first frame.
type Sound struct {
	ring []frame
	n    uint // frames kept since the last Clear
}

type frame struct {
	ts   uint32
	size uint16
	seq  uint16
	data [keptPerFrame]byte
}

// Keep takes a frame. One that is empty or larger than speech is not kept.
func (s *Sound) Keep(seq uint16, ts uint32, payload []byte) {
	if len(payload) == 0 || len(payload) > keptPerFrame {
		return
	}
	if s.ring == nil {
		s.ring = make([]frame, keptFrames)
	}
	f := &s.ring[s.n%keptFrames]
	f.seq, f.ts, f.size = seq, ts, uint16(copy(f.data[:], payload))
	s.n++
}

// Clear forgets everything: what comes next does not follow what was kept.
func (s *Sound) Clear() { s.n = 0 }

// Wanted is the frames that one viewer has asked for again, a few at the most.
type Wanted struct {
	seq [maxCopies]uint16
	n   int

	last    uint16 // asked for
	run     int    // packets in a row asked for, up to it
	longest int    // of the runs, lately
}

// Add notes that the frame seq of the incoming stream is to be sent again.
func (w *Wanted) Add(seq uint16) {
	if seq == w.last+1 {
		w.run++
	} else if seq != w.last {
		w.run = 1
	}
	w.last = seq
	w.longest = min(max(w.longest, w.run), maxDepth)
	if w.n < len(w.seq) && !w.has(seq) {
		w.seq[w.n] = seq
		w.n++
	}
}

// Empty reports whether nothing is asked for.
func (w *Wanted) Empty() bool { return w.n == 0 }

// Clear forgets what was asked for.
func (w *Wanted) Clear() { w.n = 0 }

func (w *Wanted) has(seq uint16) bool {
	for _, s := range w.seq[:w.n] {
		if s == seq {
			return true
		}
	}
	return false
}

// Copies appends to dst what a packet of time ts should carry beside its own
// frame, oldest first: the last depth frames that came before it, and those that
// are wanted.
func (s *Sound) Copies(dst []Copy, ts uint32, depth int, w *Wanted) []Copy {
	kept := min(s.n, keptFrames)
	start := len(dst)
	taken := 0
	for i := uint(1); i <= kept; i++ {
		f := &s.ring[(s.n-i)%keptFrames]
		back := ts - f.ts
		if f.ts == ts || back > maxCopyOffset {
			continue
		}
		if taken >= depth && !w.has(f.seq) {
			continue
		}
		taken++
		dst = append(dst, Copy{Offset: back, Payload: f.data[:f.size]})
		if len(dst)-start == maxCopies {
			break
		}
	}
	for i := start + 1; i < len(dst); i++ { // oldest first; a handful
		for j := i; j > start && dst[j].Offset > dst[j-1].Offset; j-- {
			dst[j], dst[j-1] = dst[j-1], dst[j]
		}
	}
	return dst
}

// Redundancy decides how many frames back a viewer's packets of sound repeat, by
// the loss on the way to the viewer. It goes up at once and down slowly. The zero
// value repeats nothing.
type Redundancy struct {
	depth int
	calm  int // updates in a row that would have done with less
	run   int // the longest that was lost at once
	age   int // updates since it was shortened
}

// redundancySteps is the loss from which so many frames are repeated, so that what
// is lost for good stays under about half a percent: p to the power of depth+1.
var redundancySteps = [...]float64{1: 0.01, 2: 0.04, 3: 0.12}

// maxDepth bounds the frames that a packet repeats in order.
const maxDepth = 6

const calmUpdates = 25 // before a frame less is repeated

// Update takes the share lost lately and what the sound may take of the viewer's
// connection, in copies that fit, and returns the depth. Runs of packets that w
// shows to have been lost at once are repeated as a whole, where there is loss.
func (r *Redundancy) Update(loss float64, fits int, w *Wanted) int {
	want := 0
	r.run = max(r.run, w.longest)
	w.longest = 0
	for d := len(redundancySteps) - 1; d > 0; d-- {
		if loss >= redundancySteps[d] {
			want = d
			break
		}
	}
	if want > 0 && r.run > 2 {
		want = max(want, r.run)
	}
	switch {
	case want >= r.depth:
		r.depth, r.calm = want, 0
		if r.age++; r.age >= calmUpdates {
			r.run, r.age = max(r.run-1, 0), 0
		}
	case r.calm < calmUpdates:
		r.calm++
	default:
		r.depth, r.calm, r.run = r.depth-1, 0, 0
	}
	r.depth = max(min(r.depth, fits), 0)
	return r.depth
}
