package socket

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	portBatch  = 16               // datagrams of one port at a time
	portGather = time.Millisecond // between two looks, as a shard's
	portWait   = 1000             // ms, after which Receive returns anyway
)

// Ports are IPv4 sockets on ports of their own, all of which one goroutine reads:
// being woken for each costs more than reading them. That goroutine calls Receive;
// Open and Close may be called from any.
type Ports struct {
	events [batchSize]unix.EpollEvent
	in     inbox
	last   time.Time
	ids    atomic.Int32
	open   sync.Map // of *port, by id
	closed atomic.Bool

	mu    sync.RWMutex // held for reading while the descriptors are in use
	poll  int
	waker int // an eventfd, with id 0
}

// NewPorts makes Ports, none of which is open yet.
func NewPorts() (*Ports, error) {
	p := &Ports{poll: -1, waker: -1}
	p.in.init()
	var err error
	if p.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err == nil {
		if p.waker, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err == nil {
			err = p.watch(p.waker, 0)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("watch ports: %w", err), p.Close())
	}
	return p, nil
}

func (p *Ports) watch(fd int, id int32) error {
	return unix.EpollCtl(p.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: id})
}

// Open opens a port of the system's choice on all addresses. What comes there is
// given to receive, by the goroutine that calls Receive; it must neither block nor
// keep the datagram.
func (p *Ports) Open(receive func(p []byte, from netip.AddrPort)) (Port, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return nil, ErrClosed
	}
	fd, err := udpSocket(false)
	if err != nil {
		return nil, err
	}
	x := &port{of: p, fd: fd, receive: receive, id: p.ids.Add(1)}
	if err = unix.Bind(fd, &unix.SockaddrInet4{}); err == nil {
		if x.local, err = localAddr(fd); err == nil {
			p.open.Store(x.id, x)
			err = p.watch(fd, x.id)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open port: %w", err), x.Close())
	}
	return x, nil
}

// Receive waits until something has come, hands out what is there, and returns; now
// and then it returns without. When the Ports are closed it returns ErrClosed.
func (p *Ports) Receive() error {
	if wait := portGather - time.Since(p.last); wait > 0 {
		ts := unix.NsecToTimespec(wait.Nanoseconds())
		_ = unix.Nanosleep(&ts, nil) // cut short is as good
	}
	n, err := p.wait()
	if err != nil {
		return err
	}
	for _, e := range p.events[:n] {
		if x, ok := p.open.Load(e.Fd); ok {
			x.(*port).read(&p.in)
		}
	}
	p.last = time.Now()
	return nil
}

func (p *Ports) wait() (int, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return 0, ErrClosed
	}
	n, err := unix.EpollWait(p.poll, p.events[:], portWait)
	switch {
	case p.closed.Load():
		return 0, ErrClosed
	case errors.Is(err, unix.EINTR):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("wait for ports: %w", err)
	}
	return n, nil
}

// Close closes all ports; the running and every later Receive return ErrClosed.
// Closing again does nothing.
func (p *Ports) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	if p.waker >= 0 {
		_, _ = unix.Write(p.waker, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // never full: it is written once
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, x := range p.open.Range {
		errs = append(errs, x.(*port).Close())
	}
	for _, fd := range [...]int{p.poll, p.waker} {
		if fd >= 0 {
			errs = append(errs, unix.Close(fd))
		}
	}
	return errors.Join(errs...)
}

// port is one of Ports.
type port struct {
	of      *Ports
	id      int32
	local   netip.AddrPort
	receive func(p []byte, from netip.AddrPort)

	mu sync.RWMutex // held for reading while fd is in use
	fd int          // -1: closed
}

// read hands out what has come. What is longer than MTU is dropped.
func (x *port) read(in *inbox) {
	for i := range x.fetch(in) {
		h := &in.hdrs[i]
		h.hdr.Namelen = unix.SizeofSockaddrInet6
		if h.hdr.Flags&unix.MSG_TRUNC == 0 {
			at, size := i*MTU, int(h.len)
			x.receive(in.buffers[at:at+size:at+size], in.from[i].addrPort())
		}
	}
}

// fetch reads datagrams into in, and reports how many.
func (x *port) fetch(in *inbox) int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.fd < 0 {
		return 0
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(x.fd), uintptr(unsafe.Pointer(&in.hdrs[0])), portBatch, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (x *port) LocalAddr() netip.AddrPort { return x.local }

func (x *port) WriteTo(p []byte, to netip.AddrPort) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.fd < 0 {
		return ErrClosed
	}
	sa, err := makeSockaddr(unmap(to), false)
	if err == nil {
		switch errno := sendto(x.fd, p, &sa); errno {
		case 0, unix.EAGAIN, unix.ENOBUFS:
			return nil
		default:
			err = errno
		}
	}
	return fmt.Errorf("send to %v: %w", to, err)
}

func (x *port) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.fd < 0 {
		return nil
	}
	x.of.open.CompareAndDelete(x.id, x)
	err := unix.Close(x.fd) // which ends its being watched
	x.fd = -1
	return err
}
