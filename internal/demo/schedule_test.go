package demo

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/interview"
)

func times(s State) (found []Times) {
	for _, it := range s.Threads[0].Items {
		if it.Times != nil {
			found = append(found, *it.Times)
		}
	}
	return found
}

func TestATimeIsProposedChosenMovedAndCalledOff(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	freelancer := client.is("freelancer")
	client.post("/app/proposals/pr_femi/message", nil)
	if th := freelancer.state().Threads[0]; th.Zone != "Europe/Prague" {
		t.Errorf("Femi is told that Clara lives in %q", th.Zone)
	}
	at := time.Now().Add(50 * time.Hour).Truncate(time.Minute).UTC()
	var made Times
	ask := map[string]any{"mode": "video", "slots": []time.Time{at, at.Add(24 * time.Hour)}, "duration_min": 45, "note": "Either suits me."}
	const thread = "/app/threads/th_pr_femi"
	client.wants(http.StatusCreated, thread+"/times", ask, &made)
	if seen := times(freelancer.state()); len(seen) != 1 || seen[0].State != "open" || seen[0].Zone != "Europe/Prague" {
		t.Fatalf("Femi sees %+v", seen)
	}
	client.refused(http.StatusForbidden, "not_allowed", thread+"/answer", map[string]any{"proposal": made.ID, "slot": at})
	freelancer.wants(http.StatusOK, thread+"/answer", map[string]any{"proposal": made.ID, "slot": at}, &made)
	iv := card(client.state())
	if iv == nil || iv.State != "scheduled" || !iv.StartsAt.Equal(at) || iv.Minutes != 45 || !iv.OpensAt.Equal(at.Add(-15*time.Minute)) {
		t.Fatalf("Clara sees %+v", iv)
	}
	var room RoomBody
	freelancer.wants(http.StatusOK, thread+"/appointment", map[string]string{"interview": iv.ID}, &room)

	status, file := freelancer.do("GET", thread+"/calendar?as=freelancer&interview="+iv.ID, nil, "")
	if status != http.StatusOK || !strings.HasPrefix(string(file), "BEGIN:VCALENDAR\r\n") {
		t.Errorf("the calendar file is %d %q", status, file)
	}
	if status, _ := freelancer.do("GET", thread+"/calendar?as=freelancer&interview=iv_none", nil, ""); status != http.StatusNotFound {
		t.Errorf("the calendar file of no interview has status %d, want 404", status)
	}

	later := at.Add(72 * time.Hour)
	var move Times
	freelancer.wants(http.StatusCreated, thread+"/times", map[string]any{"mode": "video", "slots": []time.Time{later}, "duration_min": 45, "interview": iv.ID}, &move)
	client.wants(http.StatusOK, thread+"/answer", map[string]any{"proposal": move.ID, "slot": later}, &move)
	if moved := card(freelancer.state()); moved.ID != iv.ID || !moved.StartsAt.Equal(later) || moved.Sequence != 1 {
		t.Errorf("Femi sees %+v, want it moved", moved)
	}
	client.refused(http.StatusNotFound, "not_found", thread+"/cancel", map[string]string{"interview": "iv_none"})
	client.wants(http.StatusOK, thread+"/cancel", map[string]string{"interview": iv.ID}, &Interview{})
	if gone := card(freelancer.state()); gone.State != "cancelled" {
		t.Errorf("Femi sees %+v, want it cancelled", gone)
	}
}

func TestTimesAreDeclinedOrTakenBack(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	freelancer := client.is("freelancer")
	client.post("/app/proposals/pr_femi/message", nil)
	const thread = "/app/threads/th_pr_femi"
	for _, c := range []struct {
		who  *browser
		want string
	}{{freelancer, "declined"}, {client, "withdrawn"}} {
		var made Times
		client.wants(http.StatusCreated, thread+"/times", map[string]any{"mode": "audio", "slots": []time.Time{time.Now().Add(50 * time.Hour)}, "duration_min": 30}, &made)
		before := made
		c.who.wants(http.StatusOK, thread+"/answer", map[string]any{"proposal": made.ID}, &made)
		fatal(t, client.app.putTimes(before)) // news that comes late
		if seen := times(client.state()); seen[len(seen)-1].State != c.want {
			t.Errorf("it is %s, want %s", seen[len(seen)-1].State, c.want)
		}
	}
	client.refused(http.StatusNotFound, "not_found", thread+"/answer", map[string]any{"proposal": "ps_none"})
}

