package signaling_test

import (
	"net/http"
	"testing"

	"parley/signaling"
)

func TestOnlyOwnAndAllowedPagesConnect(t *testing.T) {
	w := realWorld(t, func(c *signaling.Config) {
		c.AllowedOrigins = []string{"https://App.example.com", "http://localhost:5173/", "nonsense", "https://user@evil.example"}
	})
	for _, c := range []struct {
		origin []string
		want   int
	}{
		{nil, http.StatusSwitchingProtocols},
		{[]string{"http://" + w.addr}, http.StatusSwitchingProtocols},
		{[]string{"https://app.example.com"}, http.StatusSwitchingProtocols},
		{[]string{"https://app.example.com:443"}, http.StatusSwitchingProtocols},
		{[]string{"http://localhost:5173"}, http.StatusSwitchingProtocols},
		{[]string{"http://app.example.com"}, http.StatusForbidden},
		{[]string{"https://app.example.com:8443"}, http.StatusForbidden},
		{[]string{"https://app.example.com.evil.example"}, http.StatusForbidden},
		{[]string{"https://evil.example"}, http.StatusForbidden},
		{[]string{"http://127.0.0.1"}, http.StatusForbidden},
		{[]string{"http://" + w.addr + "@evil.example"}, http.StatusForbidden},
		{[]string{"null"}, http.StatusForbidden},
		{[]string{""}, http.StatusForbidden},
		{[]string{"nonsense"}, http.StatusForbidden},
		{[]string{"file://" + w.addr}, http.StatusForbidden},
		{[]string{"http://" + w.addr, "https://evil.example"}, http.StatusForbidden},
	} {
		h := http.Header{}
		if c.origin != nil {
			h["Origin"] = c.origin
		}
		if got := upgrade(t, w, h); got.StatusCode != c.want {
			t.Errorf("origin %q: got %d, want %d", c.origin, got.StatusCode, c.want)
		}
	}
	w.must(w.server.Close(t.Context())) // every answer is counted then
	if got := w.server.Stats().Upgrades; got["origin"] != 11 || got["accepted"] != 5 {
		t.Errorf("got %v, want 5 accepted and 11 refused", got)
	}
}

func TestTheHandshakeMustBeComplete(t *testing.T) {
	w := realWorld(t)
	for _, c := range []struct {
		name, header, value string
		want                int
	}{
		{"no subprotocol", "Sec-Websocket-Protocol", "", http.StatusBadRequest},
		{"another version of the protocol", "Sec-Websocket-Protocol", "parley.v0, chat", http.StatusBadRequest},
		{"one of several subprotocols", "Sec-Websocket-Protocol", "parley.v2, parley.v1", http.StatusSwitchingProtocols},
		{"plain HTTP", "Upgrade", "", http.StatusUpgradeRequired},
		{"HTTP/2 by upgrade", "Upgrade", "h2c", http.StatusUpgradeRequired},
		{"short key", "Sec-Websocket-Key", "c2hvcnQ=", http.StatusBadRequest},
		{"old version of WebSocket", "Sec-Websocket-Version", "8", http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := upgrade(t, w, http.Header{c.header: {c.value}}); got.StatusCode != c.want {
				t.Errorf("got %d, want %d", got.StatusCode, c.want)
			}
		})
	}
}

func TestCompressionIsNotNegotiated(t *testing.T) {
	w := realWorld(t)
	got := upgrade(t, w, http.Header{"Sec-Websocket-Extensions": {"permessage-deflate; client_max_window_bits"}})
	if ext := got.Header.Get("Sec-Websocket-Extensions"); got.StatusCode != http.StatusSwitchingProtocols || ext != "" {
		t.Errorf("got %d with extensions %q, want 101 with none", got.StatusCode, ext)
	}
	if sub := got.Header.Get("Sec-Websocket-Protocol"); sub != "parley.v1" {
		t.Errorf("got subprotocol %q, want parley.v1", sub)
	}
}
