package api_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/api"
	"parley/internal/chat"
	"parley/internal/interview"
)

// offered has a freelancer offer a file in a room of the thread.
func (h *host) offered(thread, ref string) interview.FileOffer {
	h.t.Helper()
	out, err := h.chat.OfferFile(h.t.Context(), chat.FileDraft{
		Thread: interview.ThreadID(thread), Interview: "iv_1", Ref: ref,
		Author: interview.Participant{ID: "freelancer", Name: "Femi Adeyemi", Role: interview.RoleInterviewee},
		File:   interview.File{Name: "Floor plan.pdf", Size: 482113, Type: "application/pdf"},
	})
	fatal(h.t, err)
	return out.Offer
}

const placeJSON = `{"url":"https://files.example.com/in/1?signature=s3cr3t","headers":[{"name":"Content-Type","value":"application/pdf"}],"link":"https://app.example.com/f/1"}`

func TestHostAppSaysWhereAFileGoesOrThatItDoesNotWantIt(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	granted, declined := h.offered("th_1", "a"), h.offered("th_1", "b")
	var f api.File
	h.send("GET", "/v1/files/"+string(granted.ID), "").into(http.StatusOK, &f)
	if f.State != "offered" || f.Name != "Floor plan.pdf" || f.From.ID != "freelancer" || !f.Until.After(f.At) {
		t.Errorf("got %+v", f)
	}
	h.send("POST", "/v1/files/"+f.ID+"/upload", placeJSON).into(http.StatusOK, &f)
	if f.State != "granted" || f.Link != "https://app.example.com/f/1" {
		t.Errorf("got %+v", f)
	}
	h.send("POST", "/v1/files/"+f.ID+"/upload", placeJSON).problem(http.StatusConflict, api.CodeFileClosed)
	h.send("POST", "/v1/files/"+f.ID+"/decline", "").problem(http.StatusConflict, api.CodeFileClosed)
	h.send("POST", "/v1/files/"+string(declined.ID)+"/decline", `{"reason":"We take no archives."}`).into(http.StatusOK, &f)
	if f.State != "declined" || f.Reason != "We take no archives." {
		t.Errorf("got %+v", f)
	}
	fatal(t, h.chat.UploadedFile(t.Context(), "th_1", "freelancer", "a"))
	var list api.MessageList
	h.send("GET", "/v1/threads/th_1/messages", "").into(http.StatusOK, &list)
	if len(list.Messages) != 1 || list.Messages[0].File == nil || list.Messages[0].File.Link != "https://app.example.com/f/1" || list.Messages[0].Text != "Floor plan.pdf" {
		t.Errorf("the thread has %+v", list.Messages)
	}
	var p api.Provider
	h.send("GET", "/v1/provider", "").into(http.StatusOK, &p)
	if !p.Capabilities.Files {
		t.Error("the provider does not say that it takes files")
	}
}

func TestUploadThatCannotBeIsRefusedByItsField(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	path := "/v1/files/" + string(h.offered("th_1", "a").ID) + "/upload"
	for _, test := range []struct {
		from, to string
		status   int
		code     api.Code
		field    string
	}{
		{"https://files.example.com/", "https://evil.example/", http.StatusUnprocessableEntity, api.CodeInvalidUpload, "url"},
		{"https://files.example.com/", "/", http.StatusUnprocessableEntity, api.CodeInvalidUpload, "url"},
		{"https://app.example.com/f/1", "javascript:alert(1)", http.StatusUnprocessableEntity, api.CodeInvalidUpload, "link"},
		{"Content-Type", "Cookie", http.StatusUnprocessableEntity, api.CodeInvalidUpload, "headers"},
		{`{"url"`, `{"expires_at":"2001-01-01T00:00:00Z","url"`, http.StatusUnprocessableEntity, api.CodeInvalidUpload, "expires_at"},
		{`{"url"`, `{"method":"GET","url"`, http.StatusBadRequest, api.CodeInvalidRequest, "method"},
		{`"link"`, `"links"`, http.StatusBadRequest, api.CodeInvalidRequest, "links"},
	} {
		p := h.send("POST", path, strings.Replace(placeJSON, test.from, test.to, 1)).problem(test.status, test.code)
		if p.Field != test.field {
			t.Errorf("%s as %s: got %+v, want field %s", test.from, test.to, p, test.field)
		}
	}
	h.send("POST", "/v1/files/fl_none/upload", placeJSON).problem(http.StatusNotFound, api.CodeNotFound)
	h.send("GET", "/v1/files/fl_none", "").problem(http.StatusNotFound, api.CodeNotFound)
}

func TestWhereAFileIsUploadedToIsToldToNobodyElse(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	f := h.offered("th_1", "a")
	told := make(chan chat.Event, 1)
	defer h.chat.Watch(func(e chat.Event) { told <- e })()
	var granted map[string]any
	h.send("POST", "/v1/files/"+string(f.ID)+"/upload", placeJSON).into(http.StatusOK, &granted)
	e := <-told
	raw, err := api.EncodeThreadEvent(e)
	fatal(t, err)
	if e.Upload == nil || e.Type != chat.EventFileGranted {
		t.Fatalf("told %+v", e)
	}
	if strings.Contains(string(raw), "s3cr3t") {
		t.Errorf("webhooks are told %s", raw)
	}
	for field := range granted {
		if field == "url" || field == "headers" {
			t.Errorf("the answer has %s", field)
		}
	}
}
