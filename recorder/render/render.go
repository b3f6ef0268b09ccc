package render

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Job is one recording to render.
type Job struct {
	ID     string `json:"id"`
	Source string `json:"source"` // directory of the closed, unsealed recording
	Out    string `json:"out"`    // directory of what is made; it is made when there is none
}

// Limits bound one job. Zero values stand for the defaults.
type Limits struct {
	Time    time.Duration // 10 minutes and six times the recording's length
	Bytes   int64         // of what is made: 16 GiB
	Threads int           // of the encoder: 2
}

// Render renders one recording and returns when it is done. progress is called
// with parts of 1, from Render's goroutine. What is finished appears in job.Out
// at once, the film last; what is half done lies there under a name that begins
// with a dot, and is removed, by the next Render after a crash. Only one Render
// may use a directory at a time.
func (f *FFmpeg) Render(ctx context.Context, job Job, limits Limits, progress func(float64)) (err error) {
	m, err := readManifest(job.Source)
	if err != nil {
		return err
	}
	source, err := filepath.Abs(job.Source)
	if err != nil {
		return err
	}
	p, err := newPlan(m, source, f.text.Load())
	if err != nil {
		return err
	}
	dir, err := workplace(job.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, content := range p.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	limits = limits.with(p.ms)
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Time, fmt.Errorf("it took longer than %s", limits.Time))
	defer cancel()
	made := []string{Film, Thumbnail}
	args := append([]string{"-progress", "pipe:1"}, append(p.args, p.film(limits)...)...)
	if len(p.audio) > 0 {
		made = append(made, Sound)
		args = append(args, "-map", p.audio[1], "-c:a", "aac", "-b:a", "128k", "-t", seconds(p.ms), "-movflags", "+faststart", Sound)
	}
	if err := f.run(ctx, dir, args, p.ms, limits.Bytes, progress); err != nil {
		return err
	}
	// A tenth into it people are there; the filter takes the most typical picture.
	still := []string{"-ss", seconds(p.ms / 10), "-i", Film, "-vf", "thumbnail=50,scale=640:-2", "-frames:v", "1", Thumbnail}
	if err := f.run(ctx, dir, still, 0, limits.Bytes, nil); err != nil {
		return err
	}
	return publish(dir, job.Out, made)
}

// workplace makes an empty directory in out, and removes those that a crash
// left.
func workplace(out string) (string, error) {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return "", err
	}
	left, err := filepath.Glob(filepath.Join(out, ".render-*"))
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	return os.MkdirTemp(out, ".render-*")
}

func (l Limits) with(ms int64) Limits {
	if l.Time == 0 {
		l.Time = 10*time.Minute + 6*time.Duration(ms)*time.Millisecond
	}
	if l.Bytes == 0 {
		l.Bytes = 16 << 30
	}
	if l.Threads == 0 {
		l.Threads = 2
	}
	return l
}

// film is the arguments of the film's output.
func (p *plan) film(l Limits) []string {
	args := []string{"-map", p.video, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high", "-g", strconv.Itoa(2 * rate),
		"-threads", strconv.Itoa(l.Threads), "-t", seconds(p.ms), "-movflags", "+faststart"}
	if len(p.audio) > 0 {
		args = append(args, "-map", p.audio[0], "-c:a", "aac", "-b:a", "128k")
	}
	return append(args, Film)
}

// run runs ffmpeg in dir, and ends it when what it makes grows too large.
func (f *FFmpeg) run(ctx context.Context, dir string, args []string, ms, limit int64, progress func(float64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cmd := f.command(ctx, args)
	cmd.Dir = dir
	var words said
	cmd.Stderr = &words
	told, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start ffmpeg: %w", err)
	}
	follow(told, func(at time.Duration) {
		if size(dir) > limit {
			cancel(fmt.Errorf("it grew larger than %d bytes", limit))
		}
		if progress != nil && ms > 0 {
			progress(min(float64(at.Milliseconds())/float64(ms), 1))
		}
	})
	err = cmd.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("rendering was stopped: %w", context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, words.String())
	}
	if total := size(dir); total > limit {
		return fmt.Errorf("rendering was stopped: it grew larger than %d bytes", limit)
	}
	return nil
}

// follow reads what ffmpeg tells of its progress, until it ends.
func follow(r io.Reader, at func(time.Duration)) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "out_time_us="); ok {
			us, err := strconv.ParseInt(text, 10, 64) // N/A at first
			if err == nil && us >= 0 {
				at(time.Duration(us) * time.Microsecond)
			}
		}
	}
	io.Copy(io.Discard, r)
}

func size(dir string) (total int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
	}
	return total
}

// publish moves what was made to its place, the film last: where it is, all is.
func publish(dir, out string, made []string) error {
	for i := len(made) - 1; i >= 0; i-- {
		if err := move(filepath.Join(dir, made[i]), filepath.Join(out, made[i])); err != nil {
			return err
		}
	}
	return nil
}

// move renames a file whose content lies on the disk.
func move(from, to string) error {
	f, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(from, to)
}
