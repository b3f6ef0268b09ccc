package facts

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// siteTimeout bounds how long one answer of a site may take.
const siteTimeout = 10 * time.Second

// Dial opens a connection. What a Site resolves is the dialler's affair.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Site asks the address that people open, as a browser without a proxy would.
type Site struct {
	URL  string // scheme and host
	Dial Dial
}

// Page is an answer of a site.
type Page struct {
	Status int
	Body   string    // its first kilobyte
	Date   time.Time // of the clock that answered; zero: it did not say
	Seen   time.Time // when it had come, by this clock
	Took   time.Duration
}

// Fetch gets a page. Redirects are not followed.
func (s Site) Fetch(ctx context.Context, path string) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, siteTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return Page{}, err
	}
	start := time.Now()
	response, err := s.do(r, &tls.Config{})
	if err != nil {
		return Page{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return Page{}, fmt.Errorf("it broke off: %w", err)
	}
	seen := time.Now()
	p := Page{Status: response.StatusCode, Body: string(body), Seen: seen, Took: seen.Sub(start)}
	p.Date, _ = http.ParseTime(response.Header.Get("Date")) // zero when there is none
	return p, nil
}

// Upgrade asks for a WebSocket with a subprotocol, as a page of the site would,
// and hangs up.
func (s Site) Upgrade(ctx context.Context, path, subprotocol string) (status int, agreed string, err error) {
	ctx, cancel := context.WithTimeout(ctx, siteTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return 0, "", err
	}
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Origin": s.URL,
		"Sec-WebSocket-Key": base64.StdEncoding.EncodeToString(key), "Sec-WebSocket-Protocol": subprotocol,
	} {
		r.Header.Set(name, value)
	}
	// HTTP/2 has no such upgrade.
	response, err := s.do(r, &tls.Config{NextProtos: []string{"http/1.1"}})
	if err != nil {
		return 0, "", err
	}
	response.Body.Close()
	return response.StatusCode, response.Header.Get("Sec-WebSocket-Protocol"), nil
}

func (s Site) do(r *http.Request, c *tls.Config) (*http.Response, error) {
	t := &http.Transport{DialContext: s.Dial, TLSClientConfig: c, DisableKeepAlives: r.Header.Get("Upgrade") == ""}
	return t.RoundTrip(r)
}

// Chain is the certificate chain that a site serves for a host, whoever signed it.
func Chain(ctx context.Context, dial Dial, address, host string) ([]*x509.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, siteTimeout)
	defer cancel()
	raw, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	// It is judged by whoever asked, with better words than an alert's.
	c := tls.Client(raw, &tls.Config{ServerName: strings.Trim(host, "[]"), InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return c.ConnectionState().PeerCertificates, nil
}
