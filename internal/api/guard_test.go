package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/internal/api"
)

const mail = "femi.adeyemi@fastmail.com"

// guarded puts a thread that is guarded in a mode.
func (h *host) guarded(id, mode string) {
	h.t.Helper()
	h.putThread(id)
	var g api.Guard
	h.send("PUT", "/v1/threads/"+id+"/guard", `{"mode":"`+mode+`"}`).into(http.StatusOK, &g)
}

func TestTextIsJudgedByTheThreadsPolicy(t *testing.T) {
	h := newHost(t)
	for mode, want := range map[string]string{"off": "allow", "observe": "allow", "warn": "nudge", "mask": "mask", "block": "block"} {
		h.guarded("th_"+mode, mode)
		var c api.Check
		h.send("POST", "/v1/guard/check", `{"thread":"th_`+mode+`","surface":"thread","text":"Größe: `+mail+`!"}`).into(http.StatusOK, &c)
		if c.Action != want || c.Policy.Mode != mode || c.Decision != "" {
			t.Errorf("%s: got %+v", mode, c)
		}
		if mode == "off" {
			continue
		}
		if len(c.Findings) != 1 || c.Findings[0].Start != 7 || c.Findings[0].End != 7+len(mail) || c.Findings[0].Message == "" {
			t.Errorf("%s: found %+v, want one of the address, in characters", mode, c.Findings)
		}
	}
	h.send("POST", "/v1/guard/check", `{"thread":"th_none","surface":"thread","text":"hello"}`).problem(http.StatusNotFound, api.CodeNotFound)
	if p := h.send("POST", "/v1/guard/check", `{"thread":"th_off","surface":"wall","text":"hello"}`).problem(http.StatusBadRequest, api.CodeInvalidRequest); p.Field != "surface" {
		t.Errorf("got %+v", p)
	}
}

func TestGuardLiftsWithTheContract(t *testing.T) {
	h := newHost(t)
	h.guarded("th_1", "block")
	var th api.Thread
	h.send("PUT", "/v1/threads/th_1/contract", `{"state":"active","effective_at":"2199-01-01T00:00:00Z"}`).into(http.StatusOK, &th)
	var g api.Guard
	h.send("GET", "/v1/threads/th_1/guard", "").into(http.StatusOK, &g)
	if !g.Active || g.ChangesAt.Year() != 2199 {
		t.Errorf("got %+v", g)
	}
	h.send("PUT", "/v1/threads/th_1/contract", `{"state":"active"}`).into(http.StatusOK, &th)
	h.send("GET", "/v1/threads/th_1/guard", "").into(http.StatusOK, &g)
	if g.Active {
		t.Errorf("got %+v", g)
	}
	h.send("PUT", "/v1/threads/none/contract", `{"state":"active"}`).problem(http.StatusNotFound, api.CodeNotFound)
}

func TestNamesAndTitlesWithContactDetailsAreRefusedWithTheFieldNamed(t *testing.T) {
	h := newHost(t)
	h.guarded("th_1", "block")
	for field, body := range map[string]string{
		"title":                strings.Replace(threadBody, "Booking app", "mail "+mail, 1),
		"participants[1].name": strings.Replace(threadBody, "Femi Adeyemi", "Femi "+mail, 1),
	} {
		p := h.send("PUT", "/v1/threads/th_1", body).problem(http.StatusUnprocessableEntity, api.CodeContactDetails)
		if p.Field != field || len(p.Findings) != 1 || p.Decision == "" {
			t.Errorf("%s: got %+v", field, p)
		}
	}
	iv := h.ring("th_1")
	p := h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer","name":"`+mail+`"}}`).problem(http.StatusUnprocessableEntity, api.CodeContactDetails)
	if p.Field != "user.name" {
		t.Errorf("got %+v", p)
	}
	// With a contract it is nobody's business.
	var th api.Thread
	body := strings.Replace(threadBody, "Femi Adeyemi", "Femi "+mail, 1)
	h.send("PUT", "/v1/threads/th_1", strings.Replace(body, `{"title"`, `{"contract":{"state":"active"},"title"`, 1)).into(http.StatusOK, &th)
	if len(th.Guard) != 0 {
		t.Errorf("got %+v", th.Guard)
	}
}

func TestWordsThatDeclineAreJudgedBeforeTheyGoOut(t *testing.T) {
	h := newHost(t)
	h.guarded("th_1", "block")
	iv := h.ring("th_1")
	for _, path := range []string{"/v1/interviews/" + iv.ID, "/v1/proposals/" + h.propose("th_1", in(48)).ID} {
		p := h.send("POST", path+"/decline", `{"by":"freelancer","reason":"Write to `+mail+`"}`).problem(http.StatusUnprocessableEntity, api.CodeContactDetails)
		if p.Field != "reason" || len(p.Findings) != 1 || p.Decision == "" {
			t.Errorf("%s: got %+v", path, p)
		}
		var left map[string]any
		h.send("GET", path, "").into(http.StatusOK, &left)
		if left["state"] != "ringing" && left["state"] != "open" {
			t.Errorf("%s was declined: %+v", path, left)
		}
		h.send("POST", path+"/decline", `{"by":"freelancer","reason":"I travel then."}`).into(http.StatusOK, &left)
		if left["state"] != "declined" {
			t.Errorf("%s: got %+v", path, left)
		}
	}
}

