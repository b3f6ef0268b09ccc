package sfu

import "github.com/pion/rtcp"

// putTWCC adds the transport-wide number to an outgoing header, where agreed,
// and returns by how much the header grew.
func (t *transport) putTWCC(b []byte) int {
	if t.ext.twcc == 0 {
		return 0
	}
	t.twccSeq++
	return putTWCC(b, t.ext.twcc, t.twccSeq) - headerSize
}

// leaveTWCC is by how much putTWCC makes a header grow, later.
func (t *transport) leaveTWCC() int {
	if t.ext.twcc == 0 {
		return 0
	}
	return twccSize
}

// putDescribed adds a frame's dependency descriptor, with the number it has for this
// viewer, beside the transport-wide number: that of now, or of when the packet leaves.
func (t *transport) putDescribed(b, descriptor []byte, frame uint16, waits bool) int {
	if t.ext.twcc != 0 && !waits {
		t.twccSeq++
	}
	return putDescribed(b, t.ext.twcc, t.twccSeq, t.ext.descriptor, descriptor, frame) - headerSize
}

// renumber gives a packet that putDescribed made the transport-wide number of now.
func (t *transport) renumber(b []byte) {
	if t.ext.twcc != 0 {
		t.twccSeq++
		setTWCC(b, t.twccSeq)
	}
}

// sendRTP encrypts the n bytes of the slot in place, queues them, and returns how
// many they became.
func (t *transport) sendRTP(slot []byte, n int) int {
	s := t.shard
	out, err := t.out.EncryptRTP(slot[:0], slot[:n], &t.outHeader)
	if err != nil {
		s.count.drops[malformed]++
		return 0
	}
	s.conn.Queue(len(out), t.dest)
	s.count.packetsOut++
	s.count.bytesOut += uint64(len(out))
	t.meter.bytesOut += len(out)
	if t.ext.twcc != 0 {
		t.down.estimator.Sent(t.twccSeq, len(out), s.now)
		t.pacer.spend(len(out), s.now)
	}
	return len(out)
}

// sendRTCP encrypts and queues a compound packet.
func (t *transport) sendRTCP(packets ...rtcp.Packet) {
	if !t.ready() {
		return
	}
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		t.shard.log.Debug("marshal feedback", "peer", t.id, "err", err)
		return
	}
	slot := t.shard.conn.Slot()
	if len(plain)+maxOverhead > len(slot) {
		return
	}
	out, err := t.out.EncryptRTCP(slot[:0], plain, nil)
	if err != nil {
		t.shard.log.Debug("encrypt feedback", "peer", t.id, "err", err)
		return
	}
	t.shard.conn.Queue(len(out), t.dest)
}
