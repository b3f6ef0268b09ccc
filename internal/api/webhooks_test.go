package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/api"
	"parley/internal/store"
)

const webhookBody = `{"url":"https://app.example.com/parley","events":["interview.ringing"]}`

func (h *host) webhook() api.Webhook {
	h.t.Helper()
	var wh api.Webhook
	h.send("POST", "/v1/webhooks", webhookBody).into(http.StatusCreated, &wh)
	return wh
}

func TestWebhookIsMadeReadChangedRotatedAndDeleted(t *testing.T) {
	h := newHost(t)
	made := h.webhook()
	path := "/v1/webhooks/" + made.ID
	var read, rotated api.Webhook
	h.send("GET", path, "").into(http.StatusOK, &read)
	if !strings.HasPrefix(made.Secret, "whsec_") || read.Secret != "" {
		t.Errorf("secret is %q when made and %q when read, want it once", made.Secret, read.Secret)
	}
	h.send("PATCH", path, `{"enabled":false,"events":[]}`).into(http.StatusOK, &read)
	if read.Enabled || read.DisabledReason == "" || len(read.Events) != 0 || read.URL != made.URL {
		t.Errorf("got %+v after the change", read)
	}
	h.send("POST", path+"/rotate", "").into(http.StatusOK, &rotated)
	if rotated.Secret == made.Secret || rotated.Secret == "" || rotated.PreviousUntil.IsZero() {
		t.Errorf("got %+v after the rotation", rotated)
	}
	if got := h.send("DELETE", path, ""); got.status != http.StatusNoContent {
		t.Errorf("got status %d, want 204", got.status)
	}
	h.send("GET", path, "").problem(http.StatusNotFound, api.CodeNotFound)
}

func TestWebhooksOfAnotherKeyAreNotThere(t *testing.T) {
	h := newHost(t)
	path := "/v1/webhooks/" + h.webhook().ID
	var d api.Delivery
	h.send("POST", path+"/test", "").into(http.StatusAccepted, &d)
	h.key = h.newKey()
	var list api.WebhookList
	if h.send("GET", "/v1/webhooks", "").into(http.StatusOK, &list); len(list.Webhooks) != 0 {
		t.Errorf("got %+v of another key", list)
	}
	for _, request := range [][3]string{
		{"GET", "", ""}, {"PATCH", "", `{"enabled":false}`}, {"DELETE", "", ""}, {"POST", "/rotate", ""}, {"POST", "/test", ""},
		{"POST", "/replay", `{"since":"2026-01-01T00:00:00Z"}`}, {"GET", "/deliveries", ""}, {"GET", "/deliveries/" + d.ID, ""},
		{"POST", "/deliveries/" + d.ID + "/replay", ""},
	} {
		h.send(request[0], path+request[1], request[2]).problem(http.StatusNotFound, api.CodeNotFound)
	}
}

func TestWebhookRefusalsNameTheField(t *testing.T) {
	h := newHost(t)
	for body, want := range map[string]struct {
		status int
		code   api.Code
		field  string
	}{
		`{"url":"https://a.example","events":["interview.started","interview.begun"]}`:   {422, api.CodeUnknownEvent, "events[1]"},
		`{"url":"https://a.example","events":["interview.started","interview.started"]}`: {422, api.CodeUnknownEvent, "events[1]"},
		`{"url":"https://a.example","events":["webhook.test"]}`:                          {422, api.CodeUnknownEvent, "events[0]"},
		`{"url":"http://a.example"}`:                {422, api.CodeInvalidURL, "url"},
		`{"url":"https://169.254.169.254/"}`:        {422, api.CodeInvalidURL, "url"},
		`{"url":7}`:                                 {400, api.CodeInvalidRequest, "url"},
		`{"url":"https://a.example","x":1}`:         {400, api.CodeInvalidRequest, "x"},
		`{"events":[]}`:                             {400, api.CodeInvalidRequest, "url"},
		`{"url":"https://a.example","events":null}`: {400, api.CodeInvalidRequest, "events"},
	} {
		if p := h.send("POST", "/v1/webhooks", body).problem(want.status, want.code); p.Field != want.field {
			t.Errorf("%s: got field %q, want %q", body, p.Field, want.field)
		}
	}
	for range store.MaxWebhooks {
		h.webhook()
	}
	h.send("POST", "/v1/webhooks", webhookBody).problem(http.StatusConflict, api.CodeTooManyWebhooks)
}

