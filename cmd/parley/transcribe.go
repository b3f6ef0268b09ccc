package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/transcript"
	"parley/recorder"
	"parley/recorder/render"
)

// transcribeRecording puts a closed recording into writing, of those who agreed to
// that, with the settings that a server would take.
func transcribeRecording(ctx context.Context, p *program, args []string) error {
	c := defaultRecording()
	flags := newFlagSet("recordings transcribe")
	out := flags.String("out", "", "`directory` of what is made; unless told otherwise the recording's with .transcribed behind it")
	flags.StringVar(&c.FFmpeg, "ffmpeg", "", "`path` of ffmpeg; unless told otherwise the one that the shell would find")
	flags.Var(&apiURLValue{&c.Transcripts.URL}, "url", "`address` of the API, such as https://api.openai.com/v1")
	flags.StringVar(&c.Transcripts.Model, "model", c.Transcripts.Model, "`model` that it hears with")
	flags.StringVar(&c.Transcripts.KeyFile, "key-file", "", "`file` with its API key; empty: it wants none")
	flags.Var(&languageValue{&c.Transcripts.Language}, "language", "`language` that people speak, in two letters; empty: it finds out")
	directory, err := parseDirectory(p, flags, args)
	if err != nil {
		return err
	}
	if c.Transcripts.URL == "" {
		return &configError{message: "parley recordings transcribe needs the address of a service: --url"}
	}
	if err := checkTranscripts(c.Transcripts); err != nil {
		return err
	}
	report, err := recorder.Verify(directory, "")
	if err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return fmt.Errorf("who agreed to what cannot be relied on: %s", strings.Join(report.Problems, "; "))
	}
	parts := transcript.Plan(report.Manifest)
	if len(parts) == 0 {
		return errors.New("nobody in this recording agreed to be put into writing")
	}
	ffmpeg, err := render.Find(ctx, c.FFmpeg)
	if err != nil {
		return err
	}
	maker, err := c.maker(ffmpeg)
	if err != nil {
		return err
	}
	defer maker.Service.Close()
	target := cmp.Or(*out, filepath.Clean(directory)+".transcribed")
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	var all [][]transcript.Line
	for _, part := range parts {
		fmt.Fprintln(p.stderr, part.Speaker)
		lines, err := transcribePart(ctx, maker, directory, part)
		if err != nil {
			return fmt.Errorf("what %s said: %w", part.Speaker, err)
		}
		all = append(all, lines)
		if err := os.WriteFile(filepath.Join(target, part.File), transcript.Encode(lines), 0o600); err != nil {
			return err
		}
	}
	merged := filepath.Join(target, transcript.Merged)
	if err := os.WriteFile(merged, transcript.Encode(transcript.Merge(all...)), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, merged)
	return err
}

func transcribePart(ctx context.Context, maker *transcript.Maker, directory string, part transcript.Part) ([]transcript.Line, error) {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	var all [][]transcript.Line
	for _, sound := range part.Sounds {
		f, err := root.Open(sound.Name)
		if err != nil {
			return nil, err
		}
		var progress transcript.Progress
		err = maker.Write(ctx, f, part.Speaker, sound, &progress, func() error { return nil })
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		all = append(all, progress.Lines)
	}
	return transcript.Merge(all...), nil
}
