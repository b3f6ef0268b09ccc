package api

import (
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // which time zones there are must not depend on the machine

	"parley/internal/interview"
)

// A format is what the tag of that name asks of a string that is not empty.
type format struct {
	fits   func(string) bool
	reason string
}

// formats are those the body types use. The OpenAPI document names them too.
var formats = map[string]format{
	"iana-time-zone": {isZone, "must be the IANA name of a time zone, such as Europe/Prague"},
	"uri":            {isPage, "must be an http or https address without a password in it"},
	"language-tag":   {isLanguageTag, "must be a language tag, such as en-GB"},
}

func isZone(name string) bool {
	if !interview.ValidZone(name) {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func isPage(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		strings.IndexFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
}

func isLanguageTag(text string) bool {
	return strings.IndexFunc(text, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-')
	}) < 0
}
