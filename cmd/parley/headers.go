package main

import (
	"net/http"
	"strings"

	"parley/internal/chat"
)

// headers says what browsers may do with what a path serves. It is computed
// once; only the room's policy depends on the request, by its host.
type headers struct {
	frameAncestors string // a CSP source list
	uploads        string // a CSP source list: where the room page may send files besides its own origin
	secure         bool   // served over TLS by parley itself
}

func newHeaders(c Config) headers {
	ancestors := "'none'"
	if len(c.HTTP.FrameAncestors) > 0 {
		ancestors = "'self' " + strings.Join(c.HTTP.FrameAncestors, " ")
	}
	var uploads string
	for _, origin := range c.Files.UploadOrigins {
		if origin != chat.OriginSelf {
			uploads += " " + origin
		}
	}
	return headers{frameAncestors: ancestors, uploads: uploads, secure: c.HTTP.isTLS()}
}

// set writes the headers for r's path, before its handler runs.
func (s headers) set(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/r/"):
		h.Set("Content-Security-Policy", pagePolicy(r, s.uploads)+"; frame-ancestors "+s.frameAncestors)
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
	case r.URL.Path == "/check":
		h.Set("Content-Security-Policy", pagePolicy(r, "")+"; frame-ancestors 'none'")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=()")
	case r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/recordings/"):
		h.Set("Content-Security-Policy", pagePolicy(r, "")+"; frame-ancestors 'none'")
		h.Set("Permissions-Policy", "camera=(), microphone=(), display-capture=()")
	case strings.HasPrefix(r.URL.Path, "/assets/"):
		// A worker lives under the policy of its own file.
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'")
		return
	default:
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		return
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

// pagePolicy lets a page use its own origin, send to the others named, and
// nothing else. Lit's templates are the one policy that may make markup out of
// text.
func pagePolicy(r *http.Request, uploads string) string {
	connect := "'self'" + uploads
	if isPlainHost(r.Host) {
		// Not every browser counts WebSockets to the same host as 'self'.
		connect += " ws://" + r.Host + " wss://" + r.Host
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
		"media-src 'self' blob:; connect-src " + connect + "; worker-src 'self'; font-src 'self'; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'; trusted-types lit-html"
}

// isPlainHost reports whether a Host header may be repeated inside a policy.
func isPlainHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	for _, c := range []byte(host) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '.', c == '-', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return true
}