func TestDeliveriesAreListedReadAndReplayed(t *testing.T) {
	h := newHost(t)
	path := "/v1/webhooks/" + h.webhook().ID
	var ids []string
	for range 5 {
		var d api.Delivery
		h.send("POST", path+"/test", "").into(http.StatusAccepted, &d)
		ids = append([]string{d.ID}, ids...)
	}
	var listed []string
	for query := "?limit=2"; query != ""; {
		var page api.DeliveryList
		h.send("GET", path+"/deliveries"+query, "").into(http.StatusOK, &page)
		for _, d := range page.Deliveries {
			listed = append(listed, d.ID)
		}
		if query = ""; page.Next != "" {
			query = "?limit=2&before=" + page.Next
		}
	}
	if !slices.Equal(listed, ids) {
		t.Errorf("listed %v, want %v", listed, ids)
	}
	var first api.DeliveryDetail
	h.send("GET", path+"/deliveries/"+ids[4], "").into(http.StatusOK, &first)
	var again api.Delivery
	h.send("POST", path+"/deliveries/"+ids[4]+"/replay", "").into(http.StatusAccepted, &again)
	if again.Message != first.Delivery.Message || again.ID == ids[4] || again.State != "waiting" {
		t.Errorf("got %+v, want the message of %+v behind the others", again, first.Delivery)
	}
	if p := h.send("GET", path+"/deliveries?before=7", "").problem(400, api.CodeInvalidRequest); p.Field != "before" {
		t.Errorf("got field %q, want before", p.Field)
	}
	h.send("GET", path+"/deliveries/dlv_999", "").problem(http.StatusNotFound, api.CodeNotFound)
}

func TestEventsOfAnInterviewAreStoredForTheWebhooksThatWantThem(t *testing.T) {
	h := newHost(t)
	path := "/v1/webhooks/" + h.webhook().ID
	h.ring("th_1")
	var page api.DeliveryList
	h.send("GET", path+"/deliveries", "").into(http.StatusOK, &page)
	if len(page.Deliveries) != 1 || page.Deliveries[0].Type != "interview.ringing" {
		t.Fatalf("got %+v, want the ringing", page)
	}
	h.send("PATCH", path, `{"events":["interview.cancelled"]}`)
	h.send("POST", "/v1/interviews/"+page.Deliveries[0].Subject+"/cancel", "").interview(http.StatusOK)
	h.send("GET", path+"/deliveries", "").into(http.StatusOK, &page)
	if len(page.Deliveries) != 2 || page.Deliveries[0].State != "waiting" {
		t.Fatalf("got %+v, want the cancelling behind the ringing", page)
	}
	var d api.DeliveryDetail
	h.send("GET", path+"/deliveries/"+page.Deliveries[0].ID, "").into(http.StatusOK, &d)
	var event api.Event
	if err := json.Unmarshal([]byte(d.Body), &event); err != nil || event.Type != "interview.cancelled" || event.Data.Interview.State != "cancelled" {
		t.Errorf("got %s (%v)", d.Body, err)
	}
	var replay api.Replay
	h.send("POST", path+"/replay", `{"since":"2020-01-01T00:00:00Z"}`).into(http.StatusAccepted, &replay)
	if replay.Count != 0 {
		t.Errorf("%d are sent again, and they are all on their way", replay.Count)
	}
}

// The page for host apps has an example of every event, in the form that is sent.
func TestPageHasAnExampleOfEveryEvent(t *testing.T) {
	raw, err := os.ReadFile("../../docs/webhooks.md")
	fatal(t, err)
	shown := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^\{"type":.*$`).FindAllString(string(raw), -1) {
		var event api.Event
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		shown[event.Type] = true
		if written, err := json.Marshal(event); event.Type != "webhook.test" && (err != nil || string(written) != line) {
			t.Errorf("the page has\n%s\nand what is sent is\n%s", line, written)
		}
	}
	for _, kind := range append(api.EventTypes(), "webhook.test") {
		if !shown[kind] || !strings.Contains(string(raw), fmt.Sprintf("| `%s` |", kind)) {
			t.Errorf("%s is not on the page with an example", kind)
		}
	}
}
