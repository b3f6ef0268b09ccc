package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Authority says which certificate is wanted of whom. Host and Dir are required.
type Authority struct {
	Host  string // the one name the certificate is for
	Email string // whom the authority may write to; may be empty
	Dir   string // where account and certificate are kept, for their owner only

	Directory string         // URL of the ACME directory; empty: Let's Encrypt
	Roots     *x509.CertPool // who vouches for the directory itself; nil: the system's
	// RenewBefore is how long before its expiry a certificate is renewed; zero: 30 days, or a third of its life if that is less.
	RenewBefore time.Duration
	Logger      *slog.Logger // nil: no logs
}

// ACME is a certificate of an authority. It proves that the name is ours in a TLS
// handshake (tls-alpn-01, RFC 8737), or by HTTP where Challenges is served.
type ACME struct {
	host    string
	log     *slog.Logger
	manager *autocert.Manager
	leaf    atomic.Pointer[x509.Certificate]

	stop context.CancelFunc
	wg   sync.WaitGroup
}

// FromAuthority keeps a certificate until Close. It does not wait for the first
// one: the authority will want to see the port that is opened next. Obtaining it
// begins with Start, or with the first handshake.
func FromAuthority(a Authority) *ACME {
	log := a.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	client := &acme.Client{DirectoryURL: a.Directory, UserAgent: "parley"}
	if a.Roots != nil {
		client.HTTPClient = &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: a.Roots},
		}}
	}
	return &ACME{
		host: a.Host,
		log:  log,
		stop: func() {},
		manager: &autocert.Manager{
			Prompt:      autocert.AcceptTOS,
			Cache:       autocert.DirCache(a.Dir), // directory 0700, files 0600
			HostPolicy:  autocert.HostWhitelist(a.Host),
			RenewBefore: a.RenewBefore,
			Client:      client,
			Email:       a.Email,
		},
	}
}

// How long Start waits after a failure, at first and at most, and how often it
// looks whether the certificate was renewed. Authorities count failures, and
// turn those away who have many.
const (
	firstRetry  = time.Minute
	mostRetry   = time.Hour
	renewalLook = time.Hour
)

// Start obtains the certificate now, once the port is open, and says how it went.
// It does not wait. It is called once at most.
func (a *ACME) Start() {
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	a.wg.Go(func() { a.look(ctx) })
}

func (a *ACME) look(ctx context.Context) {
	retry := firstRetry
	for {
		wait := renewalLook
		if err := a.obtain(); err != nil {
			a.log.Warn("no certificate yet; is the DNS name this machine, and port 443 open to it?",
				"host", a.host, "err", err, "again_in", retry)
			wait, retry = retry, min(2*retry, mostRetry)
		} else {
			retry = firstRetry
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// obtain asks as a modern client would, so that the certificate has the small
// key which such clients are served.
func (a *ACME) obtain() error {
	before := a.leaf.Load()
	_, err := a.GetCertificate(&tls.ClientHelloInfo{
		ServerName:        a.host,
		SupportedVersions: []uint16{tls.VersionTLS13, tls.VersionTLS12},
		CipherSuites:      []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves:   []tls.CurveID{tls.CurveP256},
		SignatureSchemes:  []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	})
	if leaf := a.leaf.Load(); leaf != nil && (before == nil || !before.Equal(leaf)) {
		a.log.Info("certificate obtained", "host", a.host, "expires", leaf.NotAfter.UTC())
	}
	return err
}

// GetCertificate is for tls.Config. A client that names no host, as those who ask
// for an address do not, is meant to be served as well. The first call may take
// as long as the authority does.
func (a *ACME) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if hello.ServerName == "" {
		named := *hello
		named.ServerName = a.host
		hello = &named
	}
	c, err := a.manager.GetCertificate(hello)
	switch {
	case err != nil:
		return nil, fmt.Errorf("certificate of %s: %w", a.host, err)
	case c == nil:
		return nil, errors.New("certificate: there is none")
	case c.Leaf != nil && len(c.Leaf.DNSNames) > 0 && !isChallenge(hello):
		a.leaf.Store(c.Leaf)
	}
	return c, nil
}

// isChallenge tells the authority's own handshakes, whose certificate proves
// something and is nobody's.
func isChallenge(hello *tls.ClientHelloInfo) bool {
	return len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto
}

// Protocols are what tls.Config.NextProtos has to hold for proofs by handshake.
func (a *ACME) Protocols() []string { return []string{acme.ALPNProto} }

// Challenges answers the authority on port 80 (http-01), and sends everybody else
// to next; nil sends them to the same address with https.
func (a *ACME) Challenges(next http.Handler) http.Handler { return a.manager.HTTPHandler(next) }

// Leaf returns the certificate that was last served, nil before the first one. It
// is not to be changed.
func (a *ACME) Leaf() *x509.Certificate { return a.leaf.Load() }

// Close stops looking. A request to the authority that is under way is waited
// for. It is idempotent.
func (a *ACME) Close() error {
	a.stop()
	a.wg.Wait()
	return nil
}
