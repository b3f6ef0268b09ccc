package recorder

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/recorder/frames"
	"parley/recorder/matroska"
)

// childMode is the environment variable that makes this test binary a child which
// records until it is killed, or until its disk is full.
const childMode = "PARLEY_RECORDER_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		if err := recordAsChild(mode, os.Args[1], os.Args[2], os.Args[3]); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// recordAsChild records one person, and prints after each 20 ms how many packets of
// sound there were so far.
func recordAsChild(mode, dir, id, media string) error {
	sounds, err := loadFrames(media + ".opus")
	if err != nil {
		return err
	}
	pictures, err := loadFrames(media + ".vp8")
	if err != nil {
		return err
	}
	r, err := New(Config{Directory: dir})
	if err != nil {
		return err
	}
	failed := make(chan Failed, 1)
	rec, err := r.Start(Options{ID: id, Mode: ModeAll, Deliver: func(e Event) {
		if f, is := e.(Failed); is {
			failed <- f
		}
	}})
	if err != nil {
		return err
	}
	if mode == "limit" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 60_000, Max: 60_000}); err != nil {
			return err
		}
	}
	if err := rec.Join(Person{ID: "ann"}); err != nil {
		return err
	}
	if err := rec.Consent(Consent{Participant: "ann", Kind: KindRecording, Answer: Granted}); err != nil {
		return err
	}
	sound, err := rec.Track(TrackOptions{Participant: "ann", Source: Mic, Codec: frames.Opus})
	if err != nil {
		return err
	}
	picture, err := rec.Track(TrackOptions{Participant: "ann", Source: Camera, Codec: frames.VP8})
	if err != nil {
		return err
	}
	lines := [2]*line{newLine(frames.Opus, 1), newLine(frames.VP8, 2)}
	for i := 0; ; i++ {
		select {
		case f := <-failed:
			_, _ = rec.Wait(context.Background()) // the failure is in the journal
			fmt.Println("failed", f.Reason)
			return nil
		case <-time.After(20 * time.Millisecond):
		}
		for _, p := range lines[0].packets(sounds[i%len(sounds)]) {
			sound.RTP(time.Now(), p)
		}
		if i%2 == 0 {
			for _, p := range lines[1].packets(pictures[i/2%25]) {
				picture.RTP(time.Now(), p)
			}
		}
		fmt.Println(i + 1)
	}
}

// saveFrames and loadFrames bring clips to the children.
func saveFrames(t *testing.T, name string, all [][]byte) {
	t.Helper()
	var b []byte
	for _, f := range all {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	ok(t, os.WriteFile(name, b, 0o600))
}

func loadFrames(name string) (all [][]byte, err error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for len(b) > 4 {
		n := int(binary.BigEndian.Uint32(b))
		all = append(all, b[4:4+n])
		b = b[4+n:]
	}
	return all, nil
}

// media saves what the children publish.
func media(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "media")
	saveFrames(t, name+".opus", clip(t, frames.Opus))
	saveFrames(t, name+".vp8", clip(t, frames.VP8)[:25])
	return name
}

// progress is what a child has said, and when.
type progress struct {
	mu   sync.Mutex
	at   []time.Time
	fed  []int
	last string
}

func (p *progress) read(in *bufio.Scanner) {
	for in.Scan() {
		p.mu.Lock()
		p.last = in.Text()
		if n, err := strconv.Atoi(p.last); err == nil {
			p.at, p.fed = append(p.at, time.Now()), append(p.fed, n)
		}
		p.mu.Unlock()
	}
}

// before is how many packets of sound there were at a time.
func (p *progress) before(at time.Time) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.at {
		if p.at[i].Before(at) {
			n = p.fed[i]
		}
	}
	return n
}

func child(t *testing.T, mode, dir, id, media string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(os.Args[0], dir, id, media)
	c.Env = append(os.Environ(), childMode+"="+mode)
	out, err := c.StdoutPipe()
	ok(t, err)
	c.Stderr = os.Stderr
	ok(t, c.Start())
	return c, bufio.NewScanner(out)
}

