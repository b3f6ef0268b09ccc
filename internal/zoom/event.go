package zoom

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The events of Zoom's webhooks that mean something here. Others are taken and
// forgotten.
const (
	EventValidation = "endpoint.url_validation"
	EventStarted    = "meeting.started"
	EventEnded      = "meeting.ended"
	EventDeleted    = "meeting.deleted"
)

// MaxEvent is the longest body of a webhook that is read, in bytes.
const MaxEvent = 64 << 10

// tolerance is how far a webhook's time may be from ours.
const tolerance = 5 * time.Minute

// The errors of Verify and Parse.
var (
	ErrSignature = errors.New("zoom: the signature does not fit")
	ErrStale     = errors.New("zoom: the time of the request is too far from now")
	ErrMalformed = errors.New("zoom: the body is no event of Zoom's")
)

// Verify checks that a webhook came from Zoom, by its raw body: any other
// rendering of the same JSON has another signature. secret is the app's secret
// token.
func Verify(secret string, h http.Header, body []byte, now time.Time) error {
	stamps, signatures := h["X-Zm-Request-Timestamp"], h["X-Zm-Signature"]
	if secret == "" || len(stamps) != 1 || len(signatures) != 1 {
		return ErrSignature
	}
	got, err := hex.DecodeString(strings.TrimPrefix(signatures[0], "v0="))
	if err != nil || !strings.HasPrefix(signatures[0], "v0=") || !hmac.Equal(got, mac(secret, "v0:"+stamps[0]+":"+string(body))) {
		return ErrSignature
	}
	at, err := strconv.ParseInt(stamps[0], 10, 64)
	if err != nil {
		return ErrStale
	}
	when := time.Unix(at, 0)
	if at > 1e11 { // milliseconds
		when = time.UnixMilli(at)
	}
	if d := now.Sub(when); d > tolerance || d < -tolerance {
		return ErrStale
	}
	return nil
}

func mac(secret, text string) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return m.Sum(nil)
}

// An Event is what one of Zoom's webhooks says.
type Event struct {
	Kind    string
	Account string
	At      time.Time
	Number  string    // the meeting's. Its UUID is of no use: it is another one each time the meeting begins.
	Began   time.Time // zero when not told
	Ended   time.Time // zero when not told
	Plain   string    // with EventValidation: what to sign
}

// Parse reads the body of a webhook. The error is ErrMalformed.
func Parse(body []byte) (Event, error) {
	var said struct {
		Event   string          `json:"event"`
		At      json.RawMessage `json:"event_ts"`
		Payload struct {
			Account string `json:"account_id"`
			Plain   string `json:"plainToken"`
			Object  struct {
				ID    json.RawMessage `json:"id"` // a number in some events, a string in others
				Start string          `json:"start_time"`
				End   string          `json:"end_time"`
			} `json:"object"`
		} `json:"payload"`
	}
	if len(body) > MaxEvent || json.Unmarshal(body, &said) != nil || said.Event == "" || len(said.Event) > 128 {
		return Event{}, ErrMalformed
	}
	e := Event{Kind: said.Event, Account: said.Payload.Account, Plain: said.Payload.Plain}
	if ms, err := strconv.ParseInt(string(bytes.Trim(said.At, `"`)), 10, 64); err == nil && ms > 0 && ms < 1e14 {
		e.At = time.UnixMilli(ms).UTC()
	}
	e.Began, e.Ended = moment(said.Payload.Object.Start), moment(said.Payload.Object.End)
	switch e.Kind {
	case EventValidation:
		if e.Plain == "" || len(e.Plain) > 256 {
			return Event{}, ErrMalformed
		}
	case EventStarted, EventEnded, EventDeleted:
		e.Number = string(bytes.Trim(said.Payload.Object.ID, `"`))
		if !meetingNumber.MatchString(e.Number) {
			return Event{}, ErrMalformed
		}
	}
	return e, nil
}

func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// A Validation answers EventValidation: it proves that whoever runs the address
// knows the secret.
type Validation struct {
	Plain     string `json:"plainToken"`
	Encrypted string `json:"encryptedToken"`
}

// Validate makes the answer to EventValidation.
func Validate(secret, plain string) Validation {
	return Validation{Plain: plain, Encrypted: hex.EncodeToString(mac(secret, plain))}
}
