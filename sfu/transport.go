package sfu

import (
	"iter"
	"net/netip"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"parley/sfu/bwe"
	"parley/sfu/forward"
	"parley/sfu/socket"
)

// Bounds on what one client may make the server remember.
const (
	maxSSRCs   = 32   // streams of one transport
	maxUnknown = 5000 // packets of no known stream, then the client is thrown out
)

// How often a publisher hears what arrived.
const (
	feedbackEvery = 100 * time.Millisecond // TWCC
	receiptEvery  = time.Second            // reception reports
)

// transport is the shard's side of a peer: its keys, its address, what it sends
// and what it is sent. Owned by the shard.
type transport struct {
	id     PeerID
	shard  *shard
	stage  *stage
	allow  [sources]bool
	closed bool

	dest      *socket.Dest // where to send; nil until ICE has chosen
	in, out   *srtp.Context
	inHeader  rtp.Header // scratch for the SRTP contexts
	outHeader rtp.Header
	ssrc      uint32 // ours, as a receiver

	ext       extensions
	payloads  [sources]payloads
	streams   map[uint32]stream
	mids      map[string]*upTrack
	up        [sources]*upTrack
	seats     []seat
	screen    seat
	downs     map[uint32]*downTrack
	unknown   int
	clock     forward.Clock
	rtt       time.Duration
	twccSeq   uint16
	feedback  *twcc.Recorder
	nextTWCC  time.Time
	nextRR    time.Time
	meter     meter
	down      downlink
	heardTWCC bool
}

// assumedRTT is taken until a round trip has been measured.
const assumedRTT = 100 * time.Millisecond

// stream is what an incoming SSRC is.
type stream struct {
	layer *layer
	rtx   bool
}

// seat is a place in a viewer's connection: its lines, and who sits there.
type seat struct {
	audio, video *downTrack
	wish         Wish
}

func (s seat) show(audio, video *upTrack) {
	if s.audio != nil {
		s.audio.show(audio)
	}
	if s.video != nil {
		s.video.show(video)
	}
}

func newTransport(id PeerID, s *shard, st *stage, allow []Source, ssrc uint32) *transport {
	t := &transport{
		id: id, shard: s, stage: st, ssrc: ssrc,
		streams:  map[uint32]stream{},
		mids:     map[string]*upTrack{},
		downs:    map[uint32]*downTrack{},
		feedback: twcc.NewRecorder(ssrc),
		rtt:      assumedRTT,
		down:     downlink{estimator: bwe.New(bwe.Config{}, time.Now())},
	}
	for _, a := range allow {
		t.allow[a] = true
	}
	for i := range t.up {
		src := Source(i)
		t.up[i] = newUpTrack(t, src)
	}
	return t
}

// ready reports whether packets can be sent to the peer.
func (t *transport) ready() bool { return t.out != nil && t.dest != nil }

func (t *transport) keys(in, out *srtp.Context) {
	if t.closed {
		return
	}
	t.in, t.out = in, out
}

func (t *transport) moved(to netip.AddrPort) {
	if t.closed {
		return
	}
	t.dest = t.shard.conn.Dest(to)
}

