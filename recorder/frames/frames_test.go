package frames

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

var t0 = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// raw is an RTP packet.
func raw(seq uint16, ts uint32, marker bool, payload []byte) []byte {
	b := []byte{0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}
	if marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[4:], ts)
	return append(b, payload...)
}

// vp8Frame is a frame as VP8's decoder wants it.
func vp8Frame(key bool, size int, text string) []byte {
	b := []byte{1, 0, 0}
	if key {
		b = []byte{0, 0, 0, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xB4, 0x00}
	}
	b = append(b, text...)
	return append(b, make([]byte, max(0, size-len(b)))...)
}

// story feeds packets one after another, 10 ms apart, and returns what comes out.
type story struct {
	t   *testing.T
	a   *Assembler
	now time.Time
	out []string
	in  map[uint16][]byte
}

func (s *story) emit(f Frame) {
	kind := "d"
	if f.Keyframe {
		kind = "K"
	}
	s.out = append(s.out, fmt.Sprintf("%s%d", kind, f.Timestamp))
}

func (s *story) push(seq uint16) {
	p := Take(s.now, s.in[seq])
	if p == nil {
		s.t.Fatalf("packet %d is none", seq)
	}
	s.a.Push(p, s.emit)
	s.now = s.now.Add(10 * time.Millisecond)
}

// TestOrder tells what comes out of frames of two packets each: frame n is packets
// 2n and 2n+1, and its timestamp is n; frames 0 and 5 are keyframes.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []int // packets; -1 is half a second of silence
		want string
	}{
		{"in order", []int{0, 1, 2, 3, 4, 5}, "K0 d1 d2"},
		{"overtaken", []int{0, 1, 3, 2, 5, 4}, "K0 d1 d2"},
		{"repaired late", []int{0, 1, 3, 4, 5, 6, 7, 2}, "K0 d1 d2 d3"},
		{"twice", []int{0, 0, 1, 1, 2, 3, 2, 3}, "K0 d1"},
		{"lost until the next keyframe", []int{0, 1, 2, 4, 5, 6, 7, 8, 9, -1, 10, 11, 12, 13}, "K0 K5 d6"},
		{"a whole frame lost", []int{0, 1, 4, 5, -1, 6, 7, 10, 11}, "K0"},
		{"repaired too late", []int{0, 1, 3, -1, 4, 5, 2, 10, 11, -1, 12, 13}, "K0 K5 d6"},
		{"begun in the middle of a frame", []int{1, 2, 3, 10, 11, 12, 13, -1, -1}, "K5 d6"},
		{"begun without a keyframe", []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, "K5"},
	} {
		for _, base := range []uint16{0, 1, 100, 32760, 65530, 65535} {
			t.Run(fmt.Sprintf("%s from %d", c.name, base), func(t *testing.T) {
				s := story{t: t, a: NewAssembler(VP8), now: t0, in: map[uint16][]byte{}}
				for n := range 8 {
					seq := base + uint16(2*n)
					frame := vp8Frame(n%5 == 0, 40, "")
					s.in[seq] = raw(seq, uint32(n), false, append([]byte{0x10}, frame[:20]...))
					s.in[seq+1] = raw(seq+1, uint32(n), true, append([]byte{0}, frame[20:]...))
				}
				for _, n := range c.in {
					if n < 0 {
						s.now = s.now.Add(wait)
						s.a.Expire(s.now, s.emit)
						continue
					}
					s.push(base + uint16(n))
				}
				if got := fmt.Sprint(s.out); got != "["+c.want+"]" {
					t.Errorf("got %s, want [%s]", got, c.want)
				}
			})
		}
	}
}

func TestSoundComesOutWithGaps(t *testing.T) {
	s := story{t: t, a: NewAssembler(Opus), now: t0, in: map[uint16][]byte{}}
	for seq := range uint16(10) {
		s.in[seq] = raw(seq, uint32(seq), false, []byte{0xFC, 1})
	}
	s.in[6] = raw(6, 6, false, nil) // holds its number, and nothing more
	for _, seq := range []uint16{0, 1, 3, 4, 5, 6, 7} {
		s.push(seq)
	}
	if got := len(s.out); got != 2 {
		t.Errorf("%d came out while packet 2 was waited for", got)
	}
	s.a.Expire(s.now.Add(wait), s.emit)
	if got := fmt.Sprint(s.out); got != "[K0 K1 K3 K4 K5 K7]" {
		t.Errorf("got %s", got)
	}
	if lost, _ := s.a.Lost(); lost != 1 {
		t.Errorf("%d lost", lost)
	}
}

