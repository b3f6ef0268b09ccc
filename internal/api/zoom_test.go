package api_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/chat"
	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/zoom"
	"parley/internal/zoom/zoomtest"
)

// zoomHost is a host app in front of a server that can move interviews to Zoom.
type zoomHost struct {
	*host
	zoom *zoomtest.Server
}

func zoomLink(text string) (conference.ZoomLink, error) {
	link, err := zoom.ParseLink(text, nil)
	return conference.ZoomLink(link), err
}

func newZoomHost(t *testing.T) *zoomHost {
	t.Helper()
	ctx := context.Background() // outlives the test's own, for the clean-up
	h := newHost(t)             // for its store and keys
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	rooms, err := conference.Open(ctx, conference.Config{Store: h.store, Encode: api.EncodeEvent, Zoom: true, ZoomLink: zoomLink})
	fatal(t, err)
	t.Cleanup(func() { must(t, rooms.Close(ctx)) })
	z := zoomtest.New()
	listener := httptest.NewServer(z)
	t.Cleanup(listener.Close)
	client := zoom.NewClient(zoom.ClientConfig{
		AccountID: zoomtest.AccountID, ClientID: zoomtest.ClientID, ClientSecret: zoomtest.ClientSecret, OAuthURL: listener.URL, APIURL: listener.URL,
	})
	t.Cleanup(client.Close)
	desk := zoom.NewDesk(zoom.DeskConfig{
		Client: client, Hosts: []string{zoomtest.Host}, Store: h.store, Rooms: rooms, Account: zoomtest.AccountID, Secret: zoomtest.WebhookSecret,
	})
	t.Cleanup(func() { must(t, desk.Close()) })
	rooms.Watch(func(interview.Event) { desk.Wake() })
	clerk := chat.New(chat.Config{Store: h.store, Key: make([]byte, 32), Encode: api.EncodeThreadEvent, Logger: log})
	t.Cleanup(func() { must(t, clerk.Close()) })
	h.server = api.New(api.Config{Rooms: rooms, Store: h.store, Keys: h.keys, Chat: clerk, PublicURL: publicURL, Version: "0.1.0", Logger: log, Zoom: desk})
	front := httptest.NewServer(h.server)
	t.Cleanup(front.Close)
	t.Cleanup(func() { must(t, h.server.Close(ctx)) })
	h.url, h.rooms = front.URL, rooms
	return &zoomHost{h, z}
}

// until waits until the meeting of an interview is in a state.
func (h *zoomHost) until(id, state string) api.Interview {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		iv, err := h.store.Interview(h.t.Context(), interview.ID(id)) // the API has a rate limit
		fatal(h.t, err)
		if string(iv.Zoom.State) == state {
			return h.send("GET", "/v1/interviews/"+id, "").interview(http.StatusOK)
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("got %+v, want Zoom %s", iv.Zoom, state)
		}
	}
}

// hear sends a request as Zoom does.
func (h *zoomHost) hear(r *http.Request) (status int, body string) {
	h.t.Helper()
	response, err := http.DefaultClient.Do(r)
	fatal(h.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	fatal(h.t, err)
	return response.StatusCode, strings.TrimSpace(string(raw))
}

func TestAnInterviewIsHeldInZoom(t *testing.T) {
	h := newZoomHost(t)
	var provider api.Provider
	h.send("GET", "/v1/provider", "").into(http.StatusOK, &provider)
	if !slices.Contains(provider.Capabilities.Modes, "zoom") || !provider.Configured {
		t.Errorf("got %+v, want the mode zoom", provider)
	}
	h.putThread("th_1")
	iv := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"zoom","created_by":"client"}`).interview(http.StatusCreated)
	answer := h.send("GET", "/v1/interviews/"+h.until(iv.ID, "ready").ID, "")
	for _, secret := range []string{"zoom.us", "passcode", "pwd"} {
		if strings.Contains(string(answer.body), secret) {
			t.Errorf("what everybody may read holds %q: %s", secret, answer.body)
		}
	}
	ways := map[string]api.ZoomWay{}
	for _, who := range []string{"client", "freelancer"} {
		var pass api.Pass
		h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"`+who+`"}}`).into(http.StatusOK, &pass)
		if pass.Zoom == nil || pass.Zoom.Passcode == "" || !strings.HasPrefix(pass.Zoom.URL, "https://us02web.zoom.us/j/") {
			t.Fatalf("%s: got %+v", who, pass.Zoom)
		}
		ways[who] = *pass.Zoom
	}
	if ways["client"] != ways["freelancer"] {
		t.Errorf("got %+v, want one meeting", ways)
	}

	number := h.zoom.Meetings()[0].Number
	endpoint := h.url + "/v1/zoom/webhook"
	began := time.Now()
	for range 2 { // Zoom sends again what it believes lost
		if status, body := h.hear(zoomtest.Webhook(endpoint, zoom.EventStarted, number, began, time.Time{})); status != http.StatusNoContent {
			t.Fatalf("started: got %d %s", status, body)
		}
	}
	if iv := h.until(iv.ID, "started"); iv.State != "live" {
		t.Errorf("got %s, want live", iv.State)
	}
	if status, body := h.hear(zoomtest.Webhook(endpoint, zoom.EventEnded, number, began, time.Now())); status != http.StatusNoContent {
		t.Fatalf("ended: got %d %s", status, body)
	}
	if iv := h.until(iv.ID, "ended"); iv.State != "ended" || iv.EndReason != "left" {
		t.Errorf("got %s, %s, want ended", iv.State, iv.EndReason)
	}
	if got := h.zoom.Rejected(); len(got) > 0 {
		t.Errorf("Zoom would have refused: %v", got)
	}
}

