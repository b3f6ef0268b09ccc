package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/doctor"
	"parley/internal/interview"
	"parley/internal/zoom/zoomtest"
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

func TestTheDoctorTestsTheConnectionToZoom(t *testing.T) {
	z := zoomtest.New()
	server := httptest.NewServer(z)
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(zoomtest.ClientSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	account := ZoomConfig{
		AccountID: zoomtest.AccountID, ClientID: zoomtest.ClientID, ClientSecretFile: secret, WebhookSecretFile: secret,
		Hosts: []string{zoomtest.Host}, OAuthURL: server.URL, APIURL: server.URL,
	}
	wrongAccount, wrongHost, noSecret := account, account, account
	wrongAccount.AccountID, wrongHost.Hosts, noSecret.ClientSecretFile = "another", []string{"nobody@agency.example"}, "/nowhere"
	for name, c := range map[string]struct {
		zoom  ZoomConfig
		level doctor.Level
		says  string
	}{
		"well":            {account, doctor.OK, "knows the hosts"},
		"not set up":      {ZoomConfig{}, doctor.Skip, "not configured"},
		"another account": {wrongAccount, doctor.Fail, "does not take the credentials"},
		"no such host":    {wrongHost, doctor.Fail, "knows no active user nobody@agency.example"},
		"no secret":       {noSecret, doctor.Fail, "cannot be read"},
	} {
		e := &examination{cfg: Config{Zoom: c.zoom}}
		found := e.checkZoomAccount(t.Context())
		if len(found) != 1 || found[0].Level != c.level || !strings.Contains(found[0].Message, c.says) {
			t.Errorf("%s: got %+v", name, found)
		}
	}
	z.Grant("meeting:write:meeting:admin user:read:user:admin")
	e := &examination{cfg: Config{Zoom: account}}
	if found := e.checkZoomAccount(t.Context()); len(found) != 2 || !strings.Contains(found[0].Message, "lacks the scope meeting:update:status:admin") {
		t.Errorf("without two scopes: got %+v", found)
	}
	if len(z.Meetings()) > 0 {
		t.Error("a meeting was made")
	}
}
