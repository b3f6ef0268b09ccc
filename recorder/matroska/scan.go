package matroska

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Block is a frame as it stands in a file.
type Block struct {
	At       time.Duration // from the file's zero
	Keyframe bool
	Size     int   // of the frame
	Position int64 // of the frame's first byte in the file
}

// Summary is what is in a file.
type Summary struct {
	CodecID  string
	Closed   bool // it has its index and its size
	Blocks   int
	First    time.Duration // where the first frame begins
	Duration time.Duration // where the last frame ends, as far as it is known
	Whole    int64         // up to here every cluster is whole
}

// errCut says that a file ends inside an element.
var errCut = errors.New("the file ends inside an element")

// ErrForeign is returned for files that this package has not written.
var ErrForeign = errors.New("this is no file of a recording")

// Scan reads a file that a Writer wrote, closed or not, cut or not, and gives each
// of its frames to visit, which may be nil. Frames of a cluster that is cut count
// as far as they are whole.
func Scan(r io.ReaderAt, size int64, visit func(Block)) (Summary, error) {
	s, err := scan(r, size, visit)
	return s.Summary, err
}

// Repair closes a file that its writer did not: it cuts off what is not whole, and
// writes the index and the head. A file that is closed stays as it is. One that
// holds no frame is left alone too; its summary has no blocks.
func Repair(f Repairable, size int64) (Summary, error) {
	s, err := scan(f, size, nil)
	if err != nil || s.Closed || s.Blocks == 0 {
		return s.Summary, err
	}
	if s.cut > 0 { // the last cluster is shorter than it says
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], uint32(s.Whole-s.cut-8)|1<<28)
		if _, err := f.WriteAt(b[:], s.cut+4); err != nil {
			return s.Summary, err
		}
	}
	if err := f.Truncate(s.Whole); err != nil {
		return s.Summary, err
	}
	out := appender{f, s.Whole}
	if err := finish(&out, s.layout, s.Whole, s.index, 0, 0); err != nil {
		return s.Summary, err
	}
	s.Closed = true
	return s.Summary, nil
}

// Repairable is a file that Repair may change.
type Repairable interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
}

// appender appends by WriteAt.
type appender struct {
	io.WriterAt
	end int64
}

func (a *appender) Write(b []byte) (int, error) {
	n, err := a.WriteAt(b, a.end)
	a.end += int64(n)
	return n, err
}

type scanned struct {
	Summary
	layout layout
	index  index
	cut    int64 // where a cluster begins whose end is missing, 0 for none
}

// clusterHead is the length of a cluster's id and size, the size in four bytes.
const clusterHead = 8

// headRoom is more than any head needs: codecs' own heads are small.
const headRoom = 16 << 10

func scan(r io.ReaderAt, size int64, visit func(Block)) (scanned, error) {
	var s scanned
	head := make([]byte, min(size, headRoom))
	if n, err := r.ReadAt(head, 0); err != nil && !(errors.Is(err, io.EOF) && n == len(head)) {
		return s, err
	}
	l, err := readLayout(head)
	if errors.Is(err, errCut) && size < headRoom {
		return s, nil // not even its head is there, so there are no frames
	}
	if err != nil {
		return s, err
	}
	s.layout, s.Whole = l, l.clusters
	s.CodecID = l.codec(head)
	video := l.width > 0
	sizeField := binary.BigEndian.Uint64(head[l.segment-8:])
	s.Closed = sizeField != unknownSize && int64(sizeField&^(1<<56))+l.segment == size

	c := &cursor{r: bufio.NewReaderSize(io.NewSectionReader(r, l.clusters, size-l.clusters), 16<<10), at: l.clusters, size: size}
	for {
		start := c.at
		id, length, err := c.element()
		if err != nil || id != idCluster {
			break // the end, a cut, or the index of a file
		}
		if c.at-start != clusterHead {
			return s, fmt.Errorf("%w: the cluster at byte %d", ErrForeign, start)
		}
		end := c.at + int64(length)
		if end > size {
			s.cut = start
		}
		s.cluster(c, start, min(end, size), video, visit)
		if s.cut > 0 {
			if s.Whole <= start { // not one frame of it
				s.cut = 0
			}
			break
		}
		if c.at != end { // what it holds does not fill it
			return s, fmt.Errorf("%w: the cluster at byte %d is damaged", ErrForeign, start)
		}
		s.Whole = end
	}
	s.Duration = s.index.duration()
	return s, nil
}

// cluster reads the blocks of one cluster, whose id and size have been read.
func (s *scanned) cluster(c *cursor, start, end int64, video bool, visit func(Block)) {
	var opened time.Duration
	first := true
	for c.at < end {
		id, length, err := c.element()
		if err != nil || length > uint64(end-c.at) {
			return
		}
		body := c.at + int64(length)
		switch id {
		case idTimestamp:
			opened = time.Duration(c.number(int(length))) * time.Millisecond
		case idSimpleBlock:
			h := c.number(4)
			at := opened + time.Duration(uint16(h>>8))*time.Millisecond
			b := Block{At: at, Keyframe: h&0x80 != 0, Size: int(length) - 4, Position: c.at}
			if b.Size < 0 {
				return
			}
			length := s.length(c, b.Size)
			if !c.to(body) {
				return
			}
			if first && (!video || b.Keyframe) {
				s.index.add(cue{at, start}, video)
			}
			if s.Blocks == 0 {
				s.First = at
			}
			first = false
			s.index.frame(at, length)
			s.Blocks++
			s.Whole = body
			if visit != nil {
				visit(b)
			}
		}
		if !c.to(body) {
			return
		}
	}
}

