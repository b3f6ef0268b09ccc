package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestServeSpeaksTLSWithItsOwnCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := selfSigned(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	var stdout, stderr buffer
	exit := make(chan int, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		exit <- Main(ctx, []string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--public-url", "https://localhost",
			"--tls-certificate", cert, "--tls-key", key, "--media-port", "0", "--log-format", "json"}, &stdout, &stderr)
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	eventually(t, "serve is ready", func() bool { return strings.Contains(stderr.String(), `"msg":"ready"`) })
	_, rest, _ := strings.Cut(stderr.String(), `"listen":"`)
	listen, _, _ := strings.Cut(rest, `"`)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for path, want := range map[string]int{"/healthz": 200, "/r/iv_1": 200, "/": 404, "/app/people": 404, "/v1/openapi.json": 200} {
		response, err := client.Get("https://" + listen + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, response.StatusCode, want)
		}
	}
	client.CloseIdleConnections()
	cancel()
	if code := <-exit; code != exitOK || stdout.String() != "" {
		t.Errorf("got %d and stdout %q, want 0 and nothing:\n%s", code, stdout.String(), stderr.String())
	}
}

// selfSigned writes a certificate for localhost and its key.
func selfSigned(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestStoppingTellsThoseWhoListenAndWaitsForNoneOfThem(t *testing.T) {
	d := startDemo(t, t.TempDir())
	id := d.ring(t, "t1")
	_, joined := d.call(t, http.MethodPost, "/v1/interviews/"+id+"/join", `{"user": {"id": "femi"}}`)
	events := d.listen(t, "/v1/events")
	state := d.listen(t, "/app/events?as=client")
	socket, _, err := (&websocket.Dialer{Subprotocols: []string{"parley.v1"}}).Dial("ws"+strings.TrimPrefix(d.URL, "http")+"/v1/signal", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	hello := map[string]any{"type": "hello", "token": joined["token"], "device": "a-device-of-femi"}
	if err := socket.WriteJSON(hello); err != nil {
		t.Fatal(err)
	}
	if got := read(t, socket); got["type"] != "welcome" {
		t.Fatalf("hello was answered with %v, want welcome", got)
	}

	start := time.Now()
	d.stop()
	for got := read(t, socket); got["type"] != "going_away"; got = read(t, socket) {
	}
	if _, _, err := socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the socket ended with %v, want close code 1001", err)
	}
	for name, stream := range map[string]*bufio.Reader{"/v1/events": events, "/app/events": state} {
		if _, err := stream.ReadString(0); err == nil {
			t.Errorf("%s is still open", name)
		}
	}
	if code := d.awaitExit(t, 5*time.Second); code != exitOK {
		t.Errorf("exit code %d, want 0:\n%s", code, d.stderr.String())
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("stopping took %v, want it to wait for nobody who only listens", took)
	}
}

// listen opens an event stream and returns it once its first bytes are there.
func (d *runningDemo) listen(t *testing.T, path string) *bufio.Reader {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.APIKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d", path, response.StatusCode)
	}
	return bufio.NewReader(response.Body)
}

func read(t *testing.T, socket *websocket.Conn) map[string]any {
	t.Helper()
	if err := socket.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	message := map[string]any{}
	if err := socket.ReadJSON(&message); err != nil {
		t.Fatal(err)
	}
	return message
}

func TestAddressesArePrintedAsPeopleTypeThem(t *testing.T) {
	for _, test := range []struct{ listener, local, dial, network string }{
		{"127.0.0.1:8080", "http://localhost:8080", "http://127.0.0.1:8080", ""},
		{"[::1]:8080", "http://localhost:8080", "http://[::1]:8080", ""},
		{"[::]:8080", "http://localhost:8080", "http://127.0.0.1:8080", "http://192.0.2.7:8080"},
		{"0.0.0.0:80", "http://localhost:80", "http://127.0.0.1:80", "http://192.0.2.7:80"},
		{"192.0.2.9:8080", "http://192.0.2.9:8080", "http://192.0.2.9:8080", "http://192.0.2.9:8080"},
	} {
		addr, err := net.ResolveTCPAddr("tcp", test.listener)
		if err != nil {
			t.Fatal(err)
		}
		if got := localURL("http", addr); got != test.local {
			t.Errorf("%s: locally got %s, want %s", test.listener, got, test.local)
		}
		if got := dialURL("http", addr); got != test.dial {
			t.Errorf("%s: to dial got %s, want %s", test.listener, got, test.dial)
		}
		if got := strings.Join(networkURLs("http", addr, addrs("2001:db8::7", "192.0.2.7")), " "); got != test.network {
			t.Errorf("%s: on the network got %q, want %q", test.listener, got, test.network)
		}
	}
}
