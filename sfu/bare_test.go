package sfu_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"parley/sfu/socket"
)

// The bare loop is what no forwarder can do without: receive, decrypt, encrypt,
// send. It has the same socket, the same ciphers and the same rates, fixed keys,
// and each sender's packets go back to the next sender.

func bareContext(replay bool) *srtp.Context {
	var options []srtp.ContextOption
	if replay {
		options = append(options, srtp.SRTPReplayProtection(1024))
	}
	c, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm, options...)
	if err != nil {
		panic(err)
	}
	return c
}

// serveBare is the loop. The senders' addresses pair up as they appear.
func serveBare(in io.Reader, out io.Writer) {
	runtime.GOMAXPROCS(1)
	conn, err := socket.Listen(netip.MustParseAddrPort("127.0.0.1:0"), socket.Options{})
	if err != nil {
		panic(err)
	}
	var delivered atomic.Uint64
	go forwardBare(conn, &delivered)
	orders, replies := json.NewDecoder(bufio.NewReader(in)), json.NewEncoder(out)
	for {
		var o order
		if orders.Decode(&o) != nil {
			return
		}
		reply := usage()
		reply.Delivered, reply.Addr = delivered.Load(), conn.LocalAddr().String()
		_ = replies.Encode(reply)
	}
}

func forwardBare(conn socket.Conn, delivered *atomic.Uint64) {
	runtime.LockOSThread()
	type end struct {
		in, out *srtp.Context
		dest    *socket.Dest
	}
	ends := map[netip.AddrPort]*end{}
	var order []*end
	var inHeader, outHeader rtp.Header
	for {
		batch, err := conn.Receive(time.Second)
		if err != nil {
			return
		}
		for _, d := range batch {
			e := ends[d.From]
			if e == nil {
				e = &end{in: bareContext(true), out: bareContext(false), dest: conn.Dest(d.From)}
				ends[d.From] = e
				order = append(order, e)
			}
			plain, err := e.in.DecryptRTP(d.Payload, d.Payload, &inHeader)
			if err != nil {
				continue
			}
			other := order[(binary.BigEndian.Uint32(plain[8:])+1)%uint32(len(order))]
			slot := conn.Slot()
			n := copy(slot, plain)
			sent, err := other.out.EncryptRTP(slot[:0], slot[:n], &outHeader)
			if err != nil {
				continue
			}
			conn.Queue(len(sent), other.dest)
		}
		sent, _ := conn.Flush()
		delivered.Add(uint64(sent))
	}
}

func bareLoad(b *testing.B, people int) {
	s := startServer(b, "bare")
	to, err := net.ResolveUDPAddr("udp4", s.ask(order{Usage: true}).Addr)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	for i := range people {
		go sendBare(ctx, to, uint32(i))
	}
	time.Sleep(2 * time.Second)
	b.ResetTimer()
	for b.Loop() {
		before := s.ask(order{Usage: true})
		time.Sleep(5 * time.Second)
		after := s.ask(order{Usage: true})
		delivered := after.Delivered - before.Delivered
		b.ReportMetric(float64((after.CPU-before.CPU).Microseconds())/float64(delivered), "µs-CPU/packet")
		b.ReportMetric(float64(delivered)/5, "packets/s")
	}
	b.ReportMetric(0, "ns/op")
}

// sendBare sends one caller's packets in the rhythm of caller.talk.
func sendBare(ctx context.Context, to *net.UDPAddr, ssrc uint32) {
	conn, err := net.DialUDP("udp4", nil, to)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	go func() {
		buf := make([]byte, 1500)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
		}
	}()
	time.Sleep(time.Duration(ssrc) * 7919 * time.Microsecond % (40 * time.Millisecond))
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	c := bareContext(false)
	// Each stream has its own numbers, so that one context's nonces stay unique.
	var seq [2]uint16
	write := func(stream uint32, size int) {
		h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: seq[stream], SSRC: ssrc + 1000*stream}
		seq[stream]++
		plain, _ := (&rtp.Packet{Header: h, Payload: make([]byte, size)}).Marshal()
		sealed, err := c.EncryptRTP(nil, plain, nil)
		if err != nil {
			panic(err)
		}
		_, _ = conn.Write(sealed)
	}
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		write(1, 80)
		if n%2 == 0 {
			for range 7 {
				write(0, 1100-headroom)
			}
		}
	}
}
