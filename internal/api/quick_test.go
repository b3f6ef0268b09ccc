package api_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"parley/internal/api"
	"parley/internal/store"
)

var endpoints = flag.Bool("endpoints", false, "measure every endpoint with 100,000 interviews in the database")

// quickEnough is the p99 that every endpoint must stay under.
const quickEnough = 20 * time.Millisecond

// slower are the routes whose answer is a promise about the disk: a recording is
// deleted when its key and its files are, which takes six writes that reached it.
var slower = map[string]time.Duration{"deleteRecording": 500 * time.Millisecond}

// past fills a database with what a busy year leaves: 20,000 threads with
// 100,000 interviews, 2,000 of them yet to come, and with what was told of them.
var past = []string{
	`CREATE TEMP TABLE c AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c WHERE n < 100000) SELECT n FROM c`,
	`INSERT INTO threads (id, title, contract_state, created_at, updated_at, stage) SELECT 't'||n, 'Booking app', 'none', n, n, 'messaged' FROM c WHERE n <= 20000`,
	`INSERT INTO thread_participants (thread, n, user_id, name, role, time_zone) SELECT 't'||n, 0, 'client', 'Clara Novak', 'interviewer', 'Europe/Prague' FROM c WHERE n <= 20000`,
	`INSERT INTO thread_participants (thread, n, user_id, name, role, time_zone) SELECT 't'||n, 1, 'freelancer', 'Femi Adeyemi', 'interviewee', 'Africa/Lagos' FROM c WHERE n <= 20000`,
	`INSERT INTO interviews (id, thread, mode, state, created_by, created_at, started_at, ended_at, end_reason)
		SELECT printf('iv_%08d', n), 't'||(n % 20000 + 1), 'video', 'ended', 'client', n*1000000, n*1000000+1, n*1000000+2, 'left' FROM c`,
	`UPDATE interviews SET state = 'scheduled', started_at = NULL, ended_at = NULL, end_reason = '',
		starts_at = (strftime('%s', 'now') + 2592000) * 1000000, planned_at = created_at WHERE id > 'iv_00098000'`,
	`INSERT INTO stays SELECT id, 0, 'client', 'Clara Novak', 'interviewer', started_at, ended_at FROM interviews WHERE state = 'ended'`,
	`INSERT INTO stays SELECT id, 1, 'freelancer', 'Femi Adeyemi', 'interviewee', started_at, ended_at FROM interviews WHERE state = 'ended'`,
	`INSERT INTO thread_people SELECT user_id, thread FROM thread_participants`,
	`INSERT INTO proposals SELECT printf('ps_%08d', n), 't'||(n % 20000 + 1), 'client', 'video', '1000000,2000000', 1800000000, 'Europe/Prague', '', '', 'declined', n, n, NULL, '' FROM c`,
	`INSERT INTO webhook_messages SELECT n, 'm'||n, 'interview.ended', printf('iv_%08d', n), n*1000000, '{"some":"body"}' FROM c`,
}

