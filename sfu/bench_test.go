package sfu

import (
	"encoding/binary"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"parley/sfu/socket"
)

// sink is a socket without a kernel: it takes what is queued and forgets it.
type sink struct {
	slot [socket.MTU]byte
	sent int
}

func (s *sink) Receive(time.Duration) ([]socket.Datagram, error) { return nil, socket.ErrClosed }
func (s *sink) Wake()                                            {}
func (s *sink) Dest(netip.AddrPort) *socket.Dest                 { return &socket.Dest{} }
func (s *sink) Slot() []byte                                     { return s.slot[:] }
func (s *sink) Queue(int, *socket.Dest)                          { s.sent++ }
func (s *sink) Flush() (int, int)                                { return 0, 0 }
func (s *sink) NewSender() socket.Sender                         { return s }
func (s *sink) WriteTo([]byte, netip.AddrPort) error             { return nil }
func (s *sink) LocalAddr() netip.AddrPort                        { return netip.AddrPort{} }
func (s *sink) Stats() socket.Stats                              { return socket.Stats{} }
func (s *sink) Close() error                                     { return nil }

// shardOn makes a shard whose goroutine does not run: the test is it.
func shardOn(v socket.Conn) *shard {
	return &shard{conn: socket.NewVirtual(v), log: slog.New(slog.DiscardHandler), now: time.Now(), stages: map[*stage]struct{}{}, publishers: map[uint32]*transport{}}
}

func benchKeys() (*srtp.Context, error) {
	return srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm, srtp.SRTPReplayProtection(replayWindow))
}

func benchContext(b *testing.B) *srtp.Context {
	c, err := benchKeys()
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// stock is encrypted packets of one video stream, made outside the measured time.
type stock struct {
	b     *testing.B
	out   *srtp.Context
	bytes [][]byte
	next  int
	seq   uint16
}

const stocked = 4096

func newStock(b *testing.B) *stock {
	s := &stock{b: b, out: benchContext(b), bytes: make([][]byte, stocked)}
	s.refill()
	return s
}

func (s *stock) refill() {
	payload := make([]byte, 1100-36)
	copy(payload, []byte{0x90, 0x80, 0x80, 0x01, 0x01})
	for i := range s.bytes {
		payload[4] = 1
		if s.seq == 0 {
			payload[4] = 0 // a keyframe
		}
		binary.BigEndian.PutUint16(payload[2:], s.seq|0x8000)
		h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: s.seq, Timestamp: uint32(s.seq) * 600, SSRC: 77}
		if err := h.SetExtension(4, []byte{byte(s.seq >> 8), byte(s.seq)}); err != nil {
			s.b.Fatal(err)
		}
		plain, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
		if err != nil {
			s.b.Fatal(err)
		}
		if s.bytes[i], err = s.out.EncryptRTP(s.bytes[i][:0], plain, nil); err != nil {
			s.b.Fatal(err)
		}
		s.seq++
	}
	s.next = 0
}

// take returns the next packet, in memory that may be written over.
func (s *stock) take(b *testing.B) []byte {
	if s.next == stocked {
		b.StopTimer()
		s.refill()
		b.StartTimer()
	}
	p := s.bytes[s.next]
	s.next++
	return p
}

// BenchmarkPacketPath is the whole way of a 1,100-byte packet in user space, per
// packet delivered: read, decrypt, keep, splice, renumber, encrypt, queue. The
// kernel's share is BenchmarkServerCPU's. The bare loop beside it decrypts and
// encrypts, and nothing else.
func BenchmarkPacketPath(b *testing.B) {
	b.Run("bare_loop", benchBare)
	b.Run("1_viewer", func(b *testing.B) { benchPath(b, 1, nil) })
	b.Run("5_viewers", func(b *testing.B) { benchPath(b, 5, nil) })
	b.Run("1_viewer_and_a_tap", func(b *testing.B) { benchPath(b, 1, &bucket{}) })
}

// bucket is a tap that copies what it is given, as a recorder does, and forgets it.
type bucket struct {
	packet  [socket.MTU]byte
	packets int
}

func (t *bucket) RTP(_ time.Time, p []byte) {
	copy(t.packet[:], p)
	t.packets++
}

func (t *bucket) SenderReport(time.Time, uint64, uint32) {}

func benchBare(b *testing.B) {
	in, out, packets := benchContext(b), benchContext(b), newStock(b)
	var inHeader, outHeader rtp.Header
	var slot [socket.MTU]byte
	b.ReportAllocs()
	for b.Loop() {
		p := packets.take(b)
		plain, err := in.DecryptRTP(p, p, &inHeader)
		if err != nil {
			b.Fatal(err)
		}
		n := copy(slot[:], plain)
		if _, err := out.EncryptRTP(slot[:0], slot[:n], &outHeader); err != nil {
			b.Fatal(err)
		}
	}
}

func benchPath(b *testing.B, viewers int, tap *bucket) {
	out := &sink{}
	s := shardOn(out)
	st := &stage{deliver: func(Event) {}, taps: map[Tap]*tapped{}}
	from := newTransport("from", s, st, []Source{Camera}, 1)
	from.keys(benchContext(b), benchContext(b))
	from.moved(netip.AddrPort{})
	from.ext = extensions{twcc: 4}
	from.payloads[Camera].kind[96] = vp8
	from.learn(77, stream{layer: from.up[Camera].layers[0]})
	from.up[Camera].gate(true)
	for i := range viewers {
		v := newTransport("viewer", s, st, nil, uint32(i)+2)
		v.keys(benchContext(b), benchContext(b))
		v.moved(netip.AddrPort{})
		v.ext = extensions{twcc: 3}
		var lines payloads
		lines.pt[vp8] = 120
		v.seats = []seat{{video: newDownTrack(v, true, uint32(i)+100, uint32(i)+200, "seat0", lines, s.now)}}
		v.show(0, from)
	}
	if tap != nil {
		from.tap(Camera, tap)
	}
	packets := newStock(b)
	b.ReportAllocs()
	delivered := 0
	for b.Loop() {
		p := packets.take(b)
		s.now = s.now.Add(5 * time.Millisecond)
		before := out.sent
		from.receive(p, from.path.at)
		delivered += out.sent - before
	}
	if delivered < b.N*viewers*9/10 {
		b.Fatalf("%d packets in, %d out", b.N, delivered)
	}
	if tap != nil && tap.packets < b.N*9/10 {
		b.Fatalf("%d packets in, %d tapped", b.N, tap.packets)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(delivered), "ns/delivered")
}
