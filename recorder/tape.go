package recorder

import (
	"fmt"
	"sync/atomic"
	"time"

	"parley/recorder/frames"
	"parley/recorder/matroska"
)

// tape is one file: one source of one participant, whatever connections it came
// over. Only the keeper's goroutine touches it.
type tape struct {
	file   File
	out    file
	w      *matroska.Writer
	codec  frames.Codec
	pts    tapePositions
	toc    byte          // of the last packet of sound
	known  bool          // the journal has it
	sync   bool          // something was written since the last sync
	count  *atomic.Int64 // bytes that were written
	wide   int           // the largest pictures
	high   int
	failed error
}

// tapePositions are positions in the recording.
type tapePositions struct {
	start   time.Duration // of the file's zero
	settled bool          // a report has confirmed it
	end     time.Duration // of the last frame; of sound, by its samples
	flushed time.Duration // end at the last flush
	moved   time.Time     // when it was last flushed
}

// The bounds of a file's lists in the manifest.
const (
	maxGaps  = 2000
	maxSizes = 2000
	longGap  = 200 * time.Millisecond
)

// begin makes the writer when the first frame is there, which says what the file's
// head needs.
func (t *tape) begin(f frames.Frame, position time.Duration, date time.Time) {
	t.pts.start, t.pts.end, t.pts.flushed = position, position, position
	t.file.StartMS = position.Milliseconds()
	track := matroska.Track{
		Name: fmt.Sprintf("%s %s", t.file.Participant, t.file.Source),
		UID:  uint64(date.UnixNano()), Date: date,
		Private: f.Private,
	}
	switch t.codec {
	case frames.Opus:
		track.CodecID, track.Rate, track.Channels = "A_OPUS", 48000, 2
		track.Private = matroska.OpusPrivate(2)
	case frames.VP8:
		track.CodecID = "V_VP8"
	case frames.VP9:
		track.CodecID = "V_VP9"
	case frames.AV1:
		track.CodecID = "V_AV1"
	case frames.H264:
		track.CodecID = "V_MPEG4/ISO/AVC"
	}
	track.Width, track.Height = f.Width, f.Height
	t.w = matroska.NewWriter(t.out, track)
}

// picture adds a picture.
func (t *tape) picture(f frames.Frame, position time.Duration) {
	position = max(position, t.pts.end+time.Millisecond)
	if t.file.Frames == 0 {
		position = t.pts.start
	} else {
		t.gap(t.pts.end, position)
	}
	if f.Keyframe && f.Width > 0 {
		t.wide, t.high = max(t.wide, f.Width), max(t.high, f.Height)
		last := len(t.file.Sizes) - 1
		if last < 0 || t.file.Sizes[last].Width != f.Width || t.file.Sizes[last].Height != f.Height {
			if last+1 < maxSizes {
				t.file.Sizes = append(t.file.Sizes, Picture{position.Milliseconds(), f.Width, f.Height})
			}
		}
	}
	t.add(position, f.Keyframe, f.Data)
	t.pts.end = position
}

// sound adds a packet of sound where its samples belong. What is missing before it
// is filled with empty frames, which decoders conceal: many players count samples
// and would play all that follows too early. What a sender's clock has too much is
// left out for the same reason, a frame at a time.
func (t *tape) sound(f frames.Frame, position time.Duration) {
	length := matroska.OpusLength(f.Data)
	if length == 0 {
		t.file.Damaged++
		return
	}
	if t.file.Frames > 0 {
		filler := matroska.OpusLength([]byte{t.toc})
		if t.pts.end-position > length*3/4 {
			t.file.Damaged++
			return
		}
		t.gap(t.pts.end, position)
		for filler > 0 && position-t.pts.end > filler*3/4 {
			t.add(t.pts.end, true, []byte{t.toc})
			t.pts.end += filler
		}
	}
	t.toc = f.Data[0] &^ 3 // one frame, of no bytes
	t.add(t.pts.end, true, f.Data)
	t.pts.end += length
}

func (t *tape) gap(from, to time.Duration) {
	if to-from >= longGap && len(t.file.Gaps) < maxGaps {
		t.file.Gaps = append(t.file.Gaps, Span{from.Milliseconds(), to.Milliseconds()})
	}
}

func (t *tape) add(position time.Duration, keyframe bool, data []byte) {
	t.w.Frame(position-t.pts.start, keyframe, data)
	t.file.Frames++
	if t.w.Pending() > flushSize {
		_ = t.flush(t.pts.moved)
	}
}

// flush writes what waits to the file.
func (t *tape) flush(now time.Time) error {
	if t.failed != nil || t.w == nil || t.w.Pending() == 0 {
		return t.failed
	}
	before := t.w.Size()
	t.failed = t.w.Flush()
	t.count.Add(t.w.Size() - before)
	t.sync = true
	t.pts.flushed, t.pts.moved = t.pts.end, now
	return t.failed
}

// discard forgets what waits.
func (t *tape) discard() {
	if t.w == nil {
		return
	}
	t.w.Discard()
	t.pts.end = t.pts.flushed
	if t.w.Size() == 0 {
		t.w = nil
		t.file.Frames = 0
	}
}

// close closes the file and says what is in it.
func (t *tape) close() (File, error) {
	f := t.file
	if t.w == nil {
		f.Frames = 0
		return f, t.out.Close()
	}
	before := t.w.Size()
	err := t.w.Close(t.wide, t.high)
	t.count.Add(t.w.Size() - before)
	if err != nil {
		_ = t.out.Close()
		return f, err
	}
	s, err := matroska.Scan(t.out, t.w.Size(), nil)
	if err == nil {
		f.Frames, f.DurationMS = int64(s.Blocks), s.Duration.Milliseconds()
		f.Size = t.w.Size()
		f.SHA256, err = sum(t.out, f.Size)
	}
	if err == nil {
		err = t.out.Sync()
	}
	if e := t.out.Close(); err == nil {
		err = e
	}
	return f, err
}
