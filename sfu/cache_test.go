package sfu

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
)

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

const packetEvery = time.Second / 150

func TestCacheFindsWhatIsRecent(t *testing.T) {
	var c cache
	now := epoch
	payload := func(i int) []byte {
		b := make([]byte, 1000+i%200)
		binary.BigEndian.PutUint32(b, uint32(i))
		return b
	}
	packets := 5000
	for i := range packets {
		now = now.Add(packetEvery) // 150 packets a second
		c.put(&packet{seq: uint16(65000 + i), ts: uint32(i), payload: payload(i), codec: vp8}, now)
		for back := range min(i+1, 90) { // 0.6 s
			j := i - back
			p, ok := c.get(uint16(65000 + j))
			if !ok || !bytes.Equal(p.payload, payload(j)) || p.ts != uint32(j) {
				t.Fatalf("at %d: packet %d: found %v", i, j, ok)
			}
		}
	}
	if len(c.ring) > 256<<10 {
		t.Errorf("1.3 Mbit/s took %d bytes", len(c.ring))
	}
	if _, ok := c.get(uint16(65000 + packets - 2000)); ok {
		t.Error("a packet was found that must be gone")
	}
	c.clear()
	if _, ok := c.get(uint16(65000 + packets - 1)); ok {
		t.Error("a packet was found after clear")
	}
}

func FuzzCache(f *testing.F) {
	f.Add([]byte{10, 200, 3, 0, 255})
	f.Fuzz(func(t *testing.T, sizes []byte) {
		var c cache
		now := epoch
		for i, s := range sizes {
			b := bytes.Repeat([]byte{s}, int(s)*5+1)
			c.put(&packet{seq: uint16(i), payload: b}, now)
			now = now.Add(packetEvery)
			for j := range i + 1 {
				p, ok := c.get(uint16(j))
				if ok && !bytes.Equal(p.payload, bytes.Repeat([]byte{sizes[j]}, int(sizes[j])*5+1)) {
					t.Fatalf("packet %d of %d came back changed", j, i)
				}
			}
		}
	})
}
