package socket

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// What the owner of a batch is doing, for Wake.
const (
	awake  uint32 = iota // not in Receive
	asleep               // in Receive, or about to block there
	woken                // Wake was called since the last Receive began
)

// batch is a Conn on raw system calls: recvmmsg on the owner's thread, which
// it blocks, and sendmmsg with segmentation offload.
//
// A blocked recvmmsg is woken by a datagram of one byte from a second socket.
// Measured against ppoll over the socket and an eventfd, this costs the waker
// 10 µs more, rarely, and spares the owner a system call for every batch:
// 7 to 10 µs a wake-up instead of 10 to 14. For the same reason the timeout is
// the socket's own, which counts in kernel ticks.
type batch struct {
	counters
	local    netip.AddrPort
	wakeFrom netip.AddrPort // where wake-ups come from
	v6       bool           // the socket's addresses are IPv6, IPv4 is mapped
	noGSO    bool           // see Options

	gatherFor time.Duration // see Options.Gather
	state     atomic.Uint32
	closed    atomic.Bool

	in          inbox // of the owner
	batchSender       // of the owner

	// mu is held for reading while a descriptor is in use, also by a blocked
	// Receive, and for writing to close them: a descriptor that is closed
	// while in use may already be another file.
	mu     sync.RWMutex
	fd     int
	wakeFD int
}

func listenBatch(addr netip.AddrPort, o Options) (Conn, error) {
	addr = unmap(addr)
	c := &batch{v6: addr.Addr().Is6(), noGSO: o.NoGSO, gatherFor: o.Gather, fd: -1, wakeFD: -1}
	c.in.init()
	c.batchSender.init(c)
	if err := c.open(addr, o); err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %v: %w", addr, err), c.Close())
	}
	return c, nil
}

func (c *batch) open(addr netip.AddrPort, o Options) (err error) {
	if c.fd, err = udpSocket(c.v6); err != nil {
		return err
	}
	if c.v6 {
		only := 1
		if addr.Addr().IsUnspecified() {
			only = 0
		}
		if err := unix.SetsockoptInt(c.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only); err != nil {
			return fmt.Errorf("set IPV6_V6ONLY: %w", err)
		}
	}
	setBuffer(c.fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, o.ReceiveBuffer)
	setBuffer(c.fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, o.SendBuffer)
	bind, err := makeSockaddr(addr, c.v6)
	if err != nil {
		return err
	}
	if err := unix.Bind(c.fd, bind.sockaddr()); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if c.local, err = localAddr(c.fd); err != nil {
		return err
	}
	return c.openWake()
}

// openWake connects the second socket to the first, so that its wake-ups have
// an address to be told by.
func (c *batch) openWake() (err error) {
	to := c.local
	if to.Addr().IsUnspecified() {
		to = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), to.Port())
	}
	if c.wakeFD, err = udpSocket(to.Addr().Is6()); err != nil {
		return err
	}
	sa, err := makeSockaddr(to, to.Addr().Is6())
	if err != nil {
		return err
	}
	if err := unix.Connect(c.wakeFD, sa.sockaddr()); err != nil {
		return fmt.Errorf("connect to own address %v: %w", to, err)
	}
	c.wakeFrom, err = localAddr(c.wakeFD)
	return err
}

func (c *batch) NewSender() Sender {
	s := &batchSender{}
	s.init(c)
	return s
}

func (c *batch) Wake() {
	if c.state.Swap(woken) != asleep {
		return // Receive looks at the state before it blocks
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.sendWake()
}

// sendWake unblocks a blocked Receive. The caller holds mu for reading. The
// kernel loses a wake-up only when the receive buffer is full, which unblocks
// Receive by itself.
func (c *batch) sendWake() {
	if c.wakeFD >= 0 {
		_ = unix.Sendto(c.wakeFD, []byte{0}, unix.MSG_DONTWAIT, nil)
	}
}

func (c *batch) LocalAddr() netip.AddrPort { return c.local }

func (c *batch) Stats() Stats { return c.stats() }

func (c *batch) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.Wake()
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, fd := range []*int{&c.fd, &c.wakeFD} {
		if *fd >= 0 {
			errs = append(errs, unix.Close(*fd))
			*fd = -1
		}
	}
	return errors.Join(errs...)
}

func udpSocket(v6 bool) (int, error) {
	family := unix.AF_INET
	if v6 {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open socket: %w", err)
	}
	return fd, nil
}

// setBuffer asks for size bytes, beyond the system's limit where it may. What
// is granted may be less; that is no fault.
func setBuffer(fd, force, normal, size int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, size) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, normal, size)
	}
}
