package matroska

import (
	"encoding/binary"
	"errors"
	"io"
	"time"
)

// Output is a file, from its beginning on.
type Output interface {
	io.Writer   // appends
	io.WriterAt // fills in the head at the end
}

// MaxCluster is how much time one cluster holds at most.
const MaxCluster = time.Second

// cueEvery is how far apart the places are to which a track of sound can be
// sought. Pictures can be sought to every keyframe.
const cueEvery = 5 * time.Second

// maxCues bounds the index of a file; a longer one is thinned out.
const maxCues = 1 << 14

// Writer writes one file. It belongs to one goroutine. What it is given waits in
// memory until Flush. After an error of its output nothing more is written.
type Writer struct {
	out     Output
	track   Track
	buf     []byte // whole clusters, and the open one
	cluster int    // where the open cluster's size field stands in buf, -1 for none
	opened  time.Duration
	flushed int64 // bytes in the file
	last    time.Duration
	wrote   bool // something has been flushed
	index   index
	kept    index // what was in the index at the last flush
	err     error
}

// index is what the end of a file is made from.
type index struct {
	cues   []cue
	spread time.Duration // the least distance of two cues
	end    time.Duration // where the last frame begins
	any    bool
	length time.Duration // of the last frame
}

type cue struct {
	at      time.Duration
	cluster int64 // position in the file
}

// NewWriter returns a writer of a file that holds nothing yet. Nothing is written
// before the first Flush.
func NewWriter(out Output, t Track) *Writer {
	w := &Writer{out: out, track: t, cluster: -1}
	w.buf = appendHead(nil, t)
	return w
}

// Frame adds a frame that begins at a time from the file's zero; one that is
// earlier than the last is put a millisecond behind it. Frame copies data.
func (w *Writer) Frame(at time.Duration, keyframe bool, data []byte) {
	at = at.Truncate(time.Millisecond)
	if w.index.any && at <= w.last {
		at = w.last + time.Millisecond
	}
	at = max(at, 0)
	video := w.track.Channels == 0
	if w.cluster < 0 || at-w.opened >= MaxCluster || video && keyframe {
		w.openCluster(at)
		if !video || keyframe {
			w.index.add(cue{at, w.flushed + int64(w.cluster-4)}, video)
		}
	}
	size := uint64(len(data) + 4)
	w.buf = appendSize(append(w.buf, idSimpleBlock), size)
	flags := byte(0)
	if keyframe {
		flags = 0x80
	}
	relative := uint16((at - w.opened).Milliseconds())
	w.buf = append(w.buf, 0x81, byte(relative>>8), byte(relative), flags)
	w.buf = append(w.buf, data...)
	length := time.Duration(0)
	if w.track.CodecID == opusID {
		length = OpusLength(data)
	}
	w.index.frame(at, length)
	w.last = at
}

// Pending is how many bytes wait for Flush.
func (w *Writer) Pending() int {
	if !w.index.any {
		return 0 // a head alone is not worth writing
	}
	return len(w.buf)
}

// Size is how many bytes have been flushed.
func (w *Writer) Size() int64 { return w.flushed }

// Last is where the last frame begins.
func (w *Writer) Last() time.Duration { return w.last }

// Flush writes what waits, in one piece. It returns the first error there was.
func (w *Writer) Flush() error {
	if w.err != nil || w.Pending() == 0 {
		return w.err
	}
	w.closeCluster()
	n, err := w.out.Write(w.buf)
	w.flushed += int64(n)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	w.err = err
	w.wrote = true
	w.buf = shrink(w.buf)
	w.kept = w.index
	return w.err
}

// Discard forgets what waits for Flush.
func (w *Writer) Discard() {
	w.cluster = -1
	w.index = w.kept
	w.last = w.index.end
	w.buf = shrink(w.buf)
	if !w.wrote {
		w.buf = appendHead(w.buf, w.track)
	}
}

// Close writes what waits, then the index and the head. Width and height are the
// largest that the pictures had, 0 for those the file began with.
func (w *Writer) Close(width, height int) error {
	if err := w.Flush(); err != nil {
		return err
	}
	if !w.wrote {
		return nil
	}
	head := appendHead(nil, w.track)
	l, err := readLayout(head)
	if err != nil {
		return err
	}
	w.err = finish(w.out, l, w.flushed, w.index, width, height)
	if w.err == nil {
		w.flushed += int64(len(appendCues(nil, w.index, l.segment)))
		w.err = errClosed
		return nil
	}
	return w.err
}

var errClosed = errors.New("the file is closed")

func (w *Writer) openCluster(at time.Duration) {
	w.closeCluster()
	w.buf = appendID(w.buf, idCluster)
	w.cluster = len(w.buf)
	w.buf = append(w.buf, 0, 0, 0, 0)
	w.buf = appendUint(w.buf, idTimestamp, uint64(at.Milliseconds()))
	w.opened = at
}

func (w *Writer) closeCluster() {
	if w.cluster < 0 {
		return
	}
	size := len(w.buf) - w.cluster - 4
	binary.BigEndian.PutUint32(w.buf[w.cluster:], uint32(size)|1<<28)
	w.cluster = -1
}

// shrink empties a buffer, and lets go of one that had to grow much.
func shrink(b []byte) []byte {
	if cap(b) > 256<<10 {
		return nil
	}
	return b[:0]
}

// add notes a place that can be sought to.
func (x *index) add(c cue, video bool) {
	spread := x.spread
	if !video {
		spread = max(spread, cueEvery)
	}
	if n := len(x.cues); n > 0 && c.at-x.cues[n-1].at < spread {
		return
	}
	if len(x.cues) >= maxCues {
		half := make([]cue, 0, maxCues)
		for i := 0; i < len(x.cues); i += 2 {
			half = append(half, x.cues[i])
		}
		x.cues = half
		x.spread = max(2*x.spread, cueEvery)
	}
	x.cues = append(x.cues, c)
}

// onePicture is how long the first picture is taken to last. Players read a
// duration of 0 as none.
const onePicture = 40 * time.Millisecond

// frame notes a frame. One of length 0 does not say how long it is: it is taken to
// last as long as the one before.
func (x *index) frame(at, length time.Duration) {
	switch {
	case length > 0:
		x.length = length
	case x.any:
		x.length = min(at-x.end, 100*time.Millisecond)
	default:
		x.length = onePicture
	}
	x.end, x.any = at, true
}

// duration is where the last frame ends.
func (x *index) duration() time.Duration { return x.end + x.length }
