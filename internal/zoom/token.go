package zoom

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// renewBefore is how long before its end a token is no longer used.
const renewBefore = 60 * time.Second

// A token is the account's access token. Zoom gives no way to renew one: another
// is asked for.
type token struct {
	turn chan struct{} // held by the one who fetches

	mu    sync.Mutex
	value string
	until time.Time
	scope string
}

// get returns a token that holds for a while, fetched by fetch when there is
// none. Callers at the same time share one.
func (t *token) get(ctx context.Context, fetch func(context.Context) (grant, error)) (string, error) {
	if value := t.valid(); value != "" {
		return value, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if value := t.valid(); value != "" {
		return value, nil
	}
	got, err := fetch(ctx)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value, t.until, t.scope = got.Token, time.Now().Add(time.Duration(got.ExpiresIn)*time.Second), got.Scope
	return t.value, nil
}

func (t *token) valid() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Until(t.until) <= renewBefore {
		return ""
	}
	return t.value
}

// forget drops a token that Zoom does not take, unless there is another already.
func (t *token) forget(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == value {
		t.value, t.until = "", time.Time{}
	}
}

func (t *token) scopes() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.scope
}

// grant is the answer to a request for a token.
type grant struct {
	Token     string `json:"access_token"`
	ExpiresIn int64  `json:"expires_in"`
	Scope     string `json:"scope"`
}

func (c *Client) fetchToken(ctx context.Context) (grant, error) {
	form := url.Values{"grant_type": {"account_credentials"}, "account_id": {c.cfg.AccountID}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.OAuthURL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return grant{}, err
	}
	credentials := base64.StdEncoding.EncodeToString([]byte(c.cfg.ClientID + ":" + c.cfg.ClientSecret))
	request.Header.Set("Authorization", "Basic "+credentials)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var got grant
	if err := c.do("token", request, &got); err != nil {
		return grant{}, err
	}
	if got.Token == "" || strings.ContainsAny(got.Token, " \r\n") || got.ExpiresIn <= 0 {
		return grant{}, c.failed(&Error{Kind: Unavailable, Op: "token", Status: http.StatusOK})
	}
	got.ExpiresIn = min(got.ExpiresIn, 3600)
	return got, nil
}
