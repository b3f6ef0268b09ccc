package token

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	apiKeyPrefix = "pk_"
	apiKeyIDLen  = 12
	// apiKeySecretLen characters of base32 are 130 random bits, which is why a
	// plain hash is enough to keep them: there is nothing to guess.
	apiKeySecretLen = 26
	maxAPIKeyName   = 128
)

// An APIKey is what a server keeps of a key it gave to a host app: not the key
// itself, but what recognises it.
type APIKey struct {
	ID        string
	Hash      []byte // SHA-256 of the whole key
	Name      string // what the operator calls it
	CreatedAt time.Time
	Scopes    []string // what it may be used for; none: everything
}

// NewAPIKey makes a key "pk_<id>_<secret>". plain is shown once and never kept.
func NewAPIKey(name string, now time.Time) (plain string, key APIKey, err error) {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxAPIKeyName {
		return "", APIKey{}, errors.New("an API key's name must be text of at most 128 characters")
	}
	id := strings.ToLower(rand.Text()[:apiKeyIDLen])
	plain = apiKeyPrefix + id + "_" + strings.ToLower(rand.Text()[:apiKeySecretLen])
	hash := sha256.Sum256([]byte(plain))
	return plain, APIKey{ID: id, Hash: hash[:], Name: name, CreatedAt: now.UTC().Truncate(time.Microsecond)}, nil
}

// SplitAPIKey returns the id in a key, by which to look up its APIKey. It
// reports false for anything that cannot be a key.
func SplitAPIKey(plain string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(plain, apiKeyPrefix)
	if !ok || len(rest) != apiKeyIDLen+1+apiKeySecretLen {
		return "", false
	}
	id, secret, ok := strings.Cut(rest, "_")
	if !ok || len(id) != apiKeyIDLen || strings.ContainsFunc(id+secret, notBase32) {
		return "", false
	}
	return id, true
}

// Matches reports whether plain is this key. It takes the same time whatever
// the answer.
func (k APIKey) Matches(plain string) bool {
	hash := sha256.Sum256([]byte(plain))
	return subtle.ConstantTimeCompare(hash[:], k.Hash) == 1
}

// Allows reports whether the key may be used for what needs a scope.
func (k APIKey) Allows(scope string) bool {
	return len(k.Scopes) == 0 || slices.Contains(k.Scopes, scope)
}

// notBase32 reports whether r is outside the lower-case base32 alphabet.
func notBase32(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') }
