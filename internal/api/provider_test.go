package api

import "testing"

func TestProviderSaysWhatKeepsPeopleFromCalling(t *testing.T) {
	for address, code := range map[string]string{
		"https://calls.example.com": "",
		"http://localhost:8080":     "",
		"http://127.0.0.1:8080":     "",
		"http://[::1]:8080":         "",
		"http://calls.example.com":  "insecure_public_url",
		"http://192.168.1.20:8080":  "insecure_public_url",
		"":                          "no_public_url",
		"calls.example.com":         "no_public_url",
		"https://":                  "no_public_url",
	} {
		got := ""
		if problems := providerProblems(address); len(problems) > 0 {
			got = problems[0].Code
		}
		if got != code {
			t.Errorf("%q: got problem %q, want %q", address, got, code)
		}
	}
}
