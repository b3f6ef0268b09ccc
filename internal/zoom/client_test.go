package zoom

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/zoom/zoomtest"
)

// before runs a test in virtual time, with a client before a Zoom that takes
// only what the real one takes.
func before(t *testing.T, tell func(t *testing.T, c *Client, z *zoomtest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		z := zoomtest.New()
		c, stop := clientOf(z)
		defer stop()
		tell(t, c, z)
	})
}

func clientOf(z *zoomtest.Server) (*Client, func()) {
	dial, stop := z.Pipe()
	c := NewClient(ClientConfig{
		AccountID: zoomtest.AccountID, ClientID: zoomtest.ClientID, ClientSecret: zoomtest.ClientSecret,
		OAuthURL: "http://zoom.test", APIURL: "http://api.zoom.test", Dial: dial,
	})
	return c, func() { c.Close(); stop() }
}

func request() Request {
	return Request{Topic: "Interview: a logo", StartsAt: time.Now(), Duration: time.Hour}
}

func TestAMeetingIsMadeEndedAndDeleted(t *testing.T) {
	before(t, func(t *testing.T, c *Client, z *zoomtest.Server) {
		m, err := c.Create(t.Context(), zoomtest.Host, request())
		if err != nil {
			t.Fatal(err)
		}
		if m.Number != "81234567001" || m.Passcode != "100001" || m.URL != "https://us02web.zoom.us/j/81234567001?pwd=Zm9vYmFy100001.1" {
			t.Errorf("got %+v", m)
		}
		z.Run(m.Number, true)
		if err := c.Delete(t.Context(), m.Number); KindOf(err) != InProgress {
			t.Errorf("delete while it runs: got %v", err)
		}
		if err := c.End(t.Context(), m.Number); err != nil {
			t.Errorf("end: %v", err)
		}
		for range 2 { // the second time there is none
			if err := errors.Join(c.End(t.Context(), m.Number), c.Delete(t.Context(), m.Number)); err != nil {
				t.Errorf("end and delete: %v", err)
			}
		}
		if got := z.Rejected(); len(got) > 0 {
			t.Errorf("Zoom would have refused: %v", got)
		}
		if got, want := z.Gone(), []string{m.Number}; !slices.Equal(got, want) {
			t.Errorf("deleted: got %v, want %v", got, want)
		}
	})
}

func TestLongTopicsAreCutAndEmptyOnesFilled(t *testing.T) {
	before(t, func(t *testing.T, c *Client, z *zoomtest.Server) {
		for _, topic := range []string{strings.Repeat("ü", 300), "  "} {
			r := request()
			r.Topic, r.Duration, r.Audio = topic, 0, true
			if _, err := c.Create(t.Context(), zoomtest.Host, r); err != nil {
				t.Errorf("%.20q: %v", topic, err)
			}
		}
	})
}

