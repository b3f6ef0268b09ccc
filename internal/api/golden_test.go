package api

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/interview"
)

// goldenInterviews returns the interview objects of the signaling protocol's
// golden files, by file name.
func goldenInterviews(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	files, err := filepath.Glob("../../signaling/wire/testdata/server.*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d golden files and %v", len(files), err)
	}
	found := make(map[string]json.RawMessage)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var message struct {
			Interview json.RawMessage `json:"interview"`
		}
		if err := json.Unmarshal(raw, &message); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if message.Interview != nil {
			found[filepath.Base(name)] = message.Interview
		}
	}
	return found
}

func TestInterviewHasTheFormOfTheSignalingProtocol(t *testing.T) {
	found := goldenInterviews(t)
	if len(found) < 3 {
		t.Fatalf("got %d interviews in the golden files, want at least 3", len(found))
	}
	for name, golden := range found {
		decoder := json.NewDecoder(bytes.NewReader(golden))
		decoder.DisallowUnknownFields()
		var iv Interview
		if err := decoder.Decode(&iv); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := encoded(t, iv); got != compact(t, golden) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, compact(t, golden))
		}
	}
}

func TestInterviewOfTheDomainHasTheFormOfTheSignalingProtocol(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment.In(time.FixedZone("elsewhere", 3600)) // the zone must not show
	}
	clara := interview.Participant{ID: "client", Name: "Clara Novak", Role: interview.RoleInterviewer}
	femi := interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee}
	base := interview.Interview{
		ID: "iv_01KAVZ3M8Q5W7T2N9R4E6Y1H0C", Thread: "t_4711", Mode: interview.ModeVideo,
		CreatedBy: "client", CreatedAt: at("2026-11-24T13:00:00Z"),
	}
	scheduled := base
	scheduled.State, scheduled.StartsAt = interview.StateScheduled, at("2026-11-25T09:30:00Z")
	scheduled.Length, scheduled.Zone, scheduled.Sequence = 45*time.Minute, "Europe/Prague", 1
	ended := base
	ended.State, ended.EndReason = interview.StateEnded, interview.ReasonLeft
	ended.StartedAt, ended.EndedAt = at("2026-11-24T13:00:40Z"), at("2026-11-24T13:04:10Z")
	ended.Stays = []interview.Stay{
		{Participant: clara, JoinedAt: at("2026-11-24T13:00:02.125Z"), LeftAt: at("2026-11-24T13:04:10Z")},
		{Participant: femi, JoinedAt: at("2026-11-24T13:00:40Z"), LeftAt: at("2026-11-24T13:04:05.5Z")},
	}
	golden := goldenInterviews(t)
	for name, iv := range map[string]interview.Interview{"server.interview.scheduled.json": scheduled, "server.ended.json": ended} {
		if got, want := encoded(t, interviewJSON(iv)), compact(t, golden[name]); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func compact(t *testing.T, raw []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
