// Package socket sends and receives UDP datagrams in batches, for one owner.
//
// A shard owns one Conn and runs to completion over it: Receive a batch, treat
// it, Queue what goes out, Flush, Receive again. At media rates a wake-up and
// a system call per packet are most of the cost, so on Linux a batch is one
// recvmmsg, and a flush is one sendmmsg in which packets to the same viewer
// travel as trains (UDP generic segmentation offload). Elsewhere, and over
// virtual networks in tests, Wrap does the same on any net.PacketConn, one
// datagram at a time.
//
// Receive, Dest, Slot, Queue and Flush belong to the goroutine that owns the
// Conn; Wake, WriteTo, NewSender, Stats, LocalAddr and Close may be called from
// any. The package starts no goroutine and knows nothing of RTP.
package socket

import (
	"errors"
	"net/netip"
	"time"
)

// MTU is the size of a slot: the largest datagram that can be queued, and the
// largest that is received. Longer ones arrive truncated by the network or by
// an attacker; they are dropped and counted.
const MTU = 1500

// ErrClosed is returned by a Conn that has been closed.
var ErrClosed = errors.New("socket: closed")

// Datagram is one received datagram. From is unmapped: an IPv4 peer has an
// IPv4 address, on a dual stack socket too.
type Datagram struct {
	Payload []byte
	From    netip.AddrPort
}

// Sender sends the datagrams of one goroutine in batches, from most of a megabyte
// of its own memory. When its Conn has been closed it drops what is queued.
type Sender interface {
	// Dest makes the place for packets to one address. It is made once per
	// address and kept, and belongs to this Sender.
	Dest(to netip.AddrPort) *Dest
	// Slot is the next free outgoing slot, MTU bytes long, into which the
	// caller writes. It is the same slot until Queue takes it.
	Slot() []byte
	// Queue makes the first n bytes of the slot last returned by Slot the next
	// datagram for to. When no slot is left it flushes. An n of zero or
	// beyond MTU queues nothing.
	Queue(n int, to *Dest)
	// Flush sends everything queued, in order per Dest, and reports what
	// became of the datagrams queued since the last Flush. It does not wait
	// for a full kernel buffer: what does not fit is dropped.
	Flush() (sent, dropped int)
}

// Conn is a UDP socket read and written in batches.
type Conn interface {
	// Receive blocks until there is at least one datagram, a Wake, or the
	// timeout has passed; the last two return no datagrams and no error, and
	// so may, now and then, a Receive that has waited for less. A timeout of
	// zero polls, a negative one is without limit. At most 64 datagrams are
	// returned. Their memory may be modified in place and stays valid until
	// the next Receive. A closed Conn returns ErrClosed.
	Receive(timeout time.Duration) ([]Datagram, error)
	// Wake makes the running Receive, or else the next one, return at once.
	// Wakes coalesce: many before one return are one. The owner must therefore
	// look at whatever it is woken for after every Receive, also one that
	// brought datagrams.
	Wake()
	// The owner's Sender.
	Sender
	// NewSender makes a Sender on the same socket for another goroutine.
	NewSender() Sender
	// WriteTo sends one datagram at once, past the batch: for control traffic
	// such as STUN and DTLS. It does not wait either: a full kernel buffer
	// drops the datagram, is counted, and is no error.
	WriteTo(p []byte, to netip.AddrPort) error
	// LocalAddr is the address the socket is bound to, unmapped.
	LocalAddr() netip.AddrPort
	// Stats is a snapshot of the counters.
	Stats() Stats
	// Close closes the socket; the running and every later Receive return
	// ErrClosed. Closing again does nothing.
	Close() error
}

// Options tune Listen. The zero value is right for a server.
type Options struct {
	NoGSO         bool // never send trains
	Portable      bool // use the portable implementation, also on Linux
	ReceiveBuffer int  // bytes of kernel buffer; 0 is 4 MiB
	SendBuffer    int  // bytes of kernel buffer; 0 is 4 MiB

	// Gather is the least time between two batches, on Linux. Under load it
	// turns one wake-up per datagram into one for several; the first datagram
	// after a pause is not held up. 0 does not wait.
	Gather time.Duration
}

// DefaultBuffer is how many bytes of kernel buffer a socket asks for, each way.
const DefaultBuffer = 4 << 20

const (
	batchSize = 64 // datagrams of one Receive
	slotCount = 512
)

func (o Options) withDefaults() Options {
	if o.ReceiveBuffer <= 0 {
		o.ReceiveBuffer = DefaultBuffer
	}
	if o.SendBuffer <= 0 {
		o.SendBuffer = DefaultBuffer
	}
	return o
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
