package interview

import (
	"strings"
	"testing"
)

func TestMessagesArePlainTextOfBoundedLength(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		ok   bool
	}{
		"words":               {"Hello, shall we begin?", true},
		"lines and a tab":     {"one\n\ttwo", true},
		"an emoji alone":      {"👍🏽", true},
		"the longest":         {strings.Repeat("ü", MaxMessageLength), true},
		"one too long":        {strings.Repeat("ü", MaxMessageLength+1), false},
		"nothing":             {"", false},
		"white space":         {" \n\t\u00a0", false},
		"invisible only":      {"\u200b\u200d", false},
		"control characters":  {"bell\a", false},
		"an escape sequence":  {"\x1b[31mred", false},
		"a carriage return":   {"one\rtwo", false},
		"reordered":           {"user\u202egnp.exe", false},
		"bytes that are none": {"a\xff", false},
	} {
		err := CheckMessage(test.text)
		if (err == nil) != test.ok {
			t.Errorf("%s: got %v, want it taken: %v", name, err, test.ok)
		}
		if rule, isRule := err.(*Error); err != nil && (!isRule || rule.Code != CodeInvalidMessage) {
			t.Errorf("%s: got %#v", name, err)
		}
	}
}
