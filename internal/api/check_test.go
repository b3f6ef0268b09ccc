package api_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/api"
	"parley/internal/interview"
)

func TestAnybodyMayTryTheirNetwork(t *testing.T) {
	h := newHost(t)
	h.key = "" // none is needed
	var begun api.NetworkCheck
	h.send("POST", "/v1/checks", "").into(http.StatusCreated, &begun)
	if !strings.HasPrefix(begun.ID, "check_") || len(begun.ID) < 26 || begun.ExpiresAt.IsZero() || begun.ICEServers == nil {
		t.Errorf("got %+v, want a secret id, an end and a list of relays", begun)
	}
	offer := `{"sdp":"v=0","mic":"0","screen_audio":"1","screen_video":"2"}`
	h.send("POST", "/v1/checks/"+begun.ID+"/offer", offer).problem(http.StatusBadRequest, api.CodeInvalidOffer)
	h.send("POST", "/v1/checks/"+begun.ID+"/offer", `{"sdp":"v=0"}`).problem(http.StatusBadRequest, api.CodeInvalidRequest)
	if got := h.send("DELETE", "/v1/checks/"+begun.ID, ""); got.status != http.StatusNoContent {
		t.Errorf("ended with %d", got.status)
	}
	h.send("POST", "/v1/checks/"+begun.ID+"/offer", offer).problem(http.StatusNotFound, api.CodeNotFound)
	for range 6 {
		h.send("POST", "/v1/checks", "").into(http.StatusCreated, &begun)
	}
	h.send("POST", "/v1/checks", "").problem(http.StatusTooManyRequests, api.CodeTooManyChecks)
}

func TestWhoIsReadySaysSoWithTheirOwnToken(t *testing.T) {
	h := newHost(t)
	h.putThread("th_1")
	iv := h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video","created_by":"client"}`).interview(http.StatusCreated)
	var pass api.Pass
	h.send("POST", "/v1/interviews/"+iv.ID+"/join", `{"user":{"id":"freelancer"}}`).into(http.StatusOK, &pass)
	if want := publicURL + "/check#token=" + pass.Token; pass.CheckURL != want {
		t.Errorf("got the address %s, want %s", pass.CheckURL, want)
	}
	events := make(chan interview.Event, 8)
	defer h.rooms.Watch(func(e interview.Event) { events <- e })()
	key := h.key
	for _, wrong := range []string{"", "nonsense", key, pass.Token + "x"} {
		h.key = wrong
		h.send("POST", "/v1/ready", "").problem(http.StatusUnauthorized, api.CodeUnauthorized)
	}
	h.key = pass.Token
	for range 2 { // the second time changes nothing
		got := h.send("POST", "/v1/ready", "").interview(http.StatusOK)
		if len(got.Ready) != 1 || got.Ready[0].ID != "freelancer" || got.Ready[0].At.IsZero() || len(got.Participants) != 0 {
			t.Errorf("got %+v, want the freelancer ready and nobody inside", got)
		}
	}
	if e := <-events; e.Kind != interview.EventReady || e.Participant.ID != "freelancer" || e.Participant.Name == "" || len(events) != 0 {
		t.Errorf("got the event %+v and %d more, want one that the freelancer is ready", e, len(events))
	}
	h.key = key
	if got := h.send("GET", "/v1/interviews/"+iv.ID, "").interview(http.StatusOK); len(got.Ready) != 1 {
		t.Errorf("read again: %+v", got.Ready)
	}
	h.send("POST", "/v1/interviews/"+iv.ID+"/end", "").interview(http.StatusOK)
	h.key = pass.Token
	h.send("POST", "/v1/ready", "").problem(http.StatusConflict, api.CodeInterviewOver)
}
