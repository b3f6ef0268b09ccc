package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"parley/internal/store"
	"parley/internal/token"
)

// authenticate finds the API key a request came with and checks it in constant
// time. The request it returns carries the key's id.
func (s *Server) authenticate(r *http.Request) (*http.Request, error) {
	scheme, plain, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if plain = strings.TrimSpace(plain); !strings.EqualFold(scheme, "Bearer") || plain == "" {
		return nil, problem(CodeUnauthorized, "An API key is needed, sent as Authorization: Bearer pk_….")
	}
	refused := problem(CodeUnauthorized, "The API key is not known here. Keys are listed and made with the parley command.")
	id, ok := token.SplitAPIKey(plain)
	if !ok {
		return nil, refused
	}
	key, err := s.cfg.Store.APIKey(r.Context(), id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		s.decoy.Matches(plain) // an unknown id takes as long as a wrong secret
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("read API key: %w", err)
	case !token.APIKey(key).Matches(plain):
		return nil, refused
	}
	return r.WithContext(context.WithValue(r.Context(), apiKeyKey, key.ID)), nil
}
