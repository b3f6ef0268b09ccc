package sfu

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"
)

// numbered is a packet of a stream that carries a number.
func numbered(n, size int, ssrc uint32) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint32(b, uint32(n))
	binary.BigEndian.PutUint32(b[8:], ssrc)
	return b
}

func TestThePacerGivesBackWhatItHoldsInOrder(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		var p pacer
		var want [][]byte
		buffer := make([]byte, 1500)
		take := func() {
			n := p.next(buffer)
			for len(want) > 0 && binary.BigEndian.Uint32(want[0][8:]) == 0 {
				want = want[1:]
			}
			if len(want) == 0 {
				if n != 0 {
					t.Fatalf("%d bytes out of nothing", n)
				}
				return
			}
			if string(buffer[:n]) != string(want[0]) {
				t.Fatalf("got packet %d of %d bytes, want %d of %d", binary.BigEndian.Uint32(buffer), n, binary.BigEndian.Uint32(want[0]), len(want[0]))
			}
			want = want[1:]
		}
		for i := range 5000 {
			switch x := r.IntN(100); {
			case x < 50+r.IntN(10):
				b := numbered(i, 12+r.IntN(1400), 1+uint32(r.IntN(2)))
				for !p.fits(len(b)) {
					take()
				}
				p.put(b)
				want = append(want, b)
			case x == 99:
				p.drop(1)
				for _, b := range want {
					if binary.BigEndian.Uint32(b[8:]) == 1 {
						binary.BigEndian.PutUint32(b[8:], 0)
					}
				}
			default:
				take()
			}
			held := 0
			for _, b := range want {
				if binary.BigEndian.Uint32(b[8:]) != 0 {
					held += len(b)
				}
			}
			if p.held != held {
				t.Fatalf("%d bytes held, want %d", p.held, held)
			}
		}
	}
}

// A keyframe leaves at the pace, and none of it later than it may.
func TestTheGreaterTheHasteTheMoreIsHeld(t *testing.T) {
	for _, tt := range []struct {
		rate, packets int
		first, last   time.Duration // after which so many packets, and all, are gone
	}{
		{0, 30, 0, 0},
		{10_000_000, 30, 0, 20 * time.Millisecond},
		{1_000_000, 10, 20 * time.Millisecond, 80 * time.Millisecond},
		{100_000, 30, 20 * time.Millisecond, heldAtMost + 100*time.Millisecond},
	} {
		now := time.Unix(1000, 0)
		start := now
		p := pacer{rate: tt.rate}
		buffer := make([]byte, 1500)
		for i := range tt.packets {
			if !p.busy(now) {
				p.spend(1000, now)
				continue
			}
			if !p.fits(1000) {
				t.Fatal("no room")
			}
			p.put(numbered(i, 1000, 1))
		}
		last := time.Duration(0)
		for p.n > 0 {
			now = now.Add(paceEvery)
			for p.n > 0 && p.free.Sub(now) <= paceSlack {
				p.next(buffer)
				p.spend(1000, now)
				last = now.Sub(start)
			}
			if now.Sub(start) > time.Second {
				t.Fatalf("at %d bit/s %d packets are held after a second", tt.rate, p.n)
			}
		}
		if last > tt.last || tt.first > 0 && last < tt.first {
			t.Errorf("at %d bit/s the last packet left after %v, want %v to %v", tt.rate, last, tt.first, tt.last)
		}
	}
}

// A picture is taken away so that what waits behind it gets through: what the pacer
// holds of it does not leave either.
func TestNothingHeldLeavesOfAPictureThatWasTakenAway(t *testing.T) {
	p := newPictured(t)
	p.show(20, 0)
	v := p.line.viewer
	v.pacer.rate = 100_000
	for range 30 { // at once
		p.layer.pass(&packet{payload: make([]byte, 1000), ts: uint32(p.sent) * 900, seq: uint16(p.sent), codec: vp8})
		p.sent++
	}
	if v.pacer.held < 20_000 {
		t.Fatalf("%d bytes are held, want most of 30 packets", v.pacer.held)
	}
	left := func() (n int) {
		before := len(p.wire.queued)
		p.shard.now = p.shard.now.Add(time.Second)
		p.shard.release()
		return len(p.wire.queued) - before
	}
	if left() == 0 {
		t.Fatal("nothing of what is held leaves in a second")
	}
	if len(p.shard.pacing) != 1 {
		t.Fatalf("%d viewers are paced, want 1", len(p.shard.pacing))
	}
	p.line.target = -1
	p.line.choose()
	if n := left(); n != 0 || len(p.shard.pacing) != 0 {
		t.Errorf("%d packets leave of a picture that was taken away, and %d viewers are paced still", n, len(p.shard.pacing))
	}
}

func TestThePacerDoesNotAllocateOnceItIsWarm(t *testing.T) {
	var p pacer
	b, buffer, now := numbered(1, 1100, 1), make([]byte, 1500), time.Now()
	p.rate = 500_000
	if n := testing.AllocsPerRun(1000, func() {
		now = now.Add(time.Millisecond)
		for range 3 {
			if p.fits(len(b)) {
				p.put(b)
			}
		}
		for range 3 {
			p.spend(p.next(buffer), now)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
