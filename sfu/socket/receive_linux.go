package socket

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// tick is the step of the socket's receive timeout: the kernel counts it
	// in ticks of about this length, and setting it is a system call.
	tick = 4 * time.Millisecond
	// maxSleep is the longest blocking, so that nothing hangs for ever on a
	// wake-up the kernel has lost.
	maxSleep = time.Second
)

// mmsghdr is struct mmsghdr of recvmmsg(2) and sendmmsg(2); the compiler pads
// it as the C compiler does.
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// inbox is the memory of recvmmsg. The kernel writes through the pointers in
// hdrs and iov; all of it is on the heap and reachable from the inbox.
type inbox struct {
	hdrs    [batchSize]mmsghdr
	iov     [batchSize]unix.Iovec
	from    [batchSize]sockaddr
	batch   [batchSize]Datagram
	buffers []byte
	timeout time.Duration // SO_RCVTIMEO as set
	last    time.Time     // when datagrams were last received
}

func (b *inbox) init() {
	b.buffers = make([]byte, batchSize*MTU)
	for i := range b.hdrs {
		b.iov[i].Base = &b.buffers[i*MTU]
		b.iov[i].SetLen(MTU)
		h := &b.hdrs[i].hdr
		h.Iov = &b.iov[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&b.from[i].raw))
		h.Namelen = unix.SizeofSockaddrInet6
	}
}

func (c *batch) Receive(timeout time.Duration) ([]Datagram, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed.Load() {
		return nil, ErrClosed
	}
	c.gather()
	flags := unix.MSG_WAITFORONE
	if timeout == 0 || !c.state.CompareAndSwap(awake, asleep) {
		flags = unix.MSG_DONTWAIT
	} else if err := c.setTimeout(timeout); err != nil {
		c.state.Store(awake)
		return nil, err
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(c.fd),
		uintptr(unsafe.Pointer(&c.in.hdrs[0])), batchSize, uintptr(flags), 0, 0)
	c.state.Store(awake)
	switch {
	case c.closed.Load():
		return nil, ErrClosed
	case errno == 0:
		return c.collect(int(n)), nil
	case errno == unix.EAGAIN, errno == unix.EINTR:
		return nil, nil
	default:
		return nil, fmt.Errorf("receive: %w", errno)
	}
}

// gather waits until the last batch is as long ago as Options.Gather says, so that
// under load more datagrams come with one wake-up. A Wake does not shorten it.
func (c *batch) gather() {
	if c.gatherFor <= 0 {
		return
	}
	if wait := c.gatherFor - time.Since(c.in.last); wait > 0 {
		ts := unix.NsecToTimespec(wait.Nanoseconds())
		_ = unix.Nanosleep(&ts, nil) // cut short is as good
	}
}

// setTimeout sets the socket's timeout, in steps so that it seldom changes.
func (c *batch) setTimeout(timeout time.Duration) error {
	if timeout < 0 || timeout > maxSleep {
		timeout = maxSleep
	}
	timeout = (timeout + tick - 1) / tick * tick
	if timeout == c.in.timeout {
		return nil
	}
	tv := unix.NsecToTimeval(timeout.Nanoseconds())
	if err := unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv); err != nil {
		return fmt.Errorf("set receive timeout: %w", err)
	}
	c.in.timeout = timeout
	return nil
}

// collect turns the first n messages into datagrams, without the wake-ups.
func (c *batch) collect(n int) []Datagram {
	b := &c.in
	got, bytes := 0, 0
	for i := range n {
		h := &b.hdrs[i]
		from := b.from[i].addrPort()
		h.hdr.Namelen = unix.SizeofSockaddrInet6
		if from == c.wakeFrom {
			continue
		}
		if h.hdr.Flags&unix.MSG_TRUNC != 0 {
			c.truncated.Add(1)
			continue
		}
		start, size := i*MTU, int(h.len)
		b.batch[got] = Datagram{Payload: b.buffers[start : start+size : start+size], From: from}
		got++
		bytes += size
	}
	if got == 0 {
		return nil
	}
	if c.gatherFor > 0 {
		b.last = time.Now()
	}
	c.received(got, bytes)
	return b.batch[:got]
}
