package conference

import (
	"testing"
	"time"
)

func TestTheCauseIsToldFromBothEnds(t *testing.T) {
	well := ends{up: Path{RTT: 40 * time.Millisecond}, down: Path{RTT: 40 * time.Millisecond}}
	lossyUp, lossyDown, lossyBoth, far, silent, held, patchy, narrow, busy := well, well, well, well, well, well, well, well, well
	lossyUp.up.Loss = 0.1
	lossyDown.down.Loss = 0.1
	lossyBoth.up.Loss, lossyBoth.down.Loss = 0.1, 0.1
	far.up.RTT = 700 * time.Millisecond
	silent.up.Silent = 4 * time.Second
	held.paused = true
	patchy.report.Concealed = 0.2
	narrow.report.UpLimited = true
	busy.report.CPULimited, busy.report.UpLimited = true, true
	for _, c := range []struct {
		name         string
		subject      ends
		others       []ends
		mine, theirs Cause
	}{
		{"all is well", well, []ends{well}, CauseNone, CauseNone},
		{"a little loss", ends{up: Path{Loss: 0.04}, down: Path{Loss: 0.04}}, []ends{well}, CauseNone, CauseNone},
		{"loss on the way up", lossyUp, []ends{well}, CauseYourUpload, CauseTheirConnection},
		{"a long way", far, []ends{well}, CauseYourUpload, CauseTheirConnection},
		{"silence", silent, nil, CauseYourUpload, CauseTheirConnection},
		{"a page that could send more", narrow, []ends{well}, CauseYourUpload, CauseTheirConnection},
		{"loss on the way down", lossyDown, []ends{well}, CauseYourDownload, CauseTheirConnection},
		{"sound with holes", patchy, []ends{well}, CauseYourDownload, CauseTheirConnection},
		{"a picture that is held back", held, nil, CauseYourDownload, CauseTheirConnection},
		{"loss both ways", lossyBoth, []ends{well}, CauseYourUpload, CauseTheirConnection},
		{"holes that the other's upload made", patchy, []ends{lossyUp}, CauseNone, CauseNone},
		{"a slow computer", busy, []ends{well}, CauseBusy, CauseTheirDevice},
		{"a slow computer on a lossy line", ends{up: lossyUp.up, report: busy.report}, []ends{well}, CauseYourUpload, CauseTheirConnection},
		{"two people who both suffer", lossyUp, []ends{lossyUp}, CauseYourUpload, CauseTheirConnection},
		{"three people who all suffer", lossyUp, []ends{lossyBoth, lossyUp}, CauseServer, CauseServer},
		{"two of three who suffer", lossyUp, []ends{lossyUp, well}, CauseYourUpload, CauseTheirConnection},
		{"one of three who does well", well, []ends{lossyUp, lossyUp}, CauseNone, CauseNone},
	} {
		if got := causeOf(c.subject, true, c.others); got != c.mine {
			t.Errorf("%s, told to themselves: got %q, want %q", c.name, got, c.mine)
		}
		if got := causeOf(c.subject, false, c.others); got != c.theirs {
			t.Errorf("%s, told to others: got %q, want %q", c.name, got, c.theirs)
		}
	}
}

func TestTheScoreFollowsTheEModel(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		missing     float64
		rtt, jitter time.Duration
		want        float64
	}{
		{0, 0, 0, 4.4}, // R 91.8
		{0, 40 * ms, 2 * ms, 4.4},
		{0.01, 40 * ms, 5 * ms, 4.3},
		{0.05, 100 * ms, 10 * ms, 3.8},
		{0.1, 100 * ms, 10 * ms, 3.3},
		{0.3, 100 * ms, 10 * ms, 2},
		{0, 600 * ms, 0, 3.3}, // R 64.5: people talk into each other
		{0, 1200 * ms, 0, 1.4},
		{1, 0, 0, 1.1},
		{-1, -ms, 0, 4.4},
	} {
		if got := score(c.missing, c.rtt, c.jitter); got != c.want {
			t.Errorf("%v missing, %v, ±%v: got %v, want %v", c.missing, c.rtt, c.jitter, got, c.want)
		}
	}
}

func TestTheScoreNeverRisesWithLossOrDelay(t *testing.T) {
	for loss := range 101 {
		for rtt := time.Duration(0); rtt < 3*time.Second; rtt += 50 * time.Millisecond {
			missing := float64(loss) / 100
			got := score(missing, rtt, 0)
			if got < 1 || got > 4.5 || score(missing+0.01, rtt, 0) > got || score(missing, rtt+50*time.Millisecond, 0) > got {
				t.Fatalf("%v missing and %v: %v", missing, rtt, got)
			}
		}
	}
}

func TestHistogramsPutEachValueWhereItBelongs(t *testing.T) {
	m := newMeasurements()
	m.add(ends{up: Path{Loss: 0.3, Score: 1, RTT: 2 * time.Second}, down: Path{Loss: 0, Score: 4.4}})
	m.add(ends{up: Path{Loss: 0.01, Score: 4}, down: Path{Loss: 0.9, Score: 1.5}})
	loss, score, rtt := m.read()
	for _, c := range []struct {
		name string
		h    Histogram
		at   int
	}{
		{"loss up", loss[Up], 7}, {"loss up", loss[Up], 2}, {"loss down", loss[Down], 0}, {"loss down", loss[Down], 8},
		{"score up", score[Up], 0}, {"score up", score[Up], 6}, {"score down", score[Down], 8}, {"rtt", rtt, 8},
	} {
		if c.h.Counts[c.at] != 1 {
			t.Errorf("%s: %v has not one at %d", c.name, c.h.Counts, c.at)
		}
	}
	if rtt.Count() != 1 || rtt.Sum != 2 {
		t.Errorf("rtt: %d values, sum %v: a time that is not known counts as none", rtt.Count(), rtt.Sum)
	}
}
