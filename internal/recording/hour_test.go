package recording

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
	"parley/recorder/matroska"
	"parley/sfu"
	"parley/sfu/sfutest"
)

// An hour with 5 % loss, a clock that is wrong, mutes, a change of layers every
// half minute, and a connection that breaks and is made anew. Every frame says when it was
// captured, as a flash and a beep would: what was kept is measured in the files.
func TestAnHourIsKeptInStep(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes a minute: run without -short and without -race")
	}
	story(t, func(t *testing.T, h *house) {
		lossy := sfutest.Path{Delay: 25 * time.Millisecond, Jitter: 8 * time.Millisecond, Loss: 0.05}
		good := sfutest.Path{Delay: 25 * time.Millisecond}
		options := []sfutest.Option{sfutest.Up(lossy), sfutest.Down(lossy), sfutest.Layered(sfutest.ChromiumStyle, 10, 1_000_000)}
		c := h.visit(clara, append(options, sfutest.Skew(37*time.Second))...)
		f := h.visit(femi)
		f.browser.Stop(sfu.Mic)
		f.browser.Stop(sfu.Camera)
		h.record(c, f)
		began := time.Now()
		for half := range 120 {
			c.browser.SetLayers([][]string{{"q"}, {"q", "h"}, {"h"}}[half%3]...)
			switch {
			case half == 60: // the network is gone for some seconds
				c.browser.Close()
				time.Sleep(8 * time.Second)
				c.connect(h.network.Browser("clara, again", append(options, sfutest.Skew(-2*time.Minute))...))
				time.Sleep(time.Until(began.Add(61 * 30 * time.Second)))
			case half%10 == 7:
				h.must(c.Publish(t.Context(), interview.SourceMic, false))
				c.browser.Stop(sfu.Mic)
				time.Sleep(15 * time.Second)
				c.browser.Send(sfu.Mic)
				h.must(c.Publish(t.Context(), interview.SourceMic, true))
				time.Sleep(15 * time.Second)
			default:
				time.Sleep(30 * time.Second)
			}
		}
		c.browser.SetPath(good, good)
		lasted := time.Since(began)
		h.must(c.StopRecording(t.Context()))
		h.inStep(h.now().Recording.ID, lasted)
	})
}

// inStep measures a recording of Clara.
func (h *house) inStep(id interview.RecordingID, lasted time.Duration) {
	h.t.Helper()
	h.kept(id)
	m, err := h.library.Manifest(h.t.Context(), id)
	h.must(err)
	if off := time.Duration(m.DurationMS)*time.Millisecond - lasted; off.Abs() > 100*time.Millisecond {
		h.t.Errorf("it lasts %d ms, of %v", m.DurationMS, lasted)
	}
	placed := map[recorder.Source]*placing{}
	for _, f := range m.Files {
		if f.Participant != string(clara.ID) {
			continue
		}
		if placed[f.Source] != nil {
			h.t.Errorf("%s is a second file of the same source", f.Name)
		}
		p := h.place(id, f, m.Started)
		placed[f.Source] = p
		h.t.Logf("%s: %d frames, %d packets lost, %d frames damaged, %d sizes, from %v to %v late", f.Name, f.Frames, f.Lost, f.Damaged, len(f.Sizes), p.least, p.most)
		if p.most-p.least > 40*time.Millisecond {
			h.t.Errorf("%s is from %v to %v late: it drifts", f.Name, p.least, p.most)
		}
	}
	sound, picture := placed[recorder.Mic], placed[recorder.Camera]
	if sound == nil || picture == nil {
		h.t.Fatalf("kept: %+v", m.Files)
	}
	var apart time.Duration
	both := 0
	for tenth, s := range sound.tenths {
		if p, ok := picture.tenths[tenth]; ok {
			both++
			apart = max(apart, (s - p).Abs())
		}
	}
	h.t.Logf("sound and pictures are at most %v apart, in %d tenths of a second; layers %v", apart, both, picture.layers)
	if apart > 40*time.Millisecond || both < 25_000 {
		h.t.Errorf("sound and pictures are at most %v apart, in %d tenths of a second", apart, both)
	}
	if picture.switches < 70 {
		h.t.Errorf("the layer changed %d times", picture.switches)
	}
}

// placing is how late what a file holds is, against when it was captured.
type placing struct {
	least, most time.Duration
	tenths      map[int]time.Duration // of a second
	layers      map[byte]int          // frames
	switches    int
}

func (h *house) place(id interview.RecordingID, f recorder.File, started time.Time) *placing {
	h.t.Helper()
	file, err := h.library.Open(h.t.Context(), id, f.Name, store.View{User: clara.ID})
	h.must(err)
	defer file.Close()
	raw, err := io.ReadAll(file.Reader)
	h.must(err)
	p := &placing{least: time.Hour, most: -time.Hour, tenths: map[int]time.Duration{}, layers: map[byte]int{}}
	last := byte(0xFF)
	_, err = matroska.Scan(bytes.NewReader(raw), int64(len(raw)), func(b matroska.Block) {
		data := raw[b.Position : b.Position+int64(b.Size)]
		at := bytes.Index(data[:min(len(data), 32)], []byte("PLY1"))
		if at < 0 {
			return // fills a gap
		}
		captured := time.Unix(0, int64(binary.BigEndian.Uint64(data[at+12:])))
		late := started.Add(time.Duration(f.StartMS)*time.Millisecond + b.At).Sub(captured)
		p.least, p.most = min(p.least, late), max(p.most, late)
		p.tenths[int(captured.Sub(started)/(100*time.Millisecond))] = late
		layer := data[at+20] >> 4
		p.layers[layer]++
		if layer != last && last != 0xFF {
			p.switches++
		}
		last = layer
	})
	h.must(err)
	return p
}
