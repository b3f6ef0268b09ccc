package render_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/recorder"
	"parley/recorder/render"
)

func find(t *testing.T) *render.FFmpeg {
	t.Helper()
	f, err := render.Find(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ffmpeg(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v: %s", args, err, said.String())
	}
	return out
}

// camera writes a picture of one colour, whose size changes half way.
func camera(t *testing.T, dir, name, color string, seconds int) {
	t.Helper()
	var list strings.Builder
	for i, size := range []string{"320x180", "160x120"} {
		part := filepath.Join(t.TempDir(), strconv.Itoa(i)+".mkv")
		ffmpeg(t, "-f", "lavfi", "-i", "color=c="+color+":s="+size+":r=15:d="+strconv.Itoa(seconds/2), "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", part)
		list.WriteString("file " + part + "\n")
	}
	names := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(names, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ffmpeg(t, "-f", "concat", "-safe", "0", "-i", names, "-c", "copy", "-f", "webm", filepath.Join(dir, name))
}

func tone(t *testing.T, dir, name string, seconds int) {
	t.Helper()
	ffmpeg(t, "-f", "lavfi", "-i", "sine=f=440:d="+strconv.Itoa(seconds), "-c:a", "libopus", filepath.Join(dir, name))
}

// recording is two people for six seconds; ann mutes her camera for one of them
// and shares a screen for two; bob comes a second late.
func recording(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	camera(t, dir, "001-camera.webm", "red", 6)
	camera(t, dir, "002-camera.webm", "blue", 4)
	camera(t, dir, "003-screen.webm", "lime", 2)
	tone(t, dir, "004-mic.webm", 4)
	file := func(name, who string, source recorder.Source, start, length int64) recorder.File {
		return recorder.File{Name: name, Participant: who, Source: source, StartMS: start, DurationMS: length, Frames: 1}
	}
	m := recorder.Manifest{Version: 1, Recording: "01A", DurationMS: 6000,
		People: []recorder.Member{
			{Person: recorder.Person{ID: "ann", Name: "Ann '; rm -rf /\n%{pts}:\\[x] é"}},
			{Person: recorder.Person{ID: "bob", Name: "Bob"}},
			{Person: recorder.Person{ID: "eve", Name: "nothing was kept of her"}},
		},
		Files: []recorder.File{
			file("001-camera.webm", "ann", recorder.Camera, 0, 6000),
			file("002-camera.webm", "bob", recorder.Camera, 1000, 4000),
			file("003-screen.webm", "ann", recorder.Screen, 3000, 2000),
			file("004-mic.webm", "bob", recorder.Mic, 2000, 4000),
		},
		Chapters: []recorder.Chapter{{AtMS: 4000}, {AtMS: 1500, Label: "Question = 1; #\\ \n next"}},
	}
	m.Files[0].Muted = []recorder.Span{{FromMS: 1000, ToMS: 2000}}
	manifest(t, dir, m)
	return dir
}

// spoken is a recording of sound alone.
func spoken(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	tone(t, dir, "004-mic.webm", 4)
	manifest(t, dir, recorder.Manifest{Version: 1, DurationMS: 4000, People: []recorder.Member{{Person: recorder.Person{ID: "bob"}}},
		Files: []recorder.File{{Name: "004-mic.webm", Participant: "bob", Source: recorder.Mic, DurationMS: 4000}}})
	return dir
}

func manifest(t *testing.T, dir string, m recorder.Manifest) {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// pixel is the colour at a place and time: r, g or b when that one prevails, or
// "dark".
func pixel(t *testing.T, film, at string, x, y int) string {
	t.Helper()
	rgb := ffmpeg(t, "-ss", at, "-i", film, "-vf", "crop=8:8:"+strconv.Itoa(x)+":"+strconv.Itoa(y)+",scale=1:1", "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
	for i, name := range []string{"red", "green", "blue"} {
		if int(rgb[i]) > 150 && int(rgb[(i+1)%3]) < 110 && int(rgb[(i+2)%3]) < 110 {
			return name
		}
	}
	return "dark"
}

func TestTwoPeopleAndAScreenBecomeOneFilm(t *testing.T) {
	f, out := find(t), filepath.Join(t.TempDir(), "out")
	if !f.WritesNames() {
		t.Error("ffmpeg has no font here, so that names are not tested")
	}
	var parts []float64
	err := f.Render(t.Context(), render.Job{ID: "01A", Source: recording(t), Out: out}, render.Limits{}, func(p float64) { parts = append(parts, p) })
	if err != nil {
		t.Fatal(err)
	}
	film := filepath.Join(out, render.Film)
	const left, right, middle = 160, 1000, 340
	for _, tt := range []struct {
		at   string
		x, y int
		want string
		why  string
	}{
		{"0.5", left, middle, "red", "ann is on the left"},
		{"0.5", right, middle, "dark", "bob has not come"},
		{"1.5", left, middle, "dark", "ann has her camera off"},
		{"1.5", right, middle, "blue", "bob is on the right"},
		{"2.5", left, middle, "red", "ann is back"},
		{"2.5", left, 40, "dark", "above the people is nothing"},
		{"3.5", 480, middle, "green", "the screen is shown"},
		{"3.5", 1100, 240, "red", "ann is beside the screen, above"},
		{"3.5", 1100, 420, "blue", "bob is beside the screen, below"},
		{"5.5", left, middle, "red", "the screen is gone, ann is small and large at once"},
		{"5.5", right, middle, "dark", "bob has gone"},
	} {
		if got := pixel(t, film, tt.at, tt.x, tt.y); got != tt.want {
			t.Errorf("at %s s, %d,%d is %s, want %s: %s", tt.at, tt.x, tt.y, got, tt.want, tt.why)
		}
	}
	checkProbe(t, film)
	for _, name := range []string{render.Sound, render.Thumbnail} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The sound begins where the manifest puts it.
	silence := silenceEnd(t, film)
	if math.Abs(silence-2) > 0.06 {
		t.Errorf("the sound begins at %.3f s, want 2", silence)
	}
	if len(parts) == 0 || parts[len(parts)-1] < 0.9 {
		t.Errorf("progress was %v", parts)
	}
	if left, _ := filepath.Glob(filepath.Join(out, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func checkProbe(t *testing.T, film string) {
	t.Helper()
	raw, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", "-show_chapters", film).Output()
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Streams []struct {
			Codec  string `json:"codec_name"`
			Width  int
			Height int
		}
		Format   struct{ Duration string }
		Chapters []struct {
			Start string `json:"start_time"`
			Tags  struct{ Title string }
		}
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Streams) < 2 || p.Streams[0].Codec != "h264" || p.Streams[0].Width != 1280 || p.Streams[0].Height != 720 || p.Streams[1].Codec != "aac" {
		t.Errorf("the film's streams are %+v", p.Streams)
	}
	if d, _ := strconv.ParseFloat(p.Format.Duration, 64); math.Abs(d-6) > 0.1 {
		t.Errorf("the film is %s s long, want 6", p.Format.Duration)
	}
	if len(p.Chapters) != 3 || p.Chapters[0].Tags.Title != "Start" || p.Chapters[1].Tags.Title != "Question = 1; #\\   next" || p.Chapters[1].Start != "1.500000" || p.Chapters[2].Tags.Title != "Mark 2" {
		t.Errorf("the chapters are %+v", p.Chapters)
	}
}

func silenceEnd(t *testing.T, film string) float64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-i", film, "-af", "silencedetect=n=-40dB:d=0.5", "-vn", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(out), "silence_end: ")
	first, _, _ := strings.Cut(after, " ")
	end, err := strconv.ParseFloat(first, 64)
	if err != nil {
		t.Fatalf("no end of silence in %s", out)
	}
	return end
}

func TestSoundAloneBecomesAFilmWithNames(t *testing.T) {
	out := t.TempDir()
	if err := find(t).Render(t.Context(), render.Job{Source: spoken(t), Out: out}, render.Limits{}, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{render.Film, render.Sound, render.Thumbnail} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatCannotBeRenderedIsSaid(t *testing.T) {
	f, dir := find(t), spoken(t)
	mic := []recorder.File{{Name: "004-mic.webm", Participant: "bob", Source: recorder.Mic, DurationMS: 4000}}
	people := []recorder.Member{{Person: recorder.Person{ID: "bob"}}}
	for name, tt := range map[string]struct {
		m      recorder.Manifest
		limits render.Limits
		want   string
	}{
		"nothing":        {recorder.Manifest{Version: 1}, render.Limits{}, "nothing was recorded"},
		"newer":          {recorder.Manifest{Version: 2}, render.Limits{}, "version 2"},
		"elsewhere":      {recorder.Manifest{Version: 1, Files: []recorder.File{{Name: "../../etc/passwd"}}}, render.Limits{}, "no file of a recording"},
		"missing":        {recorder.Manifest{Version: 1, Files: []recorder.File{{Name: "009-mic.webm"}}}, render.Limits{}, "missing"},
		"no Matroska":    {recorder.Manifest{Version: 1, DurationMS: 1000, People: people, Files: []recorder.File{{Name: "manifest.json", Participant: "bob", Source: recorder.Mic, DurationMS: 1}}}, render.Limits{}, "ffmpeg: "},
		"too large":      {recorder.Manifest{Version: 1, DurationMS: 4000, People: people, Files: mic}, render.Limits{Bytes: 1000}, "it grew larger than 1000 bytes"},
		"takes too long": {recorder.Manifest{Version: 1, DurationMS: 4000, People: people, Files: mic}, render.Limits{Time: time.Millisecond}, "it took longer than 1ms"},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			manifest(t, dir, tt.m)
			err := f.Render(t.Context(), render.Job{Source: dir, Out: out}, tt.limits, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	if _, err := render.Find(t.Context(), "/nowhere/ffmpeg"); err == nil || !strings.Contains(err.Error(), "install ffmpeg") {
		t.Errorf("without ffmpeg: %v", err)
	}
	if _, err := render.Find(t.Context(), "/bin/false"); err == nil || !strings.Contains(err.Error(), "H.264") {
		t.Errorf("with another program: %v", err)
	}
}

// heard collects a worker's events.
type heard struct {
	mu     sync.Mutex
	events []render.Event
}

func (h *heard) take(e render.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func (h *heard) has(id string, s render.State) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if e.ID == id && e.State == s {
			return true
		}
	}
	return false
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("not in two minutes: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAWorkerGoesOnAfterARestartAndCancels(t *testing.T) {
	f, source, jobs := find(t), spoken(t), t.TempDir()
	var long recorder.Manifest // the same files, and a film that takes minutes
	text, err := os.ReadFile(filepath.Join(source, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &long); err != nil {
		t.Fatal(err)
	}
	long.DurationMS = 3_600_000
	manifest(t, source, long)
	worker := func(h *heard) *render.Worker {
		w, err := render.NewWorker(render.Config{FFmpeg: f, Directory: jobs, Deliver: h.take})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		return w
	}
	h := &heard{}
	w := worker(h)
	outA, outB := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	if err := w.Add(render.Job{ID: "a", Source: source, Out: outA}); err != nil {
		t.Fatal(err)
	}
	if err := w.Add(render.Job{ID: "../b", Source: source, Out: outB}); err == nil {
		t.Error("took an id that leads elsewhere")
	}
	eventually(t, "a makes progress", func() bool { e, _ := w.Status("a"); return e.State == render.Running && e.Progress > 0 })
	if err := w.Add(render.Job{ID: "b", Source: source, Out: outB}); err != nil {
		t.Fatal(err)
	}
	if e, ok := w.Status("b"); !ok || e.State != render.Queued {
		t.Errorf("b, behind a, is %+v", e)
	}
	w.Close() // both are left
	text2, err := json.Marshal(func() recorder.Manifest { m := long; m.DurationMS = 1000; return m }())
	if err != nil {
		t.Fatal(err)
	}
	h = &heard{}
	w = worker(h)
	eventually(t, "a is begun again", func() bool { e, _ := w.Status("a"); return e.State == render.Running })
	if err := w.Cancel(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if _, ok := w.Status("a"); ok {
		t.Error("a is known after it was cancelled")
	}
	if left, _ := os.ReadDir(outA); len(left) > 0 {
		t.Errorf("of a there is still %v", left)
	}
	w.Close()
	if err := os.WriteFile(filepath.Join(source, "manifest.json"), text2, 0o600); err != nil {
		t.Fatal(err)
	}
	h = &heard{}
	w = worker(h)
	eventually(t, "b is done", func() bool { return h.has("b", render.Done) || h.has("b", render.Failed) })
	if !h.has("b", render.Done) || h.has("a", render.Running) {
		t.Errorf("the events are %+v", h.events)
	}
	if _, err := os.Stat(filepath.Join(outB, render.Film)); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(jobs); len(left) > 0 {
		t.Errorf("jobs are left: %v", left)
	}
}

func TestRenderingStopsAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := find(t).Render(ctx, render.Job{Source: spoken(t), Out: t.TempDir()}, render.Limits{}, func(float64) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was stopped", err)
	}
}
