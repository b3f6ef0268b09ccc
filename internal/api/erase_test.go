package api_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/api"
)

func TestAPersonIsErasedOnceTheirInterviewsAreOver(t *testing.T) {
	h := newHost(t)
	h.send("PUT", "/v1/threads/th_1", `{"title":"A logo","participants":[{"id":"client","name":"Clara Novak","role":"interviewer"},{"id":"freelancer","name":"Femi Adeyemi","role":"interviewee"}]}`).into(http.StatusOK, &api.Thread{})
	var iv api.Interview
	h.send("POST", "/v1/threads/th_1/interviews", `{"mode":"video","created_by":"freelancer"}`).into(http.StatusCreated, &iv)
	h.send("DELETE", "/v1/participants/freelancer", "").problem(http.StatusConflict, api.CodeTakesPart)
	h.send("POST", "/v1/interviews/"+iv.ID+"/cancel", `{"by":"freelancer"}`).into(http.StatusOK, &iv)

	var receipt api.Erasure
	h.send("DELETE", "/v1/participants/freelancer", "").into(http.StatusOK, &receipt)
	if receipt.Threads != 1 || !strings.HasPrefix(receipt.ID, "erased_") {
		t.Errorf("receipt: %+v", receipt)
	}
	for _, path := range []string{"/v1/threads/th_1/interviews", "/v1/interviews/" + iv.ID} {
		if got := string(h.send("GET", path, "").body); strings.Contains(got, "freelancer") || strings.Contains(got, "Femi") {
			t.Errorf("%s still names them: %s", path, got)
		}
	}
	h.send("DELETE", "/v1/participants/freelancer", "").into(http.StatusOK, &receipt)
	if receipt.Threads != 0 {
		t.Errorf("a second time: %+v", receipt)
	}
}
