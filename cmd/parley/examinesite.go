package main

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"parley/internal/certificate"
	"parley/internal/doctor"
	"parley/internal/doctor/facts"
	"parley/signaling/wire"
)

func (e *examination) checkSecret(context.Context) []doctor.Finding {
	path := filepath.Join(e.cfg.Data, relaySecretFile)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []doctor.Finding{{Check: "secret", Level: doctor.OK, Message: "the first start makes it"}}
	case err != nil:
		return []doctor.Finding{doctor.CheckData(path, "cannot be read: "+pathReason(err))}
	}
	return []doctor.Finding{doctor.CheckSecret(path, strings.TrimSpace(string(raw)))}
}

func (e *examination) checkName(ctx context.Context) []doctor.Finding {
	e.resolved = resolve(ctx, e.resolver, e.host)
	return []doctor.Finding{doctor.CheckName(doctor.Name{Host: e.host, Resolved: e.resolved, Own: e.own, Announced: e.announced})}
}

func (e *examination) checkAddress(context.Context) []doctor.Finding {
	return []doctor.Finding{doctor.CheckAddress(doctor.Address{
		Host: e.host, Resolved: e.resolved, Announced: e.announced, Chosen: len(e.cfg.Media.Announce) > 0,
	})}
}

// checkFiles judges the certificate in files, which is why a server would not
// start. Without files it is the one that is served that counts.
func (e *examination) checkFiles(ctx context.Context) []doctor.Finding {
	h := e.cfg.HTTP
	switch {
	case h.TLSCertificate != "":
		files, err := certificate.FromFiles(h.TLSCertificate, h.TLSKey, discard())
		if err != nil {
			return []doctor.Finding{{Level: doctor.Fail, Message: "http.tls_certificate cannot be used: " + err.Error(),
				Fix: "name the PEM file with the chain in http.tls_certificate, and the one with its key in http.tls_key"}}
		}
		defer files.Close()
		served, err := files.GetCertificate(nil)
		if err != nil {
			return []doctor.Finding{doctor.CheckCertificate(nil, e.host, time.Now())}
		}
		return []doctor.Finding{doctor.CheckCertificate(parseChain(served.Certificate), e.host, time.Now())}
	case !strings.HasPrefix(e.url, "https:"):
		return []doctor.Finding{plainFinding(e.host)}
	case h.isACME() && !e.found:
		return []doctor.Finding{{Level: doctor.OK, Message: "the server gets it, when it starts"}}
	}
	return e.checkCertificate(ctx)
}

func parseChain(ders [][]byte) []*x509.Certificate {
	var chain []*x509.Certificate
	for _, der := range ders {
		if c, err := x509.ParseCertificate(der); err == nil {
			chain = append(chain, c)
		}
	}
	return chain
}

// plainFinding is what there is to say of an address without https.
func plainFinding(host string) doctor.Finding {
	if isLocalHost(host) {
		return doctor.NotTried("certificate", "browsers need none for this machine itself")
	}
	return doctor.Finding{Check: "certificate", Level: doctor.Fail, Message: "browsers give camera and microphone to https pages only",
		Fix: "write an https address in http.public_url, and http.acme: on or the files of a certificate"}
}

// checkCertificate judges the certificate that the public address serves.
func (e *examination) checkCertificate(ctx context.Context) []doctor.Finding {
	if !strings.HasPrefix(e.url, "https:") {
		return []doctor.Finding{plainFinding(e.host)}
	}
	chain, err := facts.Chain(ctx, e.dialer.DialContext, net.JoinHostPort(e.host, e.port), e.host)
	if err != nil {
		// The page has the words for it.
		return []doctor.Finding{{Level: doctor.OK, Message: "nobody serves one yet"}}
	}
	f := doctor.CheckCertificate(chain, e.host, time.Now())
	if f.Fix != "" && !e.cfg.HTTP.isTLS() {
		f.Fix = "where TLS ends, in front of Parley: " + f.Fix
	}
	return []doctor.Finding{f}
}

// healthPath is what the public address is asked for: it needs no key, and says
// that Parley answers.
const healthPath = "/healthz"

func (e *examination) checkPage(ctx context.Context) []doctor.Finding {
	if len(e.resolved) < 2 {
		page, answer := e.fetch(ctx, e.dialer.DialContext)
		e.page = page
		return []doctor.Finding{doctor.CheckPage(answer)}
	}
	answers := map[netip.Addr]doctor.Answer{}
	for _, a := range e.resolved {
		page, answer := e.fetch(ctx, func(ctx context.Context, network, _ string) (net.Conn, error) {
			return e.dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), e.port))
		})
		if noRoute(answer.Err) {
			continue // this machine has no such network
		}
		if answers[a] = answer; answer.Err == nil {
			e.page = page
		}
	}
	return []doctor.Finding{doctor.CheckAnswers(answers)}
}

func (e *examination) fetch(ctx context.Context, dial facts.Dial) (facts.Page, doctor.Answer) {
	page, err := facts.Site{URL: e.url, Dial: dial}.Fetch(ctx, healthPath)
	return page, doctor.Answer{URL: e.url + healthPath, Status: page.Status, Alive: strings.TrimSpace(page.Body) == "alive", Err: err}
}

func noRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL)
}

