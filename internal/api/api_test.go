package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/chat"
	"parley/internal/check"
	"parley/internal/conference"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/internal/token"
	"parley/sfu"
)

const publicURL = "https://calls.example.com"

// host is a host app in front of a whole server: a real store, real rooms and a
// real media engine on loopback.
type host struct {
	t      *testing.T
	url    string
	key    string // the API key it presents
	server *api.Server
	rooms  *conference.Rooms
	store  *store.Store
	chat   *chat.Clerk
	keys   *token.Keyring
}

func newHost(t *testing.T) *host {
	t.Helper()
	return newHostIn(t, storetest.Dir(t))
}

// newHostIn is newHost with what is in a data directory.
func newHostIn(t *testing.T, dir string) *host {
	t.Helper()
	ctx := context.Background() // outlives the test's own, for the clean-up
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	db, err := store.Open(ctx, dir, log)
	fatal(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	engine, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Shards: 1})
	fatal(t, err)
	t.Cleanup(func() { must(t, engine.Close()) })
	rooms, err := conference.Open(ctx, conference.Config{Store: db, Engine: engine, Logger: log, Encode: api.EncodeEvent})
	fatal(t, err)
	t.Cleanup(func() { must(t, rooms.Close(ctx)) })
	signing, err := token.GenerateKey()
	fatal(t, err)
	keys, err := token.NewKeyring(signing)
	fatal(t, err)

	clerk := chat.New(chat.Config{
		Store: db, Key: make([]byte, 32), Mode: guard.Observe, Encode: api.EncodeThreadEvent, Logger: log,
		Files: chat.FileRules{FilePolicy: interview.FilePolicy{MaxSize: 10 << 20}, Origins: []string{"https://files.example.com"}},
	})
	t.Cleanup(func() { must(t, clerk.Close()) })
	checks := check.New(check.Config{Engine: engine})
	t.Cleanup(func() { must(t, checks.Close()) })
	server := api.New(api.Config{Rooms: rooms, Store: db, Keys: keys, Chat: clerk, Checks: checks, PublicURL: publicURL, Version: "0.1.0", Logger: log})
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	t.Cleanup(func() { must(t, server.Close(ctx)) })
	h := &host{t: t, url: listener.URL, server: server, rooms: rooms, store: db, chat: clerk, keys: keys}
	h.key = h.newKey()
	return h
}

// newKey makes an API key that the server knows.
func (h *host) newKey() string {
	h.t.Helper()
	plain, key, err := token.NewAPIKey("test", time.Now())
	fatal(h.t, err)
	fatal(h.t, h.store.PutAPIKey(h.t.Context(), store.APIKey(key)))
	return plain
}

// answer is what came back for a request.
type answer struct {
	t       *testing.T
	request *http.Request
	status  int
	header  http.Header
	body    []byte
}

// send sends a request with the host's key. headers come in pairs.
func (h *host) send(method, path, body string, headers ...string) answer {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, strings.NewReader(body))
	fatal(h.t, err)
	request.Header.Set("Authorization", "Bearer "+h.key)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			request.Header.Del(headers[i])
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	fatal(h.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	fatal(h.t, err)
	return answer{t: h.t, request: request, status: response.StatusCode, header: response.Header, body: raw}
}

// into checks the status and reads the body.
func (a answer) into(status int, out any) {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("got status %d and %s, want status %d", a.status, a.body, status)
	}
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		a.t.Fatalf("answer %s: %v", a.body, err)
	}
}

// interview checks the status and reads an interview.
func (a answer) interview(status int) api.Interview {
	a.t.Helper()
	var iv api.Interview
	a.into(status, &iv)
	return iv
}

// problem checks that the answer is the problem of that code, and returns it.
func (a answer) problem(status int, code api.Code) api.Problem {
	a.t.Helper()
	var p api.Problem
	a.into(status, &p)
	if p.Code != code || p.Status != status {
		a.t.Fatalf("got problem %+v, want code %s and status %d", p, code, status)
	}
	if !api.Describes(a.request, code) {
		a.t.Errorf("%s %s: the document does not describe %s", a.request.Method, a.request.URL.Path, code)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("got Content-Type %q, want application/problem+json", got)
	}
	if p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") {
		a.t.Errorf("got request id %q in the problem and %q in the header, want the same", p.RequestID, a.header.Get("X-Request-Id"))
	}
	return p
}

const threadBody = `{"title":"Booking app","participants":[
	{"id":"client","name":"Clara Novak","role":"interviewer"},
	{"id":"freelancer","name":"Femi Adeyemi","role":"interviewee"}]}`

// putThread puts the thread that most tests talk in.
func (h *host) putThread(id string) {
	h.t.Helper()
	var t api.Thread
	h.send("PUT", "/v1/threads/"+id, threadBody).into(http.StatusOK, &t)
}

// ring calls in a new thread.
func (h *host) ring(thread string) api.Interview {
	h.t.Helper()
	h.putThread(thread)
	return h.send("POST", "/v1/threads/"+thread+"/interviews", `{"mode":"video","created_by":"client"}`).interview(http.StatusCreated)
}

// enter brings a participant into the room of an interview.
func (h *host) enter(iv api.Interview, user, name string, role interview.Role) *conference.Session {
	h.t.Helper()
	session, _, err := h.rooms.Attach(h.t.Context(), conference.Attach{
		Interview:   interview.ID(iv.ID),
		Participant: interview.Participant{ID: interview.UserID(user), Name: name, Role: role},
		Device:      "device-" + user, TokenID: "token-" + user, Deliver: func(conference.Notice) {},
	})
	fatal(h.t, err)
	fatal(h.t, session.Enter(h.t.Context()))
	return session
}

// live brings both people into an interview.
func (h *host) live(thread string) (iv api.Interview, client, freelancer *conference.Session) {
	h.t.Helper()
	iv = h.ring(thread)
	client = h.enter(iv, "client", "Clara Novak", interview.RoleInterviewer)
	freelancer = h.enter(iv, "freelancer", "Femi Adeyemi", interview.RoleInterviewee)
	return iv, client, freelancer
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must is for clean-up, where the rest should still run.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
