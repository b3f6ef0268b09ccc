package transcripttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// Opus is somebody who speaks in a tone: packets of 20 ms each, silent for some
// seconds and then not, as a browser sends them. ffmpeg makes them.
func Opus(ctx context.Context, hz, silent, spoken int) ([][]byte, error) {
	source := fmt.Sprintf("aevalsrc=exprs='0.3*sin(2*PI*%d*t)*gte(t,%d)':s=48000:d=%d", hz, silent, silent+spoken)
	raw, err := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-ac", "2",
		"-c:a", "libopus", "-frame_duration", "20", "-f", "ogg", "pipe:1").Output()
	if err != nil {
		return nil, fmt.Errorf("ffmpeg: %w", err)
	}
	packets, err := packetsOf(raw)
	if err != nil || len(packets) < 3 {
		return nil, errors.Join(errors.New("ffmpeg made no Opus"), err)
	}
	return packets[2:], nil // behind OpusHead and OpusTags (RFC 7845 §3)
}

// packetsOf takes the packets out of Ogg pages (RFC 3533 §6).
func packetsOf(raw []byte) (packets [][]byte, err error) {
	const head = 27
	var packet []byte
	for len(raw) > 0 {
		if len(raw) < head || !bytes.HasPrefix(raw, []byte("OggS")) || len(raw) < head+int(raw[head-1]) {
			return nil, errors.New("this is no Ogg page")
		}
		segments := raw[head : head+int(raw[head-1])]
		raw = raw[head+len(segments):]
		for _, n := range segments {
			if len(raw) < int(n) {
				return nil, errors.New("an Ogg page is cut off")
			}
			packet, raw = append(packet, raw[:n]...), raw[n:]
			if n < 255 {
				packets, packet = append(packets, packet), nil
			}
		}
	}
	return packets, nil
}
