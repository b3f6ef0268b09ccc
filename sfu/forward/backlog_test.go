package forward

import (
	"testing"
	"time"
)

func TestABacklogIsWhatPacketsWaitBeyondTheQuickest(t *testing.T) {
	const rate uint32 = 90_000
	for _, first := range []uint32{0, 1 << 31, 1<<32 - 9_000} { // RTP time wraps in the middle
		var b Backlog
		if w := b.Wait(rate); w != 0 {
			t.Fatalf("a stream that has not begun waits %v", w)
		}
		start := time.Unix(1_700_000_000, 0)
		send := func(at, takes time.Duration) time.Duration {
			b.Observe(first+uint32(at*time.Duration(rate)/time.Second), start.Add(at+takes), rate)
			return b.Wait(rate).Round(time.Millisecond)
		}
		for i := range 100 {
			at := time.Duration(i) * 50 * time.Millisecond
			if w := send(at, 40*time.Millisecond+time.Duration(i%3)*10*time.Millisecond); w > 20*time.Millisecond {
				t.Fatalf("a way without a queue: %v", w)
			}
		}
		if w := send(5*time.Second, 540*time.Millisecond); w != 500*time.Millisecond {
			t.Errorf("waits %v, want 500ms", w)
		}
		// A path that has become longer is no queue for ever.
		for i := range 1000 {
			send(6*time.Second+time.Duration(i)*50*time.Millisecond, 540*time.Millisecond)
		}
		if w := send(60*time.Second, 540*time.Millisecond); w != 0 {
			t.Errorf("a longer path is taken for a queue of %v after 50 s", w)
		}
		// Another clock begins anew.
		b.Observe(first+1<<30, start.Add(61*time.Second), rate)
		if w := b.Wait(rate); w != 0 {
			t.Errorf("another clock is taken for a queue of %v", w)
		}
	}
}

func TestSoundThatItsSenderLostIsNoBacklog(t *testing.T) {
	const rate uint32 = 48_000
	start, away := time.Unix(1_700_000_000, 0), 3*time.Hour // the sender's clock is another
	for _, first := range []uint32{0, 1<<32 - 48_000} {
		var b Backlog
		lost := time.Duration(0)
		ts := func(at time.Duration) uint32 { return first + uint32((at-lost)*time.Duration(rate)/time.Second) }
		play := func(from, to, queue time.Duration) time.Duration {
			for at := from; at < to; at += 20 * time.Millisecond {
				if at%(5*time.Second) == 0 { // as seldom as Firefox, and a little off
					noise := time.Duration(at/(5*time.Second)%2) * 20 * time.Millisecond
					b.Report(start.Add(away+at+noise), ts(at), rate)
				}
				b.Observe(ts(at), start.Add(at+40*time.Millisecond+queue), rate)
			}
			return b.Wait(rate).Round(time.Millisecond)
		}
		if w := play(0, 10*time.Second, 0); w != 0 {
			t.Errorf("nothing was lost: waits %v", w)
		}
		lost = 400 * time.Millisecond
		if w := play(10*time.Second, 10100*time.Millisecond, 0); w > 20*time.Millisecond {
			t.Errorf("waits %v after a report of what was lost", w)
		}
		if w := play(10100*time.Millisecond, 20*time.Second, 0); w > 20*time.Millisecond {
			t.Errorf("waits %v ten seconds later", w)
		}
		if w := play(20*time.Second, 22*time.Second, 500*time.Millisecond); w < 480*time.Millisecond || w > 520*time.Millisecond {
			t.Errorf("a queue of 500 ms is taken for one of %v", w)
		}
	}
}
