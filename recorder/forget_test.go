package recorder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhoTakesTheirAgreementBackHasTheirFilesDeletedWhileItGoesOn: of nobody else
// anything is lost, and the journal says what was.
func TestWhoTakesTheirAgreementBackHasTheirFilesDeletedWhileItGoesOn(t *testing.T) {
	dir := t.TempDir()
	before := filepath.Join(t.TempDir(), "rec")
	var m Manifest
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{Mode: ModePerTrack})
		agree(t, rec, "ann")
		agree(t, rec, "bob")
		var a, b simple
		annSends := track(t, rec, TrackOptions{Participant: "ann", Source: Camera, Codec: "vp8"})
		bobSends := track(t, rec, TrackOptions{Participant: "bob", Source: Camera, Codec: "vp8"})
		for second := range 8 {
			switch second {
			case 2:
				if err := rec.Forget("ann", "ann"); err == nil {
					t.Error("what somebody agrees to was deleted")
				}
				ok(t, rec.Consent(Consent{Participant: "ann", Kind: KindRecording, Answer: Withdrawn}))
			case 3:
				ok(t, os.CopyFS(before, os.DirFS(filepath.Join(dir, "rec"))))
				ok(t, rec.Forget("ann", "ann"))
			case 5: // and once more
				ok(t, rec.Consent(Consent{Participant: "ann", Kind: KindRecording, Answer: Granted}))
			}
			for n := range 25 {
				annSends.RTP(time.Now(), a.vp8(n == 0, 64, 64, 3600))
				bobSends.RTP(time.Now(), b.vp8(n == 0, 64, 64, 3600))
				time.Sleep(40 * time.Millisecond)
			}
			if _, err := os.Stat(filepath.Join(dir, "rec", "001-camera.webm")); errors.Is(err, fs.ErrNotExist) != (second >= 3) {
				t.Errorf("second %d: the file that is to go: %v", second, err)
			}
		}
		m = stop(t, r, rec)
	})
	dir = filepath.Join(dir, "rec")
	verified(t, dir, m)
	if len(m.Forgotten) != 1 || m.Forgotten[0].Name != "001-camera.webm" || m.Forgotten[0].By != "ann" || m.Forgotten[0].At.IsZero() {
		t.Errorf("forgotten: %+v", m.Forgotten)
	}
	want := map[string]int64{"002-camera.webm": 8000, "003-camera.webm": 3000}
	for _, f := range m.Files {
		if length := want[f.Name]; f.DurationMS < length-100 || f.DurationMS > length+100 {
			t.Errorf("%s of %s has %d ms", f.Name, f.Participant, f.DurationMS)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("kept: %+v", m.Files)
	}
	if err := os.WriteFile(filepath.Join(dir, "001-camera.webm"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Verify(dir, m.Head)
	ok(t, err)
	if !slices.Contains(report.Problems, `"001-camera.webm" does not belong here`) {
		t.Errorf("what was deleted is there again: %q", report.Problems)
	}
	recoversForgotten(t, dir, before)
}

// recoversForgotten kills a recording, whose directory looked like before, between
// the journal's word and the deletion.
func recoversForgotten(t *testing.T, dir, before string) {
	t.Helper()
	in, err := os.Open(filepath.Join(dir, journalName))
	ok(t, err)
	j, _, err := readJournal(in)
	ok(t, errors.Join(err, in.Close()))
	killed := journal{}
	killed.out, err = os.Create(filepath.Join(before, journalName))
	ok(t, err)
	for _, e := range j.entries {
		ok(t, killed.append(e, false))
		if e.Type == entryForgotten {
			break
		}
	}
	ok(t, killed.out.Close())
	recovered, err := Recover(filepath.Dir(before), nil)
	ok(t, err)
	if len(recovered) != 1 || recovered[0].Err != nil {
		t.Fatalf("%+v", recovered)
	}
	m := recovered[0].Manifest
	verified(t, before, m)
	if len(m.Files) != 1 || m.Files[0].Participant != "bob" || len(m.Forgotten) != 1 {
		t.Errorf("recovered: %+v, forgotten %+v", m.Files, m.Forgotten)
	}
}

// TestANoIsTakenThoughTheQueueIsFull: a disk that does not follow keeps nobody's gate
// open.
func TestANoIsTakenThoughTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, t.TempDir(), Options{Mode: ModePerTrack})
		agree(t, rec, "ann")
		mic := track(t, rec, TrackOptions{Participant: "ann", Source: Mic, Codec: "opus"})
		synctest.Wait()
		rec.mu.Lock()
		for len(rec.items) < maxItems {
			rec.items = append(rec.items, item{do: func(*keeper) error { return nil }})
		}
		rec.mu.Unlock()
		ok(t, rec.Consent(Consent{Participant: "ann", Kind: KindRecording, Answer: Withdrawn}))
		if mic.open.Load() {
			t.Error("what she sends is still taken")
		}
		stop(t, r, rec)
	})
}
