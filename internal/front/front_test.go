package front_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/internal/front"
)

func TestOnePortSpeaksHTTPAndTURN(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	v1 := "PROXY TCP4 203.0.113.9 127.0.0.1 4711 443\r\n"
	for name, test := range map[string]struct {
		proxies []netip.Prefix
		says    string
		want    string // somewhere in the answer
	}{
		"http":                         {says: request, want: "HTTP/1.1 127.0.0.1:"},
		"turn":                         {says: string(binding), want: "turn 127.0.0.1:"},
		"http behind v1":               {loopback, v1 + request, "HTTP/1.1 203.0.113.9:4711"},
		"turn behind v1":               {loopback, v1 + string(binding), "turn 203.0.113.9:4711 " + string(binding)},
		"http behind v2":               {loopback, v2("203.0.113.8:81") + request, "HTTP/1.1 203.0.113.8:81"},
		"turn behind v2":               {loopback, v2("203.0.113.8:81") + string(binding), "turn 203.0.113.8:81"},
		"a proxy without a header":     {loopback, request, "HTTP/1.1 127.0.0.1:"},
		"a header of nobody we know":   {nil, v1 + request, "400 Bad Request"},
		"a second header":              {loopback, v1 + v1 + request, "400 Bad Request"},
		"a proxy looking for life":     {loopback, "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00" + request, "HTTP/1.1 127.0.0.1:"},
		"a header that is cut to bits": {loopback, "PROXY TCP4 203.0.113.9\r\n" + request, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, front.Config{TURN: true, Proxies: test.proxies})
			got := say(t, s.dial(t), test.says)
			if !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTLSIsToldApartAfterTheHandshake(t *testing.T) {
	s := open(t, front.Config{TURN: true, TLS: certificate(t)})
	for name, test := range map[string]struct {
		alpn       []string
		says, want string
	}{
		"turn without a name":    {nil, string(binding), "turns 127.0.0.1:"},
		"turn by name":           {[]string{"stun.turn"}, string(binding), "turns 127.0.0.1:"},
		"turn among others":      {[]string{"http/1.1", "stun.turn", "stun.nat-discovery"}, string(binding), "turns 127.0.0.1:"},
		"http by name":           {[]string{"http/1.1"}, request, "HTTP/1.1 127.0.0.1:"},
		"http without a name":    {nil, request, "HTTP/1.1 127.0.0.1:"},
		"turn in bytes only":     {[]string{"http/1.1"}, string(binding), "400 Bad Request"},
		"http under turn's name": {[]string{"stun.turn"}, request, "turns 127.0.0.1:"},
	} {
		t.Run(name, func(t *testing.T) {
			c := tls.Client(s.dial(t), &tls.Config{InsecureSkipVerify: true, NextProtos: test.alpn})
			if got := say(t, c, test.says); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("http/2", func(t *testing.T) {
		client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		defer client.CloseIdleConnections()
		response, err := client.Get("https://" + s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, _ := io.ReadAll(response.Body); !bytes.HasPrefix(body, []byte("HTTP/2.0 127.0.0.1:")) {
			t.Errorf("got %q, want HTTP/2.0", body)
		}
	})
	t.Run("turn without TLS", func(t *testing.T) {
		if got := say(t, s.dial(t), string(binding)); !strings.HasPrefix(got, "turn 127.0.0.1:") {
			t.Errorf("got %q, want turn", got)
		}
	})
	t.Run("http without TLS", func(t *testing.T) {
		if got := say(t, s.dial(t), request); !strings.Contains(got, "Open the address with https://") {
			t.Errorf("got %q, want advice", got)
		}
	})
	told := s.Stats().Told
	for kind, want := range map[string]uint64{"turns": 4, "turn": 1, "https": 4} {
		if told[kind] != want {
			t.Errorf("%s: %d connections, want %d of %v", kind, told[kind], want, told)
		}
	}
}

func TestWithoutARelayEverythingIsHTTP(t *testing.T) {
	s := open(t, front.Config{})
	if got := say(t, s.dial(t), string(binding), "\r\n\r\n"); !strings.Contains(got, "400 Bad Request") {
		t.Errorf("got %q, want 400", got)
	}
}

func TestThoseWhoSayNothingAreClosedWhileOthersAreServed(t *testing.T) {
	limits := front.Limits{FirstByte: 700 * time.Millisecond, Handshake: 700 * time.Millisecond}
	s := open(t, front.Config{TURN: true, TLS: certificate(t), Limits: limits})
	silent := make([]net.Conn, 0, 300)
	for i := range cap(silent) {
		c := s.dial(t)
		// Nothing, the first byte of TLS, and the first byte of TURN.
		if first := []string{"", "\x16", "\x00"}[i%3]; first != "" {
			io.WriteString(c, first)
		}
		silent = append(silent, c)
	}
	start := time.Now()
	c := tls.Client(s.dial(t), &tls.Config{InsecureSkipVerify: true})
	if got := say(t, c, request); !strings.Contains(got, "200 OK") {
		t.Errorf("got %q, want to be served beside 300 silent connections", got)
	}
	if took := time.Since(start); took > 500*time.Millisecond {
		t.Errorf("serving took %v beside 300 silent connections", took)
	}
	for _, c := range silent {
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, syscall.ETIMEDOUT) {
			t.Fatalf("a silent connection ended with %v, want to be closed", err)
		}
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("300 silent connections were closed within %v, want the limits", took)
	}
	failed := s.Stats().Failed
	if failed["silent"] != 100 || failed["handshake_late"] != 100 {
		t.Errorf("got %v, want 100 silent and 100 late", failed)
	}
}

func TestOneAddressHoldsOnlySoMuch(t *testing.T) {
	limits := front.Limits{PerAddress: 3, Waiting: 2, Open: 100}
	s := open(t, front.Config{TURN: true, Limits: limits, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	hold := func(source, more string) net.Conn {
		c := s.dial(t)
		io.WriteString(c, v2(source)+more)
		return c
	}
	isClosed := func(c net.Conn) bool {
		c.SetReadDeadline(time.Now().Add(2 * time.Second))
		_, err := c.Read(make([]byte, 1))
		return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
	}
	hold("203.0.113.1:1", "")
	hold("203.0.113.1:2", "")
	await(t, "two wait", func() bool { return s.Stats().Open == 2 })
	if !isClosed(hold("203.0.113.1:3", request)) {
		t.Error("a third connection may wait beside two that say nothing")
	}
	if got := say(t, hold("203.0.113.2:1", ""), request); !strings.Contains(got, "200 OK") {
		t.Errorf("another address got %q", got)
	}
	for i, port := range []string{"1", "2", "3"} {
		keep := hold("203.0.113.3:"+port, strings.Replace(request, "close", "keep-alive", 1))
		if _, err := bufio.NewReader(keep).ReadString('\n'); err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	if !isClosed(hold("203.0.113.3:4", request)) {
		t.Error("one address has four connections open")
	}
	if got := s.Stats().Failed["too_many_of_one"]; got != 2 {
		t.Errorf("counted %d refusals, want 2", got)
	}
}

// failing is a listener that fails now and then.
type failing struct {
	net.Listener
	failures atomic.Int32
}

func (l *failing) Accept() (net.Conn, error) {
	if l.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestAcceptingGoesOnAfterErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	broken := &failing{Listener: l}
	broken.failures.Store(5)
	s := open(t, front.Config{Listener: broken})
	if got := say(t, s.dial(t), request); !strings.Contains(got, "200 OK") {
		t.Errorf("got %q after five errors", got)
	}
	if got := s.Stats().AcceptErrors; got != 5 {
		t.Errorf("counted %d errors, want 5", got)
	}
}

func TestClosingWaitsForNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := front.New(front.Config{Listener: l, TURN: true, TLS: certificate(t)})
	served := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Go(func() { served <- f.Serve() })
	for _, first := range []string{"", "\x16", "\x00"} { // the last one waits for a relay that does not accept
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, first)
	}
	await(t, "three wait", func() bool { return f.Stats().Waiting == 3 })
	start := time.Now()
	if err := errors.Join(f.Close(), f.Close(), <-served); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if took := time.Since(start); took > time.Second {
		t.Errorf("closing took %v", took)
	}
	if got := f.Stats(); got.Open != 0 || got.Waiting != 0 {
		t.Errorf("left behind: %+v", got)
	}
	if _, err := f.HTTP().Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepting after closing: %v", err)
	}
}

// once is a listener that has one connection to give.
type once struct {
	conns chan net.Conn
	done  chan struct{}
	close sync.Once
}

func (l *once) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *once) Close() error   { l.close.Do(func() { close(l.done) }); return nil }
func (l *once) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func FuzzTheFirstBytesLeadToOneHalfWithNothingLost(f *testing.F) {
	for _, seed := range []string{"", request, string(binding), v2("203.0.113.8:81") + "\x00", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nG", "PROXY", "\r\n\r\n\x00\r\nQUIT\n\x21\x31\x00\xd8", "\x16\x03\x01"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, said []byte, proxied bool) {
		l := &once{conns: make(chan net.Conn, 1), done: make(chan struct{})}
		cfg := front.Config{Listener: l, TURN: true, Limits: front.Limits{FirstByte: time.Second}}
		if proxied {
			cfg.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		}
		fr := front.New(cfg)
		var wg sync.WaitGroup
		wg.Go(func() { fr.Serve() })
		got := make(chan string, 2)
		for name, half := range map[string]net.Listener{"http": fr.HTTP(), "turn": fr.TURN()} {
			wg.Go(func() {
				c, err := half.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				all, _ := io.ReadAll(c)
				got <- name + string(all)
			})
		}
		client, server := net.Pipe()
		l.conns <- named{server}
		client.SetDeadline(time.Now().Add(5 * time.Second))
		client.Write(said)
		client.Close()
		await(t, "the connection is told apart", func() bool { s := fr.Stats(); return len(s.Told)+len(s.Failed) > 0 && s.Waiting == 0 })
		if len(fr.Stats().Told) > 0 {
			half := <-got
			name, heard := half[:4], half[4:]
			if !strings.HasSuffix(string(said), heard) || !proxied && heard != string(said) {
				t.Errorf("%q was heard as %q", said, heard)
			}
			if isTURN := heard != "" && heard[0] <= 3; isTURN != (name == "turn") {
				t.Errorf("%q went to %s", heard, name)
			}
		}
		fr.Close()
		wg.Wait()
	})
}

// named is a pipe with an address.
type named struct{ net.Conn }

func (named) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4000} }
