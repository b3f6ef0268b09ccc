package recording

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
)

// perTrack is a recording of those who agree.
func perTrack(t *testing.T, tell func(t *testing.T, h *house, c, f *guest, id interview.RecordingID)) {
	t.Helper()
	story(t, func(t *testing.T, h *house) {
		var err error
		h.must(h.store.PutThread(t.Context(), interview.Thread{ID: "t2", Participants: []interview.Participant{clara, femi}}, time.Now()))
		h.iv, _, err = h.rooms.Create(t.Context(), conference.Create{Thread: "t2", Mode: interview.ModeVideo, By: clara.ID, Recording: interview.RecordingPerTrack})
		h.must(err)
		c, f := h.visit(clara), h.visit(femi)
		h.record(c, f)
		time.Sleep(3 * time.Second)
		tell(t, h, c, f, h.now().Recording.ID)
	})
}

// of returns whose files a recording has.
func of(m recorder.Manifest) (who []string) {
	for _, f := range m.Files {
		if !slices.Contains(who, f.Participant) {
			who = append(who, f.Participant)
		}
	}
	return who
}

func TestPerTrackGoesOnForTheOthersAndDeletesWhatIsOfWhoWithdrew(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		if err := f.DiscardRecording(t.Context()); !notAllowed(err) {
			t.Errorf("Femi, who agrees, had it deleted: %v", err)
		}
		f.agree(interview.ConsentDeclined)
		if state := h.now().Recording.State; state != interview.RecordingOn {
			t.Fatalf("the recording is %q", state)
		}
		h.must(f.DiscardRecording(t.Context()))
		time.Sleep(time.Second)
		open, err := filepath.Glob(filepath.Join(h.library.dir(id), "*.webm"))
		h.must(err)
		if len(open) != 2 {
			t.Errorf("on the disk while it goes on: %v", open)
		}
		time.Sleep(3 * time.Second)
		h.must(c.StopRecording(t.Context()))
		if r := h.kept(id); r.Status != store.RecordingKept || r.Reason != interview.ReasonStopped {
			t.Errorf("on file: %+v", r)
		}
		m, err := h.library.Manifest(t.Context(), id)
		h.must(err)
		if got := of(m); !slices.Equal(got, []string{string(clara.ID)}) || m.DurationMS < 6500 {
			t.Errorf("%d ms are kept of %v", m.DurationMS, got)
		}
		if len(m.Forgotten) != 2 || m.Forgotten[0].Participant != string(femi.ID) || m.Forgotten[0].By != string(femi.ID) {
			t.Errorf("forgotten: %+v", m.Forgotten)
		}
	})
}

func notAllowed(err error) bool {
	var refused *conference.Error
	return errors.As(err, &refused) && refused.Code == conference.CodeNotAllowed
}

func TestWhatIsOfOneWhoWithdrewIsDestroyedAfterwardsAndNothingOfOthers(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		time.Sleep(2 * time.Second)
		h.must(c.StopRecording(t.Context()))
		before := h.kept(id)
		m, err := h.library.Manifest(t.Context(), id)
		h.must(err)
		var theirs string
		for _, each := range m.Files {
			if each.Participant == string(femi.ID) {
				theirs = each.Name
			}
		}
		if len(m.Files) != 4 || theirs == "" {
			t.Fatalf("kept: %+v", m.Files)
		}
		for range 2 { // it may be wished again
			h.must(f.DiscardRecording(t.Context()))
			time.Sleep(time.Second)
		}
		after, err := h.library.Recording(t.Context(), id)
		h.must(err)
		if after.Status != store.RecordingKept || after.Size >= before.Size || after.Size == 0 {
			t.Errorf("on file: %+v, before %+v", after, before)
		}
		m, err = h.library.Manifest(t.Context(), id)
		h.must(err)
		if got := of(m); !slices.Equal(got, []string{string(clara.ID)}) || len(m.Forgotten) != 2 {
			t.Errorf("kept of %v, forgotten %+v", got, m.Forgotten)
		}
		if _, err := h.library.Open(t.Context(), id, theirs, store.View{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("what was destroyed opens: %v", err)
		}
		if left, err := filepath.Glob(filepath.Join(h.library.dir(id), theirs+"*")); err != nil || len(left) > 0 {
			t.Errorf("on the disk: %v, %v", left, err)
		}
		report, err := h.library.Verify(t.Context(), id)
		h.must(err)
		if len(report.Problems) > 0 {
			t.Errorf("checked: %q", report.Problems)
		}
		receipt, err := h.library.Delete(t.Context(), id, "", "host")
		h.must(err)
		if len(receipt.Files) != 6 { // and journal and manifest
			t.Errorf("the receipt names %+v", receipt.Files)
		}
	})
}
