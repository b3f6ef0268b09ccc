package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"parley/signaling/wire"
)

// uclientRefusal is how coturn's client reports an answer that says no. It also
// reports the TLS versions that it tries in vain, by chance.
var uclientRefusal = regexp.MustCompile(`error \d{3}`)

// Coturn's own client relays through a whole server, by every way that the server
// names in a join answer, with the credentials of that answer, and misses nothing.
// The peer it talks to is one of turn.peers.
func TestCoturnsClientLosesNothingThroughAWholeServer(t *testing.T) {
	uclient, err := exec.LookPath("turnutils_uclient")
	if err != nil {
		t.Skip("turnutils_uclient is missing; install it with: apt-get install coturn")
	}
	peer := echo(t)
	// The client binds a channel to the port beside, for RTCP.
	beside := netip.AddrPortFrom(peer.Addr(), peer.Port()+1)
	s := startServe(t, "--turn-peers", peer.String()+","+beside.String())
	people := []string{"a", "b", "c", "d"}
	id := s.interview(t, people...)
	type run struct {
		name, url string
		args      []string
		out       bytes.Buffer
		cmd       *exec.Cmd
	}
	runs := []*run{ // most of its time it waits, so they go at once
		{name: "UDP", url: "turn:127.0.0.1:%s?transport=udp"},
		{name: "UDP, unbound", url: "turn:127.0.0.1:%s?transport=udp", args: []string{"-s"}},
		{name: "TCP", url: "turn:127.0.0.1:%s?transport=tcp", args: []string{"-t"}},
		{name: "TLS", url: "turns:localhost:%s?transport=tcp", args: []string{"-t", "-S", "-i", s.cert, "-k", s.key}},
	}
	for n, r := range runs {
		relay := s.relayOf(t, id, people[n])
		args := append(r.args, "-u", relay.Username, "-w", relay.Credential, "-r", fmt.Sprint(peer.Port()), "-e", "127.0.0.1",
			"-n", "30", "-m", "3", "-l", "1100", "-c", "-p", portIn(t, relay.URLs, r.url), "127.0.0.1")
		r.cmd = exec.CommandContext(t.Context(), uclient, args...)
		r.cmd.Stdout, r.cmd.Stderr = &r.out, &r.out
		if err := r.cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range runs {
		t.Run(r.name, func(t *testing.T) {
			err, out := r.cmd.Wait(), r.out.String()
			if err != nil || !strings.Contains(out, "Total lost packets 0 (0.000000%)") ||
				!strings.Contains(out, "tot_recv_msgs=90") || uclientRefusal.MatchString(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// echo answers every datagram with itself, and returns where.
func echo(t *testing.T) netip.AddrPort {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	// A refused size only makes the test less patient with a slow machine.
	_ = c.SetReadBuffer(4 << 20)
	var done sync.WaitGroup
	done.Go(func() {
		for buf := make([]byte, 2048); ; {
			n, from, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = c.WriteToUDPAddrPort(buf[:n], from) // the client counts what is lost
		}
	})
	t.Cleanup(func() { c.Close(); done.Wait() })
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// portIn finds the port of the one address that has a form.
func portIn(t *testing.T, urls []string, form string) string {
	t.Helper()
	before, after, _ := strings.Cut(form, "%s")
	for _, u := range urls {
		if port, ok := strings.CutPrefix(u, before); ok && strings.HasSuffix(port, after) {
			return strings.TrimSuffix(port, after)
		}
	}
	t.Fatalf("none of %v is %s", urls, form)
	return ""
}

// runningServe is `parley serve` with a certificate for localhost.
type runningServe struct {
	url, apiKey, cert, key string
	tls                    *tls.Config
	client                 *http.Client
}

func startServe(t *testing.T, flags ...string) *runningServe {
	t.Helper()
	dir := t.TempDir()
	cert, key := selfSigned(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	args := append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--public-url", "https://localhost", "--tls-certificate", cert, "--tls-key", key,
		"--media-port", "0", "--media-shards", "1", "--media-announce", "127.0.0.1", "--log-format", "json"}, flags...)
	var stdout, stderr buffer
	var wg sync.WaitGroup
	wg.Go(func() { Main(ctx, args, &stdout, &stderr) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	eventually(t, "serve is ready", func() bool { return strings.Contains(stderr.String(), `"msg":"ready"`) })
	_, rest, _ := strings.Cut(stderr.String(), `"listen":"`)
	listen, _, _ := strings.Cut(rest, `"`)
	raw, err := os.ReadFile(filepath.Join(dir, "api_key"))
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{InsecureSkipVerify: true}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	t.Cleanup(client.CloseIdleConnections)
	return &runningServe{url: "https://" + listen, apiKey: strings.TrimSpace(string(raw)), cert: cert, key: key, tls: config, client: client}
}

// interview makes one that rings, of these people.
func (s *runningServe) interview(t *testing.T, people ...string) string {
	t.Helper()
	var participants []map[string]string
	for _, id := range people {
		participants = append(participants, map[string]string{"id": id, "name": id, "role": "interviewer"})
	}
	s.call(t, http.MethodPut, "/v1/threads/t", map[string]any{"title": "Thread", "participants": participants}, nil)
	var made struct{ ID string }
	s.call(t, http.MethodPost, "/v1/threads/t/interviews", map[string]string{"mode": "video"}, &made)
	return made.ID
}

// relayOf brings somebody into the lobby, until the test ends, and returns the
// relay that the welcome names.
func (s *runningServe) relayOf(t *testing.T, id, user string) wire.ICEServer {
	t.Helper()
	var pass struct{ Token string }
	s.call(t, http.MethodPost, "/v1/interviews/"+id+"/join", map[string]any{"user": map[string]string{"id": user}}, &pass)
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, TLSClientConfig: s.tls}
	socket, _, err := dialer.Dial("wss"+strings.TrimPrefix(s.url, "https")+"/v1/signal", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	if err := socket.WriteJSON(map[string]string{"type": "hello", "token": pass.Token, "device": "a-device-of-" + user}); err != nil {
		t.Fatal(err)
	}
	var welcome struct {
		Servers []wire.ICEServer `json:"ice_servers"`
	}
	if err := socket.ReadJSON(&welcome); err != nil || len(welcome.Servers) != 1 {
		t.Fatalf("got the relays %v, want one (%v)", welcome.Servers, err)
	}
	return welcome.Servers[0]
}

func (s *runningServe) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.apiKey)
	r.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, response.Status)
	}
	if answer == nil {
		return
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		t.Fatal(err)
	}
}
