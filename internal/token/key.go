package token

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// An Algorithm is how a key signs, as the JWT header names it (RFC 7518 §3.1,
// RFC 8037 §3.1).
type Algorithm string

// The algorithms. HS256 is for one server and for host apps that share its
// secret; EdDSA (Ed25519) lets others check tokens without being able to make
// them.
const (
	HS256 Algorithm = "HS256"
	EdDSA Algorithm = "EdDSA"
)

// MinSecret is the least number of bytes in an HS256 secret: as many as the
// hash has (RFC 7518 §3.2).
const MinSecret = 32

const maxKeyID = 64

// A Key signs and verifies join tokens. It prints without its secret.
type Key struct {
	// ID is the kid of the tokens it signs: 1 to 64 printable ASCII
	// characters without spaces.
	ID string
	// Algorithm is the only one this key is ever used with.
	Algorithm Algorithm
	// Secret is at least MinSecret bytes for HS256, and the 32-byte seed for EdDSA.
	Secret []byte
}

// GenerateKey returns a new HS256 key with a random id and secret.
func GenerateKey() (Key, error) {
	secret := make([]byte, MinSecret)
	if _, err := rand.Read(secret); err != nil {
		return Key{}, fmt.Errorf("generate signing key: %w", err)
	}
	return Key{ID: "k" + strings.ToLower(rand.Text()[:12]), Algorithm: HS256, Secret: secret}, nil
}

// Validate reports what makes the key unusable, in one sentence.
func (k Key) Validate() error {
	if len(k.ID) == 0 || len(k.ID) > maxKeyID || strings.ContainsFunc(k.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("a signing key's id must be 1 to %d printable ASCII characters without spaces", maxKeyID)
	}
	switch k.Algorithm {
	case HS256:
		if len(k.Secret) < MinSecret {
			return fmt.Errorf("signing key %s is too short: HS256 needs at least %d bytes", k.ID, MinSecret)
		}
	case EdDSA:
		if len(k.Secret) != ed25519.SeedSize {
			return fmt.Errorf("signing key %s must be a seed of %d bytes for EdDSA", k.ID, ed25519.SeedSize)
		}
	default:
		return fmt.Errorf("signing key %s has an unknown algorithm: use HS256 or EdDSA", k.ID)
	}
	return nil
}

// String returns the id and the algorithm.
func (k Key) String() string { return fmt.Sprintf("%s (%s)", k.ID, k.Algorithm) }

// GoString keeps the secret out of %#v.
func (k Key) GoString() string { return "token.Key{" + k.String() + "}" }

// LogValue keeps the secret out of logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// A Keyring holds the keys of a server: the first one signs, and all of them
// verify, so that keys can be rotated without refusing anybody.
type Keyring struct {
	signer *ringKey
	byID   map[string]*ringKey
}

// A ringKey is a key in the forms the JWT library wants.
type ringKey struct {
	id     string
	method jwt.SigningMethod
	sign   any
	verify any
}

// NewKeyring returns a ring of at least one key, all valid and with different ids.
func NewKeyring(keys ...Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("a keyring needs at least one signing key")
	}
	ring := &Keyring{byID: make(map[string]*ringKey, len(keys))}
	for _, k := range keys {
		if err := k.Validate(); err != nil {
			return nil, err
		}
		if ring.byID[k.ID] != nil {
			return nil, fmt.Errorf("signing key %s is there twice", k.ID)
		}
		rk := newRingKey(k)
		ring.byID[k.ID] = rk
		if ring.signer == nil {
			ring.signer = rk
		}
	}
	return ring, nil
}

func newRingKey(k Key) *ringKey {
	if k.Algorithm == EdDSA {
		private := ed25519.NewKeyFromSeed(k.Secret)
		return &ringKey{id: k.ID, method: jwt.SigningMethodEdDSA, sign: private, verify: private.Public()}
	}
	secret := append([]byte(nil), k.Secret...)
	return &ringKey{id: k.ID, method: jwt.SigningMethodHS256, sign: secret, verify: secret}
}
