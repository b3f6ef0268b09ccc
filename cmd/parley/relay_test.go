package main

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRelayAddressesAreThoseABrowserReachesInOrder(t *testing.T) {
	for name, test := range map[string]struct {
		public, listen, announced, tls string
		more                           []string
		want                           string
	}{
		"own certificate": {"https://calls.example.com", "0.0.0.0:443", "203.0.113.7", "cert", nil,
			"turn:203.0.113.7:3478?transport=udp turn:calls.example.com:443?transport=tcp turns:calls.example.com:443?transport=tcp"},
		"another port": {"https://calls.example.com:8443", "0.0.0.0:443", "203.0.113.7", "cert", nil,
			"turn:203.0.113.7:3478?transport=udp turn:calls.example.com:8443?transport=tcp turns:calls.example.com:8443?transport=tcp"},
		"two of each family": {"https://calls.example.com", "0.0.0.0:443", "203.0.113.7 10.0.0.1 2001:db8::7 2001:db8::8", "cert", nil,
			"turn:203.0.113.7:3478?transport=udp turn:[2001:db8::7]:3478?transport=udp turn:calls.example.com:443?transport=tcp turns:calls.example.com:443?transport=tcp"},
		"a proxy in front": {"https://calls.example.com", "127.0.0.1:8080", "203.0.113.7", "", nil, "turn:203.0.113.7:3478?transport=udp"},
		"a terminator in front": {"https://calls.example.com", "127.0.0.1:8080", "203.0.113.7", "", []string{"turns:relay.example.com:443?transport=tcp"},
			"turn:203.0.113.7:3478?transport=udp turns:relay.example.com:443?transport=tcp"},
		"demo": {"http://localhost:8080", "127.0.0.1:8080", "127.0.0.1 192.0.2.4 192.0.2.5", "", nil,
			"turn:127.0.0.1:3478?transport=udp turn:192.0.2.4:3478?transport=udp turn:127.0.0.1:8080?transport=tcp"},
		"demo on the network": {"http://localhost:8080", "0.0.0.0:8080", "127.0.0.1 192.0.2.4", "", nil,
			"turn:127.0.0.1:3478?transport=udp turn:192.0.2.4:3478?transport=udp turn:127.0.0.1:8080?transport=tcp turn:192.0.2.4:8080?transport=tcp"},
		"a certificate on localhost": {"https://localhost", "127.0.0.1:9443", "127.0.0.1", "cert", nil,
			"turn:127.0.0.1:3478?transport=udp turn:127.0.0.1:9443?transport=tcp turns:localhost:9443?transport=tcp"},
	} {
		c := defaultConfig()
		c.HTTP.TLSCertificate, c.TURN.URLs = test.tls, test.more
		listener := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(test.listen))
		got := relayURLs(c, test.public, addrs(strings.Fields(test.announced)...), 3478, listener)
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, s, test.want)
		}
		for _, u := range got {
			if !turnURL.MatchString(u) {
				t.Errorf("%s: %q is no address of a relay", name, u)
			}
		}
	}
}

func TestTheRelaySecretIsKeptAndNotTakenFromAnybody(t *testing.T) {
	dir := t.TempDir()
	first, err := openRelaySecret(dir)
	if err != nil || len(first) != 64 {
		t.Fatalf("got %d bytes, %v", len(first), err)
	}
	if again, err := openRelaySecret(dir); err != nil || !slices.Equal(again, first) {
		t.Errorf("the next start has another secret (%v)", err)
	}
	path := filepath.Join(dir, relaySecretFile)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read it", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("changeme"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openRelaySecret(dir); err == nil || !strings.Contains(err.Error(), "openssl rand -hex 32") {
		t.Errorf("a default secret: got %v", err)
	}
}

func TestTheFirewallCommandIsThatOfTheMachine(t *testing.T) {
	p := ports{tcp: []string{"443", "80"}, udp: 3478, to: 3479}
	for program, want := range map[string]string{
		"ufw":          "sudo ufw allow 443/tcp && sudo ufw allow 80/tcp && sudo ufw allow 3478:3479/udp",
		"firewall-cmd": "sudo firewall-cmd --permanent --add-port=443/tcp && sudo firewall-cmd --permanent --add-port=80/tcp && sudo firewall-cmd --permanent --add-port=3478-3479/udp && sudo firewall-cmd --reload",
		"nft":          "sudo nft add rule inet filter input tcp dport '{ 443, 80 }' accept && sudo nft add rule inet filter input udp dport 3478-3479 accept",
		"":             "let them through the firewall in front of this machine, if there is one",
	} {
		if got := p.command(func(name string) bool { return name == program }); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", program, got, want)
		}
	}
	if got := p.String(); got != "TCP 443 and 80, UDP 3478-3479" {
		t.Errorf("got %s", got)
	}
	if got := (ports{udp: 3478, to: 3478}).String(); got != "UDP 3478" {
		t.Errorf("behind a proxy: got %s", got)
	}
}
