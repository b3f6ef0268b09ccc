package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"parley/internal/conference"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/zoom"
)

// ZoomConfig says which Zoom account meetings are made with.
type ZoomConfig struct {
	AccountID         string // empty: no meetings are made
	ClientID          string
	ClientSecretFile  string
	WebhookSecretFile string
	Hosts             []string // users of the account that meetings are held under
	PerHost           int      // meetings of one at a time
	OAuthURL, APIURL  string
	LinkHosts         []string // domains of pasted links, besides Zoom's own
}

// isOn reports whether meetings are made.
func (c ZoomConfig) isOn() bool { return c.AccountID != "" }

// checkZoom finds what is missing or unsafe.
func checkZoom(c ZoomConfig) error {
	missing := func(field, what string) error {
		return &configError{field: "zoom." + field, message: "is missing; write " + what}
	}
	some := c.isOn() || c.ClientID != "" || c.ClientSecretFile != "" || len(c.Hosts) > 0
	switch {
	case !some:
	case c.AccountID == "":
		return missing("account_id", "the account id of the server-to-server OAuth app")
	case c.ClientID == "":
		return missing("client_id", "the client id of the server-to-server OAuth app")
	case c.ClientSecretFile == "":
		return missing("client_secret_file", "the path of a file that holds the app's client secret")
	case len(c.Hosts) == 0:
		return missing("hosts", "the id or mail address of a user of the account")
	}
	for field, address := range map[string]string{"oauth_url": c.OAuthURL, "api_url": c.APIURL} {
		if u, err := url.Parse(address); err == nil && u.Scheme != "https" && !isLocalHost(u.Hostname()) {
			return &configError{field: "zoom." + field, message: "is http, by which the app's secret could be read on the way; write https://" + u.Host}
		}
	}
	return nil
}

// openZoom starts what speaks to Zoom. It runs without an account too: links that
// people paste need none.
func (s *server) openZoom(context.Context) error {
	c := s.cfg.Zoom
	secret, err := readSecret("zoom.client_secret_file", c.ClientSecretFile)
	if err != nil {
		return err
	}
	webhook, err := readSecret("zoom.webhook_secret_file", c.WebhookSecretFile)
	if err != nil {
		return err
	}
	desk := zoom.DeskConfig{
		Hosts: c.Hosts, PerHost: c.PerHost, Store: s.store, Rooms: s.rooms, Topic: newZoomTopic(),
		Account: c.AccountID, Secret: webhook, Logger: s.log,
	}
	if c.isOn() {
		desk.Client = zoom.NewClient(zoom.ClientConfig{
			AccountID: c.AccountID, ClientID: c.ClientID, ClientSecret: secret, OAuthURL: c.OAuthURL, APIURL: c.APIURL, LinkHosts: c.LinkHosts,
		})
	}
	s.zoom = zoom.NewDesk(desk)
	s.started.add("zoom", func(context.Context) error {
		if desk.Client != nil {
			defer desk.Client.Close()
		}
		return s.zoom.Close()
	})
	s.rooms.Watch(func(e interview.Event) {
		switch e.Kind {
		case interview.EventZoomChosen, interview.EventEnded, interview.EventMissed, interview.EventDeclined, interview.EventCancelled:
			s.zoom.Wake()
		}
	})
	return nil
}

// readSecret reads a secret that stands alone in a file; without one it is empty.
func readSecret(field, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", &configError{field: field, message: fmt.Sprintf("names %s, which cannot be read: %s", path, pathReason(err))}
	}
	secret := strings.TrimSpace(string(raw))
	if secret == "" || strings.ContainsAny(secret, " \t\r\n") {
		return "", &configError{field: field, message: fmt.Sprintf("names %s, which does not hold one secret and nothing else", path)}
	}
	return secret, nil
}

// zoomLink judges links that people paste.
func (c ZoomConfig) zoomLink(text string) (conference.ZoomLink, error) {
	link, err := zoom.ParseLink(text, c.LinkHosts)
	return conference.ZoomLink(link), err
}

// newZoomTopic returns what names the meeting of a thread: its title, unless that
// holds contact details before there is a contract. Zoom shows it to everybody,
// and keeps it.
func newZoomTopic() func(interview.Thread) string {
	judge := guard.New()
	return func(t interview.Thread) string {
		const plain = "Interview"
		title := strings.TrimSpace(t.Title)
		if title == "" {
			return plain
		}
		if !t.Contract.InForce(time.Now()) {
			found := judge.Check(guard.Check{Text: title, Surface: guard.Title, Policy: guard.Policy{Mode: guard.Full}})
			if len(found.Findings) > 0 {
				return plain
			}
		}
		return plain + ": " + title
	}
}

// zoomMetrics are the families of internal/zoom.
func zoomMetrics() []metric {
	return []metric{
		counterBy("parley_zoom_requests_total", "Requests to Zoom, by operation.", "operation",
			func(s stats) map[string]uint64 { return s.zoom.Requests }),
		counterBy("parley_zoom_failed_requests_total", "Requests to Zoom that failed, by reason.", "reason",
			func(s stats) map[zoom.Kind]uint64 { return s.zoom.Failures }),
		counterBy("parley_zoom_webhooks_total", "Webhooks from Zoom, by what became of them.", "result",
			func(s stats) map[string]uint64 { return s.zoom.Webhooks }),
		gauge("parley_zoom_quota_meetings", "Meetings that Zoom still lets the hosts make today.",
			func(s stats) int { return s.zoom.Quota }),
		gauge("parley_zoom_problems", "Problems that keep interviews from Zoom.",
			func(s stats) int { return s.zoom.Problems }),
	}
}
