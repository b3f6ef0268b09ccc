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
	"testing/fstest"
	"time"

	"parley/internal/api"
	"parley/internal/conference"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/token"
)

// server is a whole Parley, without media, that the app talks to over HTTP.
type server struct {
	url, key string
	rooms    *conference.Rooms
}

func newServer(t *testing.T) *server {
	t.Helper()
	ctx := context.Background() // outlives the test's own, for the clean-up
	db, err := store.Open(ctx, t.TempDir(), quiet())
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

	rest := api.New(api.Config{Rooms: rooms, Store: db, Keys: keys, PublicURL: "http://localhost:8080", Version: "test", Logger: quiet()})
	listener := httptest.NewServer(rest)
	t.Cleanup(listener.Close)
	t.Cleanup(func() { must(t, rest.Close(ctx)) })
	return &server{url: listener.URL, key: plain, rooms: rooms}
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
		API: s.url, Key: s.key, Dir: dir, Logger: quiet(),
		Assets: fstest.MapFS{"app.html": {Data: []byte("<!doctype html><title>Messages</title>")}},
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
func (b *browser) post(path string, fields map[string]string) (status int, body []byte) {
	b.t.Helper()
	all := map[string]string{"as": b.as}
	for name, value := range fields {
		all[name] = value
	}
	raw, err := json.Marshal(all)
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
func (b *browser) wants(status int, path string, fields map[string]string, into any) {
	b.t.Helper()
	got, raw := b.post(path, fields)
	if got != status {
		b.t.Fatalf("%s: got status %d and %s, want %d", path, got, raw, status)
	}
	fatal(b.t, json.Unmarshal(raw, into))
}

// refused posts and checks the problem that comes back.
func (b *browser) refused(status int, code, path string, fields map[string]string) {
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

func TestCallGoesFromTheProposalToTheEndedCard(t *testing.T) {
	s := newServer(t)
	client := newApp(t, s, t.TempDir())
	freelancer := client.is("freelancer")
	theirs, ours := freelancer.watch(), client.watch()
	until(t, theirs, "no thread at first", func(s State) bool { return len(s.Threads) == 0 && s.Proposals[0].Stage == StageProposed })

	var opened OpenedBody
	client.wants(http.StatusOK, "/app/proposals/pr_femi/message", map[string]string{"text": "Hello Femi"}, &opened)
	seen := until(t, theirs, "the thread", func(s State) bool { return len(s.Threads) == 1 })
	if p := seen.Proposals[0]; p.Stage != StageMessaged || p.Thread != opened.Thread || seen.Threads[0].Items[0].Text != "Hello Femi" {
		t.Errorf("the freelancer sees %+v", seen)
	}
	var said Item
	freelancer.wants(http.StatusCreated, "/app/threads/"+opened.Thread+"/messages", map[string]string{"text": " Hi Clara "}, &said)
	until(t, ours, "the answer", func(s State) bool {
		return len(s.Threads) == 1 && len(s.Threads[0].Items) == 2 && s.Threads[0].Items[1].Text == "Hi Clara" && s.Threads[0].Items[1].From == "freelancer"
	})

	var room, theirRoom RoomBody
	client.wants(http.StatusOK, "/app/threads/"+opened.Thread+"/call", map[string]string{"mode": "video"}, &room)
	if !strings.HasPrefix(room.URL, "http://localhost:8080/r/"+room.Interview.ID+"#token=") || room.Interview.CreatedBy != "client" {
		t.Errorf("got room %+v", room)
	}
	until(t, theirs, "the ringing card", cardIs("ringing", 0))
	inside := s.enter(t, room.Interview.ID, theClient(), interview.RoleInterviewer)
	until(t, theirs, "the client waiting inside", cardIs("ringing", 1))

	freelancer.wants(http.StatusOK, "/app/threads/"+opened.Thread+"/join", nil, &theirRoom)
	if theirRoom.Interview.ID != room.Interview.ID || theirRoom.URL == room.URL {
		t.Errorf("got room %+v for the freelancer, want another way into %s", theirRoom, room.Interview.ID)
	}
	femi, _ := personByID("freelancer")
	other := s.enter(t, room.Interview.ID, femi, interview.RoleInterviewee)
	until(t, ours, "the live card", cardIs("live", 2))
	fatal(t, other.Leave(t.Context()))
	fatal(t, inside.Leave(t.Context()))
	until(t, theirs, "the ended card", cardIs("ended", 0))
	final := until(t, ours, "the ended card", cardIs("ended", 0))
	if items := final.Threads[0].Items; len(items) != 3 || items[2].Kind != KindCard {
		t.Errorf("got items %+v, want two messages and one card", items)
	}
	freelancer.refused(http.StatusNotFound, "no_open_interview", "/app/threads/"+opened.Thread+"/join", nil)
}

func TestManyPressesOpenOneThread(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if status, raw := client.post("/app/proposals/pr_ingrid/message", map[string]string{"text": "Hello"}); status != http.StatusOK {
				t.Errorf("got status %d and %s", status, raw)
			}
		})
	}
	wg.Wait()
	s := client.state()
	if len(s.Threads) != 1 || len(s.Threads[0].Items) != 1 || s.Threads[0].With.ID != "ingrid" {
		t.Errorf("got threads %+v, want one with one message", s.Threads)
	}
	if got := client.is("freelancer").state(); len(got.Threads) != 0 || len(got.Proposals) != 1 || got.Proposals[0].Stage != StageProposed {
		t.Errorf("Femi sees %+v of Ingrid's thread", got)
	}
}

