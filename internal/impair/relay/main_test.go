package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestTheRelayObeysAndCounts(t *testing.T) {
	var out bytes.Buffer
	err := run(strings.NewReader(`{"listen":"127.0.0.1:0","server":"127.0.0.1:9"}
{"set":{"loss":0.05,"delay_ms":20}}
{"set_up":{"rate":500000},"blackout_ms":10,"block":true,"rebind":true,"strand":true}
{"stats":true}`), &out)
	if err != nil {
		t.Fatal(err)
	}
	read := json.NewDecoder(&out)
	var s start
	if err := read.Decode(&s); err != nil || s.Listen.Port() == 0 {
		t.Errorf("it listens on %v: %v", s.Listen, err)
	}
	for range 3 {
		var counts map[string]map[string]any
		if err := read.Decode(&counts); err != nil || counts["up"] == nil || counts["down"] == nil {
			t.Errorf("counts %v: %v", counts, err)
		}
	}
	if err := run(strings.NewReader(`{"listen":"127.0.0.1:0","server":"127.0.0.1:9"}{"loss":1}`), &out); err == nil {
		t.Error("it takes a command that there is not")
	}
}