func (e *examination) checkClock(ctx context.Context) []doctor.Finding {
	page, from := e.page, e.url
	if e.ask.clock != "" {
		from = e.ask.clock
		var err error
		if page, err = (facts.Site{URL: from, Dial: e.dialer.DialContext}).Fetch(ctx, "/"); err != nil {
			return []doctor.Finding{doctor.NotTried("clock", from+" does not answer: "+err.Error())}
		}
	}
	if page.Date.IsZero() {
		return []doctor.Finding{doctor.NotTried("clock", from+" does not say what time it is")}
	}
	return []doctor.Finding{doctor.CheckClock(page.Seen.Sub(page.Date)-page.Took/2-500*time.Millisecond, from)}
}

func (e *examination) checkUpgrade(ctx context.Context) []doctor.Finding {
	site := facts.Site{URL: e.url, Dial: e.dialer.DialContext}
	status, agreed, err := site.Upgrade(ctx, "/v1/signal", wire.Subprotocol)
	f := doctor.CheckUpgrade(doctor.Upgrade{URL: e.url + "/v1/signal", Status: status, Protocol: agreed, Wanted: wire.Subprotocol, Err: err})
	if f.Level == doctor.OK {
		e.pages = e.url // calls go the way people go
	}
	return []doctor.Finding{f}
}

func (e *examination) checkUDP(ctx context.Context) []doctor.Finding {
	port := e.mediaPort()
	switch {
	case !e.cfg.TURN.Enabled:
		return []doctor.Finding{doctor.NotTried("udp", "with turn.enabled: off the media port answers nobody but those in a call")}
	case port == 0:
		return []doctor.Finding{doctor.NotTried("udp", "media.port is 0: only the server knows which port it has")}
	}
	var asked []doctor.Reached
	for _, a := range e.mediaAddrs() {
		to := netip.AddrPortFrom(a, port)
		_, err := facts.Binding(ctx, to)
		asked = append(asked, doctor.Reached{Addr: to, Err: err})
	}
	return []doctor.Finding{doctor.CheckUDP(asked, e.openCommand())}
}

// mediaAddrs are the addresses that media has to be reachable at: where the name
// leads people to the internet, those on it.
func (e *examination) mediaAddrs() []netip.Addr {
	addrs := e.announced
	if e.ask.outside != "" {
		addrs = e.resolved
		if a, err := netip.ParseAddr(e.host); err == nil {
			addrs = []netip.Addr{a.Unmap()}
		} else if isLocalHost(e.host) {
			addrs = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
		}
	}
	if slices.ContainsFunc(e.resolved, isPublic) && slices.ContainsFunc(addrs, isPublic) {
		addrs = slices.DeleteFunc(slices.Clone(addrs), doctor.IsPrivate)
	}
	return addrs
}

func isPublic(a netip.Addr) bool { return !doctor.IsPrivate(a) }

// mediaPort is the port of the first shard; 0: unknown.
func (e *examination) mediaPort() uint16 {
	if e.started != nil {
		return e.started.engine.Media()[0].Port()
	}
	return uint16(e.cfg.Media.Port)
}

// openCommand opens the ports of this installation with the firewall at hand.
func (e *examination) openCommand() string {
	var media []netip.AddrPort
	for n := range e.cfg.shards() {
		media = append(media, netip.AddrPortFrom(netip.IPv4Unspecified(), e.mediaPort()+uint16(n)))
	}
	has := hasProgram
	if e.ask.outside != "" {
		has = func(program string) bool { return program == "ufw" } // what this machine has does not matter
	}
	if !slices.ContainsFunc([]string{"ufw", "firewall-cmd", "nft"}, has) {
		return ""
	}
	return portsOf(e.cfg.HTTP.Listen, e.cfg.HTTP.Redirect, media).command(has)
}

// checkPorts finds out whether the ports are free, or Parley's.
func (e *examination) checkPorts(ctx context.Context) []doctor.Finding {
	if e.found {
		return []doctor.Finding{{Level: doctor.OK, Message: "the running server has them"}}
	}
	asked := []doctor.Port{{Network: "TCP", Addr: e.cfg.HTTP.Listen, Setting: "http.listen"}}
	if e.cfg.HTTP.Redirect != "" {
		asked = append(asked, doctor.Port{Network: "TCP", Addr: e.cfg.HTTP.Redirect, Setting: "http.redirect"})
	}
	listen := e.cfg.mediaListen(hasIPv6())
	for n := 0; listen.Port() != 0 && n < e.cfg.shards(); n++ {
		addr := netip.AddrPortFrom(listen.Addr(), listen.Port()+uint16(n))
		asked = append(asked, doctor.Port{Network: "UDP", Addr: addr.String(), Setting: "media.port"})
	}
	for i := range asked {
		tryPort(ctx, &asked[i])
	}
	return doctor.CheckPorts(asked)
}

// tryPort listens for a moment.
func tryPort(ctx context.Context, p *doctor.Port) {
	var lc net.ListenConfig
	var err error
	network := strings.ToLower(p.Network)
	if network == "tcp" {
		var l net.Listener
		if l, err = lc.Listen(ctx, network, p.Addr); err == nil {
			l.Close()
		}
	} else {
		var c net.PacketConn
		if c, err = lc.ListenPacket(ctx, network, p.Addr); err == nil {
			c.Close()
		}
	}
	if err == nil {
		return
	}
	p.Denied = errors.Is(err, fs.ErrPermission)
	p.NotHere = errors.Is(err, syscall.EADDRNOTAVAIL)
	p.Taken = !p.Denied && !p.NotHere
	_, text, _ := net.SplitHostPort(p.Addr)
	port, _ := strconv.ParseUint(text, 10, 16) // it was checked as a setting
	if name, pid := facts.Holder(network, uint16(port)); pid > 0 {
		p.Holder, p.PID = name+" (process "+strconv.Itoa(pid)+")", pid
	}
}
