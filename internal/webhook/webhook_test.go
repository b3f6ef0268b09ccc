package webhook

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestSignatureIsThatOfTheSpecification(t *testing.T) {
	h := http.Header{}
	err := sign(h, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || h.Get("webhook-signature") != want || h.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("got %v and %v, want %s", h, err, want)
	}
}

func TestOnlyPublicAddressesAreAllowed(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "ff02::1": false, "2001:db8::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::7f00:1": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false,
		"64:ff9b:1::1": false, "2002:7f00:1::": false, "2002:a00:1::1": false,
	} {
		if got := allowed(netip.MustParseAddr(text), nil); got != want {
			t.Errorf("%s: allowed %v, want %v", text, got, want)
		}
	}
	if !allowed(netip.MustParseAddr("::ffff:127.0.0.1"), []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}) {
		t.Error("a network that the operator named is refused")
	}
}

func TestNameThatLeadsInsideIsRefusedWhenItIsDialled(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	_, err := newClient(dialer(nil)).Get("http://localhost:" + port)
	if !errors.Is(err, ErrForbidden) || reasonOf(err) != ReasonForbidden {
		t.Errorf("got %v, want ErrForbidden", err)
	}
	response, err := newClient(dialer([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")})).Get("http://localhost:" + port)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

func TestURLsThatAreRefused(t *testing.T) {
	for _, text := range []string{"", "x", "https://", "ftp://a.example/", "http://a.example/", "https://u:p@a.example/", "https://a.example/#x",
		"https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://\x00/"} {
		if err := CheckURL(text, nil); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if err := CheckURL("https://app.example.com:8443/parley?x=1", nil); err != nil {
		t.Error(err)
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "x": 0, "-1": 0, "1.5": 0, "0": 0, "120": 2 * time.Minute, "9999999999999": maxRetryAfter,
		"99999999999999999999999": 0, "Mon, 02 Mar 2026 10:05:00 GMT": 5 * time.Minute, "Mon, 02 Mar 2026 09:00:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"120", "Mon, 02 Mar 2026 10:05:00 GMT", "18446744073709551615"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := retryAfter(http.Header{"Retry-After": {text}}, time.Unix(0, 0)); got < 0 || got > maxRetryAfter {
			t.Errorf("%q: got %v", text, got)
		}
	})
}

func TestListenerPrintsWhatVerifiesAndRefusesTheRest(t *testing.T) {
	var out bytes.Buffer
	secret := NewSecret()
	l, err := NewListener(secret, &out)
	if err != nil {
		t.Fatal(err)
	}
	send := func(signed, body string) int {
		request := httptest.NewRequest("POST", "/", strings.NewReader(body))
		if err := sign(request.Header, "msg_1", time.Now(), []byte(signed), []string{secret}); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		l.ServeHTTP(w, request)
		return w.Code
	}
	if got := send(`{"type":"a.b"}`, `{"type":"a.b"}`); got != 204 || !strings.Contains(out.String(), "verified") {
		t.Errorf("got %d and %s", got, out.String())
	}
	if got := send(`{"type":"a.b"}`, `{"type":"a.c"}`); got != 400 || !strings.Contains(out.String(), "refused") {
		t.Errorf("got %d and %s", got, out.String())
	}
	if _, err := NewListener("secret", &out); err == nil {
		t.Error("a secret of another form is taken")
	}
}

func TestAForgedMessageIsRefusedByWhoVerifies(t *testing.T) {
	var out bytes.Buffer
	l, err := NewListener(NewSecret(), &out)
	if err != nil {
		t.Fatal(err)
	}
	careful := httptest.NewServer(l)
	defer careful.Close()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	if status, err := Forge(t.Context(), careful.URL, loopback); err != nil || status != http.StatusBadRequest {
		t.Errorf("got %d, %v, want 400", status, err)
	}
	careless := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer careless.Close()
	if status, err := Forge(t.Context(), careless.URL, loopback); err != nil || status != http.StatusOK {
		t.Errorf("got %d, %v, want 200", status, err)
	}
	if _, err := Forge(t.Context(), careless.URL, nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("an address that is not allowed: got %v", err)
	}
}
