package store

import (
	"testing"
	"time"

	"parley/internal/interview"
)

func TestWhatWasWrittenIsForgottenInTime(t *testing.T) {
	s := open(t)
	save(t, s, ringing(t, putThread(t, s, "t1"), "iv_1"))
	who := interview.Participant{ID: "client", Name: "Clara", Role: interview.RoleInterviewer}
	write := func(id string, at time.Time) {
		t.Helper()
		_, _, err := s.AddMessage(t.Context(), ChatMessage{Thread: "t1", ID: "tm_" + id, Ref: id, Author: who, At: at, Text: id},
			&GuardDecision{ID: "gd_" + id, Thread: "t1", Actor: who.ID, At: at}, func(ChatMessage) ([]Message, error) { return nil, nil })
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddFile(t.Context(), interview.FileOffer{ID: interview.FileID("fl_" + id), Thread: "t1", Ref: id, Author: who, At: at}, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.AddReport(t.Context(), Report{ID: "rp_" + id, Thread: "t1", Interview: "iv_1", Reporter: who.ID, At: at}); err != nil {
			t.Fatal(err)
		}
	}
	write("old", noon)
	write("older", noon.Add(-time.Hour))
	write("new", noon.Add(2*time.Hour))
	for _, want := range []int64{4, 4, 0} {
		if gone, err := s.ForgetWritten(t.Context(), noon.Add(time.Hour), 1); err != nil || gone != want {
			t.Errorf("gone %d, %v, want %d", gone, err, want)
		}
	}
	left, err := list(t.Context(), s.reads, column[string],
		`SELECT id FROM messages UNION SELECT id FROM files UNION SELECT id FROM guard_decisions UNION SELECT id FROM reports ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, left, []string{"fl_new", "gd_new", "rp_new", "tm_new"})
}