// TestAKillCostsASecond kills fifty writers at random moments. Each file plays as it
// was left, up to a second before; then all are recovered.
func TestAKillCostsASecond(t *testing.T) {
	const kills, atOnce = 50, 12
	dir, clips := t.TempDir(), media(t)
	rng := rand.New(rand.NewPCG(3, 4))
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	type end struct {
		id  string
		fed int // packets of sound a second before the kill
	}
	ends := make([]end, kills)
	for i := range kills {
		alive := time.Duration(300+rng.IntN(1600)) * time.Millisecond
		slots <- struct{}{}
		id := fmt.Sprintf("kill%02d", i)
		c, out := child(t, "record", dir, id, clips)
		wg.Go(func() {
			defer func() { <-slots }()
			var p progress
			var reader sync.WaitGroup
			reader.Go(func() { p.read(out) })
			// On a slow machine it takes its time to begin.
			for began := time.Now(); p.before(time.Now()) == 0 && time.Since(began) < 20*time.Second; {
				time.Sleep(5 * time.Millisecond)
			}
			time.Sleep(alive)
			_ = c.Process.Kill()
			killed := time.Now()
			reader.Wait()
			_ = c.Wait()
			ends[i] = end{id, p.before(killed.Add(-time.Second))}
		})
	}
	wg.Wait()
	played := 0
	for i, e := range ends {
		for _, name := range []string{"001-mic.webm", "002-camera.webm"} {
			name = filepath.Join(dir, e.id, name)
			frames := scanned(t, name, e.fed == 0)
			want := e.fed
			if strings.HasSuffix(name, "camera.webm") {
				want = e.fed / 2
			}
			if frames < want {
				t.Errorf("%s has %d frames, of %d a second before the kill", name, frames, want)
			}
			if i%12 == 0 && frames > 0 {
				played++
				if got := ffprobe(t, name, false).frames(t); got < want {
					t.Errorf("%s plays %d frames, of %d a second before the kill", name, got, want)
				}
			}
		}
	}
	if played < 4 {
		t.Errorf("%d files were played", played)
	}
	recovered, err := Recover(dir, nil)
	ok(t, err)
	whole := 0
	for _, r := range recovered {
		if r.Err != nil {
			t.Errorf("%s: %v", r.ID, r.Err)
			continue
		}
		verified(t, filepath.Join(dir, r.ID), r.Manifest)
		if whole += len(r.Manifest.Files); r.Manifest.End != endRecovered {
			t.Errorf("%s ended because %q", r.ID, r.Manifest.End)
		}
		if len(r.Manifest.Files) > 0 && whole%20 == 0 {
			f := r.Manifest.Files[0]
			p := ffprobe(t, filepath.Join(dir, r.ID, f.Name), true)
			if off := p.duration(t) - time.Duration(f.DurationMS)*time.Millisecond; off.Abs() > 25*time.Millisecond {
				t.Errorf("%s: ffprobe finds %v, the manifest says %d ms", r.ID, p.duration(t), f.DurationMS)
			}
		}
	}
	if whole < kills {
		t.Errorf("%d files of %d recordings were recovered", whole, kills)
	}
	if again, err := Recover(dir, nil); err != nil || len(again) > 0 {
		t.Errorf("recovering again: %d, %v", len(again), err)
	}
}

// scanned counts the frames of a file, which may be missing.
func scanned(t *testing.T, name string, mayMiss bool) int {
	t.Helper()
	f, err := os.Open(name)
	if os.IsNotExist(err) && mayMiss {
		return 0
	}
	ok(t, err)
	defer f.Close()
	info, err := f.Stat()
	ok(t, err)
	s, err := matroska.Scan(f, info.Size(), nil)
	ok(t, err)
	return s.Blocks
}

// TestTheSystemRefusesToWrite has a child whose files may not grow beyond 60 kB, which
// is what a full disk is to it.
func TestTheSystemRefusesToWrite(t *testing.T) {
	dir := t.TempDir()
	c, out := child(t, "limit", dir, "full", media(t))
	var p progress
	p.read(out)
	ok(t, c.Wait())
	if p.last != "failed disk_full" {
		t.Errorf("the child said %q", p.last)
	}
	recovered, err := Recover(dir, nil)
	if err != nil || len(recovered) != 1 || recovered[0].Err != nil {
		t.Fatalf("%+v, %v", recovered, err)
	}
	m := recovered[0].Manifest
	verified(t, filepath.Join(dir, "full"), m)
	if m.Failure != DiskFull || len(m.Files) != 2 || m.DurationMS < 500 {
		t.Errorf("%+v", m)
	}
}
