package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds of a request to Zoom.
const (
	requestTimeout = 8 * time.Second
	maxAnswer      = 256 << 10
)

// ClientConfig configures NewClient.
type ClientConfig struct {
	AccountID, ClientID, ClientSecret string

	// OAuthURL and APIURL are Zoom's addresses without a path, such as
	// https://zoom.us and https://api.zoom.us.
	OAuthURL, APIURL string
	// LinkHosts are domains besides Zoom's own that its links may lead to.
	LinkHosts []string
	// Dial replaces the network in tests. nil: the real one.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// A Client speaks to Zoom for one account. It may be used from several
// goroutines at once, and starts none.
type Client struct {
	cfg    ClientConfig
	http   *http.Client
	token  token
	counts counts
}

// counts is what Stats are read from.
type counts struct {
	requests [len(operations)]atomic.Uint64
	failures [8]atomic.Uint64 // in the order of Kinds
}

// operations are the requests there are, in the order of their counters.
var operations = [...]string{"token", "create", "end", "delete", "user"}

// NewClient returns a client; nothing is sent yet.
func NewClient(cfg ClientConfig) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if cfg.Dial != nil {
		transport.DialContext = cfg.Dial
		transport.Proxy = nil
	}
	transport.MaxIdleConnsPerHost = 8
	cfg.OAuthURL, cfg.APIURL = strings.TrimSuffix(cfg.OAuthURL, "/"), strings.TrimSuffix(cfg.APIURL, "/")
	return &Client{
		cfg: cfg,
		http: &http.Client{
			Transport: transport,
			Timeout:   requestTimeout,
			// Neither address has any business to send us elsewhere with the
			// credentials.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		token: token{turn: make(chan struct{}, 1)},
	}
}

// Close lets idle connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call sends one request of the API with the token, and once more with a new
// one when Zoom does not take it: a scope that was added, or a secret that was
// changed, voids tokens before their time.
func (c *Client) call(ctx context.Context, op, method, path string, body, out any) error {
	bearer, err := c.token.get(ctx, c.fetchToken)
	if err != nil {
		return err
	}
	err = c.send(ctx, op, method, path, bearer, body, out)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Refused && (e.Code == codeToken || e.Code == 0 && e.Status == http.StatusUnauthorized) {
		c.token.forget(bearer)
		if bearer, err = c.token.get(ctx, c.fetchToken); err != nil {
			return err
		}
		err = c.send(ctx, op, method, path, bearer, body, out)
	}
	return err
}

func (c *Client) send(ctx context.Context, op, method, path, bearer string, body, out any) error {
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("zoom: %s: %w", op, err)
		}
		reader = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.cfg.APIURL+"/v2"+path, reader)
	if err != nil {
		return fmt.Errorf("zoom: %s: %w", op, err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.do(op, request, out)
}

// do sends a request and reads its answer into out, if it is not nil.
func (c *Client) do(op string, request *http.Request, out any) error {
	request.Header.Set("Accept", "application/json")
	c.count(op)
	response, err := c.http.Do(request)
	if err != nil {
		return c.failed(&Error{Kind: Unavailable, Op: op, cause: withoutURL(err)})
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return c.failed(&Error{Kind: Unavailable, Op: op, Status: response.StatusCode, cause: err})
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return c.failed(refusal(op, response, raw, time.Now()))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return c.failed(&Error{Kind: Unavailable, Op: op, Status: response.StatusCode, cause: errors.New("the answer is not what Zoom documents")})
	}
	return nil
}

// refusal reads an answer that is no success.
func refusal(op string, response *http.Response, raw []byte, now time.Time) *Error {
	var said struct {
		Code   int    `json:"code"`
		Reason string `json:"reason"` // of the token's address
	}
	_ = json.Unmarshal(raw, &said) // a proxy's page has no code
	e := &Error{Kind: kindOf(response.StatusCode, said.Code), Op: op, Status: response.StatusCode, Code: said.Code}
	if op == "token" && e.Kind == Invalid {
		e.Kind = Refused // 400 invalid_client, unsupported grant type
	}
	if e.Kind == Limited {
		e.RetryAt = retryAt(response.Header, now)
		daily := strings.Contains(strings.ToLower(response.Header.Get("X-RateLimit-Type")), "daily") || strings.Contains(strings.ToLower(string(raw)), "daily")
		if daily {
			e.Kind = Quota
			if !e.RetryAt.After(now.Add(time.Minute)) { // it is at midnight UTC, whatever the header says
				e.RetryAt = now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
			}
		}
	}
	return e
}

// retryAt reads when to try again: Zoom writes a date and time of ISO 8601 into
// Retry-After, where RFC 9110 §10.2.3 has seconds or an HTTP date; or nothing.
func retryAt(h http.Header, now time.Time) time.Time {
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset"} {
		text := strings.TrimSpace(h.Get(name))
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return bounded(at, now)
		}
		if at, err := http.ParseTime(text); err == nil {
			return bounded(at, now)
		}
		var seconds int64
		if _, err := fmt.Sscanf(text, "%d", &seconds); err == nil && seconds >= 0 && seconds < 48*3600 {
			return now.Add(time.Duration(seconds) * time.Second)
		}
	}
	return now.Add(time.Second)
}

// bounded keeps a moment that somebody else names within a day.
func bounded(at, now time.Time) time.Time {
	switch {
	case at.Before(now.Add(time.Second)):
		return now.Add(time.Second)
	case at.After(now.Add(24 * time.Hour)):
		return now.Add(24 * time.Hour)
	}
	return at
}

// withoutURL drops the address from a transport's error: a meeting's number is
// nobody's business in a log.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func (c *Client) count(op string) {
	for i, name := range operations {
		if name == op {
			c.counts.requests[i].Add(1)
		}
	}
}

func (c *Client) failed(e *Error) *Error {
	for i, kind := range Kinds() {
		if kind == e.Kind {
			c.counts.failures[i].Add(1)
		}
	}
	return e
}
