package doctor

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// Name is what the name service makes of the name people open.
type Name struct {
	Host      string
	Resolved  []netip.Addr // empty: nothing
	Own       []netip.Addr // the machine's addresses; none: it is not the server's
	Announced []netip.Addr // where media is sent to
}

// CheckName judges whether the name leads to this machine.
func CheckName(n Name) Finding {
	const check = "name"
	if isLocalName(n.Host) {
		return ok(check, n.Host+" is this machine")
	}
	if _, err := netip.ParseAddr(strings.Trim(n.Host, "[]")); err == nil {
		return ok(check, n.Host+" is an address; no name is needed")
	}
	leads := fmt.Sprintf("%s leads to %s", n.Host, join(n.Resolved))
	private := !slices.ContainsFunc(n.Resolved, func(a netip.Addr) bool { return !IsPrivate(a) })
	switch {
	case len(n.Resolved) == 0:
		return fail(check, fmt.Sprintf("the name service does not know %s, so nobody can open it", n.Host),
			fmt.Sprintf("make an A record (and AAAA, with IPv6) for %s that holds this machine's public address, at whoever keeps the domain", n.Host)).
			by("dig +short " + n.Host)
	case intersects(n.Resolved, n.Own), intersects(n.Resolved, n.Announced), len(n.Own) == 0:
		return ok(check, leads)
	case private && !slices.ContainsFunc(n.Resolved, netip.Addr.IsLoopback):
		return warn(check, fmt.Sprintf("%s, and this machine is %s", leads, join(n.Own)),
			"right if a reverse proxy stands there; else change the record of "+n.Host).by("dig +short " + n.Host)
	}
	return ok(check, leads+", which this machine cannot tell from a router or a proxy of its own")
}

// Answer is what came of asking for a page.
type Answer struct {
	URL    string
	Status int
	Alive  bool  // Parley answered, in its own words
	Err    error // there was no answer
}

const elsewhere = "; if this network merely does not lead back to itself, try from another machine"

// CheckPage judges whether people get the pages at the address they open.
func CheckPage(a Answer) Finding {
	const check = "page"
	command := "curl -v " + a.URL
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var timeout net.Error
	switch {
	case a.Err == nil && a.Status == http.StatusOK && a.Alive:
		return ok(check, a.URL+" is Parley's")
	case a.Err == nil && a.Status >= 500:
		return fail(check, fmt.Sprintf("%s answers %d: what stands in front of Parley does not reach it", a.URL, a.Status),
			"pass requests on to the address in http.listen, and see that Parley runs there").by(command)
	case a.Err == nil:
		return fail(check, fmt.Sprintf("%s answers %d, and not as Parley does: another program has the address", a.URL, a.Status),
			"pass every path below "+strings.TrimSuffix(a.URL, "/healthz")+" on to the address in http.listen").by(command)
	case errors.As(a.Err, &unknown):
		return fail(check, a.URL+": browsers do not trust the certificate, because nobody they know has signed it",
			"use one of a public authority with its whole chain (http.acme: on gets one)").by(command)
	case errors.As(a.Err, &name), errors.As(a.Err, &invalid):
		return fail(check, a.URL+": browsers refuse the certificate: "+reason(a.Err), "get one for this name, or write http.acme: on").by(command)
	case errors.Is(a.Err, syscall.ECONNREFUSED):
		return fail(check, a.URL+" is refused: nothing listens there", "listen there with http.listen, or let what does pass requests on"+elsewhere).
			by("parley doctor --outside " + strings.TrimSuffix(a.URL, "/healthz"))
	case errors.As(a.Err, &timeout) && timeout.Timeout():
		return fail(check, a.URL+" does not answer", "let its TCP port through the firewall, and forward it where there is NAT"+elsewhere).
			by("parley doctor --outside " + strings.TrimSuffix(a.URL, "/healthz"))
	}
	return fail(check, a.URL+": "+reason(a.Err), "see that Parley is what answers there, with https if the address says so").by(command)
}

