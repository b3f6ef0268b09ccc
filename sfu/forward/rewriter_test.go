package forward

import (
	"fmt"
	"testing"
)

// awkward is where 16-bit arithmetic goes wrong if it goes wrong anywhere.
var awkward = []uint16{0, 1, 2, 15, 0x3ffe, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xc000, 0xfff0, 0xfffd, 0xfffe, 0xffff}

func TestNumbersContinueAcrossASplice(t *testing.T) {
	for _, out := range awkward {
		for _, in := range awkward {
			t.Run(fmt.Sprintf("out %#x in %#x", out, in), func(t *testing.T) {
				var r Rewriter
				r.Start(out)
				r.Splice(100, 5000, 90000, Picture{})
				for i := range uint16(5) {
					wantSeq(t, &r, 100+i, out+i)
				}
				r.Splice(in, 77, 93000, Picture{})
				for i := range uint16(5) {
					wantSeq(t, &r, in+i, out+5+i)
				}
				if _, ok := r.Seq(in - 1); ok {
					t.Error("a packet from before the splice was numbered")
				}
			})
		}
	}
}

func wantSeq(t *testing.T, r *Rewriter, in, want uint16) {
	t.Helper()
	if got, ok := r.Seq(in); !ok || got != want {
		t.Errorf("Seq(%d) = %d, %v; want %d", in, got, ok, want)
	}
}

func TestASkippedPacketLeavesNoGap(t *testing.T) {
	for _, in := range awkward {
		var r Rewriter
		r.Start(1000)
		r.Splice(in, 0, 0, Picture{})
		wantSeq(t, &r, in, 1000)
		if !r.Skip(in + 1) {
			t.Fatalf("in %#x: the newest packet could not be skipped", in)
		}
		wantSeq(t, &r, in+2, 1001)
		wantSeq(t, &r, in+4, 1003)
		if !r.Skip(in + 5) {
			t.Fatal("the newest packet could not be skipped")
		}
		wantSeq(t, &r, in+3, 1002) // late, from between the two skips
		wantSeq(t, &r, in+6, 1004)
		if r.Skip(in + 4) {
			t.Error("a packet was skipped that later ones have left room for")
		}
		if _, ok := r.Seq(in + 1); ok {
			t.Error("a skipped packet was numbered")
		}
	}
}

func TestALongStreamKeepsItsNumbers(t *testing.T) {
	var r Rewriter
	r.Start(7)
	r.Splice(65000, 0, 0, Picture{})
	want := uint16(7)
	for i := range 200_000 {
		seq := uint16(65000 + i)
		if i%1000 == 999 {
			if !r.Skip(seq) {
				t.Fatalf("packet %d could not be skipped", i)
			}
			continue
		}
		if got, ok := r.Seq(seq); !ok || got != want {
			t.Fatalf("packet %d: %d, %v; want %d", i, got, ok, want)
		}
		want++
	}
}

func TestTimeNeverRunsBackwardsAcrossASplice(t *testing.T) {
	var r Rewriter
	r.Splice(1, 1000, 50_000, Picture{})
	if got := r.Timestamp(4000); got != 53_000 {
		t.Errorf("Timestamp = %d, want 53000", got)
	}
	r.Splice(9, 4_000_000_000, 52_000, Picture{})
	if got := r.Timestamp(4_000_000_000); got != 53_001 {
		t.Errorf("first timestamp after the splice = %d, want one past the last", got)
	}
	in := uint32(4_000_000_000)
	if got := r.Offset() + in; got != 53_001 {
		t.Errorf("Offset takes %d to %d, want 53001", in, got)
	}
}

func TestTimeGoesOnFromWhereverALineBegins(t *testing.T) {
	for _, base := range []uint32{0, 1, 1 << 30, 1<<31 - 1, 1 << 31, 1<<31 + 1, 3 << 30, 1<<32 - 2000, 1<<32 - 1} {
		var r Rewriter
		for splice := range uint32(3) {
			at := base + 96_000*splice
			r.Splice(100, 77, at, Picture{})
			for i := range uint32(50) {
				if got := r.Timestamp(77 + 960*i); got != at+960*i {
					t.Fatalf("from %d, splice %d: time %d is %d, want %d", base, splice, 77+960*i, got, at+960*i)
				}
			}
		}
	}
}

func TestPictureIDsContinueAcrossASplice(t *testing.T) {
	var r Rewriter
	v := func(pid uint16, tl0 uint8, frame uint16) Picture {
		return Picture{HasID: true, LongID: true, HasTL0: true, HasFrame: true, ID: pid, TL0: tl0, Frame: frame}
	}
	r.Splice(1, 0, 0, v(32766, 254, 65534))
	r.Picture(v(32766, 254, 65534))
	r.Picture(v(32767, 255, 65535))
	last := r.Picture(v(0, 0, 0)) // all wrap
	r.Splice(1, 0, 9, v(5000, 7, 300))
	next := r.Picture(v(5000, 7, 300))
	if next.ID != (last.ID+1)&0x7fff || next.TL0 != last.TL0+1 || next.Frame != last.Frame+1 {
		t.Errorf("after %+v came %+v", last, next)
	}
}

