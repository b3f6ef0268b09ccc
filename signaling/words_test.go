package signaling_test

import (
	"slices"
	"testing"

	"parley/internal/interview"
	"parley/signaling/wire"
)

func TestTheProtocolHasTheWordsOfTheDomain(t *testing.T) {
	if got, want := wire.ComplaintReasons(), interview.ReportReasons(); !slices.Equal(got, want) {
		t.Errorf("reasons to report somebody: got %v, want %v", got, want)
	}
	for ours, domains := range map[wire.ZoomReason]string{
		wire.ZoomChosen:         interview.ZoomChosen,
		wire.ZoomCannotConnect:  interview.ZoomCannotConnect,
		wire.ZoomPoorConnection: interview.ZoomPoorConnection,
	} {
		if string(ours) != domains {
			t.Errorf("a reason for Zoom: got %q, want %q", ours, domains)
		}
	}
}
