package sfu

import "time"

// Bounds on sending sound again as it was.
const (
	saidKept   = 32  // packets of a line, of 20 ms as a rule
	saidSize   = 512 // bytes of a packet at the most: speech has 200
	saidFor    = 500 * time.Millisecond
	saidLately = 150 * time.Millisecond // what is older is not repeated unasked
	saidTries  = 3
	saidBurst  = 25   // copies that may be saved up, one for each packet sent
	doubleLoss = 0.04 // from which a copy goes twice: it is not asked for again
)

// said remembers the newest packets of a line of sound as they were sent. A viewer
// who takes redundancy (RFC 2198) is told again inside later packets what got lost.
// To the others the packet itself is sent again, with the next ones where there is
// loss and when it is reported missing, bit for bit as it was encrypted: another
// header under its number would be a nonce used twice (RFC 7714 §8.4), and there is
// no other stream for it. Their SRTP drops what they have.
type said struct {
	packets [saidKept]saidPacket // by number
	bytes   []byte               // saidSize for each, where packets themselves are sent again
	earned  int                  // copies that may be sent
	twice   [8]uint16            // numbers to be sent once more with the next tick
	nTwice  int
}

type saidPacket struct {
	at     time.Time
	out    uint16 // its number
	number uint16 // transport-wide
	size   uint16 // 0 where it is not kept
	asked  uint8
}

// remember keeps a packet of sound that was sent.
func (d *downTrack) remember(sent []byte, out uint16) {
	v := d.viewer
	if d.said == nil {
		d.said = &said{earned: saidBurst}
	}
	s := d.said
	p := &s.packets[out%saidKept]
	*p = saidPacket{at: v.shard.now, out: out, number: v.twccSeq}
	if d.payloads.pt[red] != 0 || len(sent) > saidSize {
		return
	}
	if s.bytes == nil {
		s.bytes = make([]byte, saidKept*saidSize)
	}
	p.size = uint16(copy(s.bytes[int(out%saidKept)*saidSize:], sent))
	s.earned = min(s.earned+1, saidBurst)
}

// missed takes the transport-wide numbers that the viewer's reports miss: what was
// sound is said again. Browsers report on all their packets, and ask for none of
// sound.
func (t *transport) missed(numbers []uint16) {
	for _, number := range numbers {
		for i := range t.seats {
			t.seats[i].missed(number)
		}
		t.screen.missed(number)
	}
}

func (s *seat) missed(number uint16) {
	d := s.audio
	if d == nil || d.said == nil {
		return
	}
	for i := range d.said.packets {
		p := &d.said.packets[i]
		if p.number == number && d.viewer.shard.now.Sub(p.at) < saidFor {
			d.askedForSound(p.out)
			return
		}
	}
}

// sayAgain sends a packet of sound again that the viewer lacks.
func (d *downTrack) sayAgain(out uint16) {
	v := d.viewer
	if d.said == nil || d.said.earned == 0 || v.down.estimator.Queue() > unbearable {
		return
	}
	s := d.said
	p := s.find(out)
	if p == nil || p.asked == saidTries || v.shard.now.Sub(p.at) > saidFor {
		return
	}
	p.asked++
	s.earned--
	if p.asked == 1 && v.down.estimator.Loss() >= doubleLoss {
		s.again(out)
	}
	d.resay(p)
	v.shard.count.retransmitted++
	v.down.estimator.Resent(p.number, v.shard.now)
}

// repeat sends the packets before one again, as many as the loss on the way to the
// viewer asks for. One that came late itself follows no other: it is repeated with
// the next tick.
func (d *downTrack) repeat(out uint16, late bool) {
	if late {
		d.said.again(out)
		return
	}
	for back := range uint16(d.redundancy) {
		p := d.said.find(out - back - 1)
		if p != nil && d.viewer.shard.now.Sub(p.at) <= saidLately {
			d.resay(p)
			d.viewer.down.estimator.Repeated(p.number, d.viewer.shard.now)
		}
	}
}

// repeats reports whether sound goes to the viewer more than once as it is.
func (t *transport) repeats() bool {
	for i := range t.seats {
		if d := t.seats[i].audio; d != nil && d.redundancy > 0 && d.payloads.pt[red] == 0 && d.from != nil {
			return true
		}
	}
	return false
}

// again notes a packet to be sent once more with the next tick.
func (s *said) again(out uint16) {
	if s.nTwice < len(s.twice) {
		s.twice[s.nTwice] = out
		s.nTwice++
	}
}

func (s *said) find(out uint16) *saidPacket {
	if p := &s.packets[out%saidKept]; p.size > 0 && p.out == out {
		return p
	}
	return nil
}

// resay sends a packet as it was.
func (d *downTrack) resay(p *saidPacket) {
	v := d.viewer
	at := int(p.out%saidKept) * saidSize
	n := copy(v.shard.conn.Slot(), d.said.bytes[at:at+int(p.size)])
	v.shard.conn.Queue(n, v.dest)
	v.shard.count.packetsOut++
	v.shard.count.bytesOut += uint64(n)
	v.meter.bytesOut += n
	d.copied += uint32(n)
}

// sayTwice sends once more what was sent again with the last tick.
func (d *downTrack) sayTwice() {
	if d.said == nil {
		return
	}
	n := d.said.nTwice
	d.said.nTwice = 0
	for _, out := range d.said.twice[:n] {
		d.sayAgain(out)
	}
}
