package socket

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// Limits of a train: the kernel's 64 segments (UDP_MAX_SEGMENTS before
	// 6.9), and 64 KiB with headers.
	maxSegments   = 64
	maxTrainBytes = 65_000
	// maxSegment is what fits the usual MTU of 1,500 with IPv6 headers. The
	// kernel refuses trains of longer ones; single datagrams it fragments.
	maxSegment = 1452
)

// segmentControl is the control message that carries the segment size, of 24
// bytes at most, aligned.
type segmentControl [3]uint64

// destBatch is the raw address of a Dest, and its queue during a batch: the
// slots of its datagrams, chained through outbox.next.
type destBatch struct {
	to         sockaddr
	noTrains   bool
	queued     int
	head, tail uint16
}

// message is what Flush must know of a message of sendmmsg.
type message struct {
	to        *Dest
	iov       int // its first iovec
	datagrams int
	bytes     int
}

// batchSender is a Sender on the socket of a batch.
type batchSender struct {
	conn *batch
	out  outbox
}

// outbox is the memory of sendmmsg, all on the heap and reachable from here.
// Datagram i of a batch is in slot i.
type outbox struct {
	slots    []byte
	n        int // queued datagrams
	sizes    [slotCount]uint16
	next     [slotCount]uint16
	dests    []*Dest // with something queued, in order of their first
	trains   bool
	result   flushed // of what was sent since the last Flush
	iov      [slotCount]unix.Iovec
	hdrs     [slotCount]mmsghdr
	control  [slotCount]segmentControl
	messages []message
}

func (s *batchSender) init(c *batch) {
	o := &s.out
	s.conn = c
	o.slots = make([]byte, slotCount*MTU)
	o.dests = make([]*Dest, 0, slotCount)
	o.messages = make([]message, 0, slotCount)
	o.trains = !c.noGSO
}

func (s *batchSender) Dest(to netip.AddrPort) *Dest {
	d := &Dest{addr: unmap(to)}
	// An address this socket cannot reach stays empty, and what is queued for
	// it is dropped.
	d.batch.to, _ = makeSockaddr(d.addr, s.conn.v6)
	return d
}

func (s *batchSender) Slot() []byte {
	i := s.out.n * MTU
	return s.out.slots[i : i+MTU : i+MTU]
}

func (s *batchSender) Queue(n int, to *Dest) {
	if n <= 0 || n > MTU {
		return
	}
	o, d := &s.out, &to.batch
	if d.to.len == 0 {
		s.conn.drops.Add(1)
		o.result.dropped++
		return
	}
	i := uint16(o.n)
	o.sizes[i] = uint16(n)
	if d.queued == 0 {
		o.dests = append(o.dests, to)
		d.head = i
	} else {
		o.next[d.tail] = i
	}
	d.tail = i
	d.queued++
	o.n++
	if o.n == slotCount {
		s.send()
	}
}

func (s *batchSender) Flush() (sent, dropped int) {
	s.send()
	r := s.out.result
	s.out.result = flushed{}
	return r.sent, r.dropped
}

