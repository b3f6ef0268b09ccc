package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"parley/internal/chat"
	"parley/internal/guard"
	"parley/internal/interview"
)

const calendarType = "text/calendar"

// getCalendar is GET /v1/interviews/{interview}/calendar.ics.
func (s *Server) getCalendar(w http.ResponseWriter, r *http.Request) error {
	return s.writeCalendar(w, r, pathInterview(r))
}

// getOwnCalendar is GET /v1/calendar.ics, for whoever has a join token.
func (s *Server) getOwnCalendar(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.visitor(r)
	if err != nil {
		return err
	}
	return s.writeCalendar(w, r, interview.ID(claims.Interview))
}

func (s *Server) writeCalendar(w http.ResponseWriter, r *http.Request, id interview.ID) error {
	iv, err := s.cfg.Rooms.Interview(r.Context(), id)
	if err != nil {
		return err
	}
	if iv.StartsAt.IsZero() {
		return problem(CodeNotFound, "This interview was not scheduled: it rang at once.")
	}
	t, err := s.cfg.Store.Thread(r.Context(), iv.Thread)
	if err != nil {
		return err
	}
	title, err := s.calendarTitle(r.Context(), t)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", calendarType+"; charset=utf-8; method=PUBLISH; component=vevent")
	w.Header().Set("Content-Disposition", `attachment; filename="interview.ics"`)
	if _, err := w.Write([]byte(calendar(iv, t, title, s.cfg.PublicURL))); err != nil {
		s.cfg.Logger.Debug("answer not delivered", "err", err)
	}
	return nil
}

// calendarTitle is the thread's title, or nothing while the guard finds contact
// details in it. A calendar file leaves the host app and is not called back, so
// that a title which is only observed elsewhere is left out here.
func (s *Server) calendarTitle(ctx context.Context, t interview.Thread) (string, error) {
	if t.Title == "" {
		return "", nil
	}
	v, err := s.cfg.Chat.Judge(ctx, t, chat.Text{Surface: guard.Title, Text: t.Title}, false)
	if err != nil || len(v.Findings) > 0 {
		return "", err
	}
	return t.Title, nil
}

// calendar is a scheduled interview as RFC 5545 and RFC 7986 have it. It names
// nobody and holds nobody's way in: the file is passed on and kept.
func calendar(iv interview.Interview, t interview.Thread, title, publicURL string) string {
	cal := ics.NewCalendar()
	cal.SetMethod(ics.MethodPublish)
	cal.SetProductId("-//Parley//Interviews//EN")
	cal.SetCalscale("GREGORIAN")

	event := cal.AddEvent(string(iv.ID) + "@" + hostOf(publicURL))
	changed, sequence, status := iv.PlannedAt, iv.Sequence, ics.ObjectStatusConfirmed
	switch iv.State {
	case interview.StateCancelled, interview.StateDeclined:
		changed, sequence, status = iv.EndedAt, iv.Sequence+1, ics.ObjectStatusCancelled
	}
	event.SetDtStampTime(changed)
	event.SetCreatedTime(iv.CreatedAt)
	event.SetModifiedAt(changed)
	event.SetSequence(sequence)
	event.SetStatus(status)
	event.SetStartAt(iv.StartsAt)
	event.SetEndAt(iv.EndsAt())
	event.SetSummary(summary(iv.Mode, title))
	event.SetDescription(description(iv, t))
	link := t.Context.URL
	if link == "" {
		link = publicURL + "/r/" + string(iv.ID)
	}
	event.SetURL(link)
	// RFC 7986 §5.11
	event.AddProperty("CONFERENCE", link, ics.WithValue("URI"), &ics.KeyValues{Key: "FEATURE", Value: features(iv.Mode)})
	if status == ics.ObjectStatusConfirmed {
		alarm := event.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetDescription(summary(iv.Mode, title))
		alarm.SetTrigger("-PT10M")
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

func hostOf(publicURL string) string {
	if u, err := url.Parse(publicURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "parley.invalid" // RFC 2606: a name that is nobody's
}

func summary(m interview.Mode, title string) string {
	words := "Video interview"
	if m == interview.ModeAudio {
		words = "Audio interview"
	}
	if title == "" {
		return words
	}
	return words + ": " + title
}

func features(m interview.Mode) []string {
	if m == interview.ModeAudio {
		return []string{"AUDIO"}
	}
	return []string{"AUDIO", "VIDEO"}
}

// description tells the time in every time zone that people of the thread live
// in, and where to go.
func description(iv interview.Interview, t interview.Thread) string {
	lines := []string{}
	seen := map[string]bool{}
	zones := []string{iv.Zone}
	for _, p := range t.Participants {
		zones = append(zones, p.Zone)
	}
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if name == "" || seen[name] || err != nil {
			continue
		}
		seen[name] = true
		_, place, _ := strings.Cut(name, "/")
		lines = append(lines, fmt.Sprintf("%s in %s", iv.StartsAt.In(zone).Format("Monday 2 January 2006, 15:04"), strings.ReplaceAll(place, "_", " ")))
	}
	lines = append(lines, fmt.Sprintf("The room opens %d minutes before. Go there from your messages.", int(interview.EarlyJoin.Minutes())))
	return strings.Join(lines, "\n")
}

// exampleCalendar is the file of the document's story.
func exampleCalendar() string {
	iv := interview.Interview{
		ID: interview.ID(exampleID), Mode: interview.ModeVideo, State: interview.StateScheduled, CreatedAt: exampleAt, PlannedAt: exampleAt,
		StartsAt: exampleSlot, Length: 45 * time.Minute, Zone: "Europe/Prague",
	}
	t := exampleThreadBody().thread("th_4711")
	return calendar(iv, t, t.Title, "https://calls.example.com")
}
