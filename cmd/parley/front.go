package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"parley/internal/certificate"
	"parley/internal/doctor"
	"parley/internal/front"
)

// keeper is where the server's certificate comes from.
type keeper interface {
	GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error)
	Leaf() *x509.Certificate // nil: there is none yet
	Close() error
}

// openCertificate makes the keeper of the certificate, if Parley speaks TLS
// itself, and refuses one that browsers would.
func (s *server) openCertificate(context.Context) error {
	h := s.cfg.HTTP
	host, _ := publicHost(s.url)
	switch {
	case h.isACME():
		a, err := newACME(h, host, filepath.Join(s.cfg.Data, "acme"), s.log)
		if err != nil {
			return err
		}
		s.certificate, s.acme = a, a
	case h.isTLS():
		files, err := certificate.FromFiles(h.TLSCertificate, h.TLSKey, s.log)
		if err != nil {
			return err
		}
		s.certificate = files
	default:
		return nil
	}
	s.started.add("certificate", func(context.Context) error { return s.certificate.Close() })
	if h.isACME() {
		return nil
	}
	served, err := s.certificate.GetCertificate(nil)
	if err != nil {
		return err
	}
	var chain []*x509.Certificate
	for _, der := range served.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("http.tls_certificate: %w", err)
		}
		chain = append(chain, c)
	}
	return s.heed("http.tls_certificate", doctor.CheckCertificate(chain, host, time.Now()))
}

func newACME(h HTTPConfig, host, dir string, log *slog.Logger) (*certificate.ACME, error) {
	a := certificate.Authority{Host: host, Dir: dir, Directory: h.ACMEDirectory, Logger: log}
	if h.ACME != "on" {
		a.Email = h.ACME
	}
	if h.ACMECA != "" {
		raw, err := os.ReadFile(h.ACMECA)
		if err != nil {
			return nil, &configError{field: "http.acme_ca", message: h.ACMECA + " cannot be read: " + pathReason(err)}
		}
		a.Roots = x509.NewCertPool()
		if !a.Roots.AppendCertsFromPEM(raw) {
			return nil, &configError{field: "http.acme_ca", message: h.ACMECA + " holds no certificate; name a PEM file"}
		}
	}
	return certificate.FromAuthority(a), nil
}

// openFront puts the front on the port. Nothing is accepted before serve.
func (s *server) openFront(context.Context) error {
	cfg := front.Config{Listener: s.listener, Proxies: s.cfg.HTTP.Proxies, TURN: s.cfg.TURN.Enabled, Logger: s.log}
	if s.certificate != nil {
		cfg.TLS = &tls.Config{GetCertificate: s.certificate.GetCertificate, MinVersion: tls.VersionTLS12}
		if s.acme != nil {
			cfg.TLS.NextProtos = s.acme.Protocols()
		}
	}
	s.front = front.New(cfg)
	s.started.add("front", func(context.Context) error { return s.front.Close() })
	return nil
}

// openRedirect listens on the port of plain HTTP, which leads to https and
// answers an ACME authority.
func (s *server) openRedirect(ctx context.Context) error {
	if s.cfg.HTTP.Redirect == "" {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.HTTP.Redirect)
	if err != nil {
		return fmt.Errorf("%s cannot be listened on (%w); choose another address in http.redirect", s.cfg.HTTP.Redirect, errors.Unwrap(err))
	}
	var handler http.Handler = redirect(s.url)
	if s.acme != nil {
		handler = s.acme.Challenges(handler)
	}
	h := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readHeaderTimeout, WriteTimeout: readHeaderTimeout,
		IdleTimeout: readHeaderTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.running.Go(func() {
		if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the redirection to https has stopped", "err", err)
		}
	})
	s.started.add("redirect", func(context.Context) error { return h.Close() })
	return nil
}

// redirect leads to the same path on the public address.
func redirect(public string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			answerText(w, http.StatusBadRequest, "Use "+public)
			return
		}
		http.Redirect(w, r, public+r.URL.RequestURI(), http.StatusPermanentRedirect)
	}
}

// expiry is when the certificate in use expires; zero without one.
func (s *server) expiry() time.Time {
	if s.certificate == nil || s.certificate.Leaf() == nil {
		return time.Time{}
	}
	return s.certificate.Leaf().NotAfter
}
