package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// secretPrefix marks a symmetric secret (Standard Webhooks 1.0.0, signatures).
const secretPrefix = "whsec_"

// NewSecret returns a new secret for an endpoint: whsec_ and 32 random bytes.
func NewSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// CheckSecret says what is wrong with a secret that somebody wrote down: it has
// to be whsec_ and the base64 of 24 to 64 bytes.
func CheckSecret(secret string) error {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return errors.New("a webhook secret is whsec_ and the base64 of 24 to 64 bytes; copy it as it was shown when the webhook was made")
	}
	return nil
}

// sign sets the three headers of a message that is sent at now, with a
// signature for each secret.
func sign(h http.Header, id string, now time.Time, body []byte, secrets []string) error {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			signatures[i], err = signer.Sign(id, now, body)
		}
		if err != nil {
			return fmt.Errorf("sign message %s: %w", id, err)
		}
	}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}

// Verify checks that a request with these headers and this body, byte for byte
// as it arrived, was signed with the secret, no more than five minutes ago.
func Verify(secret string, h http.Header, body []byte) error {
	if err := CheckSecret(secret); err != nil {
		return err
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	return verifier.Verify(body, h)
}
