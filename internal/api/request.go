package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/oklog/ulid/v2"

	"parley/internal/token"
)

// requestIDHeader carries a request's id, both ways.
const requestIDHeader = "X-Request-Id"

// maxRequestID is the longest request id taken from a caller.
const maxRequestID = 64

type contextKey int

const (
	requestIDKey contextKey = iota
	apiKeyKey
)

// withRequestID gives r an id: the caller's own if it is a harmless one, a new
// one otherwise. The answer's header, problems and log lines carry it.
func withRequestID(w http.ResponseWriter, r *http.Request) *http.Request {
	id := r.Header.Get(requestIDHeader)
	if !plainID(id) {
		id = "req_" + ulid.Make().String()
	}
	w.Header().Set(requestIDHeader, id)
	return r.WithContext(context.WithValue(r.Context(), requestIDKey, id))
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

// plainID reports whether id is short and made only of characters that can do
// no harm in a log line.
func plainID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	return strings.IndexFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_-.:", c))
	}) < 0
}

// withKey keeps the API key that r came with.
func withKey(r *http.Request, key token.APIKey) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), apiKeyKey, key))
}

// keyOf returns the API key a request came with.
func keyOf(ctx context.Context) token.APIKey {
	key, _ := ctx.Value(apiKeyKey).(token.APIKey)
	return key
}

// keyID returns the id of the API key a request came with.
func keyID(ctx context.Context) string { return keyOf(ctx).ID }
