package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"parley/internal/store"
	"parley/internal/token"
)

// authenticate finds the API key a request came with, checks it in constant
// time, and returns what is kept of it.
func (s *Server) authenticate(r *http.Request) (known token.APIKey, err error) {
	scheme, plain, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if plain = strings.TrimSpace(plain); !strings.EqualFold(scheme, "Bearer") || plain == "" {
		return token.APIKey{}, problem(CodeUnauthorized, "An API key is needed, sent as Authorization: Bearer pk_….")
	}
	refused := problem(CodeUnauthorized, "The API key is not known here. Keys are listed and made with the parley command.")
	id, ok := token.SplitAPIKey(plain)
	if !ok {
		return token.APIKey{}, refused
	}
	key, err := s.cfg.Store.APIKey(r.Context(), id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		token.APIKey{Hash: make([]byte, 32)}.Matches(plain) // an unknown id takes as long as a wrong secret
		return token.APIKey{}, refused
	case err != nil:
		return token.APIKey{}, fmt.Errorf("read API key: %w", err)
	case !token.APIKey(key).Matches(plain):
		return token.APIKey{}, refused
	}
	return token.APIKey(key), nil
}

// The scopes of API keys. A key without any may do everything.
const (
	scopeRead     = "read"     // look at everything
	scopeWrite    = "write"    // threads, interviews, proposals and what belongs to them
	scopeJoin     = "join"     // give people their ways in
	scopeWebhooks = "webhooks" // the key's webhooks
	scopeErase    = "erase"    // erase people
	scopeKeys     = "keys"     // make and revoke keys

	scopeRecordings = "recordings" // see, change and delete recordings
)

// scope is what a key needs for a route.
func (rt route) scope() string {
	switch {
	case rt.open:
		return ""
	case strings.HasPrefix(rt.path, "/v1/webhooks"):
		return scopeWebhooks
	case strings.HasPrefix(rt.path, "/v1/keys"):
		return scopeKeys
	case rt.tag == "recordings":
		return scopeRecordings
	case strings.HasSuffix(rt.path, "/join"):
		return scopeJoin
	case rt.method == http.MethodDelete && strings.HasPrefix(rt.path, "/v1/participants"):
		return scopeErase
	case rt.method == http.MethodGet:
		return scopeRead
	}
	return scopeWrite
}

func lacks(scope string) error {
	return problem(CodeScopeMissing, fmt.Sprintf("This API key lacks the scope %q. Use another key, or make one with it.", scope))
}
