package forward

import (
	"bytes"
	"testing"
)

func TestParseVP9(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		want    VP9
		key     bool
		ok      bool
	}{
		{"empty", nil, VP9{}, false, false},
		{"descriptor alone", []byte{0x08}, VP9{}, false, false},
		{"whole keyframe", []byte{0x0c, 1}, VP9{Start: true, End: true}, true, true},
		{"middle of one", []byte{0x00, 1}, VP9{}, false, true},
		{"short picture id", []byte{0xc8, 0x11, 1}, VP9{Start: true, Inter: true, HasPictureID: true, PictureID: 0x11, pictureIDAt: 1}, false, true},
		{"long picture id", []byte{0x88, 0x92, 0x34, 1}, VP9{Start: true, HasPictureID: true, LongPictureID: true, PictureID: 0x1234, pictureIDAt: 1}, true, true},
		{"layer and TL0", []byte{0xa8, 0x81, 0x01, 0x53, 0x7f, 1}, VP9{Start: true, HasPictureID: true, LongPictureID: true, PictureID: 0x101, HasLayer: true, HasTL0: true, TL0: 0x7f, SwitchUp: true, InterLayer: true, Layer: Layer{Spatial: 1, Temporal: 2}, pictureIDAt: 1, tl0At: 4}, false, true},
		{"flexible, two references", []byte{0x70, 0x20, 0x03, 0x04, 1}, VP9{Inter: true, HasLayer: true, Layer: Layer{Temporal: 1}}, false, true},
		{"flexible, four references", []byte{0x50, 0x03, 0x03, 0x03, 0x02, 1}, VP9{}, false, false},
		{"structure of two sizes", []byte{0x0a, 0x38, 2, 128, 1, 104, 5, 0, 2, 208, 1, 0x04, 1, 1}, VP9{Start: true, Spatial: 2, Sizes: [8]Size{{640, 360}, {1280, 720}}}, true, true},
		{"structure cut off", []byte{0x0a, 0x38, 2, 128, 1, 104}, VP9{}, false, false},
		{"pictures of a structure cut off", []byte{0x0a, 0x08, 2, 0x0c, 1}, VP9{}, false, false},
		{"picture id cut off", []byte{0x80, 0x80}, VP9{}, false, false},
	}
	for _, tt := range tests {
		got, ok := ParseVP9(tt.payload)
		if ok != tt.ok || ok && (got != tt.want || got.Keyframe() != tt.key) {
			t.Errorf("%s: %+v, %v, keyframe %v; want %+v, %v, %v", tt.name, got, ok, got.Keyframe(), tt.want, tt.ok, tt.key)
		}
	}
}

func TestRewritingVP9KeepsTheWidthOfThePictureID(t *testing.T) {
	tests := []struct{ in, want []byte }{
		{[]byte{0x88, 0x17, 1}, []byte{0x88, 0x2a, 1}},
		{[]byte{0xa8, 0x92, 0x34, 0x00, 0x07, 1}, []byte{0xa8, 0xcd, 0x2a, 0x00, 0x63, 1}},
		{[]byte{0x08, 0xff}, []byte{0x08, 0xff}},
	}
	for _, tt := range tests {
		v, _ := ParseVP9(tt.in)
		got := bytes.Clone(tt.in)
		v.Picture().Rewrite(got, Picture{ID: 0x4d2a, TL0: 0x63})
		if !bytes.Equal(got, tt.want) {
			t.Errorf("% x became % x, want % x", tt.in, got, tt.want)
		}
	}
}

func FuzzVP9(f *testing.F) {
	f.Add([]byte{0xa8, 0x81, 0x01, 0x53, 0x7f, 1})
	f.Add([]byte{0x0a, 0x38, 2, 128, 1, 104, 5, 0, 2, 208, 1, 0x04, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, ok := ParseVP9(b)
		if !ok {
			return
		}
		v.Picture().Rewrite(b, Picture{ID: 0x1234, TL0: 0x56}) // must stay inside
		again, ok := ParseVP9(b)
		if !ok || again.Layer != v.Layer || again.Keyframe() != v.Keyframe() || again.Sizes != v.Sizes {
			t.Errorf("after the rewrite: %+v, %v; before: %+v", again, ok, v)
		}
	})
}

func TestAV1Keyframe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		payload []byte
		want    bool
	}{
		{"empty", nil, false},
		{"header alone", []byte{0x08}, false},
		{"a sequence begins", []byte{0x18, 0x0a}, true},
		{"more of a picture", []byte{0x10, 0x32}, false},
		{"goes on with a fragment", []byte{0x88, 0x0a}, false},
	} {
		if got := AV1Keyframe(tt.payload); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
