package socket

import (
	"net/netip"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestEqualDatagramsTravelAsTrains(t *testing.T) {
	c := listen(t, loopback, Options{})
	v, addr := viewer(t, "udp4", "127.0.0.1:0")
	w, other := viewer(t, "udp4", "127.0.0.1:0")
	d, e := c.Dest(addr), c.Dest(other)
	for i := range 8 { // one train for each, also when they alternate
		c.Queue(len(payload(c.Slot(), uint32(i), 1100)), d)
		c.Queue(len(payload(c.Slot(), uint32(i), 1100)), e)
	}
	if sent, dropped := c.Flush(); sent != 16 || dropped != 0 {
		t.Fatalf("flushed %d and dropped %d, want 16 and 0", sent, dropped)
	}
	for range 8 {
		read(t, v)
		read(t, w)
	}
	if s := c.Stats(); s.Trains != 2 || s.SendCalls != 1 {
		t.Errorf("sent in %d trains and %d calls, want 2 and 1", s.Trains, s.SendCalls)
	}
}

// SO_NO_CHECK makes the kernel refuse trains with EINVAL, as a path with a
// small MTU does.
func TestARefusedTrainIsSentSingly(t *testing.T) {
	c := listen(t, loopback, Options{}).(*batch)
	if err := unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_NO_CHECK, 1); err != nil {
		t.Fatal(err)
	}
	v, addr := viewer(t, "udp4", "127.0.0.1:0")
	w, other := viewer(t, "udp4", "127.0.0.1:0")
	d, e := c.Dest(addr), c.Dest(other)
	flush := func() {
		t.Helper()
		for i := range 6 {
			c.Queue(len(payload(c.Slot(), uint32(i), 1000)), d)
		}
		c.Queue(len(payload(c.Slot(), 6, 999)), e)
		if sent, dropped := c.Flush(); sent != 7 || dropped != 0 {
			t.Fatalf("flushed %d and dropped %d, want 7 and 0", sent, dropped)
		}
		want := make([]byte, MTU)
		for i := range 6 {
			if b, _ := read(t, v); string(b) != string(payload(want, uint32(i), 1000)) {
				t.Fatalf("datagram %d is not the one queued", i)
			}
		}
		read(t, w)
	}
	flush()
	if !d.batch.noTrains || e.batch.noTrains || !c.out.trains {
		t.Errorf("trains off: to the refusing path %v, to the other %v, for all %v; want only the first",
			d.batch.noTrains, e.batch.noTrains, !c.out.trains)
	}
	calls := c.Stats().SendCalls
	flush()
	if n := c.Stats().SendCalls - calls; n != 1 {
		t.Errorf("the next flush took %d calls, want 1: the refusal is not remembered", n)
	}
	if s := c.Stats(); s.Trains != 0 || s.DatagramsOut != 14 {
		t.Errorf("counted %d trains and %d datagrams, want 0 and 14", s.Trains, s.DatagramsOut)
	}
}

// unixDest makes c send to a Unix datagram socket instead, the one kind whose
// queue can be filled in a test: loopback never pushes back.
func unixDest(t *testing.T, c *batch) (d *Dest, receiver int) {
	t.Helper()
	receiver, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(receiver) })
	if err := unix.Bind(receiver, &unix.SockaddrUnix{}); err != nil { // the system names it
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(receiver)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(sender)
	if err := unix.Dup3(sender, c.fd, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	d = c.Dest(netip.MustParseAddrPort("127.0.0.1:9"))
	raw := &d.batch.to.raw
	raw.Family = unix.AF_UNIX
	path := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(raw), 2)), unsafe.Sizeof(*raw)-2)
	n := copy(path, sa.(*unix.SockaddrUnix).Name)
	path[0] = 0 // package unix shows the zero of an abstract name as "@"
	d.batch.to.len = uint32(2 + n)
	return d, receiver
}

func TestAFullKernelBufferDropsAndDoesNotBlock(t *testing.T) {
	c := listen(t, loopback, Options{NoGSO: true}).(*batch)
	d, receiver := unixDest(t, c)
	const queued = 1000
	for i := range queued { // with a flush by Queue itself on the way
		c.Queue(len(payload(c.Slot(), uint32(i), 1000)), d)
	}
	sent, dropped := c.Flush()
	if sent+dropped != queued || sent == 0 || dropped == 0 {
		t.Fatalf("flushed %d and dropped %d, want some of each and %d together", sent, dropped, queued)
	}
	if s := c.Stats(); s.Drops != uint64(dropped) || s.DatagramsOut != uint64(sent) {
		t.Errorf("counted %d drops and %d out, want %d and %d", s.Drops, s.DatagramsOut, dropped, sent)
	}
	want, b := make([]byte, MTU), make([]byte, MTU)
	for i := range sent {
		n, err := unix.Read(receiver, b)
		if err != nil || string(b[:n]) != string(payload(want, uint32(i), 1000)) {
			t.Fatalf("datagram %d is not the one queued (%v)", i, err)
		}
	}
	c.Queue(len(payload(c.Slot(), 2, 1000)), d)
	if sent, dropped := c.Flush(); sent != 1 || dropped != 0 {
		t.Errorf("with room again: flushed %d and dropped %d, want 1 and 0", sent, dropped)
	}
}

func TestABatchArrivesInOneReceive(t *testing.T) {
	c := listen(t, loopback, Options{})
	v, addr := viewer(t, "udp4", "127.0.0.1:0")
	for i := range 100 {
		if _, err := v.WriteToUDPAddrPort(payload(make([]byte, MTU), uint32(i), 500), c.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	want, seen := make([]byte, MTU), 0
	for _, n := range []int{64, 36} {
		ds := receive(t, c)
		if len(ds) != n {
			t.Fatalf("received %d datagrams at once, want %d", len(ds), n)
		}
		for _, d := range ds {
			if string(d.Payload) != string(payload(want, uint32(seen), 500)) || d.From != addr {
				t.Fatalf("datagram %d is not the one sent", seen)
			}
			seen++
		}
	}
	if s := c.Stats(); s.Batches != 2 || s.DatagramsIn != 100 || s.BytesIn != 50_000 {
		t.Errorf("counted %+v, want 2 batches, 100 datagrams, 50,000 bytes", s)
	}
}

func TestThePacketPathDoesNotAllocate(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::]:0"} {
		t.Run(addr, func(t *testing.T) {
			c := listen(t, netip.MustParseAddrPort(addr), Options{})
			v, from := viewer(t, "udp4", "127.0.0.1:0")
			to := netip.AddrPortFrom(from.Addr(), c.LocalAddr().Port())
			d := c.Dest(from)
			b := make([]byte, 1100)
			allocs := testing.AllocsPerRun(200, func() {
				for range 8 {
					_, _ = v.WriteToUDPAddrPort(b, to)
				}
				for got := 0; got < 8; {
					ds, err := c.Receive(time.Second)
					if err != nil {
						t.Fatal(err)
					}
					for _, in := range ds {
						c.Queue(copy(c.Slot(), in.Payload), d)
					}
					got += len(ds)
				}
				c.Wake()
				if sent, _ := c.Flush(); sent != 8 {
					t.Fatal("sent", sent)
				}
				_ = c.WriteTo(b[:100], from)
			})
			if allocs != 0 {
				t.Errorf("%.1f allocations for 8 packets, want 0", allocs)
			}
		})
	}
}