// length is how long the frame at c says it is, 0 for one that does not say.
func (s *scanned) length(c *cursor, size int) time.Duration {
	if s.CodecID != opusID {
		return 0
	}
	head, _ := c.r.Peek(min(size, 2))
	return OpusLength(head)
}

// cursor reads elements in order.
type cursor struct {
	r        *bufio.Reader
	at, size int64
}

// element reads an id and a size.
func (c *cursor) element() (id uint32, length uint64, err error) {
	b, _ := c.r.Peek(12)
	id, length, n, err := readElement(b)
	if err != nil {
		return 0, 0, err
	}
	_, _ = c.r.Discard(n)
	c.at += int64(n)
	return id, length, nil
}

// number reads a number of n bytes, at most 8; a longer one is 0.
func (c *cursor) number(n int) uint64 {
	if n > 8 {
		return 0
	}
	b, err := c.r.Peek(n)
	if err != nil {
		return 0
	}
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	_, _ = c.r.Discard(n)
	c.at += int64(n)
	return v
}

// to goes forward to a place, and reports whether the file goes that far.
func (c *cursor) to(at int64) bool {
	if at > c.size || at < c.at {
		return false
	}
	n, err := c.r.Discard(int(at - c.at))
	c.at += int64(n)
	return err == nil
}

// readElement reads an id and a size at the beginning of b, and how long they are.
func readElement(b []byte) (id uint32, length uint64, n int, err error) {
	if len(b) == 0 {
		return 0, 0, 0, errCut
	}
	width := 1
	for mask := byte(0x80); width <= 4 && b[0]&mask == 0; mask >>= 1 {
		width++
	}
	if width > 4 {
		return 0, 0, 0, ErrForeign
	}
	if len(b) < width+1 {
		return 0, 0, 0, errCut
	}
	for _, x := range b[:width] {
		id = id<<8 | uint32(x)
	}
	s := b[width:]
	size := 1
	for mask := byte(0x80); size <= 8 && s[0]&mask == 0; mask >>= 1 {
		size++
	}
	if size > 8 {
		return 0, 0, 0, ErrForeign
	}
	if len(s) < size {
		return 0, 0, 0, errCut
	}
	length = uint64(s[0]) & (1<<(8-size) - 1)
	for _, x := range s[1:size] {
		length = length<<8 | uint64(x)
	}
	return id, length, width + size, nil
}

// readLayout finds the places of a head that appendHead wrote.
func readLayout(head []byte) (layout, error) {
	var l layout
	at := int64(0)
	expect := func(want ...uint32) (id uint32, length int64, err error) {
		id, size, n, err := readElement(head[min(at, int64(len(head))):])
		if err != nil {
			return 0, 0, err
		}
		for _, w := range want {
			if id == w {
				at += int64(n)
				return id, int64(size), nil
			}
		}
		return 0, 0, fmt.Errorf("%w: element %x at byte %d", ErrForeign, id, at)
	}
	_, n, err := expect(idEBML)
	if err != nil {
		return l, err
	}
	at += n
	if _, _, err = expect(idSegment); err != nil {
		return l, err
	}
	l.segment = at
	at += seekHeadRoom // a SeekHead and a Void, or a Void alone
	l.info = at
	_, n, err = expect(idInfo)
	if err != nil {
		return l, err
	}
	end := at + n
	_, n, err = expect(idTimestampScale)
	if err != nil {
		return l, err
	}
	l.duration = at + n
	if n < 0 || l.duration > end-durationRoom {
		return l, fmt.Errorf("%w: there is no room for its duration", ErrForeign)
	}
	at = end
	l.tracks = at
	if _, n, err = expect(idTracks); err != nil {
		return l, err
	}
	l.clusters = at + n
	if n < 0 || l.clusters > int64(len(head)) {
		return l, errCut
	}
	return l, l.findSize(head[at:l.clusters], at)
}

// findSize looks for where the size of the pictures stands.
func (l *layout) findSize(tracks []byte, base int64) error {
	for at := 0; at < len(tracks); {
		id, length, n, err := readElement(tracks[at:])
		if err != nil {
			return err
		}
		switch id {
		case idPixelWidth:
			l.width = base + int64(at)
		case idPixelHeight:
			l.height = base + int64(at)
		}
		at += n
		if id == idTrackEntry || id == idVideo {
			continue // look inside
		}
		if length > uint64(len(tracks)-at) {
			return ErrForeign
		}
		at += int(length)
	}
	return nil
}

// codec finds the codec's name in a head whose layout is l.
func (l *layout) codec(head []byte) string {
	for at := l.tracks; at < l.clusters; {
		id, length, n, err := readElement(head[at:l.clusters])
		if err != nil || length > uint64(l.clusters) {
			return ""
		}
		at += int64(n)
		switch {
		case id == idCodecID && at+int64(length) <= l.clusters:
			return string(head[at : at+int64(length)])
		case id != idTrackEntry && id != idTracks:
			at += int64(length)
		}
	}
	return ""
}