func TestNumbersOfAnOldSpliceStayKnown(t *testing.T) {
	var r Rewriter
	v := Picture{HasID: true, LongID: true, ID: 40, HasFrame: true, Frame: 9}
	r.Splice(1, 1000, 8000, v)
	n := r.Numbers()
	want := r.Picture(v)
	wantTS := r.Timestamp(1000)
	r.Splice(900, 5, 90000, Picture{ID: 3})
	if got := n.Picture(v); got != want || 1000+n.TS != wantTS {
		t.Errorf("resent as %+v at %d, was sent as %+v at %d", got, 1000+n.TS, want, wantTS)
	}
}

// FuzzRewriter plays random streams, with losses, reordering, skips and splices,
// and checks that no outgoing number is used for two packets.
func FuzzRewriter(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 250, 251, 252, 5, 6, 7})
	f.Add([]byte{200, 200, 220, 1, 220, 2, 240, 9, 9, 1, 1})
	f.Fuzz(func(t *testing.T, ops []byte) {
		var r Rewriter
		r.Start(0xfff0)
		seq := uint16(0xff00)
		r.Splice(seq, 0, 0, Picture{})
		used := map[uint16]string{}
		send := func(stream int, in uint16) {
			out, ok := r.Seq(in)
			if !ok {
				return
			}
			who := fmt.Sprint(stream, "/", in)
			if other, taken := used[out]; taken && other != who {
				t.Fatalf("%s and %s both became %d", other, who, out)
			}
			used[out] = who
		}
		stream := 0
		send(stream, seq)
		for _, op := range ops[:min(len(ops), 2000)] {
			switch {
			case op < 200: // forward, sometimes with a gap
				seq += 1 + uint16(op)/50
				send(stream, seq)
			case op < 230: // a late one
				send(stream, seq-uint16(op-200))
			case op < 245:
				seq++
				if !r.Skip(seq) {
					t.Fatalf("the newest packet %d could not be skipped", seq)
				}
			default:
				stream++
				seq = uint16(op) << 8
				r.Splice(seq, 0, 0, Picture{})
				send(stream, seq)
			}
		}
	})
}

func TestWhatComesLateHasItsNumberAfterASplice(t *testing.T) {
	var r Rewriter
	r.Start(100)
	if _, ok := r.Late(9); ok {
		t.Error("a stream that has not begun has a number")
	}
	r.Splice(10, 0, 0, Picture{})
	for _, seq := range []uint16{10, 11, 14} {
		r.Seq(seq)
	}
	for seq, want := range map[uint16]uint16{9: 0, 10: 100, 12: 102, 13: 103, 14: 0, 15: 0} {
		if got, ok := r.Late(seq); got != want || ok != (want != 0) {
			t.Errorf("late packet %d is %d, %v; want %d", seq, got, ok, want)
		}
	}
	if next, _ := r.Seq(15); next != 105 {
		t.Errorf("the next is %d, want 105", next)
	}
}

func TestAGapIsLeftToNobody(t *testing.T) {
	var r Rewriter
	r.Start(10)
	r.Splice(500, 0, 0, Picture{})
	first, _ := r.Seq(500)
	r.Gap()
	r.Splice(900, 0, 3000, Picture{})
	next, ok := r.Seq(900)
	if first != 10 || !ok || next != 12 {
		t.Errorf("numbered %d and %d (%v), want 10 and 12", first, next, ok)
	}
}

func TestManyPacketsAreTakenOutBetweenTwo(t *testing.T) {
	var r Rewriter
	r.Start(100)
	r.Splice(65000, 0, 0, Picture{})
	r.Seq(65000)
	for i := range uint16(700) { // the large sizes of a keyframe
		if i == 300 || i == 500 {
			continue // lost: the first of the two was to be passed on, for all that is known
		}
		if !r.Skip(65001 + i) {
			t.Fatalf("packet %d could not be taken out", i)
		}
	}
	if next, _ := r.Seq(65701 % 65536); next != 103 {
		t.Errorf("the next is %d, want 103", next)
	}
	if late, ok := r.Seq(65301); !ok || late != 101 {
		t.Errorf("the first that was lost is %d (%v), want 101", late, ok)
	}
	if late, ok := r.Seq(65501); !ok || late != 102 {
		t.Errorf("the second that was lost is %d (%v), want 102", late, ok)
	}
	if _, ok := r.Seq(65302); ok {
		t.Error("a packet that was taken out has a number")
	}
}
