package store

import (
	"errors"
	"testing"
	"time"

	"parley/internal/interview"
)

func TestFilesAreFoundWhenTheirTimeIsUp(t *testing.T) {
	s := open(t)
	save(t, s, ringing(t, putThread(t, s, "t1"), "iv_1"))
	who := interview.Participant{ID: "client", Name: "Clara", Role: interview.RoleInterviewer}
	add := func(id string, until time.Time) interview.FileOffer {
		t.Helper()
		o := interview.FileOffer{
			ID: interview.FileID(id), Thread: "t1", Interview: "iv_1", Ref: "ref_" + id, Author: who, At: noon, State: interview.FileOffered, Until: until,
			File: interview.File{Name: "Ä (1).pdf", Size: 1 << 40, Type: "application/pdf"},
		}
		if err := s.AddFile(t.Context(), o, nil); err != nil {
			t.Fatal(err)
		}
		return o
	}
	first, _ := add("fl_1", noon.Add(time.Second)), add("fl_2", noon.Add(time.Minute))
	if got, err := s.FileByRef(t.Context(), "t1", "client", "ref_fl_1"); err != nil || got != first {
		t.Errorf("got %+v, %v, want %+v", got, err, first)
	}
	if n, err := s.OpenFiles(t.Context(), "t1", "client"); err != nil || n != 2 {
		t.Errorf("%d under way, %v, want 2", n, err)
	}
	due, next, err := s.DueFiles(t.Context(), noon.Add(time.Second), 10)
	if err != nil || len(due) != 1 || due[0] != first || !next.Equal(noon.Add(time.Minute)) {
		t.Errorf("due %+v, next %v, %v", due, next, err)
	}
	first.State, first.Until, first.Link = interview.FileUploaded, time.Time{}, "/f/1"
	m := &ChatMessage{Thread: "t1", ID: "tm_1", Ref: "fl_1", Author: who, At: noon, Text: "Ä (1).pdf", File: &SharedFile{ID: "fl_1", Size: 1 << 40, Type: "application/pdf", Link: "/f/1"}}
	silent := func(ChatMessage) ([]Message, error) { return nil, nil }
	if shown, err := s.PutFile(t.Context(), first, m, silent); err != nil || shown.N != 1 {
		t.Errorf("shown as %+v, %v", shown, err)
	}
	if got, err := s.File(t.Context(), "fl_1"); err != nil || got != first {
		t.Errorf("got %+v, %v, want %+v", got, err, first)
	}
	found, err := s.ThreadMessages(t.Context(), "t1", 0, 10)
	if err != nil || len(found) != 1 || found[0].File == nil || *found[0].File != *m.File {
		t.Errorf("the thread has %+v, %v", found, err)
	}
	if _, err := s.File(t.Context(), "fl_none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if err := s.AddFile(t.Context(), interview.FileOffer{ID: "fl_3", Thread: "none", At: noon}, nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
