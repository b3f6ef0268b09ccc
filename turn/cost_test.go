package turn

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
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

// costClients are how many send at once: the fewer, the more of the cost is what a
// server does each millisecond whether many or few packets came.
var costClients = []int{32, 64}

const (
	costRate   = 250             // packets a second of each
	costTime   = 2 * time.Second // of a round
	costRounds = 5
	costSize   = 1100
	costYield  = 6 * time.Millisecond // as the media plane's
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
	peer := costPeer(t)
	own := func(mode string) *exec.Cmd {
		return exec.Command(os.Args[0], "-test.run=^TestRelayCost$", "-serve="+mode+","+peer.String())
	}
	for _, clients := range costClients {
		fmt.Printf("%d clients, %d packets a second\n", clients, 2*clients*costRate)
		port := freePort(t)
		results := measureCost(t, clients, []*measured{
			{name: "coturn", cmd: exec.Command(coturn, "-n", "--lt-cred-mech", "--user=1:p", "--realm=parley", "--listening-ip=127.0.0.1",
				"--relay-ip=127.0.0.1", "--listening-port="+port, "--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli",
				"-m", "1", "--log-file=/dev/null", "--pidfile=/dev/null"), at: "127.0.0.1:" + port, peer: peer},
			{name: "pion/turn v3", cmd: own("pion"), peer: peer},
			{name: "this relay, to peers", cmd: own("peers"), peer: peer},
			{name: "this relay, in process", cmd: own("media"), peer: mediaAddr},
		})
		goal := func(name string, most float64) {
			r := results[name] / results["coturn"]
			fmt.Printf("%s costs %.2f of coturn; the goal is %.1f: %v\n", name, r, most, map[bool]string{true: "reached", false: "missed"}[r <= most])
		}
		goal("this relay, to peers", 1)
		goal("this relay, in process", 0.5)
	}
}

// measureCost gives the microseconds a packet of each server, by name: the medians
// of rounds in which they take turns.
func measureCost(t *testing.T, clients int, servers []*measured) map[string]float64 {
	for _, m := range servers {
		m.start(t, clients)
		m.load.run(costTime)
	}
	for range costRounds {
		for _, m := range servers {
			m.round(t)
		}
	}
	results := map[string]float64{}
	for _, m := range servers {
		slices.Sort(m.each)
		results[m.name] = m.each[len(m.each)/2]
		fmt.Printf("%-24s %6.2f µs a packet (%.2f to %.2f)   %d sent, %d back\n",
			m.name, results[m.name], m.each[0], m.each[len(m.each)-1], m.load.sent.Load(), m.load.back.Load())
		m.stop()
	}
	return results
}

