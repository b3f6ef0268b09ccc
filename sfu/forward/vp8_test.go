package forward

import (
	"bytes"
	"testing"
)

func TestParseVP8(t *testing.T) {
	key := []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01} // 640×360
	tests := []struct {
		name    string
		payload []byte
		want    VP8
		ok      bool
	}{
		{"empty", nil, VP8{}, false},
		{"descriptor alone", []byte{0x10}, VP8{}, false},
		{"first packet of a keyframe, no extension", append([]byte{0x10}, key...), VP8{Start: true, Keyframe: true, Width: 640, Height: 360}, true},
		{"first packet of a delta frame", []byte{0x10, 0x01, 0, 0}, VP8{Start: true}, true},
		{"continuation", []byte{0x00, 0x00, 0, 0}, VP8{}, true},
		{"second partition is no start", []byte{0x11, 0x00, 0, 0}, VP8{}, true},
		{"short picture id", []byte{0x90, 0x80, 0x17, 0x01}, VP8{Start: true, HasPictureID: true, PictureID: 0x17, pictureIDAt: 2}, true},
		{"long picture id", []byte{0x90, 0x80, 0x92, 0x34, 0x01}, VP8{Start: true, HasPictureID: true, LongPictureID: true, PictureID: 0x1234, pictureIDAt: 2}, true},
		{"picture id, TL0, TID", []byte{0x90, 0xe0, 0x92, 0x34, 0x7f, 0x20, 0x01}, VP8{Start: true, HasPictureID: true, LongPictureID: true, HasTL0: true, PictureID: 0x1234, TL0: 0x7f, pictureIDAt: 2, tl0At: 4}, true},
		{"picture id cut off", []byte{0x90, 0x80}, VP8{}, false},
		{"long picture id cut off", []byte{0x90, 0x80, 0x80}, VP8{}, false},
		{"nothing after the descriptor", []byte{0x90, 0xa0, 0x17, 0x20}, VP8{}, false},
	}
	for _, tt := range tests {
		got, ok := ParseVP8(tt.payload)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestRewriteKeepsTheWidthOfThePictureID(t *testing.T) {
	tests := []struct{ in, want []byte }{
		{[]byte{0x90, 0x80, 0x17, 0x01}, []byte{0x90, 0x80, 0x2a, 0x01}},
		{[]byte{0x90, 0xc0, 0x92, 0x34, 0x07, 0x01}, []byte{0x90, 0xc0, 0xcd, 0x2a, 0x63, 0x01}},
		{[]byte{0x10, 0x01, 0xff}, []byte{0x10, 0x01, 0xff}},
	}
	for _, tt := range tests {
		v, _ := ParseVP8(tt.in)
		got := bytes.Clone(tt.in)
		v.Picture().Rewrite(got, Picture{ID: 0x4d2a, TL0: 0x63})
		if !bytes.Equal(got, tt.want) {
			t.Errorf("% x became % x, want % x", tt.in, got, tt.want)
		}
	}
}

func FuzzVP8(f *testing.F) {
	f.Add([]byte{0x90, 0xe0, 0x92, 0x34, 0x7f, 0x20, 0x01})
	f.Add([]byte{0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, ok := ParseVP8(b)
		if !ok {
			return
		}
		v.Picture().Rewrite(b, Picture{ID: 0x1234, TL0: 0x56}) // must stay inside
		again, ok := ParseVP8(b)
		if !ok || again.Start != v.Start || again.Keyframe != v.Keyframe || again.HasPictureID != v.HasPictureID {
			t.Errorf("after the rewrite: %+v, %v; before: %+v", again, ok, v)
		}
	})
}

func TestH264Keyframe(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		want    bool
	}{
		{"empty", nil, false},
		{"one byte", []byte{0x67}, false},
		{"SPS", []byte{0x67, 0x42}, true},
		{"IDR slice", []byte{0x65, 0x88}, true},
		{"other slice", []byte{0x41, 0x9a}, false},
		{"STAP-A with SPS second", []byte{0x78, 0, 2, 0x68, 0xce, 0, 2, 0x67, 0x42}, true},
		{"STAP-A without", []byte{0x78, 0, 2, 0x68, 0xce}, false},
		{"STAP-A whose size is too large", []byte{0x78, 0xff, 0xff, 0x67}, false},
		{"first fragment of an IDR", []byte{0x7c, 0x85}, true},
		{"later fragment of an IDR", []byte{0x7c, 0x05}, false},
		{"first fragment of another slice", []byte{0x7c, 0x81}, false},
	}
	for _, tt := range tests {
		if got := H264Keyframe(tt.payload); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func FuzzH264(f *testing.F) {
	f.Add([]byte{0x78, 0, 2, 0x68, 0xce, 0, 2, 0x67, 0x42})
	f.Fuzz(func(t *testing.T, b []byte) { H264Keyframe(b) })
}
