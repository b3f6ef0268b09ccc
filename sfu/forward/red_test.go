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

func TestWhatIsPutTogetherIsReadBack(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 1200)
	tests := []struct {
		name   string
		copies []Copy
		room   int
		want   []uint32 // offsets
	}{
		{"no copies", nil, 100, nil},
		{"two", []Copy{{1920, []byte{1}}, {960, []byte{2, 3}}}, 100, []uint32{1920, 960}},
		{"too old for the format", []Copy{{1 << 14, []byte{1}}, {960, []byte{2}}}, 100, []uint32{960}},
		{"too long for the format", []Copy{{1920, long}, {960, []byte{2}}}, 2000, []uint32{960}},
		{"room for the newest", []Copy{{1920, []byte{1, 1, 1, 1}}, {960, []byte{2}}}, 12, []uint32{960}},
	}
	for _, tt := range tests {
		b := make([]byte, tt.room)
		r, ok := ParseRED(b[:PutRED(b, 111, tt.copies, []byte{9, 9, 9})])
		if !ok || !bytes.Equal(r.Primary, []byte{9, 9, 9}) || len(r.Copies()) != len(tt.want) {
			t.Errorf("%s: read back %+v, %v", tt.name, r.Copies(), ok)
			continue
		}
		for i, c := range r.Copies() {
			if c.Offset != tt.want[i] {
				t.Errorf("%s: copy %d is %d ticks back, want %d", tt.name, i, c.Offset, tt.want[i])
			}
		}
	}
}

func FuzzPutRED(f *testing.F) {
	f.Add(uint32(960), []byte{1, 2}, uint32(1920), []byte{3}, []byte{4})
	f.Fuzz(func(t *testing.T, o1 uint32, c1 []byte, o2 uint32, c2, primary []byte) {
		b := make([]byte, 1+len(primary)+len(c1)+8)
		n := PutRED(b, 111, []Copy{{o1, c1}, {o2, c2}}, primary)
		r, ok := ParseRED(b[:n])
		if !ok || !bytes.Equal(r.Primary, primary) {
			t.Fatalf("% x is not read back", b[:n])
		}
	})
}
