package turn

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	pion "github.com/pion/turn/v3"

	"parley/sfu/socket"
)

var (
	cost  = flag.Bool("cost", false, "measure the relay beside coturn")
	serve = flag.String("serve", "", "be the server that is measured: media, peers or pion, with a peer's address")
)

const (
	costClients = 32
	costRate    = 250 // packets a second of each
	costTime    = 6 * time.Second
	costSize    = 1100
	tick        = 10 * time.Millisecond // of the kernel's accounting
)

// CPU time of the relay's process for each packet that it relays, the kernel's
// share included. A client's packet goes to a peer and comes back: two packets.
func TestRelayCost(t *testing.T) {
	if *serve != "" {
		serveForCost(t, *serve)
		return
	}
	if !*cost {
		t.Skip("it is measured by make bench-turn")
	}
	coturn, err := exec.LookPath("turnserver")
	if err != nil {
		t.Fatal("turnserver is missing; install it with: apt-get install coturn")
	}
	peer := udp(t, func(c *net.UDPConn, p []byte, from netip.AddrPort) { c.WriteToUDPAddrPort(p, from) })
	own := func(mode string) *exec.Cmd {
		return exec.Command(os.Args[0], "-test.run=^TestRelayCost$", "-serve="+mode+","+local(peer).String())
	}
	port := freePort(t)
	results := map[string]float64{}
	for _, x := range []struct {
		name string
		cmd  *exec.Cmd
		at   string // of a server that does not tell
		peer netip.AddrPort
	}{
		{"coturn", exec.Command(coturn, "-n", "--lt-cred-mech", "--user=1:p", "--realm=parley", "--listening-ip=127.0.0.1",
			"--relay-ip=127.0.0.1", "--listening-port="+port, "--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli",
			"-m", "1", "--log-file=/dev/null", "--pidfile=/dev/null"), "127.0.0.1:" + port, local(peer)},
		{"pion/turn v3", own("pion"), "", local(peer)},
		{"this relay, to peers", own("peers"), "", local(peer)},
		{"this relay, in process", own("media"), "", mediaAddr},
	} {
		results[x.name] = measure(t, x.name, x.cmd, x.at, x.peer)
	}
	goal := func(name string, most float64) {
		r := results[name] / results["coturn"]
		fmt.Printf("%s costs %.2f of coturn; the goal is %.1f: %v\n", name, r, most, map[bool]string{true: "reached", false: "missed"}[r <= most])
	}
	goal("this relay, to peers", 1)
	goal("this relay, in process", 0.5)
}

// What the relay itself does with a packet: from the port to media and back out to
// the port, without the kernel.
func BenchmarkRelayedPacket(b *testing.B) {
	s, err := New(Config{
		Realm: "parley", Secret: make([]byte, 32), Allowed: func(Identity) bool { return true },
		Media: &echo{targets: []netip.AddrPort{mediaAddr}, mute: true}, Limits: Limits{BytesPerSecond: 1 << 40},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	out := 0
	from := netip.MustParseAddrPort("198.51.100.7:5000")
	p := s.Packets(serverAddr, func(p []byte, _ netip.AddrPort) error { out += len(p); return nil })
	a := &allocation{id: clara, client: from, retire: p.leave}
	a.out = func(f []byte) { p.out(f, from) }
	if err := s.openAllocation(a, false); err != nil {
		b.Fatal(err)
	}
	p.enter(a)
	a.bind(0x4001, mediaAddr, time.Now())
	frame := onChannel(0x4001, string(make([]byte, costSize)))
	b.ReportAllocs()
	for b.Loop() {
		p.Push(frame, from)
	}
	if out != b.N*len(frame) {
		b.Errorf("%d bytes came back, want %d", out, b.N*len(frame))
	}
	a.Close()
}

func freePort(t *testing.T) string {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return strconv.Itoa(c.LocalAddr().(*net.UDPAddr).Port)
}

// measure runs a server under load, and returns microseconds of its CPU for each
// relayed packet.
func measure(t *testing.T, name string, cmd *exec.Cmd, at string, peer netip.AddrPort) float64 {
	out, _ := cmd.StdoutPipe()
	in, _ := cmd.StdinPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		cmd.Process.Kill()
		cmd.Wait()
	}()
	user, password := "1", "p"
	if at == "" {
		line, _ := bufio.NewReader(out).ReadString('\n')
		if n, _ := fmt.Sscan(line, &at, &user, &password); n != 3 {
			t.Fatalf("%s says %q", name, line)
		}
	} else {
		time.Sleep(2 * time.Second)
	}
	l := newCostLoad(t, at, user, password, peer)
	defer l.close()
	l.run(time.Second)
	before, sent, back := cpu(t, cmd.Process.Pid), l.sent.Load(), l.back.Load()
	l.run(costTime)
	time.Sleep(100 * time.Millisecond)
	used, n, m := cpu(t, cmd.Process.Pid)-before, l.sent.Load()-sent, l.back.Load()-back
	each := float64(used.Microseconds()) / float64(n+m)
	fmt.Printf("%-24s %6.2f µs a packet   %d sent, %d back\n", name, each, n, m)
	if m < n*99/100 {
		t.Errorf("%s lost %d of %d packets", name, n-m, n)
	}
	return each
}

func cpu(t *testing.T, pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	f := strings.Fields(after)
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * tick
}

type costLoad struct {
	sent, back atomic.Int64
	at         net.Addr
	conns      []net.PacketConn
	relays     []net.PacketConn
	clients    []*pion.Client
}

// costConn keeps data on channels from pion's client, which is slow with it.
type costConn struct {
	*net.UDPConn
	back *atomic.Int64
}

func (c costConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err != nil || !isChannelData(b[:n]) {
			return n, udpAddr(unmap(from)), err
		}
		c.back.Add(1)
	}
}

