package matroska

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// memory is a file in memory, which may refuse to be written to.
type memory struct {
	b      []byte
	writes int // that are still let through, when limited
	limit  bool
}

var errFull = errors.New("full")

func (m *memory) allow() bool {
	m.writes--
	return !m.limit || m.writes >= 0
}

func (m *memory) Write(b []byte) (int, error) { return m.WriteAt(b, int64(len(m.b))) }

func (m *memory) WriteAt(b []byte, at int64) (int, error) {
	if !m.allow() {
		return 0, errFull
	}
	if need := int(at) + len(b); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	return copy(m.b[at:], b), nil
}

func (m *memory) ReadAt(b []byte, at int64) (int, error) { return bytes.NewReader(m.b).ReadAt(b, at) }

func (m *memory) Truncate(size int64) error {
	m.b = m.b[:size]
	return nil
}

var (
	video = Track{CodecID: "V_VP8", Width: 320, Height: 180, UID: 7, Name: "a camera", Date: epoch.Add(time.Hour)}
	sound = Track{CodecID: "A_OPUS", Rate: 48000, Channels: 2, UID: 9, Private: OpusPrivate(2), Date: epoch}
)

// write writes three seconds, flushing every 300 ms, and returns the frames.
func write(t *testing.T, out Output, track Track, end bool) (blocks []Block, frames [][]byte) {
	t.Helper()
	w := NewWriter(out, track)
	step := 40 * time.Millisecond
	if track.Channels > 0 {
		step = 20 * time.Millisecond
	}
	flushed := time.Duration(0)
	for i := 0; i < int(3*time.Second/step); i++ {
		at := time.Duration(i) * step
		data := fmt.Appendf(nil, "frame %d of %s", i, track.CodecID)
		key := track.Channels > 0 || i%30 == 0
		w.Frame(at, key, data)
		blocks = append(blocks, Block{At: at, Keyframe: key, Size: len(data)})
		frames = append(frames, data)
		if at-flushed >= 300*time.Millisecond {
			flushed = at
			if err := w.Flush(); err != nil {
				return blocks, frames
			}
		}
	}
	if err := w.Flush(); err == nil && end {
		_ = w.Close(640, 360)
	}
	return blocks, frames
}

