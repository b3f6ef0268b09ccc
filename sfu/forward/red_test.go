package forward

import (
	"bytes"
	"testing"
)

func TestPrimaryOfRED(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		want    []byte
		ok      bool
	}{
		{"empty", nil, nil, false},
		{"no copies", []byte{111, 1, 2, 3}, []byte{1, 2, 3}, true},
		{"one copy", []byte{0x80 | 111, 0x0f, 0x00, 2, 111, 8, 9, 1, 2, 3}, []byte{1, 2, 3}, true},
		{"two copies", []byte{0x80 | 111, 0x1e, 0x00, 1, 0x80 | 111, 0x0f, 0x00, 2, 111, 7, 8, 9, 1}, []byte{1}, true},
		{"silence after a copy", []byte{0x80 | 111, 0x0f, 0x00, 2, 111, 8, 9}, []byte{}, true},
		{"a copy longer than the payload", []byte{0x80 | 111, 0x0f, 0x03, 0xff, 111, 8, 9}, nil, false},
		{"header cut off", []byte{0x80 | 111, 0x0f}, nil, false},
		{"no last header", []byte{0x80 | 111, 0x0f, 0x00, 0}, nil, false},
	}
	for _, tt := range tests {
		got, ok := PrimaryOfRED(tt.payload)
		if ok != tt.ok || !bytes.Equal(got, tt.want) {
			t.Errorf("%s: % x, %v; want % x, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzRED(f *testing.F) {
	f.Add([]byte{0x80 | 111, 0x0f, 0x00, 2, 111, 8, 9, 1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, ok := PrimaryOfRED(b); ok && len(p) >= len(b) {
			t.Fatalf("a block of %d bytes in %d", len(p), len(b))
		}
	})
}
