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
// time, and returns its id.
func (s *Server) authenticate(r *http.Request) (id string, err error) {
	scheme, plain, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if plain = strings.TrimSpace(plain); !strings.EqualFold(scheme, "Bearer") || plain == "" {
		return "", problem(CodeUnauthorized, "An API key is needed, sent as Authorization: Bearer pk_….")
	}
	refused := problem(CodeUnauthorized, "The API key is not known here. Keys are listed and made with the parley command.")
	id, ok := token.SplitAPIKey(plain)
	if !ok {
		return "", refused
	}
	key, err := s.cfg.Store.APIKey(r.Context(), id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		token.APIKey{Hash: make([]byte, 32)}.Matches(plain) // an unknown id takes as long as a wrong secret
		return "", refused
	case err != nil:
		return "", fmt.Errorf("read API key: %w", err)
	case !token.APIKey(key).Matches(plain):
		return "", refused
	}
	return key.ID, nil
}