func TestNamesAreMaskedWhereThePolicyMasks(t *testing.T) {
	h := newHost(t)
	h.guarded("th_1", "mask")
	var th api.Thread
	h.send("PUT", "/v1/threads/th_1", strings.Replace(threadBody, "Femi Adeyemi", "Femi "+mail, 1)).into(http.StatusOK, &th)
	if len(th.Guard) != 1 || th.Guard[0].Field != "participants[1].name" || th.Guard[0].Action != "mask" || strings.Contains(th.Participants[1].Name, "@") {
		t.Errorf("got %+v", th)
	}
	h.send("GET", "/v1/threads/th_1", "").into(http.StatusOK, &th)
	if name := th.Participants[1].Name; !strings.HasPrefix(name, "Femi [") {
		t.Errorf("kept %q", name)
	}
}

func TestWhatWasFoundIsListedWithoutTheTextAndContested(t *testing.T) {
	h := newHost(t)
	h.guarded("th_1", "block")
	var c api.Check
	h.send("POST", "/v1/guard/check", `{"thread":"th_1","surface":"thread","actor":"freelancer","text":"`+mail+`","record":true}`).into(http.StatusOK, &c)
	raw := h.send("GET", "/v1/guard/decisions?thread=th_1", "")
	var list api.DecisionList
	raw.into(http.StatusOK, &list)
	if len(list.Decisions) != 1 || list.Decisions[0].ID != c.Decision || strings.Contains(string(raw.body), "fastmail") {
		t.Fatalf("got %s", raw.body)
	}
	path := "/v1/guard/decisions/" + c.Decision
	var d api.Decision
	h.send("PUT", path+"/appeal", `{"by":"trust","upheld":true}`).problem(http.StatusConflict, api.CodeNotAppealed)
	h.send("POST", path+"/appeal", `{"by":"client","words":"Let them."}`).problem(http.StatusForbidden, api.CodeNotAllowed)
	h.send("POST", path+"/appeal", `{"by":"freelancer","words":" "}`).problem(http.StatusBadRequest, api.CodeInvalidMessage)
	open := func() int {
		h.send("GET", "/v1/guard/decisions?appeal=open", "").into(http.StatusOK, &list)
		return len(list.Decisions)
	}
	if open() != 0 {
		t.Errorf("open before anybody contested: %+v", list)
	}
	h.send("POST", path+"/appeal", `{"by":"freelancer","words":"It is on my invoice."}`).into(http.StatusCreated, &d)
	if open() != 1 || list.Decisions[0].Appeal == nil || list.Decisions[0].Appeal.Words != "It is on my invoice." {
		t.Errorf("open: %+v", list)
	}
	h.send("POST", path+"/appeal", `{"by":"freelancer","words":"Again."}`).problem(http.StatusConflict, api.CodeAppealed)
	h.send("PUT", path+"/appeal", `{"by":"trust","upheld":true}`).into(http.StatusOK, &d)
	h.send("GET", path, "").into(http.StatusOK, &d)
	if d.Appeal == nil || !d.Appeal.Upheld || d.Appeal.DecidedBy != "trust" || open() != 0 {
		t.Errorf("got %+v, and open are %+v", d, list)
	}
	var g api.Guard
	h.send("GET", "/v1/threads/th_1/guard", "").into(http.StatusOK, &g)
	if len(g.Exceptions) != 1 || g.Exceptions[0].Reason != "appeal" || g.Exceptions[0].Decision != c.Decision || !g.Active {
		t.Errorf("guarded by %+v, want an exception that came of the appeal", g)
	}
	var sent api.SentMessage
	h.send("POST", "/v1/threads/th_1/messages", `{"by":"freelancer","text":"`+mail+`"}`).into(http.StatusCreated, &sent)
	h.send("GET", "/v1/guard/decisions?appeal=all", "").problem(http.StatusBadRequest, api.CodeInvalidRequest)
	h.send("GET", "/v1/guard/decisions/gd_none", "").problem(http.StatusNotFound, api.CodeNotFound)
}

