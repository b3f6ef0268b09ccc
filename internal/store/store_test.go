package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"parley/internal/interview"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 123456000, time.UTC)

// migrated is the file of a new store, made once: storetest has the same for others.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "store-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := Open(context.Background(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, fileName))
})

// open opens a store in a directory of its own, for the length of the test.
func open(t *testing.T) *Store {
	t.Helper()
	db, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), db, 0o600); err != nil {
		t.Fatal(err)
	}
	return openIn(t, dir)
}

func openIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func thread(id interview.ThreadID) interview.Thread {
	return interview.Thread{
		ID: id, Title: "Logo for a bakery – Müller & Söhne",
		Participants: []interview.Participant{
			{ID: "client", Name: "Clara Novák", Role: interview.RoleInterviewer, Zone: "Europe/Prague"},
			{ID: "freelancer", Name: "", Role: interview.RoleInterviewee},
			{ID: "watcher", Name: "O'Brien", Role: interview.RoleObserver},
		},
		Contract: interview.Contract{State: interview.ContractActive, EffectiveAt: noon.Add(time.Hour)},
		Stage:    interview.StageMessaged,
		Context:  interview.Context{JobPost: "job_1", Proposal: "prop_1", Locale: "cs-CZ", URL: "https://app.example.com/t/1"},
	}
}

func putThread(t *testing.T, s *Store, id interview.ThreadID) interview.Thread {
	t.Helper()
	th := thread(id)
	if err := s.PutThread(t.Context(), th, noon); err != nil {
		t.Fatal(err)
	}
	return th
}

// ringing returns an interview that has just begun to ring.
func ringing(t *testing.T, th interview.Thread, id interview.ID) interview.Interview {
	t.Helper()
	iv, _, err := interview.Ring(id, th, interview.ModeVideo, "client", noon, interview.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	return *iv
}

func save(t *testing.T, s *Store, iv interview.Interview) {
	t.Helper()
	if err := s.SaveInterview(t.Context(), iv); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got error %v, want %v", got, want)
	}
}

