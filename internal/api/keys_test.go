package api_test

import (
	"net/http"
	"testing"

	"parley/internal/api"
)

func TestAKeyDoesOnlyWhatItsScopesSay(t *testing.T) {
	h := newHost(t)
	iv := h.ring("th_1")
	all := h.key
	for _, c := range []struct {
		scopes       string
		method, path string
		body         string
		allowed      bool
	}{
		{`["read"]`, "GET", "/v1/threads/th_1", "", true},
		{`["read"]`, "PUT", "/v1/threads/th_1", threadBody, false},
		{`["read"]`, "POST", "/v1/interviews/" + iv.ID + "/join", `{"user":{"id":"client"}}`, false},
		{`["join"]`, "POST", "/v1/interviews/" + iv.ID + "/join", `{"user":{"id":"client"}}`, true},
		{`["join"]`, "GET", "/v1/threads/th_1", "", false},
		{`["write"]`, "PUT", "/v1/threads/th_1", threadBody, true},
		{`["write"]`, "GET", "/v1/webhooks", "", false},
		{`["webhooks"]`, "GET", "/v1/webhooks", "", true},
		{`["write","read"]`, "GET", "/v1/keys", "", false},
		{`["keys"]`, "GET", "/v1/keys", "", true},
		{`[]`, "GET", "/v1/keys", "", true},
	} {
		h.key = all
		var k api.Key
		h.send("POST", "/v1/keys", `{"name":"part","scopes":`+c.scopes+`}`).into(http.StatusCreated, &k)
		h.key = k.Key
		if got := h.send(c.method, c.path, c.body); c.allowed != (got.status < 300) {
			t.Errorf("%s %s with %s: got status %d", c.method, c.path, c.scopes, got.status)
		} else if !c.allowed {
			got.problem(http.StatusForbidden, api.CodeScopeMissing)
		}
	}
}

func TestKeysAreMadeListedAndRevoked(t *testing.T) {
	h := newHost(t)
	first := h.key
	var limited, made api.Key
	h.send("POST", "/v1/keys", `{"name":"limited","scopes":["keys","read"]}`).into(http.StatusCreated, &limited)
	h.key = limited.Key
	h.send("POST", "/v1/keys", `{"name":"more","scopes":["write"]}`).problem(http.StatusForbidden, api.CodeScopeMissing)
	h.send("POST", "/v1/keys", `{"name":"as much"}`).into(http.StatusCreated, &made)
	if len(made.Scopes) != 2 {
		t.Errorf("got %+v, want no more than its maker may", made)
	}
	for body, field := range map[string]string{
		`{"name":"x","scopes":["read","everything"]}`: "scopes[1]",
		`{"name":"x","scopes":["read","read"]}`:       "scopes[1]",
		`{"name":""}`:                                 "name",
	} {
		if p := h.send("POST", "/v1/keys", body).problem(http.StatusBadRequest, api.CodeInvalidRequest); p.Field != field {
			t.Errorf("%s: got the field %q, want %s", body, p.Field, field)
		}
	}
	var list api.KeyList
	h.send("GET", "/v1/keys", "").into(http.StatusOK, &list)
	if len(list.Keys) != 3 || list.Keys[1].Key != "" || list.Keys[1].Name != "limited" {
		t.Errorf("got %+v", list)
	}
	h.send("DELETE", "/v1/keys/"+limited.ID, "").problem(http.StatusForbidden, api.CodeNotAllowed)
	h.key = first
	if got := h.send("DELETE", "/v1/keys/"+limited.ID, ""); got.status != http.StatusNoContent {
		t.Errorf("got status %d", got.status)
	}
	h.send("DELETE", "/v1/keys/"+limited.ID, "").problem(http.StatusNotFound, api.CodeNotFound)
	h.key = limited.Key
	h.send("GET", "/v1/keys", "").problem(http.StatusUnauthorized, api.CodeUnauthorized)
}
