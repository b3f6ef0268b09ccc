package store

import (
	"errors"
	"testing"
	"time"

	"parley/internal/interview"
)

func TestARecordingOutlivesItsFiles(t *testing.T) {
	s := open(t)
	iv := ringing(t, putThread(t, s, "t1"), "iv_1")
	save(t, s, iv)
	put := func(r Recording) {
		t.Helper()
		if err := s.PutRecording(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	r := Recording{ID: "rec_1", Interview: "iv_1", Thread: "t1", Status: RecordingOpen, AskedBy: "client", StartedAt: noon}
	put(r)
	put(Recording{ID: "rec_2", Interview: "iv_1", Thread: "t1", Status: RecordingKept, StartedAt: noon, EndedAt: noon.Add(time.Hour), Held: true})
	if open, err := s.OpenRecordings(t.Context()); err != nil || len(open) != 1 || open[0] != r {
		t.Errorf("open: %+v, %v", open, err)
	}

	r.Status, r.Reason, r.EndedAt, r.Size, r.JournalHead = RecordingKept, interview.ReasonStopped, noon.Add(time.Minute), 1234, "0a1b"
	put(r)
	expired, err := s.ExpiredRecordings(t.Context(), noon.Add(2*time.Hour), 10)
	if err != nil || len(expired) != 1 || expired[0] != r {
		t.Errorf("expired: %+v, %v; one is held", expired, err)
	}
	r.Status, r.DeletedAt, r.DeletedBy = RecordingDeleted, noon.Add(time.Hour), "retention"
	put(r)
	if expired, err = s.ExpiredRecordings(t.Context(), noon.Add(2*time.Hour), 10); err != nil || len(expired) != 0 {
		t.Errorf("expired: %+v, %v", expired, err)
	}
	all, err := s.InterviewRecordings(t.Context(), "iv_1")
	if err != nil || len(all) != 2 || all[0] != r {
		t.Errorf("got %+v, %v", all, err)
	}
	_, err = s.Recording(t.Context(), "rec_3")
	wantError(t, err, ErrNotFound)
}

func TestAHoldStaysThoughARecordingIsPutBackByWhoReadItBefore(t *testing.T) {
	s := open(t)
	save(t, s, ringing(t, putThread(t, s, "t1"), "iv_1"))
	before := Recording{ID: "rec_1", Interview: "iv_1", Thread: "t1", Status: RecordingKept, StartedAt: noon, EndedAt: noon.Add(time.Minute)}
	for _, on := range []bool{true, false} {
		if err := errors.Join(s.PutRecording(t.Context(), before), s.HoldRecording(t.Context(), "rec_1", on), s.PutRecording(t.Context(), before)); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Recording(t.Context(), "rec_1"); err != nil || r.Held != on {
			t.Errorf("held is %v, %v, want %v", r.Held, err, on)
		}
		before.Held = on
	}
}

func TestEveryLookAtARecordingIsWrittenDown(t *testing.T) {
	s := open(t)
	save(t, s, ringing(t, putThread(t, s, "t1"), "iv_1"))
	if err := s.PutRecording(t.Context(), Recording{ID: "rec_1", Interview: "iv_1", Thread: "t1", Status: RecordingKept, StartedAt: noon}); err != nil {
		t.Fatal(err)
	}
	first := View{At: noon, User: "freelancer", File: "clara.camera.webm"}
	second := View{At: noon.Add(time.Second), APIKey: "key_1", File: "manifest.json"}
	for _, v := range []View{first, second} {
		if err := s.AddView(t.Context(), "rec_1", v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Views(t.Context(), "rec_1", 10)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []View{second, first})
}

func TestTranscriptsAreQueuedMadeAndTakenBack(t *testing.T) {
	s := open(t)
	save(t, s, ringing(t, putThread(t, s, "t1"), "iv_1"))
	r := Recording{ID: "rec_1", Interview: "iv_1", Thread: "t1", Status: RecordingKept, StartedAt: noon, EndedAt: noon.Add(time.Hour)}
	set := func(state TranscriptState, problem string, taken ...interview.Consent) {
		t.Helper()
		if err := s.PutRecording(t.Context(), r); err != nil { // it touches none of it
			t.Fatal(err)
		}
		change := r
		change.Transcript, change.TranscriptProblem = state, problem
		if err := s.SetTranscript(t.Context(), change, taken); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		state   TranscriptState
		problem string
		left    int
	}{{TranscriptQueued, "", 1}, {TranscriptFailed, "the key is not taken", 1}, {TranscriptReady, "", 0}} {
		set(step.state, step.problem)
		left, err := s.UntranscribedRecordings(t.Context())
		if err != nil || len(left) != step.left {
			t.Errorf("%s: left are %+v, %v", step.state, left, err)
		}
		if got, err := s.Recording(t.Context(), r.ID); err != nil || got.Transcript != step.state || got.TranscriptProblem != step.problem {
			t.Errorf("on file: %+v, %v", got, err)
		}
	}
	taken := interview.Consent{Participant: "client", Kind: interview.ConsentTranscription, State: interview.ConsentWithdrawn, Text: "2026-12", Language: "en", At: noon}
	set(TranscriptNone, "", taken)
	receipts, err := s.Receipts(t.Context(), "iv_1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, receipts, []Receipt{{"rec_1", taken}})
}
