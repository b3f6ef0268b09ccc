package render_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestSoundBecomesSamplesWithoutTouchingTheDisk(t *testing.T) {
	f := find(t)
	sound := ffmpeg(t, "-f", "lavfi", "-i", "sine=d=1.5", "-c:a", "libopus", "-f", "webm", "pipe:1")
	var n int64
	err := f.Speech(t.Context(), bytes.NewReader(sound), 16_000, func(out io.Reader) (err error) {
		n, err = io.Copy(io.Discard, out)
		return err
	})
	if seconds := float64(n) / 32_000; err != nil || seconds < 1.45 || seconds > 1.6 {
		t.Errorf("%v s came, want 1.5: %v", seconds, err)
	}
	enough := errors.New("enough")
	err = f.Speech(t.Context(), bytes.NewReader(sound), 16_000, func(io.Reader) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("whoever has enough gets %v", err)
	}
	for name, other := range map[string]io.Reader{
		"no Matroska":   strings.NewReader("RIFF....WAVEfmt "),
		"without sound": bytes.NewReader(ffmpeg(t, "-f", "lavfi", "-i", "color=s=64x64:d=0.2", "-c:v", "libvpx", "-f", "webm", "pipe:1")),
		"a playlist":    strings.NewReader("#EXTM3U\nfile:///etc/passwd\n"),
	} {
		err := f.Speech(t.Context(), other, 16_000, func(out io.Reader) error {
			_, err := io.Copy(io.Discard, out)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "ffmpeg: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
