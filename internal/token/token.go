package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// MaxLifetime is the longest time between a token's iat and exp.
	MaxLifetime = 24 * time.Hour
	// Leeway is how far the clocks of two servers may differ.
	Leeway = 30 * time.Second
	// MaxLength is the longest token Verify looks at, in bytes.
	MaxLength = 4096

	// party is the issuer and the audience of every token.
	party = "parley"
)

// Claims are what a token says. Times have a precision of one second.
type Claims struct {
	ID        string // jti: what tells this token from every other
	User      string // sub: the host app's id of the person
	Name      string
	Role      string
	Thread    string // at least one of Thread and Interview is set
	Interview string

	IssuedAt, ExpiresAt time.Time
}

// wireClaims are the claims as they travel.
type wireClaims struct {
	Name      string `json:"name,omitempty"`
	Role      string `json:"role,omitempty"`
	Thread    string `json:"thread,omitempty"`
	Interview string `json:"interview,omitempty"`
	jwt.RegisteredClaims
}

// Mint signs c with the first key of the ring. It refuses claims that Verify
// would refuse: no id, user, room or times, or a lifetime over MaxLifetime.
func (k *Keyring) Mint(c Claims) (string, error) {
	if c.IssuedAt.IsZero() || c.ExpiresAt.IsZero() {
		return "", errors.New("mint token: it needs a time of issue and of expiry")
	}
	w := wireClaims{
		Name: c.Name, Role: c.Role, Thread: c.Thread, Interview: c.Interview,
		RegisteredClaims: jwt.RegisteredClaims{
			ID: c.ID, Subject: c.User,
			Issuer: party, Audience: jwt.ClaimStrings{party},
			IssuedAt: jwt.NewNumericDate(c.IssuedAt), ExpiresAt: jwt.NewNumericDate(c.ExpiresAt),
		},
	}
	if err := w.check(); err != nil {
		return "", fmt.Errorf("mint token: %w", err)
	}
	t := jwt.NewWithClaims(k.signer.method, w)
	t.Header["kid"] = k.signer.id
	raw, err := t.SignedString(k.signer.sign)
	if err != nil {
		return "", fmt.Errorf("mint token: %w", err)
	}
	if len(raw) > MaxLength {
		return "", fmt.Errorf("mint token: it would be longer than %d bytes", MaxLength)
	}
	return raw, nil
}

// Verify checks everything about a token and returns what it says. Its clock
// is now; exp, nbf and iat have Leeway. The error is always an *Error.
func (k *Keyring) Verify(raw string, now time.Time) (Claims, error) {
	if len(raw) > MaxLength {
		return Claims{}, &Error{Code: CodeMalformed, Message: "The token is too long."}
	}
	var w wireClaims
	if _, err := parserFor(party, now).ParseWithClaims(raw, &w, k.verificationKey); err != nil {
		return Claims{}, refusal(err)
	}
	if err := w.check(); err != nil {
		return Claims{}, err
	}
	return Claims{
		ID: w.ID, User: w.Subject, Name: w.Name, Role: w.Role, Thread: w.Thread, Interview: w.Interview,
		IssuedAt: w.IssuedAt.UTC(), ExpiresAt: w.ExpiresAt.UTC(),
	}, nil
}

// parserFor checks everything the library can about a token for an audience.
func parserFor(audience string, now time.Time) *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{string(HS256), string(EdDSA)}),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }),
		jwt.WithLeeway(Leeway),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithAudience(audience),
		jwt.WithIssuer(party),
	)
}

// verificationKey finds the key by kid. That the header's algorithm is this
// key's own is checked here, before the library uses the key: otherwise an
// Ed25519 public key could be taken for an HMAC secret (RFC 8725 §3.1).
func (k *Keyring) verificationKey(t *jwt.Token) (any, error) {
	id, _ := t.Header["kid"].(string)
	key := k.byID[id]
	if key == nil {
		return nil, errors.New("unknown key id")
	}
	if t.Method != key.method {
		return nil, errors.New("not the algorithm of this key")
	}
	return key.verify, nil
}

// check holds the rules of our own, for both directions.
func (w *wireClaims) check() error {
	switch {
	case w.ID == "":
		return malformed("The token has no id of its own.")
	case w.Subject == "":
		return malformed("The token does not say whose it is.")
	case w.IssuedAt == nil:
		return malformed("The token does not say when it was issued.")
	case w.ExpiresAt == nil:
		return malformed("The token does not say when it expires.")
	case !w.ExpiresAt.After(w.IssuedAt.Time):
		return malformed("The token expires before it was issued.")
	case w.ExpiresAt.Sub(w.IssuedAt.Time) > MaxLifetime:
		return malformed("The token is valid for longer than 24 hours.")
	case w.Thread == "" && w.Interview == "":
		return &Error{Code: CodeNoRoom, Message: "The token is for no thread and no interview."}
	}
	return nil
}

func malformed(message string) *Error { return &Error{Code: CodeMalformed, Message: message} }

// refusals orders what the library may report, which can be several things at
// once: what nobody can repair comes before what a new token repairs.
var refusals = []struct {
	err           error
	code, message string
}{
	{jwt.ErrTokenMalformed, CodeMalformed, "This is not a token."},
	{jwt.ErrTokenUnverifiable, CodeSignature, "The token was not signed by this server."},
	{jwt.ErrTokenSignatureInvalid, CodeSignature, "The token was not signed by this server."},
	{jwt.ErrTokenRequiredClaimMissing, CodeMalformed, "The token lacks something every token has."},
	{jwt.ErrTokenInvalidAudience, CodeAudience, "The token was made for something else."},
	{jwt.ErrTokenInvalidIssuer, CodeAudience, "The token was made by something else."},
	{jwt.ErrTokenExpired, CodeExpired, "The token has expired."},
	{jwt.ErrTokenNotValidYet, CodeNotYetValid, "The token is not valid yet."},
	{jwt.ErrTokenUsedBeforeIssued, CodeNotYetValid, "The token is not valid yet."},
}

func refusal(err error) *Error {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return &Error{Code: r.code, Message: r.message, cause: err}
		}
	}
	return &Error{Code: CodeMalformed, Message: "This is not a token.", cause: err}
}
