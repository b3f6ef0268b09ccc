package sfu

import "net/netip"

// Bounds on what one client may make the server remember.
const (
	maxSSRCs   = 32   // streams of one transport
	maxUnknown = 5000 // packets of no known stream, then the client is thrown out
)

// receive takes an SRTP or SRTCP datagram.
func (t *transport) receive(b []byte, from netip.AddrPort) {
	s := t.shard
	if t.in == nil {
		s.count.drops[early]++
		return
	}
	if b[1] >= 192 && b[1] <= 223 { // RFC 5761 §4
		t.meter.bytesIn += len(b)
		t.receiveRTCP(b, from)
		return
	}
	h, ok := parseHeader(b, &t.ext)
	if !ok {
		s.count.drops[junk]++
		return
	}
	st, known := t.streams[h.ssrc]
	if !known {
		var ok bool
		if st, ok = t.identify(&h); !ok {
			t.stray()
			return
		}
	}
	plain, err := t.in.DecryptRTP(b, b, &t.inHeader)
	if err != nil {
		s.count.drops[forged]++
		return
	}
	if !known {
		t.learn(h.ssrc, st) // only now: an SSRC is worth remembering once its packet is authentic
	}
	s.count.packetsIn++
	s.count.bytesIn += uint64(len(b))
	t.meter.bytesIn += len(b)
	t.jam.bytes += len(b) + belowRTP
	t.arrived(from)
	if h.hasTWCC {
		t.feedback.Record(h.ssrc, h.twcc, s.now.UnixMicro())
		t.heardTWCC = true
	}
	payload, ok := unpad(plain, h.size)
	if !ok {
		s.count.drops[malformed]++
		return
	}
	t.deliver(st, &h, plain, payload)
}

// deliver hands a decrypted packet, and its payload without padding, to its layer.
func (t *transport) deliver(st stream, h *header, plain, payload []byte) {
	l := st.layer
	u := l.track
	p := packet{payload: payload, ts: h.ts, seq: h.seq, codec: t.payloads[u.source].kind[h.pt], marker: h.marker, descriptor: h.descriptor}
	if len(u.taps) > 0 {
		p.extensions = extensionsOf(plain, h.size)
	}
	if st.rtx || p.codec == rtx {
		t.recover(l, &p, h.pt)
		return
	}
	if u.source == Mic && u.open && h.hasLevel {
		t.stage.voice(t.id).Hear(h.level, t.shard.now)
	}
	l.packet(&p)
}

// recover takes a retransmission (RFC 4588 §4): the first two bytes of the
// payload are the number of the packet that was lost. Browsers also send copies
// of old packets, or nothing, to probe for bandwidth.
func (t *transport) recover(l *layer, p *packet, pt uint8) {
	if len(p.payload) < rtxSize {
		return
	}
	seq := uint16(p.payload[0])<<8 | uint16(p.payload[1])
	if !l.receiver.Recover(seq) {
		return
	}
	lines := &t.payloads[l.track.source]
	for c, retransmission := range lines.rtx {
		if retransmission == pt {
			p.codec = codec(c)
		}
	}
	p.seq, p.payload, p.late = seq, p.payload[rtxSize:], true
	t.shard.count.recovered++
	l.pass(p)
}

// identify says what an SSRC is that the offer did not name: the MID extension
// tells its line, the RID its layer, the repaired RID whose retransmissions it
// carries (RFC 8852 §3).
func (t *transport) identify(h *header) (stream, bool) {
	if len(h.mid) == 0 || len(t.streams) >= maxSSRCs {
		return stream{}, false
	}
	u := t.mids[string(h.mid)]
	if u == nil {
		return stream{}, false
	}
	isRTX := len(h.rrid) > 0 || t.payloads[u.source].kind[h.pt] == rtx
	rid := h.rid
	if len(h.rrid) > 0 {
		rid = h.rrid
	}
	l := u.layer(rid)
	if l == nil || !isRTX && l.ssrc != 0 { // a layer has one stream
		return stream{}, false
	}
	return stream{layer: l, rtx: isRTX}, true
}

func (t *transport) learn(ssrc uint32, st stream) {
	t.streams[ssrc] = st
	t.shard.publishes(ssrc, t)
	if st.rtx {
		return
	}
	st.layer.ssrc = ssrc
	if st.layer.needed() {
		st.layer.needKeyframe()
	}
}

// stray counts a packet of no stream we know, and throws a client out that sends
// nothing else.
func (t *transport) stray() {
	t.shard.count.drops[unknownSSRC]++
	t.unknown++
	if t.unknown == maxUnknown {
		t.fail(Abused)
	}
}