// send sends what is queued and adds to the result.
func (s *batchSender) send() {
	c, o := s.conn, &s.out
	if o.n == 0 {
		return
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	o.build()
	sent, bytes := 0, 0
	for next := 0; next < len(o.messages) && !c.closed.Load(); {
		n, errno := s.sendmmsg(next)
		for _, m := range o.messages[next : next+n] {
			sent += m.datagrams
			bytes += m.bytes
			if m.datagrams > 1 {
				c.trains.Add(1)
			}
		}
		next += n
		if errno == unix.EAGAIN || errno == unix.ENOBUFS {
			break // the rest would fare no better
		}
		if errno != 0 && errno != unix.EINTR {
			n, size := s.sendSingly(&o.messages[next], errno)
			sent += n
			bytes += size
			next++
		}
	}
	dropped := o.n - sent
	o.n = 0
	o.result.sent += sent
	o.result.dropped += dropped
	c.sent(sent, bytes)
	c.drops.Add(uint64(dropped))
}

// sendmmsg sends the messages from the given one on. It reports how many it
// has sent, or why it could not send the first.
func (s *batchSender) sendmmsg(from int) (int, unix.Errno) {
	s.conn.sendCalls.Add(1)
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.conn.fd), uintptr(unsafe.Pointer(&s.out.hdrs[from])),
		uintptr(len(s.out.messages)-from), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// sendSingly sends a refused train as single datagrams, and no more trains
// where this one was refused: EINVAL is the word of one path, whose MTU is too
// small for the segments, and EIO that of a device that cannot do it.
func (s *batchSender) sendSingly(m *message, errno unix.Errno) (sent, bytes int) {
	if m.datagrams == 1 || errno != unix.EINVAL && errno != unix.EIO {
		return 0, 0
	}
	m.to.batch.noTrains = true
	if errno == unix.EIO {
		s.out.trains = false
	}
	for _, v := range s.out.iov[m.iov : m.iov+m.datagrams] {
		p := unsafe.Slice(v.Base, int(v.Len))
		if s.conn.sendto(p, &m.to.batch.to) == 0 {
			sent++
			bytes += len(p)
		}
	}
	return sent, bytes
}

func (c *batch) sendto(p []byte, to *sockaddr) unix.Errno {
	c.sendCalls.Add(1)
	return sendto(c.fd, p, to)
}

func sendto(fd int, p []byte, to *sockaddr) unix.Errno {
	_, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&to.raw)), uintptr(to.len))
	return errno
}

// build makes the messages of what is queued, and empties the queues of the
// Dests.
func (o *outbox) build() {
	o.messages = o.messages[:0]
	iov := 0
	for _, d := range o.dests {
		slot := d.batch.head
		for d.batch.queued > 0 {
			m := message{to: d, iov: iov}
			segment := o.sizes[slot]
			for o.fits(&m, segment, o.sizes[slot]) {
				size := o.sizes[slot]
				o.iov[iov].Base = &o.slots[int(slot)*MTU]
				o.iov[iov].SetLen(int(size))
				iov++
				m.datagrams++
				m.bytes += int(size)
				d.batch.queued--
				slot = o.next[slot]
				if d.batch.queued == 0 || size < segment {
					break // only the last segment may be shorter
				}
			}
			o.add(m, segment)
		}
	}
	o.dests = o.dests[:0]
}

// fits tells whether a datagram may be the next segment of a message.
func (o *outbox) fits(m *message, segment, size uint16) bool {
	if m.datagrams == 0 {
		return true
	}
	return o.trains && !m.to.batch.noTrains && size <= segment && segment <= maxSegment &&
		m.datagrams < maxSegments && m.bytes+int(size) <= maxTrainBytes
}

// add fills in the header of a message.
func (o *outbox) add(m message, segment uint16) {
	i := len(o.messages)
	o.messages = append(o.messages, m)
	h := &o.hdrs[i].hdr
	h.Name = (*byte)(unsafe.Pointer(&m.to.batch.to.raw))
	h.Namelen = m.to.batch.to.len
	h.Iov = &o.iov[m.iov]
	h.SetIovlen(m.datagrams)
	if m.datagrams == 1 {
		h.Control = nil
		h.SetControllen(0)
		return
	}
	control := unsafe.Pointer(&o.control[i])
	cmsg := (*unix.Cmsghdr)(control)
	cmsg.Level, cmsg.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	cmsg.SetLen(unix.CmsgLen(2))
	*(*uint16)(unsafe.Add(control, unix.CmsgLen(0))) = segment
	h.Control = (*byte)(control)
	h.SetControllen(unix.CmsgSpace(2))
}

func (c *batch) WriteTo(p []byte, to netip.AddrPort) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed.Load() {
		return ErrClosed
	}
	sa, err := makeSockaddr(unmap(to), c.v6)
	if err == nil {
		switch errno := c.sendto(p, &sa); errno {
		case 0:
			c.sent(1, len(p))
			return nil
		case unix.EAGAIN, unix.ENOBUFS:
			c.drops.Add(1)
			return nil
		default:
			err = errno
		}
	}
	c.drops.Add(1)
	return fmt.Errorf("send to %v: %w", to, err)
}
