package sfu

import (
	"encoding/binary"
	"net/netip"
	"time"

	"parley/sfu/forward"
)

// RTCP packet types and feedback formats (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4.3).
const (
	rtcpSR   = 200
	rtcpRR   = 201
	rtcpRTPF = 205 // transport feedback
	rtcpPSF  = 206 // payload feedback

	rtpfNACK = 1
	rtpfTWCC = 15
	psfPLI   = 1
	psfFIR   = 4
	psfAFB   = 15 // application layer feedback, of which REMB is one
)

// feedbackReader is told what a compound RTCP packet holds.
type feedbackReader interface {
	sawSR(ssrc uint32, ntp uint64, ts uint32)
	sawReport(b receptionBlock)
	sawNACK(ssrc uint32, seq uint16) // one packet asked for
	sawKeyframeRequest(ssrc uint32)  // PLI or FIR
	sawTWCC(body []byte)             // transport-wide feedback, after the two SSRCs
	sawREMB(bitrate int)             // bit/s that the receiver believes it can take
}

// receptionBlock is what a receiver says of one stream (RFC 3550 §6.4.1).
type receptionBlock struct {
	ssrc, jitter, lastSR, delay uint32
	lost                        uint8 // of 256, since the one before
}

// readRTCP walks a decrypted compound packet. What it does not know it passes
// over; it reports false at the first thing that does not add up.
func readRTCP(b []byte, r feedbackReader) bool {
	for len(b) > 0 {
		if len(b) < 4 || b[0]>>6 != 2 {
			return false
		}
		size := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
		if size > len(b) {
			return false
		}
		if !readOne(b[0]&0x1f, b[1], b[4:size], r) {
			return false
		}
		b = b[size:]
	}
	return true
}

func readOne(count, kind uint8, b []byte, r feedbackReader) bool {
	switch kind {
	case rtcpSR:
		if len(b) < 24 {
			return false
		}
		r.sawSR(binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b[4:]), binary.BigEndian.Uint32(b[12:]))
		return readBlocks(int(count), b[24:], r)
	case rtcpRR:
		if len(b) < 4 {
			return false
		}
		return readBlocks(int(count), b[4:], r)
	case rtcpRTPF, rtcpPSF:
		if len(b) < 8 {
			return false
		}
		readFeedback(count, kind, binary.BigEndian.Uint32(b[4:]), b[8:], r)
	}
	return true
}

func readBlocks(n int, b []byte, r feedbackReader) bool {
	const size = 24
	if len(b) < n*size {
		return false
	}
	for range n {
		r.sawReport(receptionBlock{
			ssrc: binary.BigEndian.Uint32(b), lost: b[4], jitter: binary.BigEndian.Uint32(b[12:]),
			lastSR: binary.BigEndian.Uint32(b[16:]), delay: binary.BigEndian.Uint32(b[20:]),
		})
		b = b[size:]
	}
	return true
}

func readFeedback(format, kind uint8, media uint32, b []byte, r feedbackReader) {
	switch {
	case kind == rtcpRTPF && format == rtpfNACK:
		for ; len(b) >= 4; b = b[4:] {
			seq, mask := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
			r.sawNACK(media, seq)
			for i := uint16(0); mask != 0; i, mask = i+1, mask>>1 {
				if mask&1 != 0 {
					r.sawNACK(media, seq+i+1)
				}
			}
		}
	case kind == rtcpRTPF && format == rtpfTWCC:
		r.sawTWCC(b)
	case kind == rtcpPSF && format == psfAFB:
		if bitrate, ok := parseREMB(b); ok {
			r.sawREMB(bitrate)
		}
	case kind == rtcpPSF && format == psfPLI:
		r.sawKeyframeRequest(media)
	case kind == rtcpPSF && format == psfFIR:
		for ; len(b) >= 8; b = b[8:] { // the media SSRC is in each entry
			r.sawKeyframeRequest(binary.BigEndian.Uint32(b))
		}
	}
}

// parseREMB reads a receiver's estimated maximum bitrate (draft-alvestrand-rmcat-
// remb-03 §2.2): the name, a count, and the rate as mantissa and exponent.
func parseREMB(b []byte) (bitrate int, ok bool) {
	if len(b) < 8 || string(b[:4]) != "REMB" {
		return 0, false
	}
	exponent := b[5] >> 2
	mantissa := int(b[5]&0x03)<<16 | int(b[6])<<8 | int(b[7])
	const most = 1 << 40
	if exponent > 40 || mantissa > most>>exponent {
		return most, true
	}
	return mantissa << exponent, true
}

// receiveRTCP decrypts and reads a peer's RTCP.
func (t *transport) receiveRTCP(b []byte, from netip.AddrPort) {
	s := t.shard
	plain, err := t.in.DecryptRTCP(b[:0], b, nil)
	if err != nil {
		s.count.drops[forged]++
		return
	}
	t.arrived(from)
	if !readRTCP(plain, t) {
		s.count.drops[malformed]++
	}
}

// sawSR keeps a publisher's sender report.
func (t *transport) sawSR(ssrc uint32, ntp uint64, ts uint32) {
	if st, ok := t.streams[ssrc]; ok && !st.rtx && ntp != 0 {
		st.layer.sawReport(ntp, ts)
	}
}

// sawReport takes what the viewer says of one of its seats, and measures the round
// trip from its echo of our sender report (RFC 3550 §6.4.1, LSR and DLSR).
func (t *transport) sawReport(b receptionBlock) {
	if d := t.downs[b.ssrc]; d != nil {
		t.meter.sawReport(b, rateOf(d.video))
		d.jitter = ticks(b.jitter, rateOf(d.video))
	}
	if b.lastSR == 0 {
		return
	}
	now := uint32(forward.ToNTP(t.shard.now) >> 16)
	rtt := int32(now - b.lastSR - b.delay)
	if rtt < 0 || rtt > 10<<16 {
		return // clocks were set, or nonsense
	}
	t.rtt = time.Duration(rtt) * time.Second >> 16
	t.meter.rtt = t.rtt
}

func (t *transport) sawNACK(ssrc uint32, seq uint16) {
	t.shard.count.nacksIn++
	if d := t.downs[ssrc]; d != nil && t.ready() {
		d.resend(seq)
	}
}

func (t *transport) sawKeyframeRequest(ssrc uint32) {
	t.shard.count.keyframesIn++
	if d := t.downs[ssrc]; d != nil && d.from != nil {
		d.from.needKeyframe()
	}
}
