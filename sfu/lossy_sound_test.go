package sfu_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
	"parley/sfu/sfutest"
)

// TestSoundSurvivesLoss holds what is made up of the sound between two people who
// both lose packets, each way, to figures.
func TestSoundSurvivesLoss(t *testing.T) {
	if raceEnabled {
		t.Skip("run it without -race: it looks for no races, and takes six times as long with it")
	}
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
		{"10 % with requests", path(0.10, 0), 0.01, []sfutest.Option{sfutest.WithAudioNACK()}},
		{"10 % without RED", path(0.10, 0), 0.035, []sfutest.Option{sfutest.FirefoxTypes()}},
	} {
		for seed := range uint64(2) {
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

// TestSoundIsRepeatedForWhoTakesNoRedundancy holds what is made up of the sound on
// the way to a viewer without RED, to whom packets go again as they were, to figures
// near those of the others.
func TestSoundIsRepeatedForWhoTakesNoRedundancy(t *testing.T) {
	if raceEnabled {
		t.Skip("run it without -race: it looks for no races, and takes six times as long with it")
	}
	for _, tt := range []struct {
		loss, burst, most float64
		options           []sfutest.Option
	}{
		{0.03, 0, 0.005, nil},
		{0.10, 0, 0.005, nil},
		{0.10, 0, 0.005, []sfutest.Option{sfutest.WithAudioNACK()}},
		{0.20, 0, 0.02, nil},
		{0.10, 4, 0.05, nil},
	} {
		t.Run(fmt.Sprintf("%.0f %%, bursts of %.0f, %d", 100*tt.loss, tt.burst, len(tt.options)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCall(t, sfutest.Seed(1))
				defer c.end()
				alice := c.lobby("alice", 1, append(far(), sfutest.Sources(sfu.Mic))...)
				ben := c.lobby("ben", 1, append(append(far(), sfutest.Sources(sfu.Mic), sfutest.FirefoxTypes()), tt.options...)...)
				alice.publish(sfu.Mic)
				ben.publish(sfu.Mic)
				meet(alice, ben)
				pass(2 * time.Second)
				good := sfutest.Path{Delay: 20 * time.Millisecond}
				ben.SetPath(good, sfutest.Path{Delay: 20 * time.Millisecond, Loss: tt.loss, Burst: tt.burst})
				pass(3 * time.Second)
				ben.Seat(0).Reset()
				before := c.engine.Stats().BytesOut
				pass(2 * time.Minute)
				a := ben.Seat(0).Audio()
				t.Logf("concealed %.2f %% of %d; %d kbit/s to both", 100*float64(a.Concealed)/float64(a.Played), a.Played, (c.engine.Stats().BytesOut-before)*8/120_000)
				if a.Played < 5900 || float64(a.Concealed) > tt.most*float64(a.Played) {
					t.Errorf("concealed %d of %d frames, want at most %.1f %%", a.Concealed, a.Played, 100*tt.most)
				}
				ben.flawless(0)
				ben.SetPath(good, good)
				pass(30 * time.Second)
				before = c.engine.Stats().PacketsOut
				pass(10 * time.Second)
				if n := c.engine.Stats().PacketsOut - before; n > 1100 {
					t.Errorf("%d packets to two in ten seconds without loss: what is not lost is repeated", n)
				}
			})
		})
	}
}
