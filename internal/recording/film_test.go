package recording

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/recorder/render"
)

func TestAProgramThatTakesLongToTryHoldsNeitherStartNorEndUp(t *testing.T) {
	dir := storetest.Dir(t)
	tried, program := filepath.Join(dir, "tried"), filepath.Join(dir, "ffmpeg")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n: >"+tried+"\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	ffmpeg, err := render.Locate(program)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := store.Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	library, err := Open(t.Context(), Config{
		Dir: filepath.Join(dir, "recordings"), KeyFile: filepath.Join(dir, "recording.key"), Store: kept, FFmpeg: ffmpeg,
	})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(tried); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the program is not tried")
		}
	}
	if f := library.Film("r1"); f.State != "none" {
		t.Errorf("got a film %q", f.State)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := library.Close(ctx); err != nil || ctx.Err() != nil {
		t.Errorf("close: %v, %v", err, ctx.Err())
	}
}
