package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/internal/doctor"
	"parley/internal/doctor/facts"
)

// findTimeout bounds how long a running server may take to say that it lives.
const findTimeout = 3 * time.Second

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// find looks for a server that runs with this configuration.
func (e *examination) find() {
	local, err := healthURL(e.cfg)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), findTimeout)
	defer cancel()
	e.api = hostApp{url: strings.TrimSuffix(local, healthPath), client: e.localClient()}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, local, nil)
	if err != nil {
		return
	}
	response, err := e.api.client.Do(r)
	if err != nil {
		return
	}
	defer response.Body.Close()
	body := make([]byte, len("alive"))
	n, _ := response.Body.Read(body) // whatever it is, it is no Parley
	e.found = response.StatusCode == http.StatusOK && string(body[:n]) == "alive"
	if e.found {
		e.pid = facts.Owner(filepath.Join(e.cfg.Data, "parley.lock"))
	}
}

// localClient asks the server on this machine, whose certificate is for the
// public name.
func (e *examination) localClient() *http.Client {
	t := &http.Transport{TLSClientConfig: localTLS(), DialContext: e.dialer.DialContext}
	e.ended = append(e.ended, t.CloseIdleConnections)
	return &http.Client{Transport: t, Timeout: dialTimeout * 4}
}

func localTLS() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// checkServer takes the running server, or starts one for what follows.
func (e *examination) checkServer(ctx context.Context) []doctor.Finding {
	if !e.found {
		return []doctor.Finding{e.start(ctx)}
	}
	f := doctor.Finding{Level: doctor.OK, Message: "it runs"}
	if e.pid > 0 {
		f.Message = fmt.Sprintf("it runs (process %d)", e.pid)
	}
	if err := e.useKey(ctx, filepath.Join(e.cfg.Data, apiKeyFile)); err != nil {
		f.Level, f.Message = doctor.Fail, err.Error()
		f.Fix = "run this with the configuration of the server that runs at " + e.api.url + ", as a user who may read its data directory"
		f.Command = "sudo -u parley parley doctor --config /etc/parley.yaml"
	}
	return []doctor.Finding{f}
}

// useKey reads an API key, and sees whether the server takes it.
func (e *examination) useKey(ctx context.Context, path string) error {
	if e.ask.apiKey != "" {
		path = e.ask.apiKey
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the API key in %s cannot be read: %s", path, pathReason(err))
	}
	e.api.key = strings.TrimSpace(string(raw))
	var provider struct{}
	if err := e.api.call(ctx, http.MethodGet, "/v1/provider", nil, &provider); err != nil {
		return fmt.Errorf("%s does not take the API key in %s: %w", e.api.url, path, err)
	}
	return nil
}

// start starts a server on the configured ports, with an empty database of its
// own: what is in the real one is left alone, and nobody is told anything.
func (e *examination) start(ctx context.Context) doctor.Finding {
	dir, err := os.MkdirTemp("", "parley-doctor-*")
	if err != nil {
		return doctor.CheckData(os.TempDir(), "cannot be written: "+pathReason(err))
	}
	e.ended = append(e.ended, func() { _ = os.RemoveAll(dir) })
	cfg := e.cfg
	cfg.Data = dir
	cfg.Recording.Enabled = false   // what it needs has checks of its own
	cfg.Zoom = defaultConfig().Zoom // and so has this
	if err := lendCertificates(e.cfg, dir); err != nil {
		return doctor.CheckData(e.cfg.Data, err.Error())
	}
	s := newServer(cfg, false, discard())
	s.resolver = e.resolver
	if err := s.start(ctx); err != nil {
		return doctor.Finding{Level: doctor.Fail, Message: "it does not start: " + err.Error(), Fix: "put right what it says",
			Command: "parley serve --config /etc/parley.yaml"}
	}
	e.started = s
	e.ended = append(e.ended, func() { _ = s.stop() })
	e.api.key = s.apiKey
	return doctor.Finding{Level: doctor.OK, Message: "none runs; one was started for this on the configured ports, with an empty database, and stops afterwards"}
}

// lendCertificates lets a server that is started for the moment use the
// certificates that ACME has got, instead of asking for others.
func lendCertificates(cfg Config, dir string) error {
	if !cfg.HTTP.isACME() {
		return nil
	}
	kept := absolute(filepath.Join(cfg.Data, "acme"))
	if err := os.MkdirAll(kept, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot keep certificates: %s", pathReason(err))
	}
	return os.Symlink(kept, filepath.Join(dir, "acme"))
}

// dialRelay opens a connection to a relay over TCP, or with secure over TLS, as a
// browser does.
func (e *examination) dialRelay(host string, secure bool) func(network, address string) (net.Conn, error) {
	return func(network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
		defer cancel()
		c, err := e.dialer.DialContext(ctx, network, address)
		if err != nil || !secure {
			return c, err
		}
		t := tls.Client(c, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
		if err := t.HandshakeContext(ctx); err != nil {
			c.Close()
			return nil, fmt.Errorf("TLS with %s: %w", host, err)
		}
		return t, nil
	}
}
