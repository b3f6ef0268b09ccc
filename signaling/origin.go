package signaling

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// mayConnect says whether the page a request comes from may open a socket: one
// of this server, or of an allowed origin. Programs send no origin; they are
// let through, since a token is asked of everybody and there are no cookies
// that another site's page could ride on.
func (s *Server) mayConnect(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	origin, host, ok := parseOrigin(origins[0])
	if !ok || len(origins) > 1 {
		return false
	}
	scheme, _, _ := strings.Cut(origin, ":")
	return host == withoutDefaultPort(scheme, r.Host) || slices.Contains(s.origins, origin)
}

// parseOrigin returns an origin in its one normal form (RFC 6454 §6.2), and its
// host with the port where it is not the scheme's own. "null" is no origin.
func parseOrigin(raw string) (origin, host string, ok bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", "", false
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme != "http" && scheme != "https" {
		return "", "", false
	}
	host = withoutDefaultPort(scheme, u.Host)
	return scheme + "://" + host, host, true
}

func withoutDefaultPort(scheme, host string) string {
	port := ":80"
	if scheme == "https" {
		port = ":443"
	}
	return strings.TrimSuffix(strings.ToLower(host), port)
}
