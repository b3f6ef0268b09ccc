package zoom

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"parley/internal/zoom/zoomtest"
)

func TestWebhooksAreVerifiedByTheirRawBytes(t *testing.T) {
	now := time.Now()
	r := zoomtest.Webhook("http://parley.example/v1/zoom/webhook", EventStarted, "81234567890", now, time.Time{})
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(zoomtest.WebhookSecret, r.Header, body, now); err != nil {
		t.Fatal(err)
	}
	stamped := func(at time.Time) http.Header {
		stamp := strconv.FormatInt(at.Unix(), 10)
		return http.Header{"X-Zm-Request-Timestamp": {stamp}, "X-Zm-Signature": {"v0=" + hex.EncodeToString(mac(zoomtest.WebhookSecret, "v0:"+stamp+":"+string(body)))}}
	}
	twice := r.Header.Clone()
	twice.Add("X-Zm-Signature", "v0=00")
	for name, c := range map[string]struct {
		secret string
		header http.Header
		body   []byte
		want   error
	}{
		"written anew":    {zoomtest.WebhookSecret, r.Header, bytes.Replace(body, []byte(" : "), []byte(":"), 1), ErrSignature},
		"another secret":  {"other", r.Header, body, ErrSignature},
		"no secret":       {"", r.Header, body, ErrSignature},
		"no headers":      {zoomtest.WebhookSecret, nil, body, ErrSignature},
		"two signatures":  {zoomtest.WebhookSecret, twice, body, ErrSignature},
		"replayed":        {zoomtest.WebhookSecret, stamped(now.Add(-6 * time.Minute)), body, ErrStale},
		"from the future": {zoomtest.WebhookSecret, stamped(now.Add(6 * time.Minute)), body, ErrStale},
		"a late clock":    {zoomtest.WebhookSecret, stamped(now.Add(-4 * time.Minute)), body, nil},
	} {
		if err := Verify(c.secret, c.header, c.body, now); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestTheAddressIsValidatedAsZoomDocumentsIt(t *testing.T) {
	// HMAC-SHA256 of "qgg8vlvZRS6UYooatFL8Aw" under "secret", as openssl makes it.
	got := Validate("secret", "qgg8vlvZRS6UYooatFL8Aw")
	want := Validation{"qgg8vlvZRS6UYooatFL8Aw", "72cef096bfd47c0b8664df30d07721641e4abd7e885ba432204260db477a9a3e"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestEventsAreRead(t *testing.T) {
	e, err := Parse([]byte(`{"event":"meeting.ended","event_ts":1764000000123,"payload":{"account_id":"a","object":{"id":81234567890,"uuid":"x","start_time":"2026-12-01T15:00:00Z","end_time":"2026-12-01T15:30:00Z"}}}`))
	want := Event{Kind: EventEnded, Account: "a", At: time.UnixMilli(1764000000123).UTC(), Number: "81234567890",
		Began: time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC), Ended: time.Date(2026, 12, 1, 15, 30, 0, 0, time.UTC)}
	if err != nil || e != want {
		t.Errorf("got %+v, %v, want %+v", e, err, want)
	}
	if e, err := Parse([]byte(`{"event":"meeting.started","payload":{"object":{"id":"81234567890"}}}`)); err != nil || e.Number != "81234567890" {
		t.Errorf("a number in quotes: got %+v, %v", e, err)
	}
	if e, err := Parse([]byte(`{"event":"user.created","payload":{"object":{"id":"jane"}}}`)); err != nil || e.Number != "" {
		t.Errorf("another event: got %+v, %v", e, err)
	}
	for _, bad := range []string{``, `[]`, `{}`, `{"event":7}`, `{"event":"meeting.started"}`, `{"event":"endpoint.url_validation","payload":{}}`,
		`{"event":"meeting.ended","payload":{"object":{"id":"../../x"}}}`} {
		if _, err := Parse([]byte(bad)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(`{"event":"meeting.ended","event_ts":1,"payload":{"account_id":"a","object":{"id":"81234567890","end_time":"2026-12-01T15:30:00Z"}}}`))
	f.Add([]byte(`{"event":"endpoint.url_validation","payload":{"plainToken":"x"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := Parse(body)
		if err != nil && e != (Event{}) || err == nil && e.Kind == "" {
			t.Fatalf("got %+v, %v", e, err)
		}
		if e.Number != "" && !meetingNumber.MatchString(e.Number) {
			t.Fatalf("got number %q", e.Number)
		}
	})
}