// TestEveryEndpointIsQuick measures each route of the document; a route that it
// does not know is an error, so that none is forgotten.
func TestEveryEndpointIsQuick(t *testing.T) {
	if !*endpoints {
		return // make bench-api
	}
	dir := t.TempDir()
	empty, err := store.Open(t.Context(), dir, slog.New(slog.DiscardHandler))
	fatal(t, err)
	fatal(t, empty.Close())
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "parley.db"))
	fatal(t, err)
	db.SetMaxOpenConns(1)
	for _, q := range past {
		if _, err := db.ExecContext(context.Background(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	fatal(t, db.Close())
	h := newWholeHost(t, dir)
	requests := asks(h.host)
	maps.Copy(requests, h.asks())
	for _, id := range api.RouteIDs() {
		ask, ok := requests[id]
		if !ok {
			t.Errorf("%s is not measured", id)
			continue
		}
		h.measure(id, ask)
	}
}

// measure makes a request 200 times and checks what the slowest but one took. A
// machine that is busy with something else has further chances.
func (h *wholeHost) measure(id string, ask func(n int) *http.Request) {
	h.t.Helper()
	var half, most time.Duration
	limit := quickEnough
	if own, ok := slower[id]; ok {
		limit = own
	}
	for range 8 {
		half, most = h.round(id, ask)
		if most <= limit {
			break
		}
	}
	h.t.Logf("%-22s p50 %8s  p99 %8s", id, half.Round(10*time.Microsecond), most.Round(10*time.Microsecond))
	if most > limit {
		h.t.Errorf("%s: p99 is %v, want at most %v", id, most, limit)
	}
}

func (h *wholeHost) round(id string, ask func(n int) *http.Request) (half, most time.Duration) {
	h.t.Helper()
	var took []time.Duration
	refused := 0
	for n := range 200 {
		if n%50 == 0 {
			h.renew() // a key may ask fifty times a second
		}
		request := ask(n)
		if request.Header.Get("Authorization") == "" {
			request.Header.Set("Authorization", "Bearer "+h.key)
		}
		request.Header.Set("Content-Type", "application/json")
		ctx, hangUp := context.WithCancel(request.Context())
		recorder := &untilFlush{httptest.NewRecorder(), hangUp}
		began := time.Now()
		h.server.ServeHTTP(recorder, request.WithContext(ctx))
		took = append(took, time.Since(began))
		hangUp()
		h.tidy(id, recorder)
		if recorder.Code >= 300 {
			if refused++; refused == 1 {
				h.t.Errorf("%s: %d %s", id, recorder.Code, recorder.Body)
			}
		}
	}
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100]
}

// untilFlush hangs up when a stream has begun: it would stay open.
type untilFlush struct {
	*httptest.ResponseRecorder
	hangUp func()
}

// Flush implements http.Flusher.
func (u *untilFlush) Flush() {
	u.ResponseRecorder.Flush()
	u.hangUp()
}

// renew takes another key, and the webhooks of the last one out of the way.
func (h *host) renew() {
	h.t.Helper()
	fatal(h.t, h.store.DeleteAPIKey(h.t.Context(), strings.Split(h.key, "_")[1]))
	h.key = h.newKey()
}

// asks makes a request of each route, for threads and interviews that are new
// each time where it changes them.
func asks(h *host) map[string]func(n int) *http.Request {
	get := func(path string) func(int) *http.Request {
		return func(n int) *http.Request {
			return httptest.NewRequest("GET", strings.ReplaceAll(path, "%d", fmt.Sprint(n+1)), nil)
		}
	}
	send := func(method, path, body string) func(int) *http.Request {
		return func(n int) *http.Request {
			fill := strings.NewReplacer("%d", fmt.Sprint(n+1), "%t", in(24+n))
			return httptest.NewRequest(method, fill.Replace(path), strings.NewReader(fill.Replace(body)))
		}
	}
	// after makes what the request is about, and puts its id in the path.
	after := func(make func(n int) string, then func(int) *http.Request) func(int) *http.Request {
		return func(n int) *http.Request {
			request := then(n)
			request.URL.Path = strings.ReplaceAll(request.URL.Path, "ID", make(n))
			return request
		}
	}
	made := 5000
	fresh := func() int { made++; return made }
	slot := in(24)
	ringing := func(int) string {
		return h.send("POST", fmt.Sprintf("/v1/threads/t%d/interviews", fresh()), `{"mode":"video","created_by":"client"}`).id()
	}
	scheduled := func(int) string {
		return h.send("POST", fmt.Sprintf("/v1/threads/t%d/interviews", fresh()), `{"mode":"video","starts_at":"`+slot+`"}`).id()
	}
	proposed := func(int) string {
		return h.send("POST", fmt.Sprintf("/v1/threads/t%d/proposals", fresh()), `{"by":"client","mode":"video","slots":["`+slot+`"]}`).id()
	}
	hook := func(int) string {
		return h.send("POST", "/v1/webhooks", `{"url":"https://app.example.com/","events":["interview.ended"]}`).id()
	}
	known := ""
	mine := func(n int) string { // one webhook for each key
		if n%50 == 0 {
			known = hook(n)
		}
		return known
	}
	delivered := func(n int) string {
		id := mine(n)
		return id + "/deliveries/" + h.send("POST", "/v1/webhooks/"+id+"/test", "").id()
	}
	// Somebody else each time: people contest a few things a day.
	decided := func(int) string {
		var c api.Check
		body := `{"thread":"t%[1]d","actor":"p%[1]d","surface":"chat","text":"write to %[2]s","record":true}`
		h.send("POST", "/v1/guard/check", fmt.Sprintf(body, fresh(), mail)).into(http.StatusOK, &c)
		return c.Decision
	}
	appeal := func(decision string) *http.Request {
		body := fmt.Sprintf(`{"by":"p%d","words":"No."}`, made)
		return httptest.NewRequest("POST", "/v1/guard/decisions/"+decision+"/appeal", strings.NewReader(body))
	}
	return map[string]func(int) *http.Request{
		"eraseParticipant":  send("DELETE", "/v1/participants/nobody%d", ""),
		"putThread":         send("PUT", "/v1/threads/t%d", strings.TrimSuffix(threadBody, "}")+`,"stage":"messaged"}`),
		"getThread":         get("/v1/threads/t%d"),
		"createInterview":   send("POST", "/v1/threads/t10%d/interviews", `{"mode":"video"}`),
		"listInterviews":    get("/v1/threads/t%d/interviews?limit=100"),
		"listAllInterviews": get("/v1/interviews?state=ended&before=iv_000%d5000&limit=100"),
		"getInterview":      get("/v1/interviews/iv_00050000"),
		"joinInterview":     after(ringing, send("POST", "/v1/interviews/ID/join", `{"user":{"id":"client"}}`)),
		"endInterview":      after(ringing, send("POST", "/v1/interviews/ID/end", "")),
		"declineInterview":  after(ringing, send("POST", "/v1/interviews/ID/decline", `{"by":"freelancer"}`)),
		"cancelInterview":   after(ringing, send("POST", "/v1/interviews/ID/cancel", "")),

		"propose":             send("POST", "/v1/threads/t12%d/proposals", `{"by":"client","mode":"video","slots":["%t"]}`),
		"listProposals":       get("/v1/threads/t%d/proposals"),
		"getProposal":         get("/v1/proposals/ps_00050000"),
		"acceptProposal":      after(proposed, send("POST", "/v1/proposals/ID/accept", `{"by":"freelancer","slot":"`+slot+`"}`)),
		"declineProposal":     after(proposed, send("POST", "/v1/proposals/ID/decline", `{"by":"freelancer"}`)),
		"withdrawProposal":    after(proposed, send("POST", "/v1/proposals/ID/withdraw", "")),
		"rescheduleInterview": after(scheduled, send("POST", "/v1/interviews/ID/reschedule", `{"starts_at":"`+in(24*200)+`"}`)),
		"getCalendar":         get("/v1/interviews/iv_00099000/calendar.ics"),

		"createReport":    after(ringing, send("POST", "/v1/interviews/ID/reports", `{"by":"client","reason":"other"}`)),
		"getQuality":      get("/v1/interviews/iv_00050000/quality"),
		"listReports":     get("/v1/interviews/iv_00050000/reports"),
		"postMessage":     send("POST", "/v1/threads/t%d/messages", `{"by":"client","text":"Hello %d"}`),
		"listMessages":    get("/v1/threads/t%d/messages"),
		"checkText":       send("POST", "/v1/guard/check", `{"thread":"t%d","surface":"chat","text":"write to `+mail+`"}`),
		"getGuard":        get("/v1/threads/t%d/guard"),
		"putGuard":        send("PUT", "/v1/threads/t%d/guard", `{"mode":"mask"}`),
		"putContract":     send("PUT", "/v1/threads/t%d/contract", `{"state":"active"}`),
		"listDecisions":   get("/v1/guard/decisions"),
		"getDecision":     after(decided, get("/v1/guard/decisions/ID")),
		"contestDecision": func(n int) *http.Request { return appeal(decided(n)) },
		"decideAppeal": after(func(n int) string {
			id := decided(n)
			r := appeal(id)
			r.Header.Set("Authorization", "Bearer "+h.key)
			r.Header.Set("Content-Type", "application/json")
			h.server.ServeHTTP(httptest.NewRecorder(), r)
			return id
		}, send("PUT", "/v1/guard/decisions/ID/appeal", `{"by":"ana","upheld":true}`)),

		"createWebhook": after(func(n int) string {
			if n%15 == 14 {
				h.renew()
			}
			return ""
		}, send("POST", "/v1/webhooks", `{"url":"https://app.example.com/%d"}`)),
		"listWebhooks":  get("/v1/webhooks"),
		"getWebhook":    after(mine, get("/v1/webhooks/ID")),
		"changeWebhook": after(mine, send("PATCH", "/v1/webhooks/ID", `{"description":"%d"}`)),
		"deleteWebhook": after(hook, send("DELETE", "/v1/webhooks/ID", "")),
		"rotateWebhook": after(mine, send("POST", "/v1/webhooks/ID/rotate", "")),
		"testWebhook":   after(mine, send("POST", "/v1/webhooks/ID/test", "")),
		"replayWebhook": after(mine, func(n int) *http.Request {
			since := time.Unix(int64(1000+n*150), 0).UTC().Format(time.RFC3339)
			return httptest.NewRequest("POST", "/v1/webhooks/ID/replay", strings.NewReader(`{"since":"`+since+`"}`))
		}),
		"listDeliveries": after(mine, get("/v1/webhooks/ID/deliveries")),
		"getDelivery":    after(delivered, get("/v1/webhooks/ID")),
		"replayDelivery": after(delivered, send("POST", "/v1/webhooks/ID/replay", "")),

		"createKey": send("POST", "/v1/keys", `{"name":"%d"}`),
		"listKeys":  get("/v1/keys"),
		"revokeKey": after(func(int) string { return h.send("POST", "/v1/keys", `{"name":"x"}`).id() }, send("DELETE", "/v1/keys/ID", "")),

		"getProvider": get("/v1/provider"),
		"getOpenAPI":  get("/v1/openapi.json"),
	}
}

// id is the id of what was made.
func (a answer) id() string {
	a.t.Helper()
	var made struct{ ID string }
	a.decode(&made)
	if made.ID == "" {
		a.t.Fatalf("nothing was made: %d %s", a.status, a.body)
	}
	return made.ID
}
