package matroska

import (
	"testing"
	"time"
)

func TestOpusLength(t *testing.T) {
	for _, c := range []struct {
		packet []byte
		want   time.Duration
	}{
		{nil, 0}, {[]byte{0xFC}, 20 * time.Millisecond}, {[]byte{0x78, 1}, 20 * time.Millisecond},
		{[]byte{0x18, 1}, 60 * time.Millisecond}, {[]byte{0xE0}, 2500 * time.Microsecond}, {[]byte{0xFD, 1, 2}, 40 * time.Millisecond},
		{[]byte{0xFF, 3, 1}, 60 * time.Millisecond}, {[]byte{0xFF}, 0}, {[]byte{0xFF, 63}, 0}, {[]byte{0x00}, 10 * time.Millisecond},
	} {
		if got := OpusLength(c.packet); got != c.want {
			t.Errorf("%x: got %v, want %v", c.packet, got, c.want)
		}
	}
}
