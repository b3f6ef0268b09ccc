package turn

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
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
	costClients = 8
	costRate    = 400 // packets a second of each
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
	if r := results["this relay, to peers"]; r > results["coturn"] {
		t.Errorf("the relay to peers costs %.1f µs a packet, coturn %.1f", r, results["coturn"])
	}
	if r := results["this relay, in process"]; r > results["coturn"]/2 {
		t.Errorf("the relay in process costs %.1f µs a packet, more than half of coturn's %.1f", r, results["coturn"])
	}
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
	relays     []net.PacketConn
	clients    []*pion.Client
	peer       net.Addr
	wg         sync.WaitGroup
}

func newCostLoad(t *testing.T, at, user, password string, peer netip.AddrPort) *costLoad {
	l := &costLoad{peer: udpAddr(peer)}
	for range costClients {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c, err := pion.NewClient(&pion.ClientConfig{
			TURNServerAddr: at, Conn: conn, Username: user, Password: password, Realm: "parley", LoggerFactory: silent{},
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
		l.clients, l.relays = append(l.clients, c), append(l.relays, relay)
		l.wg.Go(func() {
			for buf := make([]byte, 2048); ; {
				if _, _, err := relay.ReadFrom(buf); err != nil {
					return
				}
				l.back.Add(1)
			}
		})
	}
	l.run(time.Second) // until the channels are bound
	return l
}

func (l *costLoad) run(d time.Duration) {
	var wg sync.WaitGroup
	for _, relay := range l.relays {
		wg.Go(func() {
			p := make([]byte, costSize)
			beat := time.NewTicker(time.Second / costRate)
			defer beat.Stop()
			for end := time.Now().Add(d); time.Now().Before(end); <-beat.C {
				if _, err := relay.WriteTo(p, l.peer); err == nil {
					l.sent.Add(1)
				}
			}
		})
	}
	wg.Wait()
}

func (l *costLoad) close() {
	for i := range l.relays {
		l.relays[i].Close()
		l.clients[i].Close()
	}
	l.wg.Wait()
}

// serveForCost is the server in a process of its own, until its input ends. It
// reads and writes its port as the media plane does.
func serveForCost(t *testing.T, spec string) {
	mode, at, _ := strings.Cut(spec, ",")
	peer := netip.MustParseAddrPort(at)
	who := func(s *Server) Credentials { return s.Credentials(clara, time.Now()) }
	cfg := Config{Realm: "parley", Secret: make([]byte, 32), Allowed: func(Identity) bool { return true }}
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
