package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/store"
)

// Limits of one request.
const (
	requestTimeout = 15 * time.Second
	maxAnswer      = 64 << 10 // read, so that the connection can be used again
	maxSnippet     = 512      // kept for the log
)

// The reasons why an attempt failed: a closed set. The store hastens the first
// four when an endpoint is back.
const (
	ReasonUnreachable = "unreachable"
	ReasonTimeout     = "timeout"
	ReasonTLS         = "tls"
	ReasonThrottled   = "throttled" // 429, 502, 503, 504
	ReasonForbidden   = "forbidden" // the address is not a public one
	ReasonRedirect    = "redirect"
	ReasonGone        = "gone" // 410
	ReasonStatus      = "status"
)

// Reasons lists every reason, for metrics and documents.
func Reasons() []string {
	return []string{ReasonUnreachable, ReasonTimeout, ReasonTLS, ReasonThrottled, ReasonForbidden, ReasonRedirect, ReasonGone, ReasonStatus}
}

func newClient(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Timeout: requestTimeout,
		// Never through a proxy of the environment: it would dial unchecked.
		Transport: &http.Transport{
			DialContext: dial, TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: perEndpoint,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 32 << 10, DisableCompression: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends a message to an endpoint once. after is what the receiver asked
// for with Retry-After.
func (d *Deliverer) post(ctx context.Context, w store.Webhook, m store.Message) (a store.Attempt, after time.Duration) {
	a.At = time.Now()
	defer func() { a.Took = time.Since(a.At) }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(m.Body))
	if err == nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("User-Agent", "Parley-Webhooks")
		err = sign(request.Header, m.ID, a.At, m.Body, w.Secrets(a.At))
	}
	if err != nil {
		a.Reason, a.Snippet = ReasonUnreachable, snippet([]byte(err.Error()))
		return a, 0
	}
	response, err := d.client.Do(request)
	if err != nil {
		a.Reason, a.Snippet = reasonOf(err), snippet([]byte(err.Error()))
		return a, 0
	}
	defer response.Body.Close()
	// An answer that breaks off in its body has been given all the same.
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	a.Status, a.Snippet = response.StatusCode, snippet(body)
	a.Reason = reasonFor(a.Status)
	return a, retryAfter(response.Header, time.Now())
}

// reasonFor is what a status means; empty for success.
func reasonFor(status int) string {
	switch {
	case status >= 200 && status < 300:
		return ""
	case status >= 300 && status < 400:
		return ReasonRedirect
	case status == http.StatusGone:
		return ReasonGone
	case status == http.StatusTooManyRequests, status == http.StatusBadGateway,
		status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return ReasonThrottled
	}
	return ReasonStatus
}

func reasonOf(err error) string {
	var timeout net.Error
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var alert tls.AlertError
	switch {
	case errors.Is(err, ErrForbidden):
		return ReasonForbidden
	case errors.As(err, &verify), errors.As(err, &record), errors.As(err, &unknown), errors.As(err, &alert):
		return ReasonTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	}
	return ReasonUnreachable
}

// snippet is the readable beginning of an answer.
func snippet(body []byte) string {
	cut := len(body) > maxSnippet
	text := strings.ToValidUTF8(string(body[:min(len(body), maxSnippet)]), "")
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == utf8.RuneError || r == 0x7f {
			return -1
		}
		return r
	}, text)
	if cut {
		text += "…"
	}
	return text
}

// Forge sends an endpoint a message that is signed with a secret of nobody's, as
// somebody would who is not Parley, and returns what it answers: an endpoint that
// verifies refuses it. Where it may be sent to is limited as with [Config].
func Forge(ctx context.Context, url string, allow []netip.Prefix) (status int, err error) {
	now := time.Now()
	body := []byte(`{"type":"webhook.test","timestamp":"` + now.UTC().Format(time.RFC3339) + `","data":{}}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Parley-Doctor")
	if err := sign(request.Header, "msg_forged", now, body, []string{NewSecret()}); err != nil {
		return 0, err
	}
	client := newClient(dialer(allow))
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return response.StatusCode, nil
}
