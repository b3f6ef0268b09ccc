package store

import (
	"strings"
	"testing"
	"time"

	"parley/internal/interview"
)

func TestErasedPersonIsInNoTable(t *testing.T) {
	s := open(t)
	putEndpoint(t, s, "wh")
	const id, name = interview.UserID("per_son"), "Erasmus Muster"
	th := interview.Thread{ID: "t", Participants: []interview.Participant{
		{ID: "client", Name: "Clara", Role: interview.RoleInterviewer}, {ID: id, Name: name, Role: interview.RoleInterviewee},
	}}
	if err := s.PutThread(t.Context(), th, noon); err != nil {
		t.Fatal(err)
	}
	iv := ringing(t, th, "iv_1")
	iv.CreatedBy = id
	iv.Stays = []interview.Stay{{Participant: th.Participants[1], JoinedAt: noon, LeftAt: noon}}
	body := func(m Message, who interview.UserID) Message {
		m.Body = []byte(`{"id":"` + string(who) + `","name":"` + name + `"}`)
		return m
	}
	iv.Recording = interview.Recording{Mode: interview.RecordingAll, ID: "rec_1", AskedBy: id, Consents: []interview.Consent{
		{Participant: id, Kind: interview.ConsentRecording, State: interview.ConsentGranted, Text: "1", Language: "en", At: noon},
	}}
	iv.Readies = []interview.Readiness{{User: id, At: noon}}
	iv.Zoom = interview.Zoom{State: interview.ZoomFailed, Reason: interview.ZoomChosen, By: id, Name: name, Problem: interview.ZoomQuota, At: noon}
	if err := s.SaveInterview(t.Context(), iv, body(message("m1", "a", "iv_1"), id), message("m2", "a", "iv_1")); err != nil {
		t.Fatal(err)
	}
	if err := s.AddQuality(t.Context(), iv.ID, []Quality{{User: id, Measurements: 1}, {User: "client", Measurements: 1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ErasePerson(t.Context(), id, "erased_1", noon); err == nil {
		t.Error("erased while the interview rings")
	}
	iv.State, iv.EndedAt, iv.EndReason = interview.StateMissed, noon, interview.ReasonNoAnswer
	if err := s.SaveInterview(t.Context(), iv, body(message("m3", "a", "iv_1"), id)); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.AddMessage(t.Context(), ChatMessage{Thread: "t", ID: "tm_1", Ref: "r", Author: th.Participants[1], At: noon, Text: "hello from " + name},
		&GuardDecision{ID: "gd_1", Thread: "t", Actor: id, At: noon}, func(ChatMessage) ([]Message, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddFile(t.Context(), interview.FileOffer{ID: "fl_1", Thread: "t", Ref: "f", Author: th.Participants[1], At: noon}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.AddGuardDecision(t.Context(), GuardDecision{ID: "gd_2", Thread: "t", Actor: "client", At: noon}); err != nil {
		t.Fatal(err)
	}
	refused := GuardDecision{ID: "gd_3", Thread: "never_stored", Actor: id, At: noon}
	if err := s.AddGuardDecision(t.Context(), refused, body(message("m4", "a", "never_stored"), id)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangeAppeal(t.Context(), "gd_2", func(d *GuardDecision) (AppealChange, error) {
		d.Appeal = GuardAppeal{At: noon, By: string(id), Words: "I am " + name}
		return AppealChange{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	p := interview.Proposal{
		ID: "ps_1", Thread: "t", By: id, Mode: interview.ModeVideo, Slots: []time.Time{noon}, Note: "Yours, " + name, State: interview.ProposalOpen, CreatedAt: noon,
	}
	if err := s.AddProposal(t.Context(), p, withdraw); err != nil {
		t.Fatal(err)
	}
	for _, r := range []Report{{ID: "rp_1", Reporter: id, Words: name}, {ID: "rp_2", Reporter: "client", About: id}} {
		r.Thread, r.Interview, r.At = "t", "iv_1", noon
		if err := s.AddReport(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []Recording{
		{ID: "rec_0", Status: RecordingDeleted, AskedBy: "client", DeletedAt: noon, DeletedBy: string(id)},
		{ID: "rec_1", Status: RecordingKept, AskedBy: id},
	} {
		r.Interview, r.Thread, r.StartedAt = "iv_1", "t", noon
		if err := s.PutRecording(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddView(t.Context(), "rec_1", View{At: noon, User: id, File: "manifest.json"}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.PersonRecordings(t.Context(), id); err != nil || len(found) != 1 {
		t.Errorf("recordings: %+v, %v", found, err)
	}
	got, err := s.ErasePerson(t.Context(), id, "erased_1", noon)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, Erased{Threads: 1, Stays: 1, Proposals: 1, Messages: 1, Files: 1, Decisions: 2, Reports: 1, Consents: 1, WebhookMessages: 3})
	same(t, due(t, s, "wh", noon), []string{"m2"}) // what waited behind is next
	if again, err := s.ErasePerson(t.Context(), id, "erased_2", noon); err != nil || again != (Erased{}) {
		t.Errorf("again: got %+v, %v", again, err)
	}
	for table, text := range dump(t, s) {
		if strings.Contains(text, string(id)) || strings.Contains(text, name) {
			t.Errorf("%s still has the person: %s", table, text)
		}
	}
}

// dump returns what every table holds.
func dump(t *testing.T, s *Store) map[string]string {
	t.Helper()
	tables, err := list(t.Context(), s.reads, column[string],
		`SELECT name FROM sqlite_master WHERE type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, table := range tables {
		rows, err := s.reads.QueryContext(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				if text, ok := (*v.(*any)).(string); ok {
					out[table] += text + "\n"
				}
			}
		}
		rows.Close()
	}
	return out
}