// CheckAnswers judges what is answered at each of several addresses that the name
// leads to: people get any one of them. An address that cannot be tried from here
// is not among them.
func CheckAnswers(answers map[netip.Addr]Answer) Finding {
	const check = "page"
	var good, bad []netip.Addr
	for a, answer := range answers {
		if CheckPage(answer).Level == OK {
			good = append(good, a)
		} else {
			bad = append(bad, a)
		}
	}
	slices.SortFunc(bad, netip.Addr.Compare)
	slices.SortFunc(good, netip.Addr.Compare)
	if len(bad) == 0 || len(good) == 0 {
		for _, answer := range answers { // they are all of a kind
			return CheckPage(answer)
		}
		return NotTried(check, "none of its addresses can be tried from here")
	}
	first := answers[bad[0]]
	record := "A"
	if bad[0].Is6() {
		record = "AAAA"
	}
	return warn(check, fmt.Sprintf("%s is Parley's at %s, and not at %s, where the name leads people as well: %s", first.URL, join(good), join(bad), CheckPage(first).Message),
		fmt.Sprintf("take the %s record with %s out, or listen there", record, bad[0])).by(curlAt(first.URL, bad[0]))
}

// curlAt asks for a page at one address of its name.
func curlAt(page string, a netip.Addr) string {
	u, err := url.Parse(page)
	if err != nil {
		return "curl -v " + page
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	at := a.String()
	if a.Is6() {
		at = "[" + at + "]"
	}
	return "curl -v --resolve '" + u.Hostname() + ":" + port + ":" + at + "' " + page
}

// reason is the innermost part of an error, which says what happened.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// Upgrade is what came of asking for a WebSocket.
type Upgrade struct {
	URL      string
	Status   int
	Protocol string // that was agreed on
	Wanted   string // that should have been
	Err      error  // there was no answer
}

// nginx is how that reverse proxy passes WebSockets on.
const nginx = "in nginx: location / { proxy_pass http://127.0.0.1:8080; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; " +
	`proxy_set_header Connection "upgrade"; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_read_timeout 1h; }`

// CheckUpgrade judges whether signaling comes through.
func CheckUpgrade(u Upgrade) Finding {
	const check = "websocket"
	command := fmt.Sprintf("curl -i -m 5 --http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: cGFybGV5IGRvY3RvciEhIQ==' -H 'Sec-WebSocket-Protocol: %s' %s", u.Wanted, u.URL)
	pass := func(message, fix string) Finding { return fail(check, u.URL+" "+message, fix).by(command) }
	switch {
	case u.Err != nil:
		return pass("gives no answer to a WebSocket: "+reason(u.Err), "let the reverse proxy pass WebSockets on; "+nginx)
	case u.Status == http.StatusSwitchingProtocols && u.Protocol == u.Wanted:
		return ok(check, u.URL+" takes WebSockets")
	case u.Status == http.StatusSwitchingProtocols, u.Status == http.StatusBadRequest:
		return pass(fmt.Sprintf("(%d) has lost the subprotocol on the way", u.Status), "let the reverse proxy pass Sec-WebSocket-Protocol on unchanged, both ways")
	case u.Status == http.StatusUpgradeRequired:
		return pass("(426): the reverse proxy takes the request to upgrade out", "let it pass Upgrade and Connection on; "+nginx)
	case u.Status == http.StatusForbidden:
		return pass("(403) refuses pages of its own address", "start Parley with this address in http.public_url, and let the reverse proxy pass Host and Origin on unchanged")
	case u.Status == http.StatusTooManyRequests:
		return pass("(429) has too many connections of one address", "name the reverse proxy's network in http.proxies, so that people are told apart")
	case u.Status >= 500:
		return pass(fmt.Sprintf("(%d): the reverse proxy does not reach Parley with a WebSocket", u.Status), "let it pass WebSockets on to the address in http.listen; "+nginx)
	}
	return pass(fmt.Sprintf("(%d) is not Parley's signaling", u.Status), "let the reverse proxy pass every path below /v1/ on; "+nginx)
}