func TestATokenIsSharedRenewedAndReplacedWhenItIsVoid(t *testing.T) {
	before(t, func(t *testing.T, c *Client, z *zoomtest.Server) {
		tokens := func() int { return strings.Count(strings.Join(z.Seen(), " "), "token") }
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := c.Create(t.Context(), zoomtest.Host, request()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := tokens(); got != 1 {
			t.Errorf("five at once: got %d tokens, want 1", got)
		}
		time.Sleep(59*time.Minute + time.Second)
		if _, err := c.User(t.Context(), zoomtest.Host); err != nil || tokens() != 2 {
			t.Errorf("a minute before its end: got %v and %d tokens, want 2", err, tokens())
		}
		z.Revoke() // 124
		if _, err := c.User(t.Context(), zoomtest.Host); err != nil || tokens() != 3 {
			t.Errorf("after 124: got %v and %d tokens, want 3", err, tokens())
		}
		z.Script("user", zoomtest.Answer{Status: 401, Body: `{"code":124}`}, zoomtest.Answer{Status: 401, Body: `{"code":124}`})
		if _, err := c.User(t.Context(), zoomtest.Host); KindOf(err) != Refused || tokens() != 4 {
			t.Errorf("124 again: got %v and %d tokens, want it refused after one more", err, tokens())
		}
	})
}

func TestWhatZoomRefusesIsToldApart(t *testing.T) {
	before(t, func(t *testing.T, c *Client, z *zoomtest.Server) {
		for name, want := range map[string]struct {
			answer zoomtest.Answer
			kind   Kind
		}{
			"no such user":     {zoomtest.Answer{Status: 404, Body: `{"code":1001}`}, NoHost},
			"no scope":         {zoomtest.Answer{Status: 400, Body: `{"code":4700}`}, Refused},
			"a field":          {zoomtest.Answer{Status: 400, Body: `{"code":300,"errors":[{"field":"topic"}]}`}, Invalid},
			"a proxy":          {zoomtest.Answer{Status: 502, Body: `<html>`}, Unavailable},
			"elsewhere":        {zoomtest.Answer{Status: 302, Header: map[string]string{"Location": "http://evil.test/"}}, Unavailable},
			"too often":        {zoomtest.Answer{Status: 429}, Limited},
			"the day is over":  {zoomtest.Answer{Status: 429, Header: map[string]string{"X-RateLimit-Type": "Daily-limit"}}, Quota},
			"a link elsewhere": {zoomtest.Answer{Status: 201, Body: `{"id":81234567890,"join_url":"https://evil.test/j/81234567890"}`}, Unavailable},
			"no number":        {zoomtest.Answer{Status: 201, Body: `{"join_url":"https://zoom.us/j/81234567890"}`}, Unavailable},
			"no JSON":          {zoomtest.Answer{Status: 201, Body: `created`}, Unavailable},
			"slow":             {zoomtest.Answer{Status: 201, Wait: time.Minute}, Unavailable},
		} {
			z.Script("create", want.answer)
			start := time.Now()
			_, err := c.Create(t.Context(), zoomtest.Host, request())
			if KindOf(err) != want.kind {
				t.Errorf("%s: got %v, want %s", name, err, want.kind)
				continue
			}
			if d := time.Since(start); d > requestTimeout {
				t.Errorf("%s: took %v", name, d)
			}
			if text := err.Error(); strings.Contains(text, "http:") || strings.Contains(text, zoomtest.ClientSecret) {
				t.Errorf("%s: says too much: %s", name, text)
			}
		}
	})
}

func TestZoomSaysInManyWaysWhenToTryAgain(t *testing.T) {
	now := time.Date(2026, 12, 1, 15, 0, 0, 0, time.UTC)
	midnight := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		header map[string]string
		body   string
		want   time.Time
		kind   Kind
	}{
		"ISO 8601":        {map[string]string{"Retry-After": "2026-12-01T15:00:07Z"}, "", now.Add(7 * time.Second), Limited},
		"seconds":         {map[string]string{"Retry-After": "3"}, "", now.Add(3 * time.Second), Limited},
		"an HTTP date":    {map[string]string{"Retry-After": "Tue, 01 Dec 2026 15:01:00 GMT"}, "", now.Add(time.Minute), Limited},
		"another header":  {map[string]string{"X-RateLimit-Reset": "2026-12-01T15:00:09Z"}, "", now.Add(9 * time.Second), Limited},
		"not at all":      {nil, "", now.Add(time.Second), Limited},
		"the past":        {map[string]string{"Retry-After": "2020-01-01T00:00:00Z"}, "", now.Add(time.Second), Limited},
		"another age":     {map[string]string{"Retry-After": "2099-01-01T00:00:00Z"}, "", now.Add(24 * time.Hour), Limited},
		"tomorrow":        {map[string]string{"Retry-After": "2026-12-02T00:00:00Z", "X-RateLimit-Type": "Daily-limit"}, "", midnight, Quota},
		"the day, unsaid": {nil, `{"code":429,"message":"You have exceeded the daily rate limit"}`, midnight, Quota},
	} {
		response := &http.Response{StatusCode: 429, Header: http.Header{}}
		for k, v := range c.header {
			response.Header.Set(k, v)
		}
		if e := refusal("create", response, []byte(c.body), now); !e.RetryAt.Equal(c.want) || e.Kind != c.kind {
			t.Errorf("%s: got %s until %v, want %s until %v", name, e.Kind, e.RetryAt, c.kind, c.want)
		}
	}
}

func TestWrongCredentialsAreRefused(t *testing.T) {
	before(t, func(t *testing.T, c *Client, z *zoomtest.Server) {
		c.cfg.ClientSecret = "wrong"
		if _, err := c.Create(t.Context(), zoomtest.Host, request()); KindOf(err) != Refused {
			t.Errorf("got %v, want it refused", err)
		}
		if got := c.Stats(); got.Requests["token"] != 1 || got.Failures[Refused] != 1 {
			t.Errorf("got %+v", got)
		}
	})
}
