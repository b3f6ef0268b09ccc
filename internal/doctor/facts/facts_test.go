package facts

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestADirectoryThatCannotBeWrittenIsNamedWithItsReason(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                                     "",
		filepath.Join(dir, "new", "deep"):       "",
		file:                                    "is no directory",
		filepath.Join(file, "below"):            "not a directory",
		"/proc/self/there-is-nothing-made-here": "cannot be written",
	} {
		got := Directory(path)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("looking has left %v (%v)", left, err)
	}
	if got := Existing(filepath.Join(dir, "new", "deep")); got != dir {
		t.Errorf("got %s, want %s", got, dir)
	}
}

func TestTheSystemTellsItsLimits(t *testing.T) {
	if free, ok := Free(t.TempDir()); !ok || free == 0 {
		t.Errorf("free disk: %d, %v", free, ok)
	}
	if _, ok := Free(filepath.Join(t.TempDir(), "nothing")); ok {
		t.Error("a directory that is not there has free disk")
	}
	if NetLimit("rmem_max") < 1<<10 || NetLimit("there_is_no_such") != 0 {
		t.Errorf("rmem_max: %d", NetLimit("rmem_max"))
	}
	own, ok := OpenFiles(0)
	same, again := OpenFiles(os.Getpid())
	if !ok || !again || own != same || own < 64 {
		t.Errorf("open files: %d, %d", own, same)
	}
	if _, ok := parseLimits("Max open files            1024                 unlimited            files"); ok {
		t.Error("unlimited is no number")
	}
}

func TestTheHolderOfAPortIsFound(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	if name, pid := Holder("tcp", port); pid != os.Getpid() || name == "" {
		t.Errorf("got %q, %d, want this process %d", name, pid, os.Getpid())
	}
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if _, pid := Holder("udp", uint16(u.LocalAddr().(*net.UDPAddr).Port)); pid != os.Getpid() {
		t.Errorf("UDP: got %d, want this process %d", pid, os.Getpid())
	}
}

func TestTheOwnerOfADataDirectoryIsItsLivingProcess(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	for text, want := range map[string]int{"": 0, "x\n": 0, "-4": 0, "999999999\n": 0, "1\n": 1} {
		if err := os.WriteFile(lock, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Owner(lock); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestASiteIsAskedAsABrowserWould(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Write([]byte("alive\n"))
		case "/away":
			http.Redirect(w, r, "/page", http.StatusFound)
		case "/socket":
			if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Origin") == "" {
				w.WriteHeader(http.StatusUpgradeRequired)
				return
			}
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Sec-WebSocket-Protocol", r.Header.Get("Sec-WebSocket-Protocol"))
			w.WriteHeader(http.StatusSwitchingProtocols)
		}
	}))
	defer server.Close()
	s := Site{URL: server.URL, Dial: new(net.Dialer).DialContext}
	p, err := s.Fetch(t.Context(), "/page")
	if err != nil || p.Status != 200 || p.Body != "alive\n" || time.Since(p.Date).Abs() > time.Minute {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err := s.Fetch(t.Context(), "/away"); err != nil || p.Status != http.StatusFound {
		t.Errorf("a redirect: got %+v, %v", p, err)
	}
	if status, agreed, err := s.Upgrade(t.Context(), "/socket", "a.v1"); err != nil || status != 101 || agreed != "a.v1" {
		t.Errorf("got %d %q, %v", status, agreed, err)
	}
	if status, _, err := s.Upgrade(t.Context(), "/page", "a.v1"); err != nil || status != 200 {
		t.Errorf("no socket there: got %d, %v", status, err)
	}
}

func TestAChainIsReadWhoeverSignedIt(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	chain, err := Chain(t.Context(), new(net.Dialer).DialContext, server.Listener.Addr().String(), "example.com")
	if err != nil || len(chain) != 1 || chain[0].VerifyHostname("example.com") != nil {
		t.Errorf("got %d certificates, %v", len(chain), err)
	}
}

// answering answers binding requests from a socket, after dropping some.
func answering(t *testing.T, drop int) netip.AddrPort {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 100)
		for n := 0; ; n++ {
			size, from, err := c.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if n < drop {
				c.WriteToUDPAddrPort([]byte("what is this"), from)
				continue
			}
			c.WriteToUDPAddrPort(bindingAnswer(b[:size], from), from)
		}
	}()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

func bindingAnswer(request []byte, from netip.AddrPort) []byte {
	p := append([]byte(nil), request[:stunHeader]...)
	binary.BigEndian.PutUint16(p, stunBindingSuccess)
	ip := from.Addr().Unmap().AsSlice()
	p = append(p, 0x80, 0x22, 0, 1, 'x', 0, 0, 0) // something before it
	p = append(p, 0, xorMappedAddress, 0, byte(4+len(ip)), 0, map[int]byte{4: 1, 16: 2}[len(ip)])
	p = binary.BigEndian.AppendUint16(p, from.Port()^stunCookie>>16)
	for i, b := range ip {
		p = append(p, b^p[4+i])
	}
	binary.BigEndian.PutUint16(p[2:], uint16(len(p)-stunHeader))
	return p
}

func TestAMediaPortTellsFromWhereItIsAsked(t *testing.T) {
	mapped, err := Binding(t.Context(), answering(t, 1))
	if err != nil || mapped.Addr() != netip.MustParseAddr("127.0.0.1") || mapped.Port() == 0 {
		t.Errorf("got %v, %v", mapped, err)
	}
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if mapped, err := Binding(t.Context(), silent.LocalAddr().(*net.UDPAddr).AddrPort()); err == nil {
		t.Errorf("silence: got %v", mapped)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Binding(ctx, silent.LocalAddr().(*net.UDPAddr).AddrPort()); err == nil {
		t.Error("asked without a context that lives")
	}
}

func TestOnlyTheAnswerToTheRequestCounts(t *testing.T) {
	id := [12]byte{1, 2, 3}
	for _, from := range []string{"192.0.2.7:4711", "[2001:db8::7]:4711"} {
		want := netip.MustParseAddrPort(from)
		good := bindingAnswer(bindingRequest(id), want)
		if got, err := parseBinding(good, id); err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if _, err := parseBinding(good, [12]byte{9}); !errors.Is(err, errNoBinding) {
			t.Errorf("another request's answer: got %v", err)
		}
		for cut := range len(good) {
			if _, err := parseBinding(good[:cut], id); err == nil {
				t.Errorf("%d of %d bytes were taken", cut, len(good))
			}
		}
	}
}

func FuzzBindingAnswersNeverPanic(f *testing.F) {
	id := [12]byte{}
	f.Add(bindingAnswer(bindingRequest(id), netip.MustParseAddrPort("192.0.2.7:4711")))
	f.Add(bindingAnswer(bindingRequest(id), netip.MustParseAddrPort("[2001:db8::7]:4711")))
	f.Fuzz(func(t *testing.T, p []byte) {
		if a, err := parseBinding(p, id); err == nil && !a.IsValid() {
			t.Errorf("an answer without an address: % x", p)
		}
	})
}