// receive takes an SRTP or SRTCP datagram.
func (t *transport) receive(b []byte) {
	s := t.shard
	if t.in == nil {
		s.count.drops[early]++
		return
	}
	if b[1] >= 192 && b[1] <= 223 { // RFC 5761 §4
		t.meter.bytesIn += len(b)
		t.receiveRTCP(b)
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
	t.meter.heardAt = s.now
	if h.hasTWCC {
		t.feedback.Record(h.ssrc, h.twcc, s.now.UnixMicro())
		t.heardTWCC = true
	}
	payload, ok := unpad(plain, h.size)
	if !ok {
		s.count.drops[malformed]++
		return
	}
	t.deliver(st, &h, payload)
}

// deliver hands a decrypted packet to its layer.
func (t *transport) deliver(st stream, h *header, payload []byte) {
	l := st.layer
	u := l.track
	p := packet{payload: payload, ts: h.ts, seq: h.seq, codec: t.payloads[u.source].kind[h.pt], marker: h.marker}
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
	if st.rtx {
		return
	}
	st.layer.ssrc = ssrc
	if len(st.layer.viewers) > 0 {
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

func (t *transport) fail(r FailureReason) {
	t.shard.count.failed(r)
	t.stage.deliver(Failed{Peer: t.id, Reason: r})
}

// putTWCC adds the transport-wide number to an outgoing header, where agreed,
// and returns by how much the header grew.
func (t *transport) putTWCC(b []byte) int {
	if t.ext.twcc == 0 {
		return 0
	}
	t.twccSeq++
	return putTWCC(b, t.ext.twcc, t.twccSeq) - headerSize
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

// tick does what time asks for: retries, feedback, reports.
func (t *transport) tick() {
	if !t.ready() {
		return
	}
	now := t.shard.now
	for _, u := range t.up {
		u.tick()
	}
	t.share()
	t.sendProbe()
	if t.heardTWCC && !now.Before(t.nextTWCC) {
		t.nextTWCC, t.heardTWCC = now.Add(feedbackEvery), false
		for _, p := range t.feedback.BuildFeedbackPacket() {
			t.sendRTCP(p)
		}
	}
	if !now.Before(t.nextRR) {
		t.nextRR = now.Add(receiptEvery)
		t.sendReceipts()
	}
	t.sendSeatReports()
	if now.Sub(t.meter.since) >= qualityEvery {
		t.tellQuality()
	}
}

// tellQuality tells the owner how the connection did.
func (t *transport) tellQuality() {
	first := t.meter.since.IsZero()
	up, down := t.meter.read(t.shard.now)
	if !first {
		if t.ext.twcc != 0 {
			down.Estimate = t.down.estimator.Estimate()
		}
		t.stage.deliver(Quality{Peer: t.id, Up: up, Down: down})
	}
}

// sendReceipts tells the publisher what arrived (RFC 3550 §6.4.2).
func (t *transport) sendReceipts() {
	var blocks []rtcp.ReceptionReport
	for l := range t.layers() {
		r, ok := l.receiver.Report()
		if !ok {
			continue
		}
		t.meter.received(r, l.track.rate)
		block := rtcp.ReceptionReport{
			SSRC: l.ssrc, FractionLost: r.FractionLost, TotalLost: r.TotalLost,
			LastSequenceNumber: r.Highest, Jitter: r.Jitter,
		}
		if l.report.ntp != 0 {
			block.LastSenderReport = uint32(l.report.ntp >> 16)
			block.Delay = uint32(t.shard.now.Sub(l.report.at).Microseconds() * 65536 / 1e6)
		}
		blocks = append(blocks, block)
	}
	if len(blocks) > 0 {
		t.sendRTCP(&rtcp.ReceiverReport{SSRC: t.ssrc, Reports: blocks}, rtcp.NewCNAMESourceDescription(t.ssrc, cname))
	}
}

// layers are those that a stream has been learnt for.
func (t *transport) layers() iter.Seq[*layer] {
	return func(yield func(*layer) bool) {
		for _, u := range t.up {
			for _, l := range u.layers {
				if l.ssrc != 0 && !yield(l) {
					return
				}
			}
		}
	}
}

// cname is the server's name as a receiver. A seat's is its stream's.
const cname = "parley"

func (t *transport) sendSeatReports() {
	for i := range t.seats {
		t.seats[i].report(t)
	}
	t.screen.report(t)
}

func (s seat) report(t *transport) {
	for _, d := range [...]*downTrack{s.audio, s.video} {
		if d == nil {
			continue
		}
		if sr := d.senderReport(); sr != nil {
			t.sendRTCP(sr, rtcp.NewCNAMESourceDescription(d.ssrc, d.cname))
		}
	}
}

// close takes the transport out of every list of its shard.
func (t *transport) close() {
	if t.closed {
		return
	}
	t.closed = true
	t.in, t.out, t.dest = nil, nil, nil
	t.up[Mic].silence()
	for _, u := range t.up {
		u.close()
	}
	for _, d := range t.downs {
		d.close()
	}
	t.shard.remove(t)
}

// wish notes what the viewer makes of a place.
func (t *transport) wish(place int, w Wish) {
	switch {
	case place == ScreenPlace:
		t.screen.wish = w
	case place >= 0 && place < len(t.seats):
		t.seats[place].wish = w
	}
}

// show seats from in a place of this transport; nil empties it.
func (t *transport) show(place int, from *transport) {
	if t.closed || from != nil && from.closed {
		from = nil
	}
	var audio, video *upTrack
	target, first, second := t.screen, ScreenAudio, Screen
	if place != ScreenPlace {
		if place < 0 || place >= len(t.seats) {
			return
		}
		target, first, second = t.seats[place], Mic, Camera
	}
	if from != nil {
		audio, video = from.up[first], from.up[second]
	}
	target.show(audio, video)
}
