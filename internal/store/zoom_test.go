package store

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
)

func TestAnInterviewsZoomIsKept(t *testing.T) {
	s := open(t)
	iv := ringing(t, putThread(t, s, "t1"), "iv_1")
	iv.Zoom = interview.Zoom{State: interview.ZoomFailed, Reason: interview.ZoomCannotConnect, By: "client", Name: "Clara", Problem: interview.ZoomQuota, At: iv.CreatedAt.Add(time.Second)}
	save(t, s, iv)
	got, err := s.Interview(t.Context(), iv.ID)
	if err != nil || !reflect.DeepEqual(got.Zoom, iv.Zoom) {
		t.Fatalf("got %+v, %v, want %+v", got.Zoom, err, iv.Zoom)
	}
	iv.Zoom = interview.Zoom{State: interview.ZoomPending, Reason: interview.ZoomChosen, At: iv.CreatedAt.Add(2 * time.Second)}
	save(t, s, iv)
	if ids, err := s.ZoomPending(t.Context()); err != nil || !slices.Equal(ids, []interview.ID{iv.ID}) {
		t.Fatalf("pending: got %v, %v", ids, err)
	}
	iv.State, iv.EndReason, iv.EndedAt = interview.StateCancelled, interview.ReasonCancelled, iv.Zoom.At
	save(t, s, iv)
	if ids, err := s.ZoomPending(t.Context()); err != nil || len(ids) != 0 {
		t.Fatalf("nobody waits any more: got %v, %v", ids, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMeetingsAreLeftOverWhenTheirInterviewIsOver(t *testing.T) {
	s := open(t)
	iv := ringing(t, putThread(t, s, "t1"), "iv_1")
	save(t, s, iv)
	now := iv.CreatedAt.Add(time.Minute)
	meeting := ZoomMeeting{Interview: iv.ID, Number: "81234567890", Host: "host-1", URL: "https://zoom.us/j/81234567890?pwd=x", Passcode: "123456", CreatedAt: now}
	must(t, s.PutZoomMeeting(t.Context(), meeting))
	must(t, s.PutZoomMeeting(t.Context(), ZoomMeeting{Interview: "iv_gone", Number: "1", URL: "https://zoom.us/my/somebody", CreatedAt: now}))
	if got, err := s.ZoomMeeting(t.Context(), iv.ID); err != nil || !reflect.DeepEqual(got, meeting) {
		t.Fatalf("got %+v, %v, want %+v", got, err, meeting)
	}
	if got, err := s.ZoomMeetingByNumber(t.Context(), "81234567890"); err != nil || got.Interview != iv.ID {
		t.Fatalf("by number: got %+v, %v", got, err)
	}
	if hosts, err := s.ZoomHosts(t.Context()); err != nil || !reflect.DeepEqual(hosts, map[string]int{"host-1": 1}) {
		t.Fatalf("hosts: got %v, %v", hosts, err)
	}
	left := func(at time.Time) (ids []interview.ID) {
		t.Helper()
		found, err := s.ZoomLeftovers(t.Context(), at, 10)
		must(t, err)
		for _, m := range found {
			ids = append(ids, m.Interview)
		}
		return ids
	}
	if got := left(now); !slices.Equal(got, []interview.ID{"iv_gone"}) {
		t.Fatalf("while it rings: got %v", got)
	}
	iv.State, iv.EndReason, iv.EndedAt = interview.StateCancelled, interview.ReasonCancelled, now
	save(t, s, iv)
	meeting.Attempts, meeting.NextAt = 1, now.Add(time.Minute)
	must(t, s.PutZoomMeeting(t.Context(), meeting))
	must(t, s.DropZoomMeeting(t.Context(), "iv_gone"))
	if got := left(now); len(got) != 0 {
		t.Fatalf("postponed: got %v", got)
	}
	if got := left(now.Add(time.Minute)); !slices.Equal(got, []interview.ID{iv.ID}) {
		t.Fatalf("due: got %v", got)
	}
	must(t, s.DropZoomMeeting(t.Context(), iv.ID))
	if _, err := s.ZoomMeeting(t.Context(), iv.ID); !errors.Is(err, ErrNotFound) {
		t.Fatalf("got %v, want not found", err)
	}
}
