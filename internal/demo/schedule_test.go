package demo

import (
	"net/http"
	"testing"
	"time"
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
		c.who.wants(http.StatusOK, thread+"/answer", map[string]any{"proposal": made.ID}, &made)
		if seen := times(client.state()); seen[len(seen)-1].State != c.want {
			t.Errorf("it is %s, want %s", seen[len(seen)-1].State, c.want)
		}
	}
	client.refused(http.StatusNotFound, "not_found", thread+"/answer", map[string]any{"proposal": "ps_none"})
}
