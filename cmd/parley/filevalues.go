package main

import (
	"fmt"
	"mime"
	"strings"

	"parley/internal/chat"
)

// uploadOriginsValue is a list of web origins, and the word for Parley's own.
type uploadOriginsValue struct{ p *[]string }

func (v *uploadOriginsValue) String() string { return strings.Join(*v.p, ",") }

func (v *uploadOriginsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (string, error) {
		if s == chat.OriginSelf {
			return s, nil
		}
		origin, err := parseOrigin(s)
		if err != nil {
			return "", fmt.Errorf("%q %w; write scheme and host only, such as https://files.example.com, or self", s, err)
		}
		return origin, nil
	})
}

// mediaTypesValue is a list of media types and of kinds of them.
type mediaTypesValue struct{ p *[]string }

func (v *mediaTypesValue) String() string { return strings.Join(*v.p, ",") }

func (v *mediaTypesValue) Set(text string) error {
	return setList(v.p, text, func(s string) (string, error) {
		name, parameters, err := mime.ParseMediaType(s)
		kind, sub, _ := strings.Cut(name, "/")
		if err != nil || len(parameters) > 0 || kind == "" || kind == "*" || sub == "" {
			return "", fmt.Errorf("%q is no media type; write one such as application/pdf, or image/* for all of a kind", s)
		}
		return name, nil
	})
}
