package sfu

import "testing"

// A viewer who tells nothing of what arrives is taken for a good link until it says
// itself what it takes; another offer, as for more seats, changes nothing of that.
func TestWhatAViewerSaysItselfOutlivesAnotherOffer(t *testing.T) {
	s := shardOn(&sink{})
	v := newTransport("viewer", s, &stage{deliver: func(Event) {}}, nil, 1)
	v.install(extensions{}, nil, &offerLines{}, nil)
	if got := v.down.estimator.Estimate(); got != openingWant {
		t.Errorf("at first the estimate is %d, want %d", got, openingWant)
	}
	v.connectedNow()
	v.sawREMB(500_000)
	v.install(extensions{}, nil, &offerLines{}, nil)
	if got := v.down.estimator.Estimate(); got != 500_000 {
		t.Errorf("after another offer the estimate is %d, want the viewer's 500000", got)
	}
}
