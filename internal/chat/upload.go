package chat

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/internal/interview"
)

// Limits of an Upload.
const (
	maxUploadURL     = 4096 // bytes; signatures are long
	maxUploadHeaders = 16
	maxHeaderName    = 64
	maxHeaderValue   = 1024
)

// OriginSelf stands for the origin of the room page in FileRules.Origins.
const OriginSelf = "self"

// FileRules are which files may be offered, and where they may go.
type FileRules struct {
	interview.FilePolicy
	// Origins are those that browsers may upload to: scheme, host and port, or
	// OriginSelf. Empty: no files are taken.
	Origins []string
}

// An Upload is how a browser hands a file to the host app: one request, whose
// body is the file.
type Upload struct {
	Method    string // PUT or POST
	URL       string // absolute, or a path on the room page's own origin
	Headers   []Header
	ExpiresAt time.Time
}

// A Header is one of a request.
type Header struct{ Name, Value string }

// check returns u with its defaults in place, or an *interview.Error with
// CodeInvalidUpload. The browser would refuse what is refused here; the host
// app's developer is told at once, and why.
func (r FileRules) check(u Upload) (Upload, error) {
	if u.Method == "" {
		u.Method = http.MethodPut
	}
	switch {
	case u.Method != http.MethodPut && u.Method != http.MethodPost:
		return u, unusable("method", "The method must be PUT or POST.")
	case len(u.URL) > maxUploadURL || !isPlace(u.URL):
		return u, unusable("url", "The upload's address must be an http or https address, or a path on Parley's own.")
	case !r.reaches(u.URL):
		return u, unusable("url", "Room pages may not send to this address: name its origin in files.upload_origins.")
	case len(u.Headers) > maxUploadHeaders:
		return u, unusable("headers", "The upload has too many headers.")
	}
	for _, h := range u.Headers {
		switch {
		case !isToken(h.Name) || len(h.Name) > maxHeaderName || len(h.Value) > maxHeaderValue || !isVisible(h.Value):
			return u, unusable("headers", "A header of the upload has a name or value that a browser cannot send.")
		case isBrowsersOwn(h.Name):
			return u, unusable("headers", "A header of the upload is one that only browsers set: "+h.Name+".")
		}
	}
	return u, nil
}

// reaches reports whether the room page's policy lets it send to an address
// that isPlace.
func (r FileRules) reaches(place string) bool {
	if place[0] == '/' {
		return slices.Contains(r.Origins, OriginSelf)
	}
	u, err := url.Parse(place)
	return err == nil && slices.Contains(r.Origins, strings.ToLower(u.Scheme+"://"+u.Host))
}

// isPlace reports whether a page may be led to an address: http or https, with
// nobody's password in it, or a path on the page's own origin.
func isPlace(text string) bool {
	if !isVisible(text) || strings.ContainsAny(text, " \\") {
		return false
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Opaque != "" {
		return false
	}
	if u.Scheme == "" {
		return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// isVisible reports whether text is printable ASCII.
func isVisible(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// isToken reports whether name can be that of a header (RFC 9110 §5.6.2).
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// isBrowsersOwn reports whether pages may not set a header: the forbidden
// request-headers of the Fetch standard (§2.2.2), as far as they have names.
func isBrowsersOwn(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-") || slices.Contains([]string{
		"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "date", "dnt", "expect", "host", "keep-alive", "origin", "referer",
		"set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
	}, name)
}

func unusable(field, message string) error {
	return &interview.Error{Code: interview.CodeInvalidUpload, Message: message, Field: field}
}