func TestAThreadComesBackAsItWasPut(t *testing.T) {
	s := open(t)
	want := putThread(t, s, "t1")
	got, err := s.Thread(t.Context(), "t1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)

	want.Title, want.Contract = "", interview.Contract{}
	want.Participants = []interview.Participant{{ID: "freelancer", Name: "Femi", Role: interview.RoleInterviewee}}
	if err := s.PutThread(t.Context(), want, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	got, err = s.Thread(t.Context(), "t1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)

	_, err = s.Thread(t.Context(), "t2")
	wantError(t, err, ErrNotFound)
}

// full is an interview in which every field has a value, so that a field that
// is not stored shows.
func full(t *testing.T, id interview.ID) interview.Interview {
	iv := interview.Interview{
		ID: id, Thread: "t1", Mode: interview.ModeAudio, State: interview.StateEnded, CreatedBy: "client",
		CreatedAt: noon, StartsAt: noon.Add(time.Microsecond), RingsUntil: noon.Add(2 * time.Microsecond),
		StartedAt: noon.Add(3 * time.Second), EndedAt: noon.Add(4 * time.Minute),
		PlannedAt: noon.Add(time.Minute), Length: 45 * time.Minute, Zone: "Europe/Prague", Sequence: 3, Reminded: time.Hour,
		EndReason: interview.ReasonLeft, EmptySince: noon.Add(5 * time.Hour),
		Stays: []interview.Stay{
			{Participant: interview.Participant{ID: "a", Name: "A", Role: interview.RoleInterviewer}, JoinedAt: noon, LeftAt: noon.Add(time.Second)},
			{Participant: interview.Participant{ID: "b", Name: "日本", Role: interview.RoleInterpreter}, JoinedAt: noon},
		},
		Readies: []interview.Readiness{{User: "a", At: noon}, {User: "b", At: noon.Add(time.Microsecond)}},
		Recording: interview.Recording{
			Mode: interview.RecordingPerTrack, State: interview.RecordingPaused, ID: "rec_1", AskedBy: "a",
			StartsAt: noon, StartedAt: noon.Add(time.Microsecond),
			Consents: []interview.Consent{{Participant: "b", Kind: interview.ConsentRecording, State: interview.ConsentDeclined, Text: "1", Language: "ja", At: noon}},
		},
		Zoom: interview.Zoom{State: interview.ZoomFailed, Reason: interview.ZoomChosen, By: "client", Problem: interview.ZoomQuota, At: noon},
	}
	v := reflect.ValueOf(iv)
	for n := range v.NumField() {
		if v.Field(n).IsZero() {
			t.Fatalf("the test gives %s no value", v.Type().Field(n).Name)
		}
	}
	return iv
}

func TestAnInterviewComesBackAsItWasSaved(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	for _, want := range []interview.Interview{
		full(t, "iv_full"),
		ringing(t, th, "iv_ringing"),
		{ID: "iv_bare", Thread: "t1", Mode: interview.ModeVideo, State: interview.StateScheduled, CreatedAt: noon},
	} {
		save(t, s, want)
		got, err := s.Interview(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, want)
	}
	_, err := s.Interview(t.Context(), "iv_other")
	wantError(t, err, ErrNotFound)
}

func TestSavingAgainReplacesEverythingIncludingStays(t *testing.T) {
	s := open(t)
	putThread(t, s, "t1")
	iv := full(t, "iv_1")
	save(t, s, iv)
	iv.Stays[1].LeftAt = noon.Add(time.Hour)
	iv.Stays = append(iv.Stays, iv.Stays[0])
	save(t, s, iv)
	got, _ := s.Interview(t.Context(), iv.ID)
	same(t, got, iv)
	iv.Stays, iv.EndReason, iv.EmptySince = iv.Stays[:1], "", time.Time{}
	save(t, s, iv)
	got, _ = s.Interview(t.Context(), iv.ID)
	same(t, got, iv)
}

func TestAThreadHasAtMostOneOpenInterview(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	first, second := ringing(t, th, "iv_1"), ringing(t, th, "iv_2")
	save(t, s, first)
	wantError(t, s.SaveInterview(t.Context(), second), ErrConflict)

	scheduled := second
	scheduled.State = interview.StateScheduled
	save(t, s, scheduled) // scheduled ones wait beside it
	second.State = interview.StateLive
	wantError(t, s.SaveInterview(t.Context(), second), ErrConflict)

	got, err := s.OpenInterview(t.Context(), "t1")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, first)

	first.State = interview.StateEnded
	save(t, s, first)
	_, err = s.OpenInterview(t.Context(), "t1")
	wantError(t, err, ErrNotFound)
	save(t, s, second)
	got, _ = s.OpenInterview(t.Context(), "t1")
	same(t, got, second)

	other := putThread(t, s, "t2")
	save(t, s, ringing(t, other, "iv_3")) // another thread is another matter
}

func TestAnInterviewNeedsItsThread(t *testing.T) {
	s := open(t)
	wantError(t, s.SaveInterview(t.Context(), ringing(t, thread("nowhere"), "iv_1")), ErrNotFound)
	_, err := s.Interview(t.Context(), "iv_1")
	wantError(t, err, ErrNotFound)
}

func TestOpenInterviewsAreThoseThatAreNotOver(t *testing.T) {
	s := open(t)
	states := []interview.State{
		interview.StateScheduled, interview.StateRinging, interview.StateLive, interview.StateEnded,
		interview.StateMissed, interview.StateDeclined, interview.StateCancelled,
	}
	var want []interview.ID
	for _, state := range states {
		th := putThread(t, s, interview.ThreadID("t-"+state))
		iv := ringing(t, th, interview.ID("iv_"+state))
		iv.State = state
		save(t, s, iv)
		if !state.Final() {
			want = append(want, iv.ID)
		}
	}
	open, err := s.OpenInterviews(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[interview.ID]bool{}
	for _, iv := range open {
		got[iv.ID] = true
	}
	if len(got) != len(want) || !got[want[0]] || !got[want[1]] || !got[want[2]] {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAThreadsInterviewsAreReadPageByPageNewestFirst(t *testing.T) {
	s := open(t)
	th := putThread(t, s, "t1")
	other := putThread(t, s, "t2")
	save(t, s, ringing(t, other, "iv_0"))
	for _, id := range []interview.ID{"iv_3", "iv_1", "iv_5", "iv_2", "iv_4"} {
		iv := ringing(t, th, id)
		iv.State = interview.StateEnded
		iv.Stays = full(t, id).Stays
		save(t, s, iv)
	}
	for _, c := range []struct {
		before interview.ID
		limit  int
		want   []interview.ID
	}{
		{"", 10, []interview.ID{"iv_5", "iv_4", "iv_3", "iv_2", "iv_1"}},
		{"", 2, []interview.ID{"iv_5", "iv_4"}},
		{"iv_4", 2, []interview.ID{"iv_3", "iv_2"}},
		{"iv_2", 2, []interview.ID{"iv_1"}},
		{"iv_1", 2, nil},
		{"", 0, []interview.ID{"iv_5"}},
		{"", -7, []interview.ID{"iv_5"}},
	} {
		page, err := s.ThreadInterviews(t.Context(), "t1", c.before, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []interview.ID
		for _, iv := range page {
			got = append(got, iv.ID)
			if len(iv.Stays) != 2 {
				t.Errorf("%s has %d stays, want 2", iv.ID, len(iv.Stays))
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("before %q, limit %d: got %v, want %v", c.before, c.limit, got, c.want)
		}
	}
	none, err := s.ThreadInterviews(t.Context(), "nowhere", "", 10)
	if len(none) != 0 || err != nil {
		t.Errorf("unknown thread: got %v, %v", none, err)
	}
}
