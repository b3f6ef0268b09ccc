package sfu

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"parley/sfu/socket"
)

// collector is a socket that keeps what is queued.
type collector struct {
	sink
	queued [][]byte
}

func (c *collector) Queue(n int, _ *socket.Dest) {
	c.queued = append(c.queued, bytes.Clone(c.slot[:n]))
}

// soundTo makes a viewer, with or without RED, with a line of sound that l sends.
func soundTo(c *collector, redundant bool) (*shard, *downTrack, *layer) {
	s := shardOn(c)
	st := &stage{deliver: func(Event) {}, taps: map[Tap]*tapped{}}
	from := newTransport("from", s, st, []Source{Mic}, 1)
	from.up[Mic].gate(true)
	v := newTransport("viewer", s, st, nil, 2)
	out, err := benchKeys()
	if err != nil {
		panic(err)
	}
	v.keys(out, out)
	v.moved(netip.AddrPort{})
	v.ext = extensions{twcc: 3}
	var lines payloads
	lines.pt[opus] = 109
	if redundant {
		lines.pt[red] = 63
	}
	d := newDownTrack(v, false, 100, 0, "seat0", lines, s.now)
	v.seats = []seat{{audio: d}}
	v.downs[100] = d
	v.show(0, from)
	return s, d, from.up[Mic].layers[0]
}

// Two plaintexts under one number would give the key of their authentication away:
// whatever is sent twice is sent the same.
func TestNoNumberIsEncryptedTwice(t *testing.T) {
	for _, redundant := range []bool{false, true} {
		var c collector
		s, d, l := soundTo(&c, redundant)
		seen, copies := map[uint16][]byte{}, 0
		for i := range 2000 {
			d.redundancy = i / 100 % 4
			size := 40 + i%90
			if i%50 == 7 {
				size = 900 // music: not kept
			}
			l.pass(&packet{payload: bytes.Repeat([]byte{byte(i)}, size), ts: uint32(i) * 960, seq: uint16(65000 + i), codec: opus})
			if i%3 == 0 {
				for back := range uint16(5) {
					d.resend(uint16(d.numbers.Offset()) + back) // nonsense
					d.resend(binary.BigEndian.Uint16(c.queued[len(c.queued)-1][2:]) - back)
				}
				d.sayTwice()
			}
			d.viewer.missed([]uint16{d.viewer.twccSeq - 3, d.viewer.twccSeq - 40})
			s.now = s.now.Add(20 * time.Millisecond)
		}
		for _, b := range c.queued {
			seq := binary.BigEndian.Uint16(b[2:])
			if was := seen[seq]; was == nil {
				seen[seq] = b
			} else if copies++; !bytes.Equal(was, b) {
				t.Fatalf("redundant %v: number %d was sent twice, not the same", redundant, seq)
			}
		}
		if redundant != (copies == 0) || len(seen) != 2000 {
			t.Errorf("redundant %v: %d numbers, %d copies", redundant, len(seen), copies)
		}
	}
}

func TestCopiesOfSoundAreBounded(t *testing.T) {
	var c collector
	s, d, l := soundTo(&c, false)
	for i := range 500 {
		l.pass(&packet{payload: make([]byte, 80), ts: uint32(i) * 960, seq: uint16(i), codec: opus})
		newest := binary.BigEndian.Uint16(c.queued[len(c.queued)-1][2:])
		for range 20 { // who asks for everything, again and again
			for back := range uint16(40) {
				d.resend(newest - back)
			}
		}
		s.now = s.now.Add(20 * time.Millisecond)
	}
	if n := len(c.queued); n < 900 || n > 1000+saidBurst+1 {
		t.Errorf("%d packets for 500 of sound, want no more copies than packets", n)
	}
	s.now = s.now.Add(time.Second)
	before := len(c.queued)
	for out := range uint16(65535) {
		d.resend(out)
	}
	if n := len(c.queued) - before; n > 0 {
		t.Errorf("%d copies of what is long past", n)
	}
}

// What is repeated would lengthen the queue of a jam, from whose viewer nothing is heard in time.
func TestNothingIsRepeatedInAJam(t *testing.T) {
	c := &collector{}
	s, d, _ := soundTo(c, true)
	d.jitter = 2 * unsteady
	settles := func() int {
		s.now = s.now.Add(redundancyEvery)
		d.viewer.repeatSound()
		return d.redundancy
	}
	if settles() == 0 {
		t.Fatal("sound that comes too late is not repeated")
	}
	d.viewer.jam.on = true
	if n := settles(); n != 0 {
		t.Errorf("%d frames are repeated with each packet in a jam", n)
	}
	d.viewer.jam.on = false
	if settles() == 0 {
		t.Error("nothing is repeated after it")
	}
}
