package sfu

import (
	"testing"
	"time"
)

// Where only the largest layer arrives and the viewer's connection carries the smallest,
// the smallest is waited for, which the publisher is asked for; but not for ever.
func TestALayerThatIsTooLargeWaitsForTheOneThatFits(t *testing.T) {
	s := shardOn(&sink{})
	st := &stage{deliver: func(Event) {}, taps: map[Tap]*tapped{}}
	u := newTransport("from", s, st, []Source{Camera}, 1).up[Camera]
	u.offered([]string{"q", "h", "f"})
	d := newDownTrack(newTransport("viewer", s, st, nil, 2), true, 100, 200, "seat0", payloads{}, s.now)
	small, large := u.layers[0], u.layers[2]
	large.ssrc, large.bitrate = 78, 1_500_000
	d.show(u)
	for _, tt := range []struct {
		after time.Duration
		want  *layer
	}{{0, small}, {layerWithin - time.Millisecond, small}, {layerWithin, large}} {
		now := s.now
		s.now = now.Add(tt.after)
		large.heardAt = s.now
		if d.choose(); d.want != tt.want {
			t.Errorf("after %v layer %q is chosen, want %q", tt.after, d.want.rid, tt.want.rid)
		}
		s.now = now
	}
}

// A jam ends when its queue has gone, or has been bearable for as long as one may take
// to go: then it is a path that has become longer.
func TestAJamEndsWhereThePathHasBecomeLonger(t *testing.T) {
	u := newUpload(t)
	l := u.from.up[Mic].layers[0]
	waits := func(wait time.Duration) bool {
		u.shard.now = u.shard.now.Add(tickEvery)
		l.heardAt = u.shard.now
		l.backlog.Observe(uint32(u.shard.now.Add(-wait).UnixNano()/1000*48/1000), u.shard.now, 48000)
		u.from.mindJam()
		return u.from.jam.on
	}
	if waits(0) || waits(unbearable-10*time.Millisecond) {
		t.Fatal("jammed by a queue that is bearable")
	}
	if !waits(unbearable + 10*time.Millisecond) {
		t.Fatal("not jammed by a queue that is not")
	}
	if waits(gone - 10*time.Millisecond) {
		t.Error("jammed when the queue has gone")
	}
	waits(2 * unbearable)
	lasts := time.Duration(0)
	for waits(gone+50*time.Millisecond) && lasts < 10*goneWithin {
		lasts += tickEvery
	}
	if lasts < goneWithin-2*tickEvery || lasts > goneWithin+2*tickEvery {
		t.Errorf("a jam lasts for %v of a wait that stays, want %v", lasts, goneWithin)
	}
}
