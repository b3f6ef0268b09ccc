package certificate_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"parley/internal/certificate"
)

const host = "interviews.example.com"

// authority runs Pebble, Let's Encrypt's ACME server for tests, which visits the
// ports of this machine whatever the name.
func authority(t *testing.T, httpPort, tlsPort int) *httptest.Server {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	quiet := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	profiles := map[string]ca.Profile{"default": {ValidityPeriod: 90 * 24 * 3600}}
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, profiles)
	visitor := va.New(quiet, httpPort, tlsPort, false, resolver(t), store)
	front := wfe.New(quiet, store, visitor, issuer, []string{"pebble.example"}, false, false, 1, 1)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)
	return server
}

// resolver answers every question with this machine.
func resolver(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	server := &dns.Server{Listener: l, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.IPv4(127, 0, 0, 1)})
		}
		w.WriteMsg(answer)
	})}
	var wg sync.WaitGroup
	wg.Go(func() { server.ActivateAndServe() })
	<-started // what has not started cannot be shut down
	t.Cleanup(func() { server.Shutdown(); wg.Wait() })
	return l.Addr().String()
}

// site serves TLS with a keeper's certificate, on a port that was opened before.
func site(t *testing.T, l net.Listener, a *certificate.ACME) {
	t.Helper()
	config := &tls.Config{GetCertificate: a.GetCertificate, NextProtos: append([]string{"http/1.1"}, a.Protocols()...)}
	server := &http.Server{Handler: http.NotFoundHandler(), ErrorLog: log.New(io.Discard, "", 0)}
	var wg sync.WaitGroup
	wg.Go(func() { server.Serve(tls.NewListener(l, config)) })
	t.Cleanup(func() { server.Close(); wg.Wait() })
}

// onPort80 hides that a test's port for challenges is another.
func onPort80(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host, _, _ = net.SplitHostPort(r.Host)
		h.ServeHTTP(w, r)
	})
}

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, l.Addr().(*net.TCPAddr).Port
}

func trust(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

// served is the certificate that a client is shown.
func served(t *testing.T, addr, name string) *x509.Certificate {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{ServerName: name, InsecureSkipVerify: true}}
	c, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.(*tls.Conn).ConnectionState().PeerCertificates[0]
}

func TestACertificateIsObtainedServedAndKept(t *testing.T) {
	for _, how := range []string{"tls-alpn-01", "http-01"} {
		t.Run(how, func(t *testing.T) {
			secure, tlsPort := listen(t)
			plain, httpPort := listen(t)
			proves := tlsPort
			if how == "http-01" {
				plainest, unused := listen(t)
				plainest.Close()
				proves = unused // nobody answers there
			}
			pebble := authority(t, httpPort, proves)
			dir := filepath.Join(t.TempDir(), "acme")
			keeper := func() *certificate.ACME {
				return certificate.FromAuthority(certificate.Authority{
					Host: host, Email: "ops@example.com", Dir: dir, Directory: pebble.URL + wfe.DirectoryPath, Roots: trust(pebble),
				})
			}
			a := keeper()
			defer a.Close()
			if a.Leaf() != nil {
				t.Error("a certificate before there can be one")
			}
			if how == "http-01" {
				server := &http.Server{Handler: onPort80(a.Challenges(nil))}
				var wg sync.WaitGroup
				wg.Go(func() { server.Serve(plain) })
				t.Cleanup(func() { server.Close(); wg.Wait() })
			}
			site(t, secure, a)
			a.Start()
			first := served(t, secure.Addr().String(), host)
			if err := first.VerifyHostname(host); err != nil {
				t.Error(err)
			}
			if unnamed := served(t, secure.Addr().String(), ""); !unnamed.Equal(first) {
				t.Error("a client that names no host is served another certificate")
			}
			if leaf := a.Leaf(); leaf == nil || !leaf.Equal(first) {
				t.Errorf("the keeper names %v, and serves %v", leaf, first)
			}
			// Who waits for the same certificate may be served before it is kept.
			for late := time.Now().Add(5 * time.Second); time.Now().Before(late); runtime.Gosched() {
				if _, err := os.Stat(filepath.Join(dir, host)); err == nil {
					break
				}
			}
			files, err := os.ReadDir(dir)
			if err != nil || len(files) < 2 {
				t.Fatalf("account and certificate are not kept: %v %v", files, err)
			}
			for _, f := range files {
				if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
					t.Errorf("%s may be read by others: %v", f.Name(), info.Mode())
				}
			}
			pebble.Close() // after a restart nobody need be asked
			again := keeper()
			defer again.Close()
			c, err := again.GetCertificate(&tls.ClientHelloInfo{ServerName: host, SupportedVersions: []uint16{tls.VersionTLS13},
				SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}, SupportedCurves: []tls.CurveID{tls.CurveP256},
				CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
			if err != nil || !c.Leaf.Equal(first) {
				t.Errorf("after a restart: %v, want the same certificate", err)
			}
		})
	}
}

func TestACertificateIsRenewedBeforeItExpires(t *testing.T) {
	l, port := listen(t)
	_, unused := listen(t)
	pebble := authority(t, unused, port)
	dir := t.TempDir()
	cert, key := pair(t, host, time.Hour) // what is left of an old one
	write(t, dir, host, append(key, cert...))
	a := certificate.FromAuthority(certificate.Authority{
		Host: host, Dir: dir, Directory: pebble.URL + wfe.DirectoryPath, Roots: trust(pebble),
	})
	defer a.Close()
	site(t, l, a)
	if old := served(t, l.Addr().String(), host); time.Until(old.NotAfter) > time.Hour {
		t.Fatalf("the old certificate is not served in the meantime: %v", old.NotAfter)
	}
	for late := time.Now().Add(20 * time.Second); ; {
		if leaf := served(t, l.Addr().String(), host); time.Until(leaf.NotAfter) > 60*24*time.Hour {
			if !a.Leaf().Equal(leaf) {
				t.Error("the keeper still names the old certificate")
			}
			return
		}
		if time.Now().After(late) {
			t.Fatal("the certificate was not renewed")
		}
	}
}

func TestOnlyTheOneNameGetsACertificate(t *testing.T) {
	_, unused := listen(t)
	pebble := authority(t, unused, unused)
	a := certificate.FromAuthority(certificate.Authority{Host: host, Dir: t.TempDir(), Directory: pebble.URL + wfe.DirectoryPath, Roots: trust(pebble)})
	defer a.Close()
	if _, err := a.GetCertificate(&tls.ClientHelloInfo{ServerName: "elsewhere.example.com"}); err == nil {
		t.Error("a certificate is asked for whatever clients name")
	}
}
