package zoomtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Webhook returns the request that tells of a meeting, as Zoom sends it.
func Webhook(address, event, number string, began, ended time.Time) *http.Request {
	object := map[string]any{
		"id": number, "uuid": "4444AAAiAAAAAiAiAiiAii==", "host_id": "u", "topic": "Interview", "type": 2,
		"start_time": began.UTC().Format(time.RFC3339), "timezone": "UTC", "duration": 60,
	}
	if !ended.IsZero() {
		object["end_time"] = ended.UTC().Format(time.RFC3339)
	}
	return request(address, map[string]any{
		"event": event, "event_ts": time.Now().UnixMilli(), "payload": map[string]any{"account_id": AccountID, "object": object},
	})
}

// Validation returns the request with which Zoom checks a webhook's address.
func Validation(address, plain string) *http.Request {
	return request(address, map[string]any{
		"event": "endpoint.url_validation", "event_ts": time.Now().UnixMilli(), "payload": map[string]any{"plainToken": plain},
	})
}

func request(address string, body any) *http.Request {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // only of the maps above
	}
	// As Zoom writes it: nobody who parses and writes it anew gets these bytes.
	text := strings.Replace(string(raw), `"event":`, `"event" : `, 1)
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(text))
	if err != nil {
		panic(err) // only for an address that is none
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	m := hmac.New(sha256.New, []byte(WebhookSecret))
	m.Write([]byte("v0:" + stamp + ":" + text))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-Zm-Request-Timestamp", stamp)
	r.Header.Set("X-Zm-Signature", "v0="+hex.EncodeToString(m.Sum(nil)))
	return r
}
