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
