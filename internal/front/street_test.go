package front_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/internal/front"
)

// binding is a STUN binding request, as a TURN client's first message may be.
var binding = append([]byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42}, "transaction!"...)

// street is a front with an HTTP server and a relay that answers with what it
// got behind it.
type street struct {
	*front.Front
	addr string
}

func open(t *testing.T, cfg front.Config) *street {
	t.Helper()
	if cfg.Listener == nil {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		cfg.Listener = l
	}
	f := front.New(cfg)
	server := &http.Server{
		ReadHeaderTimeout: time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.Proto+" "+r.RemoteAddr)
		}),
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := f.Serve(); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	wg.Go(func() {
		if cfg.TLS != nil {
			// What ServeTLS does besides the handshakes: HTTP/2.
			server.Protocols = new(http.Protocols)
			server.Protocols.SetHTTP1(true)
			server.Protocols.SetHTTP2(true)
		}
		server.Serve(f.HTTP())
	})
	wg.Go(func() { echo(&wg, f.TURN()) })
	t.Cleanup(func() {
		server.Close()
		if err := f.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		wg.Wait()
	})
	return &street{Front: f, addr: cfg.Listener.Addr().String()}
}

// echo answers every connection with who and what it is, and what it says.
func echo(wg *sync.WaitGroup, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		wg.Go(func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(time.Second))
			said := make([]byte, len(binding))
			if _, err := io.ReadFull(c, said); err != nil {
				return
			}
			kind := "turn"
			if c.(interface{ TLS() bool }).TLS() {
				kind = "turns"
			}
			io.WriteString(c, kind+" "+c.RemoteAddr().String()+" "+string(said))
		})
	}
}

func (s *street) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// say writes what a client says and returns all that is answered.
func say(t *testing.T, c net.Conn, parts ...string) string {
	t.Helper()
	for _, p := range parts {
		if _, err := io.WriteString(c, p); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := io.ReadAll(c)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("after %q: %v", answer, err)
	}
	return string(answer)
}

const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func v2(source string) string {
	a := netip.MustParseAddrPort(source)
	h := "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"
	s := a.Addr().As4()
	return h + string(s[:]) + "\x7f\x00\x00\x01" + string([]byte{byte(a.Port() >> 8), byte(a.Port())}) + "\x01\xbb"
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(5 * time.Second); !is(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("it is still not so that %s", what)
		}
	}
}
