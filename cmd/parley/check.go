package main

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// checkConfig finds what no setting alone can show.
func checkConfig(c Config) error {
	var errs []error
	wrong := func(field, message string) {
		errs = append(errs, &configError{field: field, message: message})
	}
	switch h := c.HTTP; {
	case h.isACME() && h.TLSCertificate != "":
		wrong("http.acme", "gets a certificate, and http.tls_certificate names one; remove one of them")
	case h.TLSCertificate != "" && h.TLSKey == "":
		wrong("http.tls_key", "is missing; write the file with the key of http.tls_certificate")
	case h.TLSCertificate == "" && h.TLSKey != "":
		wrong("http.tls_certificate", "is missing; write the file with the certificate of http.tls_key")
	case h.TLSCertificate != "":
		if _, err := tls.LoadX509KeyPair(h.TLSCertificate, h.TLSKey); err != nil {
			wrong("http.tls_certificate", "cannot be used with http.tls_key: "+err.Error())
		}
	}
	if last := c.Media.Port + c.shards() - 1; c.Media.Port != 0 && last > math.MaxUint16 {
		wrong("media.port", "leaves no room for "+strconv.Itoa(c.shards())+" shards; write "+
			strconv.Itoa(math.MaxUint16-c.shards()+1)+" or less")
	}
	for _, a := range c.Media.Announce {
		if l := c.Media.Listen; l.IsValid() && l.Is4() != a.Is4() && l != netip.IPv6Unspecified() {
			wrong("media.announce", "has "+a.String()+", which media.listen "+l.String()+" does not hear; write addresses of its kind")
			break
		}
	}
	if c.Interview.Seats >= c.Interview.MaxParticipants {
		wrong("interview.seats", "must be smaller than interview.max_participants; write "+
			strconv.Itoa(c.Interview.MaxParticipants-1)+" or less")
	}
	return errors.Join(append(errs, checkZoom(c.Zoom), checkTranscripts(c.Recording.Transcripts))...)
}

// checkServe finds what only a real installation must have.
func checkServe(c Config) error {
	if c.HTTP.PublicURL == "" {
		return &configError{field: "http.public_url",
			message: "is missing; write the address people open, such as https://interviews.example.com"}
	}
	if rest, plain := strings.CutPrefix(c.HTTP.PublicURL, "http://"); plain && c.HTTP.isTLS() {
		return &configError{field: "http.public_url", message: "is http, and Parley has a certificate; write https://" + rest}
	}
	if host, _ := publicHost(c.HTTP.PublicURL); c.HTTP.isACME() && !isPublicName(host) {
		return &configError{field: "http.acme",
			message: "cannot get a certificate for " + host + "; write a DNS name in http.public_url, or turn http.acme off"}
	}
	return nil
}

// checkDemo refuses what the demo, which talks to itself over plain HTTP, has
// no use for.
func checkDemo(c Config) error {
	if c.HTTP.TLSCertificate != "" {
		return &configError{field: "http.tls_certificate", message: "is not for the demo; use parley serve"}
	}
	if c.HTTP.isACME() {
		return &configError{field: "http.acme", message: "is not for the demo; use parley serve"}
	}
	return nil
}

// isPublicName reports whether an authority may give a certificate for host.
func isPublicName(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(strings.Trim(host, "."), ".") && !strings.HasSuffix(host, ".localhost")
}

// shards resolves the 0 that stands for one shard per processor.
func (c Config) shards() int {
	if c.Media.Shards > 0 {
		return c.Media.Shards
	}
	return min(processors, maxShards)
}

// processors is how many the process was given. openEngine has it use more, and a
// server opened later in the same process must not count those.
var processors = runtime.GOMAXPROCS(0)

// mediaListen is the address media sockets bind. Every address means both
// families where the machine has IPv6, and IPv4 alone where it does not.
func (c Config) mediaListen(hasIPv6 bool) netip.AddrPort {
	addr := c.Media.Listen
	if !addr.IsValid() {
		addr = netip.IPv4Unspecified()
		if hasIPv6 {
			addr = netip.IPv6Unspecified()
		}
	}
	return netip.AddrPortFrom(addr, uint16(c.Media.Port))
}

// pathReason is why a path could not be used, without repeating the path.
func pathReason(err error) string {
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, os.ErrPermission):
		return "permission denied"
	case errors.As(err, &pathErr):
		return pathErr.Err.Error()
	}
	return err.Error()
}
