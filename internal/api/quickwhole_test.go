package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/check"
	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/recording"
	"parley/internal/token"
	"parley/internal/zoom"
	"parley/internal/zoom/zoomtest"
	"parley/sfu"
	"parley/sfu/sfutest"
)

// wholeHost is a host app in front of a server that can do everything.
type wholeHost struct {
	*host
	library *recording.Library
	checks  *check.Checks
	zoom    *zoomtest.Server
	begun   []string // checks to end
}

func newWholeHost(t *testing.T, dir string) *wholeHost {
	t.Helper()
	ctx := context.Background() // outlives the test's own, for the clean-up
	h := &wholeHost{host: newHostIn(t, dir), zoom: zoomtest.New()}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	engine, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 1})
	fatal(t, err)
	t.Cleanup(func() { must(t, engine.Close()) })
	h.library, err = recording.Open(ctx, recording.Config{
		Dir: filepath.Join(dir, "recordings"), KeyFile: filepath.Join(dir, "recording.key"), Store: h.store, Encode: api.EncodeEvent, Logger: log,
	})
	fatal(t, err)
	t.Cleanup(func() { must(t, h.library.Close(ctx)) })
	h.rooms, err = conference.Open(ctx, conference.Config{Store: h.store, Engine: engine, Logger: log, Encode: api.EncodeEvent, Zoom: true, ZoomLink: zoomLink})
	fatal(t, err)
	t.Cleanup(func() { must(t, h.rooms.Close(ctx)) })
	far := httptest.NewServer(h.zoom)
	t.Cleanup(far.Close)
	client := zoom.NewClient(zoom.ClientConfig{
		AccountID: zoomtest.AccountID, ClientID: zoomtest.ClientID, ClientSecret: zoomtest.ClientSecret, OAuthURL: far.URL, APIURL: far.URL,
	})
	t.Cleanup(client.Close)
	desk := zoom.NewDesk(zoom.DeskConfig{
		Client: client, Hosts: []string{zoomtest.Host}, Store: h.store, Rooms: h.rooms, Account: zoomtest.AccountID, Secret: zoomtest.WebhookSecret,
	})
	t.Cleanup(func() { must(t, desk.Close()) })
	h.checks = check.New(check.Config{Engine: engine})
	t.Cleanup(func() { must(t, h.checks.Close()) })
	h.server = api.New(api.Config{
		Rooms: h.rooms, Store: h.store, Keys: h.keys, Chat: h.chat, Checks: h.checks, PublicURL: publicURL, Version: "0.1.0", Logger: log,
		Library: h.library, Zoom: desk,
	})
	front := httptest.NewServer(h.server)
	t.Cleanup(front.Close)
	t.Cleanup(func() { must(t, h.server.Close(ctx)) })
	h.url = front.URL
	return h
}

// tidy ends the checks that a measured request was about: a few are open at a time.
func (h *wholeHost) tidy(id string, answer *untilFlush) {
	if id == "beginCheck" {
		var begun api.NetworkCheck
		fatal(h.t, json.Unmarshal(answer.Body.Bytes(), &begun))
		h.begun = append(h.begun, begun.ID)
	}
	for _, id := range h.begun {
		h.checks.End(id)
	}
	h.begun = nil
}