// read returns a file's blocks without their places, and checks what is in them.
func read(t *testing.T, m *memory, frames [][]byte) (Summary, []Block) {
	t.Helper()
	var blocks []Block
	s, err := Scan(m, int64(len(m.b)), func(b Block) {
		if got := m.b[b.Position : b.Position+int64(b.Size)]; !bytes.Equal(got, frames[len(blocks)]) {
			t.Errorf("frame %d is %q", len(blocks), got)
		}
		b.Position = 0
		blocks = append(blocks, b)
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, blocks
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, track := range []Track{video, sound} {
		var m memory
		want, frames := write(t, &m, track, true)
		s, got := read(t, &m, frames)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", track.CodecID, got, want)
		}
		if !s.Closed || s.CodecID != track.CodecID || s.Duration != 3*time.Second || s.Blocks != len(want) {
			t.Errorf("%+v", s)
		}
	}
}

func TestAFileCutAnywhereIsRepairedUpToThere(t *testing.T) {
	for _, track := range []Track{video, sound} {
		var whole memory
		_, frames := write(t, &whole, track, true)
		var live memory
		write(t, &live, track, false)
		before := -1
		for cut := 0; cut <= len(whole.b); cut++ {
			// Up to the index the file is the live one, whose head is not filled in.
			m := memory{b: bytes.Clone(whole.b[:cut])}
			copy(m.b, live.b)
			was, err := Scan(&m, int64(cut), nil)
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			s, err := Repair(&m, int64(cut))
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if s.Blocks < before {
				t.Fatalf("cut at %d: %d blocks, %d when one byte shorter", cut, s.Blocks, before)
			}
			before = s.Blocks
			if s.Blocks == 0 {
				continue
			}
			after, blocks := read(t, &m, frames)
			if !after.Closed || after.Blocks != was.Blocks || len(blocks) != was.Blocks {
				t.Fatalf("cut at %d: %+v became %+v", cut, was, after)
			}
			again := bytes.Clone(m.b)
			if _, err := Repair(&m, int64(len(m.b))); err != nil || !bytes.Equal(again, m.b) {
				t.Fatalf("cut at %d: repairing again changes it, %v", cut, err)
			}
		}
		if before != len(frames) {
			t.Errorf("%d of %d frames", before, len(frames))
		}
	}
}

// TestAFrameAloneHasALength: of a duration of 0 players say that there is none.
func TestAFrameAloneHasALength(t *testing.T) {
	for _, c := range []struct {
		name   string
		track  Track
		frames [][]byte // 20 ms apart
		want   time.Duration
	}{
		{"20 ms of sound", sound, [][]byte{{0xFC, 1}}, 20 * time.Millisecond},
		{"60 ms of sound", sound, [][]byte{{0x18, 1}}, 60 * time.Millisecond},
		{"a packet of two frames of 20 ms", sound, [][]byte{{0xFD, 1, 2}}, 40 * time.Millisecond},
		{"a packet that fills a gap", sound, [][]byte{{0xFC}}, 20 * time.Millisecond},
		{"60 ms of sound behind 20 ms", sound, [][]byte{{0xFC, 1}, {0x18, 1}}, 80 * time.Millisecond},
		{"no packet of Opus", sound, [][]byte{{0xFF}}, onePicture},
		{"a picture", video, [][]byte{{1, 2, 3}}, onePicture},
		{"two pictures", video, [][]byte{{1, 2, 3}, {4}}, 40 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			var whole memory
			w := NewWriter(&whole, c.track)
			for i, f := range c.frames {
				w.Frame(time.Duration(i)*20*time.Millisecond, true, f)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			cut := memory{b: bytes.Clone(whole.b)}
			if err := w.Close(0, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := Repair(&cut, int64(len(cut.b))); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(cut.b, whole.b) {
				t.Error("repairing and closing do not agree")
			}
			if s, err := Scan(&whole, int64(len(whole.b)), nil); err != nil || s.Duration != c.want {
				t.Errorf("got %v, %v, want %v", s.Duration, err, c.want)
			}
			l, err := readLayout(whole.b)
			if err != nil {
				t.Fatal(err)
			}
			if said := whole.b[l.duration : l.duration+11]; !bytes.Equal(said, appendFloat(nil, idDuration, float64(c.want.Milliseconds()))) {
				t.Errorf("the head says %x", said)
			}
		})
	}
}

func TestACloseThatWasKilledIsRepaired(t *testing.T) {
	var want memory
	write(t, &want, sound, true)
	writes := 0
	for n := range 30 {
		m := memory{limit: true, writes: n}
		_, frames := write(t, &m, sound, true)
		m.limit = false
		if s, err := Repair(&m, int64(len(m.b))); err != nil || s.Blocks == 0 {
			continue
		}
		s, _ := read(t, &m, frames)
		if s.Blocks == len(frames) {
			writes++
			if !bytes.Equal(m.b, want.b) {
				t.Errorf("killed after %d writes, it is repaired to another file", n)
			}
		}
	}
	if writes < 4 {
		t.Errorf("closing was cut %d times: the test tests nothing", writes)
	}
}

func TestWhatIsDiscardedIsNotInTheFile(t *testing.T) {
	var m memory
	w := NewWriter(&m, sound)
	w.Frame(0, true, []byte("forgotten"))
	w.Discard()
	w.Frame(0, true, []byte("kept 1"))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	w.Frame(20*time.Millisecond, true, []byte("forgotten"))
	w.Frame(7*time.Second, true, []byte("forgotten"))
	w.Discard()
	w.Frame(40*time.Millisecond, true, []byte("kept 2"))
	if err := w.Close(0, 0); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(m.b, []byte("forgotten")) {
		t.Error("what was discarded is there")
	}
	s, blocks := read(t, &m, [][]byte{[]byte("kept 1"), []byte("kept 2")})
	if !s.Closed || len(blocks) != 2 || blocks[1].At != 40*time.Millisecond {
		t.Errorf("%+v, %v", s, blocks)
	}
}

func TestNothingIsWrittenAfterAnError(t *testing.T) {
	m := memory{limit: true, writes: 1}
	w := NewWriter(&m, sound)
	w.Frame(0, true, []byte("a"))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	w.Frame(20*time.Millisecond, true, []byte("b"))
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Fatalf("got %v", err)
	}
	m.limit = false
	size := len(m.b)
	w.Frame(40*time.Millisecond, true, []byte("c"))
	if err := w.Close(0, 0); !errors.Is(err, errFull) || len(m.b) != size {
		t.Errorf("got %v, and %d bytes more", err, len(m.b)-size)
	}
}

func TestTheIndexStaysSmall(t *testing.T) {
	var x index
	for i := range 200_000 {
		x.add(cue{time.Duration(i) * time.Second, int64(i)}, true)
	}
	if n := len(x.cues); n > maxCues || n < maxCues/8 {
		t.Errorf("%d places", n)
	}
	for i := 1; i < len(x.cues); i++ {
		if x.cues[i].at <= x.cues[i-1].at {
			t.Fatalf("place %d is not after the one before", i)
		}
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"text":         bytes.Repeat([]byte("not a file of ours. "), 8000),
		"zeros":        make([]byte, 1<<15),
		"another EBML": append([]byte{0x1A, 0x45, 0xDF, 0xA3, 0x80, 0x1F, 0x43, 0xB6, 0x75, 0x80}, make([]byte, 1<<15)...),
	} {
		m := memory{b: b}
		if _, err := Repair(&m, int64(len(b))); !errors.Is(err, ErrForeign) && !errors.Is(err, errCut) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzRepair(f *testing.F) {
	var m, live memory
	t := &testing.T{}
	write(t, &m, video, true)
	write(t, &live, sound, false)
	f.Add(m.b)
	f.Add(live.b)
	f.Add(live.b[:len(live.b)-5])
	f.Add(live.b[:300])
	f.Fuzz(func(t *testing.T, b []byte) {
		m := memory{b: bytes.Clone(b)}
		s, err := Repair(&m, int64(len(b)))
		if err != nil || s.Blocks == 0 {
			return
		}
		after, err := Scan(&m, int64(len(m.b)), func(b Block) {
			if b.Position < 0 || b.Size < 0 || b.Position+int64(b.Size) > int64(len(m.b)) {
				t.Errorf("a block of %d bytes at %d", b.Size, b.Position)
			}
		})
		if err != nil {
			t.Fatalf("what was repaired cannot be read: %v", err)
		}
		if after.Blocks > s.Blocks {
			t.Errorf("%d blocks became %d", s.Blocks, after.Blocks)
		}
	})
}