func TestRefusedTimesNameTheField(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	day := time.Now().Add(50 * time.Hour)
	for name, c := range map[string]struct {
		slots       []time.Time
		note        string
		status      int
		code, field string
	}{
		"in the past": {[]time.Time{day, time.Now().Add(-time.Hour)}, "", 400, "invalid_time", "slots[1]"},
		"overlapping": {[]time.Time{day, day.Add(time.Minute)}, "", 400, "invalid_proposal", "slots[1]"},
		"an address":  {[]time.Time{day}, "Write to clara.novak@fastmail.com", 422, "contact_details", "note"},
	} {
		var p Problem
		client.wants(c.status, "/app/threads/th_pr_femi/times", map[string]any{"mode": "video", "duration_min": 30, "slots": c.slots, "note": c.note}, &p)
		if p.Code != c.code || p.Field != c.field || p.Detail == "" || strings.Contains(p.Detail, "@") {
			t.Errorf("%s: got %+v, want %s at %s", name, p, c.code, c.field)
		}
	}
}

func TestTimeZonesAreThoseOfTheBrowsers(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	client := newApp(t, s, dir)
	client.post("/app/proposals/pr_femi/message", nil)
	theirs := client.is("freelancer").watch()
	var zone ZoneBody
	client.wants(http.StatusOK, "/app/zone", map[string]string{"time_zone": "Asia/Singapore"}, &zone)
	until(t, theirs, "the zone", func(s State) bool { return s.Threads[0].Zone == "Asia/Singapore" && s.Me.Zone == "Africa/Lagos" })
	var made Times
	client.wants(http.StatusCreated, "/app/threads/th_pr_femi/times", map[string]any{"mode": "video", "duration_min": 30, "slots": []time.Time{time.Now().Add(50 * time.Hour)}}, &made)
	if made.Zone != "Asia/Singapore" {
		t.Errorf("times are proposed in %q", made.Zone)
	}
	for _, wrong := range []string{"Mars/Olympus", "", "Local", "../etc/passwd"} {
		client.refused(http.StatusBadRequest, "invalid_request", "/app/zone", map[string]string{"time_zone": wrong})
	}
	fatal(t, client.app.Close(t.Context()))
	if got := newApp(t, s, dir).state(); got.Me.Zone != "Asia/Singapore" {
		t.Errorf("after a restart: %q", got.Me.Zone)
	}
}

func TestReminderStandsInTheThread(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	ours := client.watch()
	const thread = "/app/threads/th_pr_femi"
	at := time.Now().Add(50 * time.Hour).Truncate(time.Minute)
	var made Times
	client.wants(http.StatusCreated, thread+"/times", map[string]any{"mode": "video", "duration_min": 30, "slots": []time.Time{at}}, &made)
	client.is("freelancer").wants(http.StatusOK, thread+"/answer", map[string]any{"proposal": made.ID, "slot": at}, &made)
	soon := time.Now().Add(10*time.Minute + time.Second) // the last reminder is due in a second
	_, err := s.rooms.Reschedule(t.Context(), interview.ID(made.Interview), "client", interview.Appointment{StartsAt: soon})
	fatal(t, err)
	seen := until(t, ours, "the reminder", func(s State) bool {
		return len(s.Threads) == 1 && len(s.Threads[0].Items) == 3 && s.Threads[0].Items[2].Kind == KindReminder
	})
	if r := seen.Threads[0].Items[2].Reminder; r.AheadMin != 10 || r.Interview != made.Interview || r.StartsAt.Sub(soon).Abs() > time.Millisecond {
		t.Errorf("got %+v", r)
	}
}

func TestOpenCallComesBeforeAScheduledInterview(t *testing.T) {
	iv := func(id, state string) Item { return Item{Interview: &Interview{ID: id, State: state}} }
	items := []Item{iv("iv_1", "live"), iv("iv_2", "scheduled"), iv("iv_3", "scheduled"), iv("iv_4", "ended")}
	for id, want := range map[string]string{"": "iv_1", "iv_2": "iv_2", "iv_4": "", "iv_5": ""} {
		got, err := conversation{Items: items}.openCard(id)
		if (err == nil) != (want != "") || err == nil && got.Interview.ID != want {
			t.Errorf("%q: got %+v", id, got.Interview)
		}
	}
	if got, _ := (conversation{Items: items[1:]}).openCard(""); got.Interview.ID != "iv_3" {
		t.Errorf("got %s, want the newest that is scheduled", got.Interview.ID)
	}
}