func TestOnlyZoomIsHeardAtItsAddress(t *testing.T) {
	h := newZoomHost(t)
	endpoint := h.url + "/v1/zoom/webhook"
	status, body := h.hear(zoomtest.Validation(endpoint, "qgg8vlvZRS6UYooatFL8Aw"))
	var v zoom.Validation
	if status != http.StatusOK || json.Unmarshal([]byte(body), &v) != nil || v != zoom.Validate(zoomtest.WebhookSecret, "qgg8vlvZRS6UYooatFL8Aw") {
		t.Errorf("validation: got %d %s", status, body)
	}
	forged := zoomtest.Webhook(endpoint, zoom.EventEnded, "81234567001", time.Now(), time.Now())
	forged.Header.Set("X-Zm-Signature", "v0="+strings.Repeat("0", 64))
	if status, body := h.hear(forged); status != http.StatusUnauthorized || !strings.Contains(body, "unauthorized") {
		t.Errorf("forged: got %d %s", status, body)
	}
	if status, _ := h.hear(zoomtest.Webhook(endpoint, zoom.EventStarted, "89999999999", time.Now(), time.Time{})); status != http.StatusNoContent {
		t.Errorf("another meeting of the account: got %d", status)
	}
	h.send("POST", "/v1/zoom/webhook", strings.Repeat("x", zoom.MaxEvent+1)).problem(http.StatusRequestEntityTooLarge, api.CodeBodyTooLarge)
}

func TestACallMovesToZoomByTheHostsWord(t *testing.T) {
	h := newZoomHost(t)
	iv := h.ring("th_1")
	path := "/v1/interviews/" + iv.ID + "/zoom"
	h.send("POST", path, `{"by":"stranger"}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
	h.send("POST", path, `{"by":"freelancer"}`).problem(http.StatusForbidden, api.CodeNotAllowed)
	h.send("POST", path, `{"reason":"because"}`).problem(http.StatusBadRequest, api.CodeInvalidRequest)
	h.send("POST", "/v1/interviews/iv_nowhere/zoom", ``).problem(http.StatusNotFound, api.CodeNotFound)
	if got := h.send("POST", path, `{"by":"client","reason":"poor_connection"}`).interview(http.StatusAccepted); got.Zoom == nil || got.Zoom.Reason != "poor_connection" || got.State != "ringing" {
		t.Errorf("got %s, %+v", got.State, got.Zoom)
	}
	h.until(iv.ID, "ready")
	h.send("POST", path, ``).interview(http.StatusOK)
	h.send("POST", path, `{"url":"https://zoom.us/j/81234567890"}`).problem(http.StatusConflict, api.CodeZoomOpen)
	h.send("POST", "/v1/interviews/"+iv.ID+"/end", ``).interview(http.StatusOK)
	h.send("POST", path, ``).problem(http.StatusConflict, api.CodeInterviewOver)
}

func TestLinksOfOnesOwnAreJudged(t *testing.T) {
	h := newZoomHost(t)
	iv := h.ring("th_1")
	path := "/v1/interviews/" + iv.ID + "/zoom"
	for link, code := range map[string]api.Code{
		"https://zoom.us.evil.com/j/81234567890":    api.CodeInvalidZoomLink,
		"https://zoom.us/s/81234567890?zak=eyJ":     api.CodeInvalidZoomLink,
		"https://zoom.us/my/jane.doe":               api.CodePersonalZoomLink,
		"https://zoom.us/j/1234567890?pwd=whatever": api.CodePersonalZoomLink,
	} {
		if p := h.send("POST", path, `{"by":"client","url":"`+link+`"}`).problem(http.StatusUnprocessableEntity, code); p.Field != "url" || p.Detail == "" {
			t.Errorf("%s: got %+v", link, p)
		}
	}
	h.send("PUT", "/v1/threads/th_1", strings.TrimSuffix(threadBody, "}")+`,"contract":{"state":"active"}}`)
	if got := h.send("POST", path, `{"by":"client","url":"https://zoom.us/my/jane.doe?uname=x"}`).interview(http.StatusOK); got.Zoom.State != "ready" {
		t.Errorf("with a contract: got %+v", got.Zoom)
	}
	var pass api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &pass)
	if pass.Zoom == nil || pass.Zoom.URL != "https://zoom.us/my/jane.doe" {
		t.Errorf("got %+v", pass.Zoom)
	}
	if slices.Contains(h.zoom.Seen(), "create") {
		t.Error("a meeting was made besides")
	}
}

func TestWithoutAnAccountZoomIsNoMode(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"zoom"}`).problem(http.StatusConflict, api.CodeNoZoom)
	iv := h.ring("th_1")
	h.send("POST", "/v1/interviews/"+iv.ID+"/zoom", ``).problem(http.StatusConflict, api.CodeNoZoom)
	h.send("POST", "/v1/zoom/webhook", `{}`).problem(http.StatusUnauthorized, api.CodeUnauthorized)
}
