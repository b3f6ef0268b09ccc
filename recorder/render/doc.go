// Package render makes one film of a recording with ffmpeg: people side by side,
// or the screen that is shared beside them, with names, chapters and all sound,
// as H.264 and AAC in MP4; the sound alone besides, and a still picture.
//
// A Worker renders away from the calls: few processes at a time, of low
// priority, with bounded threads, time and space. What is to be rendered stands
// on the disk until it is done, so that a restart begins it again. Without
// ffmpeg there is no Worker, and Find says why; nothing else depends on it.
//
// A manifest may come from outside. Names of people reach ffmpeg as files and
// never as part of a command, files are opened as Matroska and as nothing else,
// and there is no shell.
//
// A Worker has one goroutine for each process, which Close waits for.
package render

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"parley/recorder"
)

// Files that rendering makes.
const (
	Film      = "interview.mp4"
	Sound     = "interview.m4a"
	Thumbnail = "thumbnail.jpg"
)

// ErrNothing says that there is nothing in a recording to render.
var ErrNothing = errors.New("nothing was recorded that could be rendered")

// FFmpeg is a program that can render.
type FFmpeg struct {
	path string
	nice string      // the program that lowers priority; empty: there is none
	text atomic.Bool // it can write names
}

// Find looks for ffmpeg as Locate does, and tries it.
func Find(ctx context.Context, path string) (*FFmpeg, error) {
	f, err := Locate(path)
	if err != nil {
		return nil, err
	}
	return f, f.Try(ctx)
}

// Locate looks for ffmpeg at path, or where programs are when path is empty. What
// it finds has to be tried before it renders. The error says what is missing.
func Locate(path string) (*FFmpeg, error) {
	wanted := path
	if wanted == "" {
		wanted = "ffmpeg"
	}
	found, err := exec.LookPath(wanted)
	if err != nil {
		return nil, fmt.Errorf("there is no %s: install ffmpeg, or write its path; recordings are kept and played all the same, as one file for each person", wanted)
	}
	f := &FFmpeg{path: found}
	f.nice, _ = exec.LookPath("nice")
	return f, nil
}

// Try tries what rendering needs, which takes a second, and on a busy machine many.
// The error says what is missing. It comes before everything that renders.
func (f *FFmpeg) Try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	try := func(args ...string) error {
		out, err := exec.CommandContext(ctx, f.path, append([]string{"-hide_banner", "-nostdin", "-v", "error"}, args...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, tail(out))
		}
		return nil
	}
	picture := []string{"-f", "lavfi", "-i", "color=s=64x64:d=0.1", "-f", "lavfi", "-i", "anullsrc=d=0.1"}
	if err := try(append(picture, "-c:v", "libx264", "-c:a", "aac", "-f", "null", "-")...); err != nil {
		return fmt.Errorf("%s cannot make H.264 and AAC; install one that can: %w", f.path, err)
	}
	f.text.Store(try("-f", "lavfi", "-i", "color=s=64x64:d=0.1", "-vf", "drawtext=text=a", "-f", "null", "-") == nil)
	return nil
}

// WritesNames reports whether names can be put into the picture. For that ffmpeg
// needs a font.
func (f *FFmpeg) WritesNames() bool { return f.text.Load() }

// command is ffmpeg with a low priority. It ends when ctx does.
func (f *FFmpeg) command(ctx context.Context, args []string) *exec.Cmd {
	name, args := f.path, append([]string{"-hide_banner", "-nostdin", "-v", "error", "-y"}, args...)
	if f.nice != "" {
		name, args = f.nice, append([]string{"-n", "15", f.path}, args...)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// readManifest reads a recording's manifest and refuses files that lie outside
// of the recording or are not there.
func readManifest(source string) (recorder.Manifest, error) {
	var m recorder.Manifest
	root, err := os.OpenRoot(source)
	if err != nil {
		return m, err
	}
	defer root.Close()
	text, err := root.ReadFile("manifest.json")
	if err != nil {
		return m, fmt.Errorf("%s is no closed recording: %w", source, err)
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&m); err != nil {
		return m, fmt.Errorf("manifest.json cannot be understood: %w", err)
	}
	if m.Version != 1 {
		return m, fmt.Errorf("manifest.json has version %d, and this parley knows version 1", m.Version)
	}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) || strings.HasPrefix(f.Name, ".") {
			return m, fmt.Errorf("%q is no file of a recording", f.Name)
		}
		info, err := root.Lstat(f.Name)
		if err != nil {
			return m, fmt.Errorf("a file of the recording is missing: %w", err)
		}
		if !info.Mode().IsRegular() {
			return m, fmt.Errorf("%q is no file", f.Name)
		}
	}
	return m, nil
}
