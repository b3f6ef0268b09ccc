package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value parses one setting into its place in a Config. Set's error is a whole
// sentence that says what to write instead. Lists are separated by commas.
type value interface {
	Set(text string) error
	String() string
}

// pathValue is a path, kept as written; want says what to write.
type pathValue struct {
	p    *string
	want string
}

func (v *pathValue) String() string { return *v.p }

func (v *pathValue) Set(text string) error {
	if strings.TrimSpace(text) == "" || strings.ContainsRune(text, 0) {
		return fmt.Errorf("%q is no path; write %s", text, v.want)
	}
	*v.p = text
	return nil
}

// listenValue is a host:port that a TCP listener can bind.
type listenValue struct{ p *string }

func (v *listenValue) String() string { return *v.p }

func (v *listenValue) Set(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is no address to listen on; write host:port, such as 127.0.0.1:8080, or :8080 for every address", text)
	}
	*v.p = text
	return nil
}

// urlValue is the http or https address of a site: scheme and host, no path.
type urlValue struct{ p *string }

func (v *urlValue) String() string { return *v.p }

func (v *urlValue) Set(text string) error {
	origin, err := parseOrigin(strings.TrimSuffix(text, "/"))
	if err != nil {
		return fmt.Errorf("%q %w; write scheme and host only, such as https://interviews.example.com", text, err)
	}
	*v.p = origin
	return nil
}

// originsValue is a list of web origins.
type originsValue struct{ p *[]string }

func (v *originsValue) String() string { return strings.Join(*v.p, ",") }

func (v *originsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (string, error) {
		origin, err := parseOrigin(s)
		if err != nil {
			return "", fmt.Errorf("%q %w; write scheme and host only, such as https://app.example.com", s, err)
		}
		return origin, nil
	})
}

// parseOrigin accepts scheme://host[:port] and returns it in lower case. The
// result goes into headers, so nothing but a plain host gets through.
func parseOrigin(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return "", errors.New("is no web address")
	case u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("does not start with http:// or https://")
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("has more than a scheme and a host")
	case strings.ContainsAny(u.Host, " ;,'\"*") || strings.HasSuffix(u.Host, ":"):
		return "", errors.New("has no plain host name")
	}
	return strings.ToLower(u.Scheme + "://" + u.Host), nil
}

// addrValue is an IP address, or nothing.
type addrValue struct{ p *netip.Addr }

func (v *addrValue) String() string {
	if !v.p.IsValid() {
		return ""
	}
	return v.p.String()
}

func (v *addrValue) Set(text string) (err error) {
	*v.p, err = parseAddr(text)
	return err
}

// addrsValue is a list of IP addresses.
type addrsValue struct{ p *[]netip.Addr }

func (v *addrsValue) String() string { return joinStrings(*v.p) }

func (v *addrsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (netip.Addr, error) {
		a, err := parseAddr(s)
		if err == nil && a.IsUnspecified() {
			return a, fmt.Errorf("%q is no address a browser can send to; write one that people reach, such as 203.0.113.7", s)
		}
		return a, err
	})
}

func parseAddr(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is no IP address; write one such as 203.0.113.7 or 2001:db8::7", text)
	}
	return a.Unmap(), nil
}

// prefixesValue is a list of networks; an address alone is a network of one.
type prefixesValue struct{ p *[]netip.Prefix }

func (v *prefixesValue) String() string { return joinStrings(*v.p) }

func (v *prefixesValue) Set(text string) error {
	return setList(v.p, text, func(s string) (netip.Prefix, error) {
		if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
			a = a.Unmap()
			return netip.PrefixFrom(a, a.BitLen()), nil
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("%q is no network; write one such as 10.0.0.0/8", s)
		}
		return p.Masked(), nil
	})
}

// intValue is a whole number within bounds.
type intValue struct {
	p        *int
	min, max int
}

func (v *intValue) String() string { return strconv.Itoa(*v.p) }

func (v *intValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%q is no whole number; write one from %d to %d", text, v.min, v.max)
	}
	if n < v.min || n > v.max {
		return fmt.Errorf("%d is out of range; write a number from %d to %d", n, v.min, v.max)
	}
	*v.p = n
	return nil
}

// durationValue is a length of time within bounds.
type durationValue struct {
	p        *time.Duration
	min, max time.Duration
}

func (v *durationValue) String() string { return shortDuration(*v.p) }

func (v *durationValue) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no length of time; write one with its unit, such as 30s or 5m", text)
	}
	if d < v.min || d > v.max {
		return fmt.Errorf("%s is out of range; write a length from %s to %s", text, shortDuration(v.min), shortDuration(v.max))
	}
	*v.p = d
	return nil
}

// shortDuration writes 5m rather than 5m0s, as a person would.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// domainsValue is a list of domains.
type domainsValue struct{ p *[]string }

func (v *domainsValue) String() string { return strings.Join(*v.p, ",") }

func (v *domainsValue) Set(text string) error {
	return setList(v.p, text, func(s string) (string, error) {
		u, err := url.Parse("//" + s)
		if err != nil || u.Host != s || u.Port() != "" || !strings.Contains(s, ".") || strings.Trim(s, ".") != s {
			return "", fmt.Errorf("%q is no domain; write one such as example.com", s)
		}
		return strings.ToLower(s), nil
	})
}

// choiceValue is one of a few words.
type choiceValue struct {
	p     *string
	words []string
}

func (v *choiceValue) String() string { return *v.p }

func (v *choiceValue) Set(text string) error {
	if !slices.Contains(v.words, text) {
		return fmt.Errorf("%q is not known; write one of %s", text, strings.Join(v.words, ", "))
	}
	*v.p = text
	return nil
}

// setList parses comma-separated text item by item; the whole list replaces
// the one before, and an empty text empties it.
func setList[T any](p *[]T, text string, parse func(string) (T, error)) error {
	var list []T
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" && strings.TrimSpace(text) == "" {
			break
		}
		parsed, err := parse(item)
		if err != nil {
			return err
		}
		list = append(list, parsed)
	}
	*p = list
	return nil
}

func joinStrings[T fmt.Stringer](list []T) string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = item.String()
	}
	return strings.Join(texts, ",")
}
