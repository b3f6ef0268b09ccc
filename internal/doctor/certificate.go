package doctor

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

// soon is how long before its expiry a certificate that nobody renews by itself
// is worth a word.
const soon = 14 * 24 * time.Hour

// CheckCertificate looks whether browsers take a certificate for host now. chain
// begins with the server's own.
func CheckCertificate(chain []*x509.Certificate, host string, now time.Time) Finding {
	const check = "certificate"
	if len(chain) == 0 {
		return fail(check, "there is no certificate", "name one in http.tls_certificate, or write http.acme: on")
	}
	leaf := chain[0]
	const replace = "put another file in its place (no restart is needed), or write http.acme: on"
	switch {
	case leaf.VerifyHostname(host) != nil:
		return fail(check, fmt.Sprintf("the certificate is for %s, and people open %s", names(leaf), host),
			"get one for "+host+", or open one of its names in http.public_url")
	case now.After(leaf.NotAfter):
		return fail(check, "the certificate expired on "+day(leaf.NotAfter), replace)
	case now.Before(leaf.NotBefore):
		return fail(check, "the certificate is not valid before "+day(leaf.NotBefore), "set the clock of this machine right, or "+replace)
	case leaf.NotAfter.Sub(now) < soon:
		return warn(check, "the certificate expires on "+day(leaf.NotAfter), replace)
	case len(chain) == 1 && !bytes.Equal(leaf.RawIssuer, leaf.RawSubject):
		return warn(check, "the file holds the server's certificate alone, which some browsers and all phones refuse",
			"write the whole chain into it: the server's certificate first, then "+leaf.Issuer.CommonName)
	}
	return ok(check, fmt.Sprintf("for %s, until %s", names(leaf), day(leaf.NotAfter)))
}

func names(c *x509.Certificate) string {
	all := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "no name"
	}
	return strings.Join(all, ", ")
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }
