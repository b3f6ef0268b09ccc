package sfu

import (
	"encoding/binary"
	"time"

	"parley/sfu/forward"
)

// resend answers a viewer's NACK for one packet.
func (d *downTrack) resend(seq uint16) {
	if !d.video {
		d.askedForSound(seq)
		return
	}
	if d.history == nil || d.rtx == 0 || d.viewer.down.estimator.Queue() > unbearable {
		return // what the queue dropped would only lengthen it
	}
	e, sp := d.history.due(seq, d.viewer.shard.now, d.viewer.rtt)
	if e == nil || !d.mend(e, sp) {
		return
	}
	d.viewer.shard.count.retransmitted++
	if d.viewer.down.estimator.Loss() >= surelyLost && d.history.earned >= 1 {
		d.history.earned--
		d.mend(e, sp)
	}
}

// mend sends a packet again, unless the viewer's connection has no room for it.
func (d *downTrack) mend(e *sent, sp *splice) bool {
	p, ok := sp.from.cache.get(e.in)
	return ok && d.viewer.mends(len(p.payload)+maxOverhead) && d.copy(e, sp) > 0
}

// copy sends a packet again, from its layer's cache, on the line's stream of
// retransmissions (RFC 4588). It returns its size, 0 when it is not there any more.
func (d *downTrack) copy(e *sent, sp *splice) int {
	v := d.viewer
	p, ok := sp.from.cache.get(e.in)
	if !ok || !p.understand() {
		return 0
	}
	pt := d.payloads.rtx[p.codec]
	b := v.shard.conn.Slot()
	if pt == 0 || len(p.payload)+len(p.descriptor)+maxOverhead > len(b) {
		return 0
	}
	d.rtxSeq++
	n := putHeader(b, pt, e.marker, d.rtxSeq, p.ts+sp.numbers.TS, d.rtx)
	picture := sp.numbers.Picture(p.picture)
	if picture.HasFrame && v.ext.descriptor != 0 {
		n += v.putDescribed(b, p.descriptor, picture.Frame, false)
	} else {
		n += v.putTWCC(b)
	}
	binary.BigEndian.PutUint16(b[n:], e.out) // RFC 4588 §4
	n += rtxSize
	copy(b[n:], p.payload)
	p.picture.Rewrite(b[n:], picture)
	n += len(p.payload)
	return v.sendRTP(b, n)
}

// pad sends what carries nothing new, to see what the path carries: a copy of a
// recent packet, or where nothing is shown just padding. Browsers take either on a
// stream of retransmissions. It returns the size, 0 when the line has none.
func (d *downTrack) pad() int {
	if d.from != nil && d.history != nil {
		e, sp := d.history.recent(d.lastOut - uint16(d.padded%padOver))
		d.padded++
		if e != nil {
			if n := d.copy(e, sp); n > 0 {
				return n
			}
		}
	}
	return d.blank()
}

// blank sends a retransmission of nothing, full of padding (RFC 3550 §5.1).
func (d *downTrack) blank() int {
	const padding = 224
	v := d.viewer
	pt := max(d.payloads.rtx[vp8], d.payloads.rtx[h264], d.payloads.rtx[vp9])
	if pt == 0 || d.rtx == 0 {
		return 0
	}
	b := v.shard.conn.Slot()
	d.rtxSeq++
	n := putHeader(b, pt, false, d.rtxSeq, d.line.At(v.shard.now), d.rtx)
	n += v.putTWCC(b)
	b[0] |= 0x20
	clear(b[n : n+padding])
	b[n+padding-1] = padding
	return v.sendRTP(b, n+padding)
}

// padOver is how many of the newest packets padding is made of.
const padOver = 16

// Bounds on answering NACKs. A packet is sent again a few times, not before the
// last copy can have arrived; all copies together are bounded by what was sent in
// the first place, so that a viewer who asks for everything gets as much again.
const (
	historySize    = 512
	splicesKept    = 4
	maxResends     = 8
	resendSpacing  = 20 * time.Millisecond
	maxResendAfter = 100 * time.Millisecond
	resendShare    = 1   // copies earned by a packet sent
	resendBurst    = 200 // copies that may be saved up
	surelyLost     = 0.2 // from which a copy goes twice: the way back loses requests as well
)

// history remembers which incoming packet an outgoing number was.
type history struct {
	sent    [historySize]sent
	splices [splicesKept]splice
	current uint8
	earned  float64 // copies that may be sent
	began   time.Time
}

// stamp is a time in a history's milliseconds, which wrap after weeks.
func (h *history) stamp(now time.Time) uint32 { return uint32(now.Sub(h.began).Milliseconds()) }

type sent struct {
	at      uint32 // milliseconds since the history began
	out, in uint16
	splice  uint8
	tries   uint8
	used    bool
	marker  bool
}

type splice struct {
	from    *layer
	numbers forward.Numbers
	count   uint8 // tells a reused place from the one an entry means
}

func (h *history) splice(from *layer, n forward.Numbers) {
	h.current++
	h.splices[h.current%splicesKept] = splice{from: from, numbers: n, count: h.current}
}

func (h *history) add(out, in uint16, marker bool, now time.Time) {
	h.sent[out%historySize] = sent{at: h.stamp(now), out: out, in: in, splice: h.current, used: true, marker: marker}
	h.earned = min(h.earned+resendShare, resendBurst)
}

// due returns what a lost packet was, if it may be sent again now.
func (h *history) due(out uint16, now time.Time, rtt time.Duration) (*sent, *splice) {
	e := &h.sent[out%historySize]
	if !e.used || e.out != out || e.tries >= maxResends || h.earned < 1 {
		return nil, nil
	}
	sp := h.spliceOf(e)
	if sp == nil {
		return nil, nil
	}
	wait := min(max(rtt, resendSpacing), maxResendAfter)
	if since := time.Duration(h.stamp(now)-e.at) * time.Millisecond; e.tries > 0 && since < wait {
		return nil, nil
	}
	e.tries++
	e.at = h.stamp(now)
	h.earned--
	return e, sp
}

// recent returns a packet whatever was asked before, if it is still known.
func (h *history) recent(out uint16) (*sent, *splice) {
	e := &h.sent[out%historySize]
	if !e.used || e.out != out {
		return nil, nil
	}
	if sp := h.spliceOf(e); sp != nil {
		return e, sp
	}
	return nil, nil
}

// spliceOf returns the splice that an entry was sent under, if it is still kept.
func (h *history) spliceOf(e *sent) *splice {
	sp := &h.splices[e.splice%splicesKept]
	if sp.from == nil || sp.count != e.splice {
		return nil
	}
	return sp
}
