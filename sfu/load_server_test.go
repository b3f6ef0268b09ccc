package sfu_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/sfu"
)

// The load benchmarks put the server into a process of its own, on a core of its
// own, and read that process's CPU time. The clients are plain Pion with its
// default interceptors, so both ends are never the same code.

const serverEnv = "PARLEY_LOAD_SERVER"

func TestMain(m *testing.M) {
	switch os.Getenv(serverEnv) {
	case "":
		os.Exit(m.Run())
	case "engine":
		serveEngine(os.Stdin, os.Stdout)
	case "bare":
		serveBare(os.Stdin, os.Stdout)
	}
}

// order is what the benchmark asks of the server process.
type order struct {
	Join  *sfu.Offer
	Room  int
	Empty bool // close the room
	Usage bool
}

// outcome is its reply.
type outcome struct {
	Answer     string
	Err        string
	CPU        time.Duration // user and system, of the whole process
	Delivered  uint64        // packets
	Resident   int           // bytes
	Goroutines int
	Addr       string
}

// serveEngine runs an Engine for the orders it reads. Everybody in a room is
// seated before everybody else.
func serveEngine(in io.Reader, out io.Writer) {
	runtime.GOMAXPROCS(2) // one more than shards, as parley has it, on one core
	e, err := sfu.New(sfu.Config{Listen: netip.MustParseAddrPort("127.0.0.1:0")})
	if err != nil {
		panic(err)
	}
	rooms := map[int]*sfu.Room{}
	peers := map[int][]*sfu.Peer{}
	orders, replies := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		var o order
		if orders.Decode(&o) != nil {
			return
		}
		if o.Usage {
			s := e.Stats()
			reply := usage()
			reply.Delivered = s.PacketsOut
			_ = replies.Encode(reply)
			continue
		}
		r := rooms[o.Room]
		if o.Empty {
			r.Close()
			delete(rooms, o.Room)
			delete(peers, o.Room)
			_ = replies.Encode(usage())
			continue
		}
		if r == nil {
			if r, err = e.NewRoom(func(sfu.Event) {}); err != nil {
				panic(err)
			}
			rooms[o.Room] = r
		}
		answer, err := join(r, peers, o)
		reply := outcome{Answer: answer}
		if err != nil {
			reply.Err = err.Error()
		}
		_ = replies.Encode(reply)
	}
}

func join(r *sfu.Room, peers map[int][]*sfu.Peer, o order) (string, error) {
	others := peers[o.Room]
	p, err := r.NewPeer(sfu.PeerID(fmt.Sprint(len(others))), sfu.PeerOptions{Allow: []sfu.Source{sfu.Mic, sfu.Camera}})
	if err != nil {
		return "", err
	}
	answer, err := p.Answer(context.Background(), *o.Join)
	if err != nil {
		return "", err
	}
	p.Open(sfu.Mic, true)
	p.Open(sfu.Camera, true)
	for i, other := range others {
		p.Show(i, other)
		other.Show(len(others)-1, p)
	}
	peers[o.Room] = append(others, p)
	return answer, nil
}

func usage() outcome {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	o := outcome{CPU: time.Duration(u.Utime.Nano() + u.Stime.Nano()), Goroutines: runtime.NumGoroutine()}
	b, _ := os.ReadFile("/proc/self/statm")
	var size, resident int
	_, _ = fmt.Sscan(string(b), &size, &resident)
	o.Resident = resident * os.Getpagesize()
	return o
}

// server is the server process as the benchmark sees it.
type server struct {
	b       *testing.B
	orders  *json.Encoder
	replies *json.Decoder
}

func startServer(b *testing.B, kind string) *server {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	if pin, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 {
		cmd = exec.Command(pin, "-c", "0", os.Args[0])
	}
	cmd.Env = append(os.Environ(), serverEnv+"="+kind)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return &server{b: b, orders: json.NewEncoder(in), replies: json.NewDecoder(out)}
}

func (s *server) ask(o order) outcome {
	s.b.Helper()
	if err := s.orders.Encode(o); err != nil {
		s.b.Fatal(err)
	}
	var r outcome
	if err := s.replies.Decode(&r); err != nil {
		s.b.Fatal(err)
	}
	if r.Err != "" {
		s.b.Fatal(r.Err)
	}
	return r
}
