package main

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"parley/internal/conference"
	"parley/sfu"
	"parley/signaling"
)

func TestMetricsAreWhatThePartsHaveCounted(t *testing.T) {
	c := newCollector(func() stats {
		return stats{
			sfu: sfu.Stats{Peers: 3, PacketsIn: 5, PacketsOut: 7, Dropped: map[sfu.DropReason]uint64{sfu.DropForged: 2}},
			conference: conference.Stats{Entered: 11, Loss: map[string]conference.Histogram{
				conference.Up: {Bounds: []float64{0.1, 0.5}, Counts: []uint64{3, 2, 1}, Sum: 1.9},
			}},
			signaling: signaling.Stats{Sessions: 4, Closed: map[string]uint64{"slow": 1}},
		}
	})
	if problems, err := testutil.CollectAndLint(c); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
	for name, want := range map[string]float64{
		`parley_sfu_peers`:                                     3,
		`parley_sfu_packets_total{direction="in"}`:             5,
		`parley_sfu_packets_total{direction="out"}`:            7,
		`parley_sfu_packets_dropped_total{reason="forged"}`:    2,
		`parley_conference_entered_total`:                      11,
		`parley_conference_loss_ratio{direction="up"} ≤ 0.1`:   3,
		`parley_conference_loss_ratio{direction="up"} ≤ 0.5`:   5,
		`parley_conference_loss_ratio{direction="up"} count`:   6,
		`parley_signaling_sessions`:                            4,
		`parley_signaling_closed_sockets_total{reason="slow"}`: 1,
	} {
		if got := collected(t, c)[name]; got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// collected is the text exposition of c by name and labels.
func collected(t *testing.T, c prometheus.Collector) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, l := range m.GetLabel() {
				name += `{` + l.GetName() + `="` + l.GetValue() + `"}`
			}
			values[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if h := m.GetHistogram(); h != nil {
				values[name+" count"] = float64(h.GetSampleCount())
				for _, b := range h.GetBucket() {
					values[fmt.Sprintf("%s ≤ %v", name, b.GetUpperBound())] = float64(b.GetCumulativeCount())
				}
			}
		}
	}
	return values
}
