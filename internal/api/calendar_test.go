package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"parley/internal/api"
)

// calendar reads an interview's calendar file, which must be one that can be read.
func (h *host) calendar(id string) (*ics.VEvent, string) {
	h.t.Helper()
	got := h.send("GET", "/v1/interviews/"+id+"/calendar.ics", "")
	if kind := got.header.Get("Content-Type"); got.status != http.StatusOK || !strings.HasPrefix(kind, "text/calendar;") {
		h.t.Fatalf("got status %d, %s and %s", got.status, kind, got.body)
	}
	text := string(got.body)
	for n, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			h.t.Errorf("line %d is not folded as RFC 5545 §3.1 has it: %q", n+1, line)
		}
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	fatal(h.t, err)
	if len(cal.Events()) != 1 {
		h.t.Fatalf("got %d events, want 1", len(cal.Events()))
	}
	return cal.Events()[0], text
}

func value(e *ics.VEvent, name ics.ComponentProperty) string {
	if p := e.GetProperty(name); p != nil {
		return p.Value
	}
	return ""
}

func TestACalendarFollowsTheInterview(t *testing.T) {
	h := newHost(t)
	h.send("PUT", "/v1/threads/th_1", strings.TrimSuffix(strings.Replace(strings.Replace(threadBody, `"Booking app"`, `"Große, lange; Buchungs-App für die Kletterhalle am Fluss – mit Kursen"`, 1),
		`"role":"interviewee"`, `"role":"interviewee","time_zone":"Africa/Lagos"`, 1), "}")+`,"context":{"url":"https://app.example.com/t/1"}}`)
	iv := h.send("POST", "/v1/threads/th_1/interviews", fmt.Sprintf(
		`{"mode":"video","created_by":"client","starts_at":%q,"duration_min":45,"time_zone":"Europe/Prague"}`, in(26))).interview(http.StatusCreated)
	first, text := h.calendar(iv.ID)
	start, _ := first.GetStartAt()
	end, _ := first.GetEndAt()
	if !start.Equal(iv.StartsAt) || end.Sub(start).Minutes() != 45 {
		t.Errorf("from %v to %v, want 45 minutes from %v", start, end, iv.StartsAt)
	}
	if got := value(first, ics.ComponentPropertySummary); got != "Video interview: Große, lange; Buchungs-App für die Kletterhalle am Fluss – mit Kursen" {
		t.Errorf("the summary is %q", got)
	}
	for _, want := range []string{"Prague", "Lagos", "\r\nURL:https://app.example.com/t/1\r\n", "SEQUENCE:0\r\n", "STATUS:CONFIRMED\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if _, again := h.calendar(iv.ID); again != text {
		t.Errorf("nothing changed, and yet\n%s\nbecame\n%s", text, again)
	}
	h.send("POST", "/v1/interviews/"+iv.ID+"/reschedule", fmt.Sprintf(`{"starts_at":%q}`, in(50))).interview(http.StatusOK)
	moved, text := h.calendar(iv.ID)
	if moved.Id() != first.Id() || !strings.Contains(text, "SEQUENCE:1\r\n") {
		t.Errorf("moved, it is\n%s", text)
	}
	h.send("POST", "/v1/interviews/"+iv.ID+"/cancel", "").interview(http.StatusOK)
	if gone, text := h.calendar(iv.ID); gone.Id() != first.Id() || !strings.Contains(text, "SEQUENCE:2\r\n") || !strings.Contains(text, "STATUS:CANCELLED\r\n") {
		t.Errorf("cancelled, it is\n%s", text)
	}
}

func TestACalendarIsForWhoeverHoldsAJoinToken(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	iv := h.send("POST", "/v1/threads/th_1/interviews", fmt.Sprintf(`{"mode":"video","starts_at":%q}`, in(26))).interview(http.StatusCreated)
	var pass api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &pass)
	_, want := h.calendar(iv.ID)
	if got := h.send("GET", "/v1/calendar.ics", "", "Authorization", "Bearer "+pass.Token); got.status != http.StatusOK || string(got.body) != want {
		t.Errorf("got status %d and %s, want the host's own file", got.status, got.body)
	}
	h.send("GET", "/v1/calendar.ics", "").problem(http.StatusUnauthorized, api.CodeUnauthorized) // an API key is none
	rings := h.ring("th_2")
	h.send("POST", "/v1/interviews/"+rings.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &pass)
	h.send("GET", "/v1/calendar.ics", "", "Authorization", "Bearer "+pass.Token).problem(http.StatusNotFound, api.CodeNotFound)
}

func TestACalendarLeaksNothing(t *testing.T) {
	h := newHost(t)
	var g api.Guard
	h.putThread("th_1")
	h.send("PUT", "/v1/threads/th_1/guard", `{"mode":"observe"}`).into(http.StatusOK, &g)
	h.send("PUT", "/v1/threads/th_1", strings.Replace(threadBody, "Booking app", "Booking app, ask "+mail, 1))
	iv := h.send("POST", "/v1/threads/th_1/interviews", fmt.Sprintf(`{"mode":"audio","starts_at":%q}`, in(26))).interview(http.StatusCreated)
	var pass api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &pass)
	_, text := h.calendar(iv.ID)
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	for _, secret := range []string{mail, pass.Token, "mailto", "ATTENDEE", "ORGANIZER", "Clara", "Femi"} {
		if strings.Contains(unfolded, secret) {
			t.Errorf("%q is in\n%s", secret, unfolded)
		}
	}
	if !strings.Contains(unfolded, "SUMMARY:Audio interview\r\n") {
		t.Errorf("got\n%s", unfolded)
	}
	h.send("GET", "/v1/interviews/"+h.ring("th_2").ID+"/calendar.ics", "").problem(http.StatusNotFound, api.CodeNotFound)
}
