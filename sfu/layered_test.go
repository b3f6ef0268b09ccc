package sfu

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// threeSizes is what the first packet of an L3T3_KEY stream carries: its structure,
// of which the templates of a size are its keyframe and its three rates.
const threeSizes = "c000008008161617aaaaaa00028000100002aa80a8000a000040000a8002a0002800016d54906d54906d5482027e016604fe02ce09fe059e"

// sized is a camera in three sizes and its viewers, of whom each is shown another.
type sized struct {
	shard   *shard
	layer   *layer
	out     sink
	viewers []*downTrack
	first   []byte // descriptor
	payload []byte
	small   [3]byte
	seq     uint16
	frame   uint16
	picture int
}

func newSized(tb testing.TB, viewers int) *sized {
	tb.Helper()
	z := &sized{payload: make([]byte, 1000)}
	var err error
	if z.first, err = hex.DecodeString(threeSizes); err != nil {
		tb.Fatal(err)
	}
	z.shard = shardOn(&z.out)
	st := &stage{deliver: func(Event) {}, taps: map[Tap]*tapped{}}
	from := newTransport("from", z.shard, st, []Source{Camera}, 1)
	from.up[Camera].gate(true)
	z.layer = from.up[Camera].layers[0]
	for i := range viewers {
		v := newTransport("viewer", z.shard, st, nil, uint32(i)+2)
		keys, err := benchKeys()
		if err != nil {
			tb.Fatal(err)
		}
		v.keys(keys, keys)
		v.moved(netip.AddrPort{})
		v.ext = extensions{twcc: 3, descriptor: 13}
		var lines payloads
		lines.pt[vp9], lines.rtx[vp9] = 98, 99
		d := newDownTrack(v, true, uint32(i)+100, uint32(i)+200, "seat0", lines, z.shard.now)
		v.seats = []seat{{video: d}}
		v.show(0, from)
		d.target = i % 3
		z.viewers = append(z.viewers, d)
	}
	return z
}

// show sends one picture, of one packet in each size.
func (z *sized) show() {
	kind := 3
	switch {
	case z.picture == 0:
		kind = 0
	case z.picture%4 == 0:
		kind = 1
	case z.picture%4 == 2:
		kind = 2
	}
	for size := range 3 {
		descriptor := z.small[:]
		descriptor[0] = 0xc0 | byte(size*4+kind)
		if kind == 0 && size == 0 {
			descriptor = z.first
		}
		binary.BigEndian.PutUint16(descriptor[1:], z.frame)
		z.payload[0] = 0xac // picture id, layers, begins and ends a frame
		if kind != 0 {
			z.payload[0] |= 0x40
		}
		binary.BigEndian.PutUint16(z.payload[1:], 0x8000|uint16(z.picture))
		z.payload[3] = byte(max(kind-1, 0)<<5 | size<<1)
		z.layer.receiver.Arrive(z.seq, z.shard.now, true)
		z.layer.pass(&packet{payload: z.payload, descriptor: descriptor, ts: uint32(z.picture) * 3000, seq: z.seq, codec: vp9, marker: size == 2})
		z.seq++
		z.frame++
	}
	z.picture++
	z.shard.now = z.shard.now.Add(33 * time.Millisecond)
}

func TestEachViewerIsSentTheSizeThatSuitsIt(t *testing.T) {
	z := newSized(t, 3)
	for range 40 {
		z.show()
	}
	for i, d := range z.viewers {
		// the size itself, and at the keyframe those below it
		if want := uint32(40 + i); d.packets != want {
			t.Errorf("the viewer of size %d was sent %d packets, want %d", i, d.packets, want)
		}
	}
}

// A size that an encoder leaves out, as on a narrow way up, is not chosen, though the
// stream's structure goes on naming it.
func TestASizeThatDoesNotArriveIsNotOffered(t *testing.T) {
	z := newSized(t, 1)
	for range 10 {
		z.show()
	}
	there := func() (sizes []bool) {
		for _, l := range z.layer.svc.describe(false) {
			sizes = append(sizes, l.Active)
		}
		return sizes
	}
	if all := there(); !slices.Equal(all, []bool{true, true, true}) {
		t.Fatalf("sizes that arrive are offered: %v", all)
	}
	z.shard.now = z.shard.now.Add(silentAfter + time.Millisecond)
	z.layer.ssrc = 1
	z.layer.svc.heard[0], z.layer.svc.heard[1] = z.shard.now, z.shard.now
	z.layer.tick()
	if some := there(); !slices.Equal(some, []bool{true, true, false}) {
		t.Errorf("sizes are offered: %v, want those that arrive", some)
	}
}

func TestLayersAreForwardedWithoutAllocating(t *testing.T) {
	z := newSized(t, 3)
	for range 100 {
		z.show()
	}
	if n := testing.AllocsPerRun(500, z.show); n != 0 {
		t.Errorf("%v allocations a picture, want 0", n)
	}
}

// BenchmarkLayers is the way of a packet of three sizes to three viewers of whom
// each is shown another.
func BenchmarkLayers(b *testing.B) {
	z := newSized(b, 3)
	for range 100 {
		z.show()
	}
	before := z.out.sent
	b.ReportAllocs()
	for b.Loop() {
		z.show()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(z.out.sent-before), "ns/delivered")
}

// FuzzLayers sends what no encoder sends, and checks that nothing breaks.
func FuzzLayers(f *testing.F) {
	first, _ := hex.DecodeString(threeSizes)
	f.Add(first, []byte{0xae, 0x80, 1, 0x10, 1, 0x50, 1, 2, 3, 4}, []byte{0, 1, 2, 3})
	f.Add([]byte{0xc1, 0, 1}, []byte{0xec, 0x80, 1, 0x10, 1}, []byte{9, 250, 3, 130, 77, 12})
	f.Fuzz(func(t *testing.T, descriptor, payload, ops []byte) {
		z := newSized(t, 3)
		z.show()
		for i, op := range ops[:min(len(ops), 200)] {
			if op%3 == 0 {
				z.show()
				continue
			}
			own := append([]byte(nil), descriptor...)
			if len(own) > 3 {
				own[int(op)%len(own)] ^= byte(i)
			}
			kind := []codec{vp9, av1, vp8, h264}[op>>2&3]
			z.layer.pass(&packet{
				payload: append([]byte(nil), payload...), descriptor: own[:min(len(own), 255)], ts: uint32(i) * 3000,
				seq: z.seq + uint16(op>>4), codec: kind, marker: op&1 != 0, late: op&2 != 0,
			})
			z.seq += uint16(op>>4) + 1
			for _, d := range z.viewers {
				d.choose()
				d.resend(d.lastOut)
				if d.from != nil && d.from != z.layer {
					t.Fatal("a viewer is shown a layer that is not there")
				}
			}
			z.layer.tick()
		}
	})
}