// asks makes requests about what is more than rows: recordings with their files,
// Zoom, checks, and the stream of events.
func (h *wholeHost) asks() map[string]func(n int) *http.Request {
	made := 0
	live := func() api.Interview {
		made++
		if made%10 == 0 {
			h.renew()
		}
		iv, _, _ := h.live(fmt.Sprintf("whole_%d", made))
		return iv
	}
	// tape makes a recording, with its files.
	tape := func() string {
		iv := live()
		id := interview.RecordingID(fmt.Sprintf("rec_%026d", made))
		h.record(h.library, iv, id)
		return string(id)
	}
	one := live()
	h.record(h.library, one, recorded)
	kept := "/v1/recordings/" + recorded
	ask := func(method, path, body string) func(int) *http.Request {
		return func(int) *http.Request { return httptest.NewRequest(method, path, strings.NewReader(body)) }
	}
	// linked makes a request with a person's link instead of a key.
	linked := func(method, path string) func(int) *http.Request {
		return func(int) *http.Request {
			raw, err := h.keys.MintView(token.View{
				ID: "tk_1", User: "client", Recording: recorded, All: true, IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
			})
			fatal(h.t, err)
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Authorization", "Bearer "+raw)
			return r
		}
	}
	begin := func() string {
		id, _, err := h.checks.Begin(netip.MustParseAddr("192.0.2.1"))
		fatal(h.t, err)
		h.begun = append(h.begun, id)
		return id
	}
	file := func(method, path, body string) func(int) *http.Request {
		return func(int) *http.Request {
			made++
			thread := fmt.Sprintf("files_%d", made)
			h.putThread(thread)
			id := string(h.offered(thread, "a").ID)
			return httptest.NewRequest(method, "/v1/files/"+id+path, strings.NewReader(body))
		}
	}
	return map[string]func(int) *http.Request{
		"getFile":     file("GET", "", ""),
		"grantFile":   file("POST", "/upload", placeJSON),
		"declineFile": file("POST", "/decline", ""),

		"listRecordings":   ask("GET", "/v1/interviews/"+one.ID+"/recordings", ""),
		"listConsents":     ask("GET", "/v1/interviews/"+one.ID+"/consents", ""),
		"getRecording":     ask("GET", kept, ""),
		"changeRecording":  ask("PATCH", kept, `{"held":false}`),
		"linkRecording":    ask("POST", kept+"/link", `{"user":{"id":"client"}}`),
		"listViews":        ask("GET", kept+"/views", ""),
		"openRecording":    linked("POST", kept+"/open"),
		"getRecordingFile": linked("GET", kept+"/files/manifest.json"),
		"askForDeletion":   linked("POST", kept+"/deletion"),
		"verifyRecording":  ask("GET", kept+"/verification", ""),
		"deleteTracks":     ask("DELETE", kept+"/tracks/freelancer", ""),
		"deleteTranscript": ask("DELETE", kept+"/transcripts/freelancer", ""),
		"deleteRecording": func(int) *http.Request {
			return httptest.NewRequest("DELETE", "/v1/recordings/"+tape(), nil)
		},

		"moveToZoom": func(int) *http.Request {
			body := strings.NewReader(`{"by":"client","url":"https://zoom.us/j/81234567890?pwd=x"}`)
			return httptest.NewRequest("POST", "/v1/interviews/"+live().ID+"/zoom", body)
		},
		"hearZoom": func(int) *http.Request {
			return zoomtest.Webhook("/v1/zoom/webhook", zoom.EventStarted, "81234567001", time.Now(), time.Time{})
		},

		"beginCheck": ask("POST", "/v1/checks", ""),
		"offerCheck": func(int) *http.Request {
			browser := sfutest.NewNetwork(h.t).Browser("somebody", sfutest.Sources(sfu.Mic))
			defer browser.Close()
			offer := browser.Offer(0)
			body, err := json.Marshal(api.CheckOffer{
				SDP: offer.SDP, Mic: offer.Sources[sfu.Mic], ScreenAudio: offer.Screen.Audio, ScreenVideo: offer.Screen.Video,
			})
			fatal(h.t, err)
			return httptest.NewRequest("POST", "/v1/checks/"+begin()+"/offer", strings.NewReader(string(body)))
		},
		"endCheck": func(int) *http.Request { return httptest.NewRequest("DELETE", "/v1/checks/"+begin(), nil) },
		"sayReady": func(int) *http.Request {
			iv := h.ring(fmt.Sprintf("ready_%d", made))
			made++
			raw, err := h.keys.Mint(token.Claims{
				ID: "tk_1", User: "client", Name: "Clara Novak", Role: "interviewer", Interview: iv.ID, IssuedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
			})
			fatal(h.t, err)
			r := httptest.NewRequest("POST", "/v1/ready", nil)
			r.Header.Set("Authorization", "Bearer "+raw)
			return r
		},
		"streamEvents": ask("GET", "/v1/events", ""),
	}
}
