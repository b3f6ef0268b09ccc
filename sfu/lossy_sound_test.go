package sfu_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu/sfutest"
)

// TestSoundSurvivesLoss holds what is made up of the sound between two people who
// both lose packets, each way, to figures.
func TestSoundSurvivesLoss(t *testing.T) {
	path := func(loss float64, burst float64) sfutest.Path {
		return sfutest.Path{Delay: 20 * time.Millisecond, Loss: loss, Burst: burst}
	}
	none := []sfutest.Option{}
	for _, tt := range []struct {
		name    string
		path    sfutest.Path
		most    float64
		options []sfutest.Option
	}{
		{"5 %", path(0.05, 0), 0.003, none},
		{"10 %", path(0.10, 0), 0.01, none},
		{"20 %", path(0.20, 0), 0.05, none},
		{"30 %", path(0.30, 0), 0.08, none},
		{"bursts", path(0.10, 5), 0.06, none},
		{"10 % without a request", path(0.10, 0), 0.025, []sfutest.Option{sfutest.WithoutAudioNACK()}},
		{"10 % without RED", path(0.10, 0), 0.16, []sfutest.Option{sfutest.FirefoxTypes()}},
	} {
		seeds := uint64(2)
		if raceEnabled {
			seeds = 1
		}
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s/%d", tt.name, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCall(t, sfutest.Seed(seed))
					defer c.end()
					alice, ben := c.join("alice", 1, append(far(), tt.options...)...), c.join("ben", 1, append(far(), tt.options...)...)
					meet(alice, ben)
					pass(2 * time.Second)
					for _, g := range c.guests {
						g.SetPath(tt.path, tt.path)
					}
					pass(5 * time.Second)
					alice.Seat(0).Reset()
					ben.Seat(0).Reset()
					pass(2 * time.Minute)
					// Both people together: one alone, for a while, may have all the bad luck there is.
					var played, concealed int
					for _, g := range c.guests {
						a := g.Seat(0).Audio()
						t.Logf("%s: concealed %.2f %% of %d", g.Name(), 100*float64(a.Concealed)/float64(max(a.Played, 1)), a.Played)
						if a.Played < 5700 {
							t.Errorf("%s: played %d frames in two minutes, want at least 5700", g.Name(), a.Played)
						}
						played, concealed = played+int(a.Played), concealed+int(a.Concealed)
						g.flawless(0)
					}
					if float64(concealed) > tt.most*float64(played) {
						t.Errorf("concealed %d of %d frames, want at most %.1f %%", concealed, played, 100*tt.most)
					}
				})
			})
		}
	}
}