// What the relay itself does with a packet: from the port to media and back out to
// the port, without the kernel.
func BenchmarkRelayedPacket(b *testing.B) {
	out := 0
	write := func(p []byte, _ netip.AddrPort) error { out += len(p); return nil }
	s, err := New(Config{
		Realm: "parley", Secret: make([]byte, 32), Allowed: func(Identity) bool { return true },
		Media:  &echo{targets: []netip.AddrPort{mediaAddr}, mute: true, write: write},
		Limits: Limits{BytesPerSecond: 1 << 40},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	from := netip.MustParseAddrPort("198.51.100.7:5000")
	p := s.Packets(serverAddr, write)
	a := &allocation{id: clara, client: from, retire: p.leave}
	a.out = func(f []byte, write Write) { p.out(f, from, write) }
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

// measured is a server under load.
type measured struct {
	name string
	cmd  *exec.Cmd
	at   string // of a server that does not tell
	peer netip.AddrPort
	load *costLoad
	stop func()
	each []float64 // microseconds of its CPU for each packet, of each round
}

func (m *measured) start(t *testing.T, clients int) {
	out, _ := m.cmd.StdoutPipe()
	in, _ := m.cmd.StdinPipe()
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	m.stop = sync.OnceFunc(func() {
		if m.load != nil {
			m.load.close()
		}
		in.Close()
		m.cmd.Process.Kill()
		m.cmd.Wait()
	})
	t.Cleanup(m.stop)
	user, password := "1", "p"
	if m.at == "" {
		line, _ := bufio.NewReader(out).ReadString('\n')
		if n, _ := fmt.Sscan(line, &m.at, &user, &password); n != 3 {
			t.Fatalf("%s says %q", m.name, line)
		}
	} else {
		time.Sleep(2 * time.Second)
	}
	m.load = newCostLoad(t, clients, m.at, user, password, m.peer)
}

// round measures for a while. The servers take turns, so that what else the
// machine does is the same for all.
func (m *measured) round(t *testing.T) {
	before, sent, back := cpu(t, m.cmd.Process.Pid), m.load.sent.Load(), m.load.back.Load()
	m.load.run(costTime)
	time.Sleep(20 * time.Millisecond)
	used, n, got := cpu(t, m.cmd.Process.Pid)-before, m.load.sent.Load()-sent, m.load.back.Load()-back
	m.each = append(m.each, float64(used.Microseconds())/float64(n+got))
}

// cpu is what the threads of a process have used, as its scheduler counts it.
func cpu(t *testing.T, pid int) (used time.Duration) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("process %d is not running: %v", pid, err)
	}
	for _, thread := range threads {
		stat, err := os.ReadFile(thread)
		if err != nil {
			continue // it has ended
		}
		running, _, _ := strings.Cut(string(stat), " ")
		n, _ := strconv.ParseInt(running, 10, 64)
		used += time.Duration(n)
	}
	return used
}

// costPorts are read as parley reads them.
type costPorts struct {
	*socket.Ports
	media   *costMedia // for its way to send
	reading sync.WaitGroup
}

func newCostPorts(t *testing.T, conn socket.Conn) *costPorts {
	ports, err := socket.NewPorts()
	if err != nil {
		t.Fatal(err)
	}
	p := &costPorts{Ports: ports, media: newCostMedia(socket.NewVirtual(conn))}
	p.reading.Go(func() {
		for yielded := time.Now(); p.Receive() == nil; {
			p.media.sender.Flush()
			if now := time.Now(); now.Sub(yielded) > costYield {
				yielded = now
				runtime.Gosched()
			}
		}
	})
	return p
}

func (p *costPorts) Open(deliver func([]byte, netip.AddrPort, Write)) (Port, error) {
	return p.Ports.Open(func(b []byte, from netip.AddrPort) { deliver(b, from, p.media.write) })
}

func (p *costPorts) close() {
	p.Close()
	p.reading.Wait()
}

// serveForCost is the server in a process of its own, until its input ends. It
// reads and writes its port as the media plane does.
func serveForCost(t *testing.T, spec string) {
	mode, at, _ := strings.Cut(spec, ",")
	peer := netip.MustParseAddrPort(at)
	who := func(s *Server) Credentials { return s.Credentials(clara, time.Now()) }
	cfg := Config{Realm: "parley", Secret: make([]byte, 32), Allowed: func(Identity) bool { return true }}
	cfg.Limits.PerParticipant, cfg.Limits.MessagesPerSecond = 2*slices.Max(costClients), 1000
	conn, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"), socket.Options{Gather: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GOMAXPROCS(max(3, runtime.GOMAXPROCS(0)))
	media := newCostMedia(socket.NewVirtual(conn))
	cfg.Media = media
	if mode == "peers" {
		cfg.Media, cfg.Peers, cfg.RelayAddr = nil, []netip.AddrPort{peer}, peer.Addr()
		ports := newCostPorts(t, conn)
		defer ports.close()
		cfg.Ports = ports
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if mode == "pion" {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		c.SetReadBuffer(socket.DefaultBuffer)
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
		packets := s.Packets(conn.LocalAddr(), conn.WriteTo)
		var running sync.WaitGroup
		running.Go(func() { media.run(packets) })
		defer func() { conn.Close(); running.Wait() }()
		fmt.Println(conn.LocalAddr(), who(s).Username, who(s).Password)
	}
	os.Stdin.Read(make([]byte, 1))
}

// costMedia is media on the port that the relay shares, in batches as the media
// plane's: what comes out of the relay goes through the queue of the port's owner,
// who sends it back, and flushes.
type costMedia struct {
	conn   *socket.Virtual
	sender socket.Sender
	dests  map[netip.AddrPort]*socket.Dest
	lanes  atomic.Uint32
}

func newCostMedia(conn *socket.Virtual) *costMedia {
	return &costMedia{conn: conn, sender: conn.NewSender(), dests: map[netip.AddrPort]*socket.Dest{}}
}

func (m *costMedia) Targets() []netip.AddrPort { return []netip.AddrPort{mediaAddr} }

func (m *costMedia) Carry(deliver func([]byte, netip.AddrPort, Write)) (Carrier, error) {
	n := m.lanes.Add(1)
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{0, 0, byte(n >> 8), byte(n)}), 1)
	peer, ok := m.conn.Attach(addr, func(p []byte, _ bool) { deliver(p, mediaAddr, m.write) })
	if !ok {
		return nil, ErrClosed
	}
	return costCarrier{peer, addr}, nil
}

func (m *costMedia) write(p []byte, to netip.AddrPort) error {
	m.sender.Queue(copy(m.sender.Slot(), p), m.dest(m.sender, to))
	return nil
}

func (m *costMedia) dest(by socket.Sender, to netip.AddrPort) *socket.Dest {
	d := m.dests[to]
	if d == nil {
		d = by.Dest(to)
		m.dests[to] = d
	}
	return d
}

// run carries what comes, until the port is closed.
func (m *costMedia) run(packets *Packets) {
	for yielded := time.Now(); ; {
		batch, err := m.conn.Receive(time.Second)
		if err != nil {
			return
		}
		if now := time.Now(); now.Sub(yielded) > costYield {
			yielded = now
			runtime.Gosched()
		}
		for _, d := range batch {
			if socket.IsVirtual(d.From) {
				m.conn.Queue(copy(m.conn.Slot(), d.Payload), m.dest(m.conn, d.From))
			} else {
				packets.Push(d.Payload, d.From)
			}
		}
		m.conn.Flush()
		m.sender.Flush()
	}
}

type costCarrier struct {
	peer *socket.VirtualPeer
	addr netip.AddrPort
}

func (c costCarrier) Addr() netip.AddrPort { return c.addr }
func (c costCarrier) Close() error         { c.peer.Detach(); return nil }
func (c costCarrier) WriteTo(p []byte, _ netip.AddrPort) error {
	c.peer.Inject(p)
	return nil
}
