package main

import (
	"context"
	"fmt"
	"path/filepath"

	"parley/recorder/render"
)

// renderRecording makes a film of one closed recording, and tells how far it is.
func renderRecording(ctx context.Context, p *program, args []string) error {
	flags := newFlagSet("recordings render")
	out := flags.String("out", "", "`directory` of what is made; unless told otherwise the recording's with .rendered behind it")
	path := flags.String("ffmpeg", "", "`path` of ffmpeg; unless told otherwise the one that the shell would find")
	directory, err := parseDirectory(p, flags, args)
	if err != nil {
		return err
	}
	if *out == "" {
		*out = filepath.Clean(directory) + ".rendered"
	}
	ffmpeg, err := render.Find(ctx, *path)
	if err != nil {
		return err
	}
	if !ffmpeg.WritesNames() {
		fmt.Fprintln(p.stderr, "parley: ffmpeg has no font, so names are left out; install fonts-dejavu-core or another")
	}
	job := render.Job{ID: filepath.Base(directory), Source: directory, Out: *out}
	told := 0
	err = ffmpeg.Render(ctx, job, render.Limits{}, func(part float64) {
		if tenths := int(part * 10); tenths > told {
			told = tenths
			fmt.Fprintf(p.stderr, "%d %%\n", tenths*10)
		}
	})
	if err != nil {
		return fmt.Errorf("render %s: %w", directory, err)
	}
	_, err = fmt.Fprintln(p.stdout, filepath.Join(*out, render.Film))
	return err
}