func newCostLoad(t *testing.T, at, user, password string, peer netip.AddrPort) *costLoad {
	l := &costLoad{at: udpAddr(netip.MustParseAddrPort(at))}
	for range costClients {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetReadBuffer(1 << 20)
		c, err := pion.NewClient(&pion.ClientConfig{
			TURNServerAddr: at, Conn: costConn{conn, &l.back}, Username: user, Password: password, Realm: "parley", LoggerFactory: silent{},
		})
		if err == nil {
			err = c.Listen()
		}
		if err != nil {
			t.Fatal(err)
		}
		relay, err := c.Allocate()
		if err != nil {
			t.Fatalf("allocate at %s: %v", at, err)
		}
		l.conns, l.clients, l.relays = append(l.conns, conn), append(l.clients, c), append(l.relays, relay)
		if _, err := relay.WriteTo([]byte("bind"), udpAddr(peer)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Second) // until the channels are bound
	return l
}

// run sends for a time. The clients take turns, so that they do not send at once.
func (l *costLoad) run(d time.Duration) {
	p := onChannel(0x4000, string(make([]byte, costSize))) // the client's first channel
	start := time.Now()
	for n := 0; time.Since(start) < d; time.Sleep(time.Millisecond) {
		for ; n < int(time.Since(start).Seconds()*costRate*costClients); n++ {
			if _, err := l.conns[n%costClients].WriteTo(p, l.at); err == nil {
				l.sent.Add(1)
			}
		}
	}
}

func (l *costLoad) close() {
	for i := range l.relays {
		l.relays[i].Close()
		l.clients[i].Close()
	}
}

// serveForCost is the server in a process of its own, until its input ends. It
// reads and writes its port as the media plane does.
func serveForCost(t *testing.T, spec string) {
	mode, at, _ := strings.Cut(spec, ",")
	peer := netip.MustParseAddrPort(at)
	who := func(s *Server) Credentials { return s.Credentials(clara, time.Now()) }
	cfg := Config{Realm: "parley", Secret: make([]byte, 32), Allowed: func(Identity) bool { return true }}
	cfg.Limits.PerParticipant, cfg.Limits.MessagesPerSecond = 2*costClients, 1000
	cfg.Media = &echo{targets: []netip.AddrPort{mediaAddr}, mute: true}
	if mode == "peers" {
		cfg.Media, cfg.Peers, cfg.RelayAddr = nil, []netip.AddrPort{peer}, peer.Addr()
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if mode == "pion" {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server, err := pion.NewServer(pion.ServerConfig{
			Realm: "parley", AuthHandler: func(u, _ string, _ net.Addr) ([]byte, bool) { return s.key(u), true },
			PacketConnConfigs: []pion.PacketConnConfig{{PacketConn: c, RelayAddressGenerator: &pion.RelayAddressGeneratorStatic{
				RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1",
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		fmt.Println(c.LocalAddr(), who(s).Username, who(s).Password)
	} else {
		conn, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"), socket.Options{Gather: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		packets := s.Packets(conn.LocalAddr(), conn.WriteTo)
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread()
			for {
				batch, err := conn.Receive(time.Second)
				if err != nil {
					return
				}
				for _, d := range batch {
					packets.Push(d.Payload, d.From)
				}
			}
		}()
		defer func() { conn.Close(); <-done }()
		fmt.Println(conn.LocalAddr(), who(s).Username, who(s).Password)
	}
	os.Stdin.Read(make([]byte, 1))
}
