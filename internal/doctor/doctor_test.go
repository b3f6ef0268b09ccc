package doctor_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net/netip"
	"strings"
	"testing"
	"time"

	"parley/internal/doctor"
)

func addrs(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, t := range texts {
		all = append(all, netip.MustParseAddr(t))
	}
	return all
}

func TestAnAddressThatNobodyReachesIsFound(t *testing.T) {
	const name = "interviews.example.com"
	for what, test := range map[string]struct {
		in   doctor.Address
		want doctor.Level
		fix  string
	}{
		"as it should be":              {doctor.Address{Host: name, Resolved: addrs("203.0.113.7"), Announced: addrs("203.0.113.7")}, doctor.OK, ""},
		"both kinds":                   {doctor.Address{Host: name, Resolved: addrs("203.0.113.7"), Announced: addrs("10.0.0.5", "203.0.113.7")}, doctor.OK, ""},
		"private behind a public name": {doctor.Address{Host: name, Resolved: addrs("203.0.113.7"), Announced: addrs("10.0.0.5")}, doctor.Fail, "media.announce: [203.0.113.7]"},
		"a container's":                {doctor.Address{Host: name, Resolved: addrs("203.0.113.7"), Announced: addrs("172.17.0.2"), Chosen: true}, doctor.Fail, "media.announce: [203.0.113.7]"},
		"shared address space":         {doctor.Address{Host: name, Resolved: addrs("203.0.113.7"), Announced: addrs("100.64.3.4")}, doctor.Fail, "203.0.113.7"},
		"mapped":                       {doctor.Address{Host: name, Resolved: addrs("203.0.113.7"), Announced: addrs("::ffff:10.0.0.5")}, doctor.Fail, "203.0.113.7"},
		"a public address is opened":   {doctor.Address{Host: "203.0.113.7", Announced: addrs("192.168.1.2")}, doctor.Fail, "203.0.113.7"},
		"inside a company":             {doctor.Address{Host: "calls.corp.example", Resolved: addrs("10.0.0.5"), Announced: addrs("10.0.0.5")}, doctor.OK, ""},
		"another address":              {doctor.Address{Host: name, Resolved: addrs("198.51.100.1"), Announced: addrs("203.0.113.7")}, doctor.Warn, "198.51.100.1"},
		"no such name":                 {doctor.Address{Host: name, Announced: addrs("203.0.113.7")}, doctor.Warn, "DNS record"},
		"this machine":                 {doctor.Address{Host: "localhost", Announced: addrs("127.0.0.1")}, doctor.OK, ""},
		"this machine by number":       {doctor.Address{Host: "127.0.0.1", Announced: addrs("10.0.0.5")}, doctor.OK, ""},
	} {
		f := doctor.CheckAddress(test.in)
		if f.Level != test.want || !strings.Contains(f.Fix, test.fix) || (f.Fix == "") != (f.Level == doctor.OK) {
			t.Errorf("%s: got %+v, want %s with %q", what, f, test.want, test.fix)
		}
	}
}

func TestACertificateThatBrowsersRefuseIsFound(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	leaf := func(from, to time.Time, issuer string, names ...string) *x509.Certificate {
		return &x509.Certificate{NotBefore: from, NotAfter: to, DNSNames: names, Issuer: pkix.Name{CommonName: issuer},
			RawIssuer: []byte(issuer), RawSubject: []byte("me")}
	}
	year := now.AddDate(1, 0, 0)
	for what, test := range map[string]struct {
		chain []*x509.Certificate
		want  doctor.Level
		says  string
	}{
		"good":         {[]*x509.Certificate{leaf(now, year, "CA", "a.example"), leaf(now, year, "Root")}, doctor.OK, "until 24 November 2027"},
		"wildcard":     {[]*x509.Certificate{leaf(now, year, "me", "*.example")}, doctor.OK, ""},
		"another name": {[]*x509.Certificate{leaf(now, year, "me", "b.example", "c.example")}, doctor.Fail, "is for b.example, c.example, and people open a.example"},
		"expired":      {[]*x509.Certificate{leaf(now.AddDate(-1, 0, 0), now.Add(-time.Hour), "me", "a.example")}, doctor.Fail, "expired on 24 November 2026"},
		"too early":    {[]*x509.Certificate{leaf(now.Add(time.Hour), year, "me", "a.example")}, doctor.Fail, "not valid before"},
		"soon":         {[]*x509.Certificate{leaf(now, now.AddDate(0, 0, 13), "me", "a.example")}, doctor.Warn, "expires on 7 December"},
		"alone":        {[]*x509.Certificate{leaf(now, year, "CA", "a.example")}, doctor.Warn, "alone"},
		"none":         {nil, doctor.Fail, "no certificate"},
	} {
		f := doctor.CheckCertificate(test.chain, "a.example", now)
		if f.Level != test.want || !strings.Contains(f.Message, test.says) || (f.Fix == "") != (f.Level == doctor.OK) {
			t.Errorf("%s: got %+v, want %s with %q", what, f, test.want, test.says)
		}
	}
}

func TestASecretThatIsNoneIsFoundAndNotRepeated(t *testing.T) {
	for secret, want := range map[string]doctor.Level{
		"8f1d0c52a3b94e67d2f04b6a91c37e58a0b4d6e2f81379c5b2e4a6d8f0c1e3b5": doctor.OK,
		"":                                     doctor.Fail,
		"hunter2hunter2":                       doctor.Fail,
		strings.Repeat("ab", 40):               doctor.Fail,
		"changeme-0123456789abcdef-0123456789": doctor.Fail,
	} {
		f := doctor.CheckSecret("relay_secret", secret)
		if f.Level != want {
			t.Errorf("%q: got %+v, want %s", secret, f, want)
		}
		if secret != "" && strings.Contains(f.Message+f.Fix, secret) {
			t.Errorf("the finding holds the secret: %+v", f)
		}
	}
}
