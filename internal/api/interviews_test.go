package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/interview"
)

func TestThreadIsReadAsItWasPut(t *testing.T) {
	h := newHost(t)
	var put, got api.Thread
	h.send("PUT", "/v1/threads/th:1", `{"title":"Booking app","participants":[{"id":"a","name":"Ana","role":"observer"}],
		"contract":{"state":"active","effective_at":"2026-03-02T12:00:00+02:00"}}`).into(http.StatusOK, &put)
	h.send("GET", "/v1/threads/th:1", "").into(http.StatusOK, &got)
	if want := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC); got.Contract.State != "active" || got.Contract.EffectiveAt != want {
		t.Errorf("got contract %+v, want active from %v", got.Contract, want)
	}
	if got.ID != "th:1" || got.Title != "Booking app" || len(got.Participants) != 1 || got.Participants[0] != (api.Participant{ID: "a", Name: "Ana", Role: "observer"}) {
		t.Errorf("got thread %+v", got)
	}
	if put.Contract != got.Contract || put.Participants[0] != got.Participants[0] {
		t.Errorf("PUT answered %+v, GET %+v", put, got)
	}
}

func TestThreadPutAgainReplacesTheFirst(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	h.send("PUT", "/v1/threads/th_1", `{"participants":[{"id":"x","role":"interpreter"}]}`)
	var got api.Thread
	h.send("GET", "/v1/threads/th_1", "").into(http.StatusOK, &got)
	if got.Title != "" || len(got.Participants) != 1 || got.Participants[0].ID != "x" || got.Contract.State != "none" {
		t.Errorf("got %+v, want only what was put last", got)
	}
}

func TestThreadThatBreaksARuleIsRefused(t *testing.T) {
	h := newHost(t)
	twice := `{"participants":[{"id":"a","role":"observer"},{"id":"a","role":"observer"}]}`
	h.send("PUT", "/v1/threads/th_1", twice).problem(http.StatusBadRequest, api.CodeInvalidThread)
	h.send("PUT", "/v1/threads/th%201", threadBody).problem(http.StatusBadRequest, api.CodeInvalidThread)
	h.send("PUT", "/v1/threads/"+strings.Repeat("x", 129), threadBody).problem(http.StatusBadRequest, api.CodeInvalidThread)
}

func TestCallRingsAndASecondCallFindsIt(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	first := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video","created_by":"client"}`)
	iv := first.interview(http.StatusCreated)
	if iv.State != "ringing" || iv.Thread != "th_1" || iv.Mode != "video" || iv.CreatedBy != "client" || iv.RingsUntil.IsZero() {
		t.Errorf("got %+v, want a ringing video interview of th_1", iv)
	}
	if got, want := first.header.Get("Location"), "/v1/interviews/"+iv.ID; got != want {
		t.Errorf("got Location %q, want %q", got, want)
	}
	again := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"audio"}`).interview(http.StatusOK)
	if again.ID != iv.ID || again.Mode != "video" {
		t.Errorf("second call got %s (%s), want the open %s (video)", again.ID, again.Mode, iv.ID)
	}
	if got := h.send("GET", "/v1/interviews/"+iv.ID, "").interview(http.StatusOK); got.ID != iv.ID || got.State != "ringing" {
		t.Errorf("read %+v, want %s ringing", got, iv.ID)
	}
}

func TestManyCallsAtOnceMakeOneInterview(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	answers := make([]answer, 12)
	var wg sync.WaitGroup
	for n := range answers {
		wg.Go(func() { answers[n] = h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"audio"}`) })
	}
	wg.Wait()
	created, ids := 0, make(map[string]bool)
	for _, a := range answers {
		if a.status == http.StatusCreated {
			created++
		}
		ids[a.interview(a.status).ID] = true
	}
	if created != 1 || len(ids) != 1 {
		t.Errorf("got %d created and %d different interviews, want 1 of each", created, len(ids))
	}
}

func TestCallIsRefusedWithItsReason(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	h.send("POST", "/v1/threads/nowhere/interviews", `{"mode":"video"}`).problem(http.StatusNotFound, api.CodeNotFound)
	h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video","created_by":"stranger"}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
	h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video","starts_at":"2020-01-01T00:00:00Z"}`).problem(http.StatusBadRequest, api.CodeInvalidTime)
	if p := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"phone"}`).problem(http.StatusBadRequest, api.CodeInvalidRequest); p.Field != "mode" {
		t.Errorf("got field %q, want mode", p.Field)
	}
}

func TestIdempotencyKeyFindsTheFirstInterviewEvenWhenItIsOver(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	call := func(status int) api.Interview {
		t.Helper()
		return h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video"}`, "Idempotency-Key", "press-1").interview(status)
	}
	first := call(http.StatusCreated)
	if again := call(http.StatusOK); again.ID != first.ID {
		t.Errorf("repeated request got %s, want %s", again.ID, first.ID)
	}
	h.send("POST", "/v1/interviews/"+first.ID+"/end", "").interview(http.StatusOK)
	if again := call(http.StatusOK); again.ID != first.ID || again.State != "cancelled" {
		t.Errorf("repeated request after the end got %s (%s), want %s (cancelled)", again.ID, again.State, first.ID)
	}
	spaced := h.send("POST", "/v1/threads/th_1/interviews", "{ \"mode\" :\n\"video\" }", "Idempotency-Key", "press-1").interview(http.StatusOK)
	if spaced.ID != first.ID {
		t.Errorf("the same request with other white space got %s, want %s", spaced.ID, first.ID)
	}
	if fresh := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video"}`, "Idempotency-Key", "press-2").interview(http.StatusCreated); fresh.ID == first.ID {
		t.Error("a new key found the old interview")
	}
}

func TestIdempotencyKeyOfAnotherRequestIsRefused(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	h.putThread("th_2")
	h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video"}`, "Idempotency-Key", "press-1").interview(http.StatusCreated)
	h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"audio"}`, "Idempotency-Key", "press-1").problem(http.StatusConflict, api.CodeIdempotencyConflict)
	h.send("POST", "/v1/threads/th_2/interviews", `{"mode":"video"}`, "Idempotency-Key", "press-1").problem(http.StatusConflict, api.CodeIdempotencyConflict)

	h.key = h.newKey() // another host app chooses its keys for itself
	h.send("POST", "/v1/threads/th_2/interviews", `{"mode":"video"}`, "Idempotency-Key", "press-1").interview(http.StatusCreated)
}

func TestIdempotencyKeyThatCannotBeOneIsRefused(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	for _, key := range []string{"two words", strings.Repeat("k", 256), "ключ"} {
		p := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video"}`, "Idempotency-Key", key).problem(http.StatusBadRequest, api.CodeInvalidRequest)
		if p.Field != "Idempotency-Key" {
			t.Errorf("key %.20q: got field %q, want Idempotency-Key", key, p.Field)
		}
	}
}

func TestPassLetsItsPersonIntoItsInterview(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	before := time.Now()
	var pass api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer","name":"Femi A."}}`).into(http.StatusOK, &pass)

	if want := publicURL + "/r/" + iv.ID + "#token=" + pass.Token; pass.URL != want {
		t.Errorf("got url %s, want %s", pass.URL, want)
	}
	claims, err := h.keys.Verify(pass.Token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if claims.User != "freelancer" || claims.Name != "Femi A." || claims.Role != string(interview.RoleInterviewee) || claims.Interview != iv.ID {
		t.Errorf("got claims %+v, want those of Femi A. in %s", claims, iv.ID)
	}
	if !claims.ExpiresAt.Equal(pass.ExpiresAt) {
		t.Errorf("the token expires at %v, the pass says %v", claims.ExpiresAt, pass.ExpiresAt)
	}
	if life := pass.ExpiresAt.Sub(before).Round(time.Minute); life != 4*time.Hour {
		t.Errorf("the pass is good for %v, want 4 h", life)
	}
	var other api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &other)
	again, err := h.keys.Verify(other.Token, time.Now())
	if err != nil || again.ID == claims.ID || again.Name != "Femi Adeyemi" {
		t.Errorf("second pass has claims %+v and error %v, want another id and the thread's name", again, err)
	}
}

func TestPassOfSomebodyWithoutANameSaysTheirRole(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	thread := `{"participants":[{"id":"client","name":" ","role":"interviewer"},{"id":"freelancer","name":"Femi Adeyemi","role":"interviewee"}]}`
	h.send("PUT", "/v1/threads/th_1", thread).into(http.StatusOK, &api.Thread{})
	for body, want := range map[string]string{
		`{"user":{"id":"client"}}`:                     "Interviewer",
		`{"user":{"id":"client","name":"  "}}`:         "Interviewer",
		`{"user":{"id":"client","name":" Clara "}}`:    "Clara",
		`{"user":{"id":"freelancer","name":"\t"}}`:     "Femi Adeyemi",
		`{"user":{"id":"freelancer","name":"\u3000"}}`: "Femi Adeyemi",
	} {
		var pass api.Pass
		h.send("POST", "/v1/interviews/"+iv.ID+"/join", body).into(http.StatusOK, &pass)
		if claims, err := h.keys.Verify(pass.Token, time.Now()); err != nil || claims.Name != want {
			t.Errorf("%s: got name %q, %v; want %q", body, claims.Name, err, want)
		}
	}
}

