package turn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// udp is a UDP socket that hands what it reads to a function.
func udp(t testing.TB, take func(c *net.UDPConn, p []byte, from netip.AddrPort)) *net.UDPConn {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadBuffer(4 << 20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for buf := make([]byte, 2048); ; {
			n, from, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			take(c, buf[:n], from)
		}
	}()
	t.Cleanup(func() { c.Close(); <-done })
	return c
}

func local(c *net.UDPConn) netip.AddrPort { return unmap(c.LocalAddr().(*net.UDPAddr).AddrPort()) }

// tlsConn is what a connection that came over TLS looks like to the relay.
type tlsConn struct{ net.Conn }

func (tlsConn) TLS() bool { return true }

type tlsListener struct{ net.Listener }

func (l tlsListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return tlsConn{c}, err
}

func certificate(t testing.TB) (tls.Certificate, string, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(key)
	files := [2]string{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")}
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(files[i], pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, files[0], files[1]
}

// refusal is how the client reports one. It also reports the TLS versions that it
// tries in vain, by chance.
var refusal = regexp.MustCompile(`error \d{3}`)

// Coturn's own client finds nothing amiss, with a peer that is named in Peers.
func TestCoturnsClientLosesNothing(t *testing.T) {
	uclient, err := exec.LookPath("turnutils_uclient")
	if err != nil {
		t.Skip("turnutils_uclient is missing; install it with: apt-get install coturn")
	}
	peer := udp(t, func(c *net.UDPConn, p []byte, from netip.AddrPort) { c.WriteToUDPAddrPort(p, from) })
	s, err := New(Config{
		Realm: "parley", Secret: make([]byte, 32), Allowed: func(Identity) bool { return true },
		Limits: Limits{PerParticipant: 64}, // it leaves most of its allocations to expire
		// It also binds a channel to the port beside, for RTCP.
		Peers: []netip.AddrPort{local(peer), netip.AddrPortFrom(local(peer).Addr(), local(peer).Port()+1)}, RelayAddr: netip.MustParseAddr("127.0.0.1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var packets *Packets
	ready := make(chan struct{})
	socket := udp(t, func(_ *net.UDPConn, p []byte, from netip.AddrPort) { <-ready; packets.Push(p, from) })
	packets = s.Packets(local(socket), func(p []byte, to netip.AddrPort) error {
		_, err := socket.WriteToUDPAddrPort(p, to)
		return err
	})
	close(ready)
	listen := func() net.Listener {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	cert, certFile, keyFile := certificate(t)
	plain, secure := listen(), listen()
	go s.Serve(plain)
	go s.Serve(tlsListener{tls.NewListener(secure, &tls.Config{Certificates: []tls.Certificate{cert}})})

	type run struct {
		name string
		at   net.Addr
		args []string
		out  bytes.Buffer
		cmd  *exec.Cmd
	}
	runs := []*run{ // most of its time it waits, so they go at once
		{name: "UDP", at: socket.LocalAddr()},
		{name: "Send", at: socket.LocalAddr(), args: []string{"-s"}},
		{name: "TCP", at: plain.Addr(), args: []string{"-t"}},
		{name: "TLS", at: secure.Addr(), args: []string{"-t", "-S", "-i", certFile, "-k", keyFile}},
	}
	for _, r := range runs {
		who := s.Credentials(Identity{"interview", r.name}, time.Now())
		_, port, _ := net.SplitHostPort(r.at.String())
		args := append(r.args, "-u", who.Username, "-w", who.Password, "-r", strconv.Itoa(int(local(peer).Port())),
			"-e", "127.0.0.1", "-n", "60", "-m", "4", "-l", "1100", "-c", "-p", port, "127.0.0.1")
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
				!strings.Contains(out, "tot_recv_msgs=240") || refusal.MatchString(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
