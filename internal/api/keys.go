package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"parley/internal/store"
	"parley/internal/token"
)

// KeyBody asks for an API key.
type KeyBody struct {
	Name   string   `json:"name" required:"true" minLength:"1" maxLength:"128" description:"What the operator calls it."`
	Scopes []string `json:"scopes,omitempty" maxItems:"7" description:"What it may be used for: read, write, join, webhooks, erase, keys, recordings. Absent or empty: everything that the key that makes it may do."`
}

// Key is what is known of an API key.
type Key struct {
	ID        string    `json:"id" required:"true" description:"The part of the key between pk_ and the next underscore."`
	Name      string    `json:"name" required:"true"`
	Scopes    []string  `json:"scopes" required:"true" nullable:"false" description:"Empty: everything."`
	CreatedAt time.Time `json:"created_at" required:"true"`
	Key       string    `json:"key,omitempty" description:"The key itself. It is shown once, when it is made."`
}

// KeyList is every API key, oldest first.
type KeyList struct {
	Keys []Key `json:"keys" required:"true" nullable:"false"`
}

type keyParams struct {
	Key string `path:"key" required:"true" minLength:"1" maxLength:"128" description:"The key's id."`
}

// Scopes lists what an API key can be limited to.
func Scopes() []string {
	return []string{scopeRead, scopeWrite, scopeJoin, scopeWebhooks, scopeErase, scopeKeys, scopeRecordings}
}

func keyRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "/v1/keys", id: "createKey", tag: "keys",
			summary:     "Make an API key",
			description: "With the scopes given, which the key that asks must have itself. The answer holds the key: it is not shown again.",
			body:        KeyBody{Name: "Booking service", Scopes: []string{"read", "write", "join"}},
			answers:     []answer{{status: http.StatusCreated, description: "The key.", body: exampleKey("pk_7jq2m5w3x4ka_abcdefghijklmnopqrstuvwxyz")}},
			serve:       (*Server).createKey,
		},
		{
			method: http.MethodGet, path: "/v1/keys", id: "listKeys", tag: "keys",
			summary: "List the API keys",
			answers: []answer{{status: http.StatusOK, description: "All of them.", body: KeyList{Keys: []Key{exampleKey("")}}}},
			serve:   (*Server).listKeys,
		},
		{
			method: http.MethodDelete, path: "/v1/keys/{key}", id: "revokeKey", tag: "keys",
			summary:     "Revoke an API key",
			description: "From then on it is refused, and its webhooks are gone. A key cannot revoke itself.",
			params:      keyParams{},
			answers:     []answer{{status: http.StatusNoContent, description: "It is gone."}},
			codes:       []Code{CodeNotAllowed, CodeNotFound},
			serve:       (*Server).revokeKey,
		},
	}
}

func exampleKey(plain string) Key {
	return Key{ID: "7jq2m5w3x4ka", Name: "Booking service", Scopes: []string{"read", "write", "join"}, CreatedAt: exampleAt, Key: plain}
}

func keyJSON(k token.APIKey) Key {
	return Key{ID: k.ID, Name: k.Name, Scopes: append([]string{}, k.Scopes...), CreatedAt: utc(k.CreatedAt)}
}

func (s *Server) createKey(w http.ResponseWriter, r *http.Request) error {
	var body KeyBody
	if err := readBody(r, false, &body); err != nil {
		return err
	}
	mine := keyOf(r.Context())
	if len(body.Scopes) == 0 {
		body.Scopes = mine.Scopes
	}
	if n := BadScope(body.Scopes); n >= 0 {
		return &fieldError{Field: fmt.Sprintf("scopes[%d]", n), Reason: "is no scope, or given twice"}
	}
	for _, scope := range body.Scopes {
		if !mine.Allows(scope) {
			return lacks(scope)
		}
	}
	plain, key, err := token.NewAPIKey(body.Name, time.Now())
	if err != nil {
		return err
	}
	key.Scopes = body.Scopes
	if err := s.cfg.Store.PutAPIKey(r.Context(), store.APIKey(key)); err != nil {
		return err
	}
	s.cfg.Logger.Info("api key made", "key", key.ID, "by", mine.ID)
	out := keyJSON(key)
	out.Key = plain
	s.writeJSON(w, http.StatusCreated, out)
	return nil
}

// BadScope returns the index of the first of scopes that does not exist or
// repeats another one, or -1.
func BadScope(scopes []string) int {
	for n, scope := range scopes {
		if !slices.Contains(Scopes(), scope) || slices.Contains(scopes[:n], scope) {
			return n
		}
	}
	return -1
}

func (s *Server) listKeys(w http.ResponseWriter, r *http.Request) error {
	found, err := s.cfg.Store.APIKeys(r.Context())
	if err != nil {
		return err
	}
	s.writeJSON(w, http.StatusOK, KeyList{Keys: each(found, func(k store.APIKey) Key { return keyJSON(token.APIKey(k)) })})
	return nil
}

func (s *Server) revokeKey(w http.ResponseWriter, r *http.Request) error {
	id, mine := r.PathValue("key"), keyOf(r.Context())
	if id == mine.ID {
		return problem(CodeNotAllowed, "A key cannot revoke itself. Use another one, or the parley command.")
	}
	if err := s.cfg.Store.DeleteAPIKey(r.Context(), id); err != nil {
		return err
	}
	s.cfg.Logger.Info("api key revoked", "key", id, "by", mine.ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
