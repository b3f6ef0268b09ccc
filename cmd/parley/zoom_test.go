package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/interview"
)

func TestTheTopicOfAMeetingHoldsNoContactDetails(t *testing.T) {
	topic := newZoomTopic()
	thread := func(title string, c interview.Contract) interview.Thread {
		return interview.Thread{Title: title, Contract: c}
	}
	active := interview.Contract{State: interview.ContractActive}
	for _, c := range []struct {
		thread interview.Thread
		want   string
	}{
		{thread("Booking app for a climbing gym", interview.Contract{}), "Interview: Booking app for a climbing gym"},
		{thread(" ", interview.Contract{}), "Interview"},
		{thread("Write to ana@example.org", interview.Contract{}), "Interview"},
		{thread("telegram @ana_logos for the brief", interview.Contract{}), "Interview"},
		{thread("Write to ana@example.org", active), "Interview: Write to ana@example.org"},
		{thread("Write to ana@example.org", interview.Contract{State: interview.ContractActive, EffectiveAt: time.Now().Add(time.Hour)}), "Interview"},
	} {
		if got := topic(c.thread); got != c.want {
			t.Errorf("%q: got %q, want %q", c.thread.Title, got, c.want)
		}
	}
}

func TestSecretsOfZoomStandAloneInTheirFiles(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want, problem string }{
		"plain":   {"s3cret\n", "s3cret", ""},
		"empty":   {"\n", "", "does not hold one secret"},
		"several": {"one two\n", "", "does not hold one secret"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readSecret("zoom.client_secret_file", path)
		if got != c.want || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if _, err := readSecret("zoom.client_secret_file", filepath.Join(dir, "nowhere")); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("got %v", err)
	}
}