func TestSecondPressOfTheCallButtonFindsTheCall(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	var first, second RoomBody
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "audio"}, &first)
	client.is("freelancer").wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &second)
	if first.Interview.ID != second.Interview.ID || second.Interview.Mode != "audio" {
		t.Errorf("got %+v and %+v, want one audio interview", first.Interview, second.Interview)
	}
	if items := client.state().Threads[0].Items; len(items) != 1 {
		t.Errorf("got %d items, want one card", len(items))
	}
}

func TestDeclinedCallShowsOnItsCardAndCanBeRepeated(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	freelancer := client.is("freelancer")
	client.post("/app/proposals/pr_femi/message", nil)
	var room, again RoomBody
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &room)
	client.refused(http.StatusForbidden, "not_allowed", "/app/threads/th_pr_femi/decline", nil)
	var item Item
	freelancer.wants(http.StatusOK, "/app/threads/th_pr_femi/decline", map[string]string{"reason": "On a train"}, &item)
	if item.Interview == nil || item.Interview.State != "declined" {
		t.Errorf("got %+v, want the card of a declined interview", item)
	}
	if iv := card(client.state()); iv == nil || iv.State != "declined" {
		t.Errorf("the client sees %+v, want declined", iv)
	}
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &again)
	if again.Interview.ID == room.Interview.ID {
		t.Error("the second call is the declined one")
	}
}

func TestRestartKeepsMessagesAndReadsWhatWasMissed(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	client := newApp(t, s, dir)
	client.post("/app/proposals/pr_femi/message", map[string]string{"text": "Hello"})
	var room RoomBody
	client.wants(http.StatusOK, "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"}, &room)
	fatal(t, client.app.Close(t.Context()))

	_, err := s.rooms.End(t.Context(), interview.ID(room.Interview.ID), "", interview.ReasonEndedByHost)
	fatal(t, err)
	missed, _, err := s.rooms.Create(t.Context(), conference.Create{Thread: "th_pr_femi", Mode: interview.ModeAudio})
	fatal(t, err)

	client = newApp(t, s, dir)
	state := until(t, client.watch(), "the missed interview", func(s State) bool {
		iv := card(s)
		return iv != nil && iv.ID == string(missed.ID)
	})
	items := state.Threads[0].Items
	if len(items) != 3 || items[0].Text != "Hello" || items[1].Interview.State != "cancelled" {
		t.Errorf("got items %+v, want the message, the cancelled call and the new one", items)
	}
}

func TestMessagesAreWrittenWhileParleyIsAway(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client := newApp(t, &server{url: gone.URL, key: "pk_none"}, t.TempDir())
	var opened OpenedBody
	client.wants(http.StatusOK, "/app/proposals/pr_femi/message", map[string]string{"text": "Hello"}, &opened)
	client.refused(http.StatusBadGateway, "parley_unreachable", "/app/threads/"+opened.Thread+"/call", map[string]string{"mode": "video"})
}

