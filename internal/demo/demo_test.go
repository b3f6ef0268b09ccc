package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/chat"
	"parley/internal/conference"
	"parley/internal/guard"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/internal/token"
)

// server is a whole Parley, without media, that the app talks to over HTTP.
type server struct {
	url, key string
	rooms    *conference.Rooms
	chat     *chat.Clerk
}

func newServer(t *testing.T) *server {
	t.Helper()
	ctx := context.Background() // outlives the test's own, for the clean-up
	db, err := store.Open(ctx, storetest.Dir(t), quiet())
	fatal(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	rooms, err := conference.Open(ctx, conference.Config{Store: db})
	fatal(t, err)
	t.Cleanup(func() { must(t, rooms.Close(ctx)) })
	signing, err := token.GenerateKey()
	fatal(t, err)
	keys, err := token.NewKeyring(signing)
	fatal(t, err)
	plain, key, err := token.NewAPIKey("demo", time.Now())
	fatal(t, err)
	fatal(t, db.PutAPIKey(ctx, store.APIKey(key)))

	clerk := chat.New(chat.Config{
		Store: db, Key: make([]byte, 32), Mode: guard.Full,
		Files: chat.FileRules{FilePolicy: interview.FilePolicy{MaxSize: 1 << 40}, Origins: []string{chat.OriginSelf}},
	})
	t.Cleanup(func() { _ = clerk.Close() })
	rest := api.New(api.Config{Rooms: rooms, Store: db, Keys: keys, Chat: clerk, PublicURL: "http://localhost:8080", Version: "test", Logger: quiet()})
	listener := httptest.NewServer(rest)
	t.Cleanup(listener.Close)
	t.Cleanup(func() { must(t, rest.Close(ctx)) })
	return &server{url: listener.URL, key: plain, rooms: rooms, chat: clerk}
}

// browser is a person's browser at the app.
type browser struct {
	t       *testing.T
	app     *App
	url, as string
}

// newApp starts the app in dir, in front of a server.
func newApp(t *testing.T, s *server, dir string) *browser {
	t.Helper()
	app, err := New(Config{
		API: s.url, Key: s.key, Dir: dir, PublicURL: "https://parley.example.com", Logger: quiet(),
		Page: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<!doctype html><title>Messages</title>")
		}),
	})
	fatal(t, err)
	listener := httptest.NewServer(app)
	t.Cleanup(listener.Close)
	t.Cleanup(func() { must(t, app.Close(context.Background())) })
	return &browser{t: t, app: app, url: listener.URL, as: "client"}
}

func (b *browser) is(person string) *browser {
	other := *b
	other.as = person
	return &other
}

// post sends a person's wish. fields are the body besides "as".
func (b *browser) post(path string, fields any) (status int, body []byte) {
	b.t.Helper()
	raw, err := json.Marshal(fields)
	fatal(b.t, err)
	all := map[string]any{}
	fatal(b.t, json.Unmarshal(raw, &all))
	if all == nil { // no fields at all
		all = map[string]any{}
	}
	all["as"] = b.as
	raw, err = json.Marshal(all)
	fatal(b.t, err)
	return b.do("POST", path, raw, "application/json")
}

func (b *browser) do(method, path string, body []byte, media string, headers ...string) (int, []byte) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, bytes.NewReader(body))
	fatal(b.t, err)
	request.Header.Set("Content-Type", media)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	fatal(b.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	fatal(b.t, err)
	return response.StatusCode, raw
}

// wants posts, checks the status and reads the answer.
func (b *browser) wants(status int, path string, fields any, into any) {
	b.t.Helper()
	got, raw := b.post(path, fields)
	if got != status {
		b.t.Fatalf("%s: got status %d and %s, want %d", path, got, raw, status)
	}
	fatal(b.t, json.Unmarshal(raw, into))
}

// refused posts and checks the problem that comes back.
func (b *browser) refused(status int, code, path string, fields any) {
	b.t.Helper()
	var p Problem
	b.wants(status, path, fields, &p)
	if p.Code != code || p.Status != status || p.Detail == "" {
		b.t.Errorf("%s: got problem %+v, want code %s", path, p, code)
	}
}

func (b *browser) state() State {
	b.t.Helper()
	_, raw := b.do("GET", "/app/state?as="+b.as, nil, "")
	var s State
	fatal(b.t, json.Unmarshal(raw, &s))
	return s
}

// watch opens the event stream and returns every state that comes.
func (b *browser) watch() <-chan State {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	request, err := http.NewRequestWithContext(ctx, "GET", b.url+"/app/events?as="+b.as, nil)
	fatal(b.t, err)
	response, err := http.DefaultClient.Do(request)
	fatal(b.t, err)
	states := make(chan State, 256)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(states)
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var s State
				if err := json.Unmarshal([]byte(data), &s); err != nil {
					b.t.Errorf("state event: %v", err)
				}
				states <- s
			}
		}
	})
	b.t.Cleanup(func() { cancel(); reading.Wait() })
	return states
}

// until reads states until one is as described.
func until(t *testing.T, states <-chan State, what string, is func(State) bool) State {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case s, ok := <-states:
			if !ok {
				t.Fatalf("the stream ended before: %s", what)
			}
			if is(s) {
				return s
			}
		case <-timeout:
			t.Fatalf("did not come: %s", what)
		}
	}
}

// card returns the newest card of the first thread.
func card(s State) *Interview {
	if len(s.Threads) == 0 {
		return nil
	}
	for n := len(s.Threads[0].Items) - 1; n >= 0; n-- {
		if iv := s.Threads[0].Items[n].Interview; iv != nil {
			return iv
		}
	}
	return nil
}

func cardIs(state string, present int) func(State) bool {
	return func(s State) bool {
		iv := card(s)
		return iv != nil && iv.State == state && len(iv.Present) == present
	}
}

// enter brings a person into the room behind an interview.
func (s *server) enter(t *testing.T, iv string, who Person, role interview.Role) *conference.Session {
	t.Helper()
	session, _, err := s.rooms.Attach(t.Context(), conference.Attach{
		Interview:   interview.ID(iv),
		Participant: interview.Participant{ID: interview.UserID(who.ID), Name: who.Name, Role: role},
		Device:      who.ID, TokenID: who.ID, Deliver: func(conference.Notice) {},
	})
	fatal(t, err)
	fatal(t, session.Enter(t.Context()))
	return session
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	fatal(t, err)
	return raw
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

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
