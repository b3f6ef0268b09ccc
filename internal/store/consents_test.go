package store

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestAnInterviewKeepsItsRecordingAndEveryAnswer(t *testing.T) {
	s := open(t)
	iv := ringing(t, putThread(t, s, "t1"), "iv_1")
	first := interview.Consent{Participant: "client", Kind: interview.ConsentRecording, State: interview.ConsentGranted, Text: "2026-11", Language: "en", At: noon}
	iv.Recording = interview.Recording{
		Mode: interview.RecordingAll, State: interview.RecordingStarting, ID: "rec_1", AskedBy: "client",
		StartsAt: noon.Add(time.Second), Consents: []interview.Consent{first}, Transcripts: true,
	}
	written := first // of another kind, at the same moment
	written.Kind, written.Text = interview.ConsentTranscription, "2026-12"
	iv.Recording.Transcription = []interview.Consent{written}
	save(t, s, iv)
	got, err := s.Interview(t.Context(), iv.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, iv)

	second := first
	second.State, second.At = interview.ConsentWithdrawn, noon.Add(time.Minute)
	iv.Recording.State, iv.Recording.StartsAt = interview.RecordingNone, time.Time{}
	iv.Recording.Consents = []interview.Consent{second}
	save(t, s, iv)
	save(t, s, iv)
	receipts, err := s.Receipts(t.Context(), iv.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, receipts, []Receipt{{"rec_1", first}, {"rec_1", written}, {"rec_1", second}})
}