func TestWrongAPIKeyIsTheAppsOwnFailure(t *testing.T) {
	s := newServer(t)
	client := newApp(t, &server{url: s.url, key: "pk_wrong"}, t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	client.refused(http.StatusInternalServerError, "internal", "/app/threads/th_pr_femi/call", map[string]string{"mode": "video"})
}

func TestRequestsAreRefusedWithTheirReason(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	text := map[string]string{"text": "x"}
	client.refused(http.StatusNotFound, "not_found", "/app/proposals/pr_none/message", nil)
	client.is("freelancer").refused(http.StatusForbidden, "not_yours", "/app/proposals/pr_femi/message", nil)
	client.is("nobody").refused(http.StatusBadRequest, "unknown_person", "/app/proposals/pr_femi/message", nil)
	client.refused(http.StatusNotFound, "not_found", "/app/threads/th_none/messages", text)
	client.is("mateo").refused(http.StatusForbidden, "not_yours", "/app/threads/th_pr_femi/messages", text)
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"text": " \n "})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"text": strings.Repeat("é", 4001)})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"words": "x"})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/messages", map[string]string{"text": strings.Repeat("x", maxBody)})
	client.refused(http.StatusBadRequest, "invalid_request", "/app/threads/th_pr_femi/call", map[string]string{"mode": "zoom"})
	client.refused(http.StatusNotFound, "no_open_interview", "/app/threads/th_pr_femi/join", nil)
	client.refused(http.StatusNotFound, "no_open_interview", "/app/threads/th_pr_femi/decline", nil)
	for path, want := range map[string]int{"/app/state?as=nobody": 400, "/app/events?as=": 400, "/app/nothing": 404, "/nothing": 404} {
		if got, raw := client.do("GET", path, nil, ""); got != want || !bytes.Contains(raw, []byte(`"code"`)) {
			t.Errorf("%s: got status %d and %s, want %d and a problem", path, got, raw, want)
		}
	}
}

func TestPagesOfOtherSitesCannotWrite(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	body := []byte(`{"as":"client"}`)
	if got, _ := client.do("POST", "/app/proposals/pr_femi/message", body, "application/json", "Origin", "https://elsewhere.example"); got != http.StatusForbidden {
		t.Errorf("another site's page got status %d, want 403", got)
	}
	if got, _ := client.do("POST", "/app/proposals/pr_femi/message", body, "text/plain"); got != http.StatusBadRequest {
		t.Errorf("a form got status %d, want 400", got)
	}
	if len(client.state().Threads) != 0 {
		t.Error("a refused request opened the thread")
	}
}

func TestPersonWhoSendsTooMuchIsSlowedDown(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	client.post("/app/proposals/pr_femi/message", nil)
	for range 20 * requestBurst {
		if status, raw := client.post("/app/threads/th_pr_femi/join", nil); status == http.StatusTooManyRequests {
			if !bytes.Contains(raw, []byte("too_many_requests")) {
				t.Errorf("got %s", raw)
			}
			return
		}
	}
	t.Error("nothing was refused")
}

func TestPageIsServed(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	if status, raw := client.do("GET", "/?as=client", nil, ""); status != http.StatusOK || !bytes.Contains(raw, []byte("<title>Messages")) {
		t.Errorf("got status %d and %s", status, raw)
	}
	if status, raw := client.do("GET", "/app/people", nil, ""); status != http.StatusOK || !sameJSON(t, raw, golden(t, "people.json")) {
		t.Errorf("got status %d and %s, want people.json", status, raw)
	}
}

func TestClosingEndsThePages(t *testing.T) {
	client := newApp(t, newServer(t), t.TempDir())
	states := client.watch()
	<-states
	fatal(t, client.app.Close(t.Context()))
	if _, open := <-states; open {
		t.Error("the stream goes on")
	}
	if status, _ := client.do("GET", "/app/events?as=client", nil, ""); status != http.StatusServiceUnavailable {
		t.Errorf("a new page got status %d, want 503", status)
	}
	fatal(t, client.app.Close(t.Context()))
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