func TestPassIsRefusedWithItsReason(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	join := "/v1/interviews/" + iv.ID + "/join"
	h.send("POST", join, `{"user":{"id":"stranger"}}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
	h.send("POST", join, `{"user":{"id":"client","name":"line\nbreak"}}`).problem(http.StatusBadRequest, api.CodeInvalidParticipant)
	h.send("POST", "/v1/interviews/iv_none/join", `{"user":{"id":"client"}}`).problem(http.StatusNotFound, api.CodeNotFound)
	h.send("POST", "/v1/interviews/"+iv.ID+"/end", "").interview(http.StatusOK)
	h.send("POST", join, `{"user":{"id":"client"}}`).problem(http.StatusConflict, api.CodeInterviewOver)
}

func TestLiveInterviewIsEndedForEverybodyOnce(t *testing.T) {
	h := newHost(t)
	iv, _, _ := h.live("th_1")
	live := h.send("GET", "/v1/interviews/"+iv.ID, "").interview(http.StatusOK)
	if live.State != "live" || len(live.Present) != 2 || live.StartedAt.IsZero() {
		t.Fatalf("got %+v, want live with two people", live)
	}
	ended := h.send("POST", "/v1/interviews/"+iv.ID+"/end", `{"by":"client"}`).interview(http.StatusOK)
	if ended.State != "ended" || ended.EndReason != "ended_by_host" || len(ended.Present) != 0 || ended.Participants[1].LeftAt.IsZero() {
		t.Errorf("got %+v, want ended by the host and nobody inside", ended)
	}
	again := h.send("POST", "/v1/interviews/"+iv.ID+"/end", "{}").interview(http.StatusOK)
	if again.State != "ended" || !again.EndedAt.Equal(ended.EndedAt) {
		t.Errorf("ending again got %+v, want it unchanged", again)
	}
	h.send("POST", "/v1/interviews/"+iv.ID+"/decline", "").problem(http.StatusConflict, api.CodeInterviewOver)
}

func TestRingingInterviewIsDeclinedOrCancelled(t *testing.T) {
	h := newHost(t)
	for name, c := range map[string]struct{ verb, by, state string }{
		"decline": {"decline", "freelancer", "declined"},
		"cancel":  {"cancel", "client", "cancelled"},
	} {
		t.Run(name, func(t *testing.T) {
			iv := h.ring("th_" + name)
			path := "/v1/interviews/" + iv.ID + "/" + c.verb
			h.send("POST", path, `{"by":"stranger"}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
			for range 2 { // the second time because the first answer may have been lost
				if got := h.send("POST", path, `{"by":"`+c.by+`"}`).interview(http.StatusOK); got.State != c.state || got.EndReason != c.state {
					t.Errorf("got %s (%s), want %s", got.State, got.EndReason, c.state)
				}
			}
		})
	}
}

func TestInterviewIsNotDeclinedByItsCallerNorWhenLive(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	h.send("POST", "/v1/interviews/"+iv.ID+"/decline", `{"by":"client"}`).problem(http.StatusForbidden, api.CodeNotAllowed)
	h.send("POST", "/v1/interviews/"+iv.ID+"/decline", `{"by":"freelancer","reason":"two\nlines"}`).problem(http.StatusBadRequest, api.CodeInvalidReason)
	live, _, _ := h.live("th_2")
	h.send("POST", "/v1/interviews/"+live.ID+"/decline", `{"by":"freelancer"}`).problem(http.StatusConflict, api.CodeAlreadyLive)
	h.send("POST", "/v1/interviews/"+live.ID+"/cancel", "").problem(http.StatusConflict, api.CodeAlreadyLive)
}

func TestInterviewsOfAThreadAreListedNewestFirstInPages(t *testing.T) {
	h := newHost(t)
	var made []string
	for range 5 {
		iv := h.ring("th_1")
		h.send("POST", "/v1/interviews/"+iv.ID+"/end", "").interview(http.StatusOK)
		made = append([]string{iv.ID}, made...)
	}
	var got []string
	path, pages := "/v1/threads/th_1/interviews?limit=2", 0
	for before := ""; ; pages++ {
		var list api.InterviewList
		h.send("GET", path+before, "").into(http.StatusOK, &list)
		for _, iv := range list.Interviews {
			got = append(got, iv.ID)
		}
		if list.Next == "" {
			break
		}
		before = "&before=" + list.Next
	}
	if strings.Join(got, " ") != strings.Join(made, " ") || pages != 2 {
		t.Errorf("got %v in %d full pages, want %v in 2", got, pages, made)
	}
	for query, field := range map[string]string{"limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "before=a%20b": "before"} {
		if p := h.send("GET", "/v1/threads/th_1/interviews?"+query, "").problem(http.StatusBadRequest, api.CodeInvalidRequest); p.Field != field {
			t.Errorf("%s: got field %q, want %s", query, p.Field, field)
		}
	}
	h.send("GET", "/v1/threads/nowhere/interviews", "").problem(http.StatusNotFound, api.CodeNotFound)
}

func TestScheduledInterviewWaitsForItsTime(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	at := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	body := `{"mode":"audio","created_by":"client","starts_at":"` + at.Format(time.RFC3339) + `"}`
	iv := h.send("POST", "/v1/threads/th_1/interviews", body).interview(http.StatusCreated)
	if iv.State != "scheduled" || !iv.StartsAt.Equal(at) || !iv.RingsUntil.IsZero() {
		t.Errorf("got %+v, want scheduled for %v", iv, at)
	}
	if now := h.ring("th_1"); now.ID == iv.ID || now.State != "ringing" {
		t.Errorf("a call before the appointment got %+v, want another interview that rings", now)
	}
}