func TestALineThatJumpsGoesOn(t *testing.T) {
	for _, jump := range []uint16{200, 5000, 32767, 32768, 40000, 65000} {
		s := story{t: t, a: NewAssembler(Opus), now: t0, in: map[uint16][]byte{}}
		for seq := uint16(0); seq != 20; seq++ {
			s.in[seq] = raw(seq, uint32(seq), false, []byte{0xFC, 1})
			s.push(seq)
		}
		before := len(s.out)
		for i := range uint16(100) {
			seq := 20 + jump + i
			s.in[seq] = raw(seq, uint32(i), false, []byte{0xFC, 1})
			s.push(seq)
		}
		s.a.Expire(s.now.Add(wait), s.emit)
		if got := len(s.out) - before; got < 100-restartAfter {
			t.Errorf("after a jump of %d: %d of 100 came out", jump, got)
		}
	}
}

func TestAFullWindowDoesNotWait(t *testing.T) {
	s := story{t: t, a: NewAssembler(Opus), now: t0, in: map[uint16][]byte{}}
	for seq := range uint16(400) {
		s.in[seq] = raw(seq, uint32(seq), false, []byte{0xFC, 1})
	}
	s.push(0)
	for seq := uint16(2); seq < 400; seq++ {
		s.push(seq)
		s.now = s.now.Add(-9 * time.Millisecond) // faster than any clock would let them
	}
	if got := len(s.out); got < 399-audioWindow {
		t.Errorf("%d came out", got)
	}
}

// packetize makes RTP of frames as a browser does.
func packetize(p rtp.Payloader, all [][]byte) [][]byte {
	var out [][]byte
	z := rtp.NewPacketizer(300, 96, 1, p, rtp.NewFixedSequencer(65000), 90000)
	for _, frame := range all {
		for _, packet := range z.Packetize(frame, 3000) {
			b, err := packet.Marshal()
			if err != nil {
				panic(err)
			}
			out = append(out, b)
		}
	}
	return out
}

func assemble(c Codec, packets [][]byte) []Frame {
	a := NewAssembler(c)
	var all []Frame
	emit := func(f Frame) {
		f.Data = bytes.Clone(f.Data)
		all = append(all, f)
	}
	for i, raw := range packets {
		if p := Take(t0.Add(time.Duration(i)*time.Millisecond), raw); p != nil {
			a.Push(p, emit)
		}
	}
	a.Drain(emit)
	return all
}

// A sequence parameter set of 640×360, baseline, and its picture parameter set.
var (
	sps = []byte{0x67, 0x42, 0xC0, 0x1F, 0xDA, 0x02, 0x80, 0xBF, 0xE5, 0xC0, 0x5A, 0x80, 0x80, 0x80, 0xA0, 0, 0, 3, 0, 0x20, 0, 0, 6, 0x51, 0xE3, 6, 0x54}
	pps = []byte{0x68, 0xCE, 0x3C, 0x80}
)

func annexB(nals ...[]byte) []byte {
	var b []byte
	for _, n := range nals {
		b = append(append(b, 0, 0, 0, 1), n...)
	}
	return b
}

func avc(nals ...[]byte) []byte {
	var b []byte
	for _, n := range nals {
		b = appendNAL(b, n)
	}
	return b
}

func TestH264KeepsItsParameterSets(t *testing.T) {
	idr := append([]byte{0x65}, bytes.Repeat([]byte{0xAA}, 900)...)
	slice := append([]byte{0x41}, bytes.Repeat([]byte{0xBB}, 400)...)
	packets := packetize(&codecs.H264Payloader{}, [][]byte{annexB(sps, pps, idr), annexB(slice), annexB(idr)})
	got := assemble(H264, packets)
	if len(got) != 3 {
		t.Fatalf("%d frames", len(got))
	}
	for i, want := range [][]byte{avc(sps, pps, idr), avc(slice), avc(sps, pps, idr)} {
		if !bytes.Equal(got[i].Data, want) {
			t.Errorf("frame %d: got %d bytes, want %d", i, len(got[i].Data), len(want))
		}
	}
	f := got[0]
	if !f.Keyframe || f.Width != 640 || f.Height != 360 || got[1].Keyframe {
		t.Errorf("key %v, %dx%d", f.Keyframe, f.Width, f.Height)
	}
	if want := append([]byte{1, 0x42, 0xC0, 0x1F, 0xFF, 0xE1, 0, byte(len(sps))}, sps...); !bytes.HasPrefix(f.Private, want) {
		t.Errorf("private %x", f.Private)
	}
}

