package demo

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The golden files are what the page is built against: they hold what this
// package writes, byte for byte but for white space.
func TestStatesAreAsInTheGoldenFiles(t *testing.T) {
	var full State
	zone := new(book).zone
	fatal(t, json.Unmarshal(golden(t, "state-client.json"), &full))
	book := []conversation{{Proposal: "pr_femi", Items: full.Threads[0].Items}}
	for name, c := range map[string]struct {
		me   string
		book []conversation
	}{
		"state-client-new.json":     {"client", nil},
		"state-client.json":         {"client", book},
		"state-freelancer-new.json": {"freelancer", nil},
		"state-freelancer.json":     {"freelancer", book},
	} {
		me, _ := personByID(c.me)
		got, err := json.Marshal(view(me, c.book, []string{"video", "audio"}, zone))
		fatal(t, err)
		if !sameJSON(t, got, golden(t, name)) {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
}

func TestOtherGoldenFilesAreOfTheirTypes(t *testing.T) {
	for name, into := range map[string]any{"room.json": &RoomBody{}, "problem.json": &Problem{}, "people.json": &PeopleBody{}} {
		decoder := json.NewDecoder(bytes.NewReader(golden(t, name)))
		decoder.DisallowUnknownFields()
		fatal(t, decoder.Decode(into))
		got, err := json.Marshal(into)
		fatal(t, err)
		if !sameJSON(t, got, golden(t, name)) {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
	lines := strings.Split(string(golden(t, "events.txt")), "\n")
	var s State
	fatal(t, json.Unmarshal([]byte(strings.TrimPrefix(lines[3], "data: ")), &s))
	if lines[0] != "retry: 1000" || lines[2] != "event: state" || s.Me.ID != "freelancer" {
		t.Errorf("events.txt begins with %q", lines[:4])
	}
}

func TestInterviewIsReadAsTheSignalingProtocolWritesIt(t *testing.T) {
	files, err := filepath.Glob("../../signaling/wire/testdata/server.*.json")
	fatal(t, err)
	found := 0
	for _, name := range files {
		raw, err := os.ReadFile(name)
		fatal(t, err)
		var message struct {
			Interview json.RawMessage `json:"interview"`
		}
		fatal(t, json.Unmarshal(raw, &message))
		if message.Interview == nil {
			continue
		}
		found++
		var iv Interview
		fatal(t, json.Unmarshal(message.Interview, &iv))
		got, err := json.Marshal(iv)
		fatal(t, err)
		if !sameJSON(t, got, message.Interview) {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
	if found < 3 {
		t.Errorf("found %d interviews, want at least 3", found)
	}
}

func TestCardOnlyMovesForward(t *testing.T) {
	at := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	iv := func(state string, joined, left int) Interview {
		out := Interview{ID: "iv_1", State: state, CreatedAt: at}
		for n := range joined {
			stay := Attendant{ID: "someone", JoinedAt: at}
			if n < left {
				stay.LeftAt = at
			}
			out.Participants = append(out.Participants, stay)
		}
		return out
	}
	for name, c := range map[string]struct {
		old, news Interview
		taken     bool
	}{
		"somebody waits":      {iv("ringing", 0, 0), iv("ringing", 1, 0), true},
		"live":                {iv("ringing", 1, 0), iv("live", 2, 0), true},
		"somebody leaves":     {iv("live", 2, 0), iv("live", 2, 1), true},
		"ended":               {iv("live", 2, 1), iv("ended", 2, 2), true},
		"the same":            {iv("live", 2, 1), iv("live", 2, 1), false},
		"an answer too late":  {iv("live", 2, 0), iv("ringing", 1, 0), false},
		"live after the end":  {iv("ended", 2, 2), iv("live", 2, 1), false},
		"ring after declined": {iv("declined", 0, 0), iv("ringing", 0, 0), false},
	} {
		items := []Item{{ID: "it_1", Kind: KindCard, Interview: &c.old, At: at}}
		got := withCard(items, c.news, "it_2")
		if (got != nil) != c.taken {
			t.Errorf("%s: taken %v, want %v", name, got != nil, c.taken)
		}
		if got != nil && (len(got) != 1 || got[0].ID != "it_1" || !reflect.DeepEqual(*got[0].Interview, c.news)) {
			t.Errorf("%s: got %+v", name, got)
		}
		if !reflect.DeepEqual(*items[0].Interview, c.old) {
			t.Errorf("%s: the old items were changed", name)
		}
	}
}

func TestNewCardStandsWhereItsTimePutsIt(t *testing.T) {
	at := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	items := []Item{{ID: "it_1", Kind: KindMessage, At: at}, {ID: "it_2", Kind: KindMessage, At: at.Add(2 * time.Minute)}}
	for after, want := range map[time.Duration]string{time.Minute: "it_1 new it_2", time.Hour: "it_1 it_2 new", 0: "it_1 new it_2"} {
		var got []string
		for _, it := range withCard(items, Interview{ID: "iv_1", State: "ringing", CreatedAt: at.Add(after)}, "new") {
			got = append(got, it.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v later: got %v, want %s", after, got, want)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var left, right bytes.Buffer
	fatal(t, json.Compact(&left, a))
	fatal(t, json.Compact(&right, b))
	return left.String() == right.String()
}
