package zoom

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// MaxLink is the longest pasted link that is looked at, in bytes.
const MaxLink = 1024

// A Link is the address of a meeting in Zoom, rebuilt from what it needs.
type Link struct {
	URL    string
	Number string // the meeting's; empty for a personal room by its name
	// Personal: it leads to a room that belongs to a person and tells who they
	// are: by its name, or by a number of ten digits, which Zoom gives to people.
	Personal bool
}

// The codes of a LinkError: a closed set.
const (
	LinkMalformed = "malformed" // no web address
	LinkInsecure  = "insecure"  // not https
	LinkForeign   = "foreign"   // not one of Zoom's hosts
	LinkSecret    = "secret"    // lets its reader host, or is somebody's own registration
	LinkUnknown   = "unknown"   // Zoom's, but no way into a meeting
)

// A LinkError says why a pasted link cannot be used.
type LinkError struct {
	Code    string
	Message string // a sentence for the person who pasted it
}

// Error returns the sentence.
func (e *LinkError) Error() string { return e.Message }

func linkError(code, message string) (Link, error) {
	return Link{}, &LinkError{Code: code, Message: message}
}

var (
	linkHost  = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$`)
	byNumber  = regexp.MustCompile(`^/(?:(j|w)/|wc/(join)/)([0-9]{9,11})/?$`)
	byNumber2 = regexp.MustCompile(`^/wc/([0-9]{9,11})/join/?$`)
	byName    = regexp.MustCompile(`^/my/([A-Za-z][A-Za-z0-9._-]{4,39})/?$`)
	asHost    = regexp.MustCompile(`^/(?:s/|wc/[0-9]+/start|start/)`)
	passcode  = regexp.MustCompile(`^[A-Za-z0-9+/=._~-]{1,200}$`)
	occasion  = regexp.MustCompile(`^[0-9]{9,11}$`)
)

// zoomHosts are those every link may have; an operator can allow more.
var zoomHosts = []string{"zoom.us", "zoomgov.com"}

// ParseLink judges a link that somebody pasted. allow are domains besides
// Zoom's own. The error is a *LinkError.
func ParseLink(text string, allow []string) (Link, error) {
	text = strings.Trim(text, " \t\r\n")
	if text == "" || len(text) > MaxLink || strings.IndexFunc(text, unfit) >= 0 {
		return linkError(LinkMalformed, "This is not a link to a Zoom meeting. Copy the invitation link from Zoom, such as https://zoom.us/j/…")
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Host == "" || u.User != nil || u.EscapedPath() != u.Path {
		return linkError(LinkMalformed, "This is not a link to a Zoom meeting. Copy the invitation link from Zoom, such as https://zoom.us/j/…")
	}
	if u.Scheme != "https" {
		return linkError(LinkInsecure, "A link to Zoom begins with https://.")
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); (port != "" && port != "443") || strings.HasSuffix(u.Host, ":") || !linkHost.MatchString(host) || !zooms(host, allow) {
		return linkError(LinkForeign, "This link does not lead to Zoom.")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return linkError(LinkMalformed, "This link is damaged. Copy it from Zoom again.")
	}
	if asHost.MatchString(u.Path) || query.Has("zak") || query.Has("tk") {
		return linkError(LinkSecret, "This link is for one person alone: whoever opens it becomes the host, or that person. Copy the invitation link instead.")
	}
	link := Link{}
	path := ""
	if m := byNumber.FindStringSubmatch(u.Path); m != nil {
		link.Number, path = m[3], "/j/"+m[3]
		if m[1] == "w" {
			path = "/w/" + m[3]
		}
	} else if m := byNumber2.FindStringSubmatch(u.Path); m != nil {
		link.Number, path = m[1], "/j/"+m[1]
	} else if m := byName.FindStringSubmatch(u.Path); m != nil {
		path = "/my/" + m[1]
	} else {
		return linkError(LinkUnknown, "This link leads to Zoom, but not into a meeting. Copy the invitation link.")
	}
	link.Personal = link.Number == "" || len(link.Number) == 10
	kept := url.Values{}
	for name, fits := range map[string]*regexp.Regexp{"pwd": passcode, "omn": occasion} {
		values := query[name]
		if len(values) == 0 {
			continue
		}
		if len(values) > 1 || !fits.MatchString(values[0]) {
			return linkError(LinkMalformed, "This link is damaged. Copy it from Zoom again.")
		}
		kept.Set(name, values[0])
	}
	link.URL = (&url.URL{Scheme: "https", Host: host, Path: path, RawQuery: kept.Encode()}).String()
	return link, nil
}

// unfit reports what no address holds, and what makes readers and programs
// disagree about where one leads.
func unfit(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`\"'<>^{|}`+"`", r) }

// zooms reports whether host is one of Zoom's, or below one of them.
func zooms(host string, allow []string) bool {
	return slices.ContainsFunc(slices.Concat(zoomHosts, allow), func(domain string) bool {
		domain = strings.ToLower(domain)
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}
