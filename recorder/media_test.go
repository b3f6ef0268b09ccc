package recorder

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4/pkg/media/h264reader"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"

	"parley/recorder/frames"
)

// clip is two seconds of a codec, frame by frame, made by ffmpeg.
func clip(t testing.TB, codec frames.Codec) [][]byte {
	t.Helper()
	clips.Lock()
	defer clips.Unlock()
	if c := clips.made[codec]; c != nil {
		return c
	}
	c := makeClip(t, codec)
	if len(c) < 28 {
		t.Fatalf("%s: %d frames were made", codec, len(c))
	}
	clips.made[codec] = c
	return c
}

var clips = struct {
	sync.Mutex
	made map[frames.Codec][][]byte
}{made: map[frames.Codec][][]byte{}}

func makeClip(t testing.TB, codec frames.Codec) [][]byte {
	t.Helper()
	const video = "testsrc2=size=320x180:rate=25:duration=1.2"
	args := map[frames.Codec][]string{
		frames.VP8:  {"-i", video, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", "-b:v", "300k", "-f", "ivf"},
		frames.VP9:  {"-i", video, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", "25", "-b:v", "300k", "-f", "ivf"},
		frames.AV1:  {"-i", video, "-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", "25", "-b:v", "300k", "-f", "ivf"},
		frames.H264: {"-i", video, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-x264-params", "slices=1", "-g", "25", "-f", "h264"},
		frames.Opus: {"-i", "sine=frequency=440:duration=2", "-ac", "2", "-c:a", "libopus", "-frame_duration", "20", "-page_duration", "20000", "-f", "ogg"},
	}[codec]
	out := filepath.Join(t.TempDir(), "clip")
	command := exec.CommandContext(t.Context(), "ffmpeg", append(append([]string{"-v", "error", "-f", "lavfi"}, args...), out)...)
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, text)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	switch codec {
	case frames.Opus:
		return readOgg(t, raw)
	case frames.H264:
		return readH264(t, raw)
	}
	in, _, err := ivfreader.NewWith(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for {
		frame, _, err := in.ParseNextFrame()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, frame)
	}
}

func readOgg(t testing.TB, raw []byte) [][]byte {
	t.Helper()
	in, _, err := oggreader.NewWith(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for {
		page, _, err := in.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(page, []byte("OpusTags")) {
			all = append(all, page)
		}
	}
}

// readH264 puts each picture together with the parameter sets before it.
func readH264(t testing.TB, raw []byte) [][]byte {
	t.Helper()
	in, err := h264reader.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	var frame []byte
	for {
		nal, err := in.NextNAL()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		frame = append(append(frame, 0, 0, 0, 1), nal.Data...)
		if nal.UnitType == h264reader.NalUnitTypeCodedSliceIdr || nal.UnitType == h264reader.NalUnitTypeCodedSliceNonIdr {
			all = append(all, frame)
			frame = nil
		}
	}
}

// line makes RTP of frames.
type line struct {
	packetizer rtp.Packetizer
	step       uint32 // of a frame
}

func newLine(codec frames.Codec, ssrc uint32) *line {
	var p rtp.Payloader
	step := uint32(3600)
	switch codec {
	case frames.VP8:
		p = &codecs.VP8Payloader{EnablePictureID: true}
	case frames.VP9:
		p = &codecs.VP9Payloader{}
	case frames.AV1:
		p = &codecs.AV1Payloader{}
	case frames.H264:
		p = &codecs.H264Payloader{}
	default:
		p, step = &codecs.OpusPayloader{}, 960
	}
	return &line{rtp.NewPacketizer(1200, 96, ssrc, p, rtp.NewRandomSequencer(), uint32(codec.Rate())), step}
}

// packets are those of the next frame.
func (l *line) packets(frame []byte) [][]byte {
	var all [][]byte
	for _, p := range l.packetizer.Packetize(frame, l.step) {
		raw, err := p.Marshal()
		if err != nil {
			panic(err) // of our own making
		}
		all = append(all, raw)
	}
	return all
}

// probe is what ffprobe says of a file.
type probe struct {
	Format struct {
		Name     string `json:"format_name"`
		Duration string `json:"duration"`
	} `json:"format"`
	Streams []struct {
		Codec    string `json:"codec_name"`
		Width    int    `json:"width"`
		Height   int    `json:"height"`
		Channels int    `json:"channels"`
		Frames   string `json:"nb_read_frames"`
	} `json:"streams"`
}

// ffprobe decodes a whole file, and fails the test when there is anything to say
// about it.
func ffprobe(t testing.TB, name string, quiet bool) probe {
	t.Helper()
	command := exec.Command("ffprobe", "-v", "warning", "-threads", "1", "-of", "json", "-show_format", "-show_streams", "-count_frames", name)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil || quiet && stderr.Len() > 0 {
		t.Fatalf("ffprobe %s: %v: %s", filepath.Base(name), err, stderr.String())
	}
	var p probe
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Streams) != 1 {
		t.Fatalf("%s has %d streams: %s", filepath.Base(name), len(p.Streams), out)
	}
	return p
}

func (p probe) duration(t testing.TB) time.Duration {
	t.Helper()
	s, err := strconv.ParseFloat(p.Format.Duration, 64)
	if err != nil {
		t.Fatalf("duration %q: %v", p.Format.Duration, err)
	}
	return time.Duration(s * float64(time.Second))
}

func (p probe) frames(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(p.Streams[0].Frames)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
