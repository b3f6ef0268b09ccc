package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// MaxViewLifetime is the longest a link to a recording is good for.
const MaxViewLifetime = time.Hour

// viewAudience keeps a link to a recording from opening a room, and the other way round.
const viewAudience = "parley-recording"

// View is what a link to a recording says: who may see which of it.
type View struct {
	ID        string // jti
	User      string // the host app's id of the person the link is for
	Recording string
	All       bool // everything; otherwise only what is of User

	IssuedAt, ExpiresAt time.Time
}

type wireView struct {
	Recording string `json:"recording"`
	All       bool   `json:"all,omitempty"`
	jwt.RegisteredClaims
}

// MintView signs v with the first key of the ring. It refuses what VerifyView would.
func (k *Keyring) MintView(v View) (string, error) {
	w := wireView{
		Recording: v.Recording, All: v.All,
		RegisteredClaims: jwt.RegisteredClaims{
			ID: v.ID, Subject: v.User, Issuer: party, Audience: jwt.ClaimStrings{viewAudience},
			IssuedAt: jwt.NewNumericDate(v.IssuedAt), ExpiresAt: jwt.NewNumericDate(v.ExpiresAt),
		},
	}
	if v.IssuedAt.IsZero() || v.ExpiresAt.IsZero() {
		return "", errors.New("mint link: it needs a time of issue and of expiry")
	}
	if err := w.check(); err != nil {
		return "", fmt.Errorf("mint link: %w", err)
	}
	t := jwt.NewWithClaims(k.signer.method, w)
	t.Header["kid"] = k.signer.id
	return t.SignedString(k.signer.sign)
}

// VerifyView checks everything about a link and returns what it says. The error is
// always an *Error.
func (k *Keyring) VerifyView(raw string, now time.Time) (View, error) {
	if len(raw) > MaxLength {
		return View{}, &Error{Code: CodeMalformed, Message: "The link is too long."}
	}
	var w wireView
	if _, err := parserFor(viewAudience, now).ParseWithClaims(raw, &w, k.verificationKey); err != nil {
		return View{}, refusal(err)
	}
	if err := w.check(); err != nil {
		return View{}, err
	}
	return View{
		ID: w.ID, User: w.Subject, Recording: w.Recording, All: w.All,
		IssuedAt: w.IssuedAt.UTC(), ExpiresAt: w.ExpiresAt.UTC(),
	}, nil
}

func (w *wireView) check() error {
	switch {
	case w.ID == "" || w.Subject == "" || w.Recording == "" || w.IssuedAt == nil || w.ExpiresAt == nil:
		return malformed("The link does not say for whom, for what and how long it is.")
	case !w.ExpiresAt.After(w.IssuedAt.Time) || w.ExpiresAt.Sub(w.IssuedAt.Time) > MaxViewLifetime:
		return malformed("The link is valid for longer than an hour.")
	}
	return nil
}