func TestLayersOfVP9BecomeOneSuperframe(t *testing.T) {
	header := func(w, h int) []byte { // a keyframe's (VP9 §6.2)
		b := []byte{0x82, 0x49, 0x83, 0x42, 0, 0, 0, 0, 0, 0}
		v := uint32(w-1)<<16 | uint32(h-1)
		// The sizes begin four bits into byte 4: color space and range are before.
		for i := range 32 {
			bit := 4*8 + 4 + i
			b[bit/8] |= byte(v>>(31-i)&1) << (7 - bit%8)
		}
		return b
	}
	low, high := append(header(320, 180), "low"...), append(header(640, 360), "high"...)
	packets := [][]byte{
		raw(1, 9, false, append([]byte{0x20 | 0x08 | 0x04, 0x00, 0x00}, low...)),     // layer 0
		raw(2, 9, true, append([]byte{0x20 | 0x08 | 0x04, 1<<1 | 1, 0x00}, high...)), // layer 1
	}
	got := assemble(VP9, packets)
	if len(got) != 1 || !got[0].Keyframe || got[0].Width != 640 || got[0].Height != 360 {
		t.Fatalf("got %+v", got)
	}
	index := []byte{0xD9, byte(len(low)), 0, 0, 0, byte(len(high)), 0, 0, 0, 0xD9}
	if want := slices.Concat(low, high, index); !bytes.Equal(got[0].Data, want) {
		t.Errorf("got  %x\nwant %x", got[0].Data, want)
	}
}

func TestWhatIsNoPacketIsNotTaken(t *testing.T) {
	good := raw(1, 2, true, []byte{1, 2, 3})
	alter := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(good)) }
	for name, b := range map[string][]byte{
		"empty":         nil,
		"short":         good[:11],
		"version 1":     alter(func(b []byte) []byte { b[0] = 0x40; return b }),
		"too many CSRC": alter(func(b []byte) []byte { b[0] |= 15; return b }),
		"extension":     alter(func(b []byte) []byte { b[0] |= 0x10; return b }),
		"padding":       alter(func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 200; return b }),
		"too long":      append(good, make([]byte, MaxPacket)...),
	} {
		if p := Take(t0, b); p != nil {
			t.Errorf("%s was taken", name)
		}
	}
	if p := Take(t0, good); p == nil || p.Seq() != 1 || string(p.payload) != "\x01\x02\x03" {
		t.Error("a good one was not taken")
	}
}

// FuzzAssembler feeds arbitrary packets in arbitrary order to every codec: frames come
// out in order of their packets, bounded, and nothing else happens.
func FuzzAssembler(f *testing.F) {
	idr := append([]byte{0x65}, bytes.Repeat([]byte{0xAA}, 700)...)
	seed := func(codec byte, packets [][]byte) {
		var b []byte
		for _, p := range packets {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(p))), p...)
		}
		f.Add(codec, b)
	}
	seed(0, [][]byte{raw(1, 1, false, []byte{0xFC, 1}), raw(3, 3, false, []byte{0xFC, 1})})
	seed(1, packetize(&codecs.VP8Payloader{EnablePictureID: true}, [][]byte{vp8Frame(true, 900, ""), vp8Frame(false, 100, "")}))
	seed(2, packetize(&codecs.VP9Payloader{}, [][]byte{{0x82, 0x49, 0x83, 0x42, 0, 1, 2, 3, 4, 5, 6}}))
	seed(3, packetize(&codecs.AV1Payloader{}, [][]byte{{0x12, 0, 0x0A, 0x0B, 0, 0, 0, 0x2C, 0xCF, 0x7F, 0xF3, 0xF5, 0xF3, 0x40, 0x10, 0x32, 2, 1, 2}}))
	seed(4, packetize(&codecs.H264Payloader{}, [][]byte{annexB(sps, pps, idr), annexB(idr)}))
	f.Fuzz(func(t *testing.T, codec byte, b []byte) {
		a := NewAssembler([]Codec{Opus, VP8, VP9, AV1, H264}[int(codec)%5])
		emit := func(f Frame) {
			if len(f.Data) == 0 || len(f.Data) > maxFrame+64 {
				t.Fatalf("a frame of %d bytes", len(f.Data))
			}
			if f.Keyframe && a.codec.Video() && (f.Width < 0 || f.Width > 1<<16 || f.Height < 0 || f.Height > 1<<16) {
				t.Fatalf("a frame of %dx%d", f.Width, f.Height)
			}
		}
		now := t0
		for len(b) > 2 {
			n := min(int(binary.BigEndian.Uint16(b)), len(b)-2)
			if p := Take(now, b[2:2+n]); p != nil {
				a.Push(p, emit)
			}
			b = b[2+n:]
			now = now.Add(time.Duration(n) * time.Millisecond)
			if n%7 == 0 {
				a.Expire(now, emit)
			}
			if n%97 == 0 {
				a.Reset()
			}
		}
		a.Drain(emit)
	})
}
