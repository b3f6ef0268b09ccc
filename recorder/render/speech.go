package render

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Speech turns the sound of a file into samples: one channel, 16 bits, little
// endian, rate of them a second, from the file's own zero on and without a gap. in
// is read as Matroska and as nothing else, and take reads the samples; it may leave
// some. Nothing of it touches the disk. The error is take's own when it has one.
func (f *FFmpeg) Speech(ctx context.Context, in io.Reader, rate int, take func(samples io.Reader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := f.command(ctx, []string{
		"-protocol_whitelist", "pipe", "-f", "matroska", "-i", "pipe:0", "-map", "0:a:0",
		"-af", fmt.Sprintf("aresample=%d:async=1:first_pts=0,aformat=sample_fmts=s16:channel_layouts=mono", rate),
		"-ar", strconv.Itoa(rate), "-f", "s16le", "pipe:1",
	})
	cmd.Stdin = in
	var words said
	cmd.Stderr = &words
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start ffmpeg: %w", err)
	}
	if err := take(out); err != nil {
		cancel()
		// It ended because it was told to; why is known.
		_ = cmd.Wait()
		return err
	}
	_, err = io.Copy(io.Discard, out)
	if err = errors.Join(err, cmd.Wait()); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("ffmpeg: %w: %s", err, words.String())
	}
	return nil
}