func TestExceptionSaysWhoGrantedIt(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	for field, body := range map[string]string{
		"exceptions[0].by":       `{"exceptions":[{"reason":"legal","by":" "}]}`,
		"exceptions[0].reason":   `{"exceptions":[{"reason":"fun","by":"ana"}]}`,
		"exceptions[0].decision": `{"exceptions":[{"reason":"appeal","by":"ana","decision":"gd_none"}]}`,
		"exceptions[1].decision": `{"exceptions":[{"reason":"legal","by":"ana"},{"reason":"legal","by":"ana","decision":"gd_1"}]}`,
		"exceptions[0].until":    `{"exceptions":[{"reason":"legal","by":"ana","from":"2026-03-02T10:00:00Z","until":"2026-03-02T09:00:00Z"}]}`,
		"mode":                   `{"mode":"strict"}`,
	} {
		if p := h.send("PUT", "/v1/threads/th_1/guard", body).problem(http.StatusBadRequest, api.CodeInvalidRequest); p.Field != field {
			t.Errorf("got %+v, want field %s", p, field)
		}
	}
	var g api.Guard
	h.send("PUT", "/v1/threads/th_1/guard", `{"mode":"block","exceptions":[{"reason":"legal","by":"ana"}]}`).into(http.StatusOK, &g)
	if g.Active || len(g.Exceptions) != 1 {
		t.Errorf("got %+v", g)
	}
	h.send("PUT", "/v1/threads/none/guard", `{}`).problem(http.StatusNotFound, api.CodeNotFound)
}

func TestMessagesOfTheHostAppAreGuardedKeptAndListed(t *testing.T) {
	h := newHost(t)
	h.guarded("th_1", "block")
	path := "/v1/threads/th_1/messages"
	for _, text := range []string{"one", "two", "three"} {
		var sent api.SentMessage
		h.send("POST", path, `{"by":"client","text":"`+text+`","ref":"m_`+text+`"}`).into(http.StatusCreated, &sent)
		if sent.Action != "allow" || sent.Message.From.Name != "Clara Novak" || sent.Message.Interview != "" {
			t.Errorf("got %+v", sent)
		}
	}
	p := h.send("POST", path, `{"by":"freelancer","text":"write to `+mail+`"}`).problem(http.StatusUnprocessableEntity, api.CodeContactDetails)
	if p.Field != "text" || len(p.Findings) != 1 || p.Findings[0].Start != 9 {
		t.Errorf("got %+v", p)
	}
	h.send("POST", path, `{"by":"stranger","text":"hello"}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
	h.send("POST", path, `{"by":"client","text":" "}`).problem(http.StatusBadRequest, api.CodeInvalidMessage)
	h.send("POST", "/v1/threads/none/messages", `{"by":"client","text":"hello"}`).problem(http.StatusNotFound, api.CodeNotFound)

	var list api.MessageList
	h.send("GET", path+"?limit=2", "").into(http.StatusOK, &list)
	if got := texts(list); !slices.Equal(got, []string{"two", "three"}) || list.Next != 2 {
		t.Errorf("got %v and %d", got, list.Next)
	}
	h.send("GET", path+"?before=2", "").into(http.StatusOK, &list)
	if got := texts(list); !slices.Equal(got, []string{"one"}) {
		t.Errorf("got %v", got)
	}
	h.send("GET", path+"?before=x", "").problem(http.StatusBadRequest, api.CodeInvalidRequest)
}

func texts(list api.MessageList) (out []string) {
	for _, m := range list.Messages {
		out = append(out, m.Text)
	}
	return out
}

func TestReportIsKeptAndListed(t *testing.T) {
	h := newHost(t)
	iv, _, _ := h.live("th_1")
	path := "/v1/interviews/" + iv.ID + "/reports"
	var report api.Report
	h.send("POST", path, `{"by":"freelancer","about":"client","reason":"reward","words":"free work first"}`).into(http.StatusCreated, &report)
	var list api.ReportList
	h.send("GET", path, "").into(http.StatusOK, &list)
	if len(list.Reports) != 1 || list.Reports[0] != report || report.Thread != "th_1" {
		t.Errorf("got %+v, want %+v", list, report)
	}
	h.send("POST", path, `{"by":"stranger","reason":"reward"}`).problem(http.StatusForbidden, api.CodeNotAParticipant)
	h.send("POST", path, `{"by":"freelancer","about":"stranger","reason":"reward"}`).problem(http.StatusBadRequest, api.CodeInvalidReport)
	h.send("POST", "/v1/interviews/iv_none/reports", `{"by":"freelancer","reason":"reward"}`).problem(http.StatusNotFound, api.CodeNotFound)
}

func TestWhatIsWrittenIsOnTheEventStream(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	stream := h.listen()
	var sent api.SentMessage
	h.send("POST", "/v1/threads/th_1/messages", `{"by":"client","text":"hello"}`).into(http.StatusCreated, &sent)
	if ev := stream.next(); ev.Type != "thread.message.created" || ev.Data.Thread != "th_1" || ev.Data.Message.Text != "hello" || ev.Data.Interview != nil {
		t.Errorf("got %+v", ev)
	}
}
