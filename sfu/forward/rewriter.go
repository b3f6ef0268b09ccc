package forward

import bits64 "math/bits"

// window is how many incoming numbers a Rewriter looks back for those that it took
// out, so that a packet that arrives late still finds the number it would have had:
// as many as a Receiver knows.
const window = 1024

// Rewriter numbers one outgoing RTP stream whose incoming stream changes: it
// keeps sequence numbers, timestamps, picture ids and frame numbers continuous
// across a splice, and closes the gap that a packet which is not passed on would
// leave.
// The zero value is ready; the first Splice starts the stream.
type Rewriter struct {
	started bool
	first   uint16 // the first sequence number of the current incoming stream that is passed on
	highest uint16 // the highest of it so far

	seqOffset uint16 // outgoing minus incoming, of the newest packets
	added     Numbers

	lastSeq   uint16 // the highest sent
	lastTS    uint32
	lastPID   uint16
	lastTL0   uint8
	lastFrame uint16

	skipped  [window / 64]uint64 // of the newest incoming numbers, those not passed on
	nSkipped int                 // how many of them
}

// Start numbers the stream from seq on. Call it once, before the first Splice;
// a random start makes the stream's position unknown to an observer (RFC 3550 §5.1).
func (r *Rewriter) Start(seq uint16) { r.lastSeq = seq - 1 }

// Splice makes the packet with these numbers the next one of the outgoing
// stream, at outgoing time out. Where out would not come after what was sent, the
// packet goes one tick after it: time never runs backwards on a seat.
func (r *Rewriter) Splice(seq uint16, ts, out uint32, p Picture) {
	if r.started && int32(out-r.lastTS) <= 0 {
		out = r.lastTS + 1
	}
	r.started, r.lastTS = true, out
	r.first, r.highest = seq, seq
	r.seqOffset = r.lastSeq + 1 - seq
	r.added = Numbers{
		TS:        out - ts,
		PictureID: r.lastPID + 1 - p.ID,
		TL0:       r.lastTL0 + 1 - p.TL0,
		Frame:     r.lastFrame + 1 - p.Frame,
	}
	r.skipped, r.nSkipped = [window / 64]uint64{}, 0
}

// Gap leaves an outgoing number to nobody, so that what comes next does not seem to
// follow what was sent.
func (r *Rewriter) Gap() { r.lastSeq++ }

// Seq gives the outgoing number of a packet of the current stream. It reports
// false for one from before the splice or one that was skipped: those are not
// sent.
func (r *Rewriter) Seq(seq uint16) (uint16, bool) {
	if int16(seq-r.first) < 0 {
		return 0, false
	}
	if int16(seq-r.highest) > 0 {
		r.advance(seq)
	}
	offset := r.seqOffset
	if r.nSkipped > 0 {
		if r.skips(seq) {
			return 0, false
		}
		offset += r.skippedAfter(seq)
	}
	out := seq + offset
	if int16(out-r.lastSeq) > 0 {
		r.lastSeq = out
	}
	return out, true
}

// Late gives the outgoing number of a packet that comes after newer ones. It reports
// false where Seq would, and for one that is newer than all before.
func (r *Rewriter) Late(seq uint16) (uint16, bool) {
	if !r.started || int16(seq-r.highest) >= 0 {
		return 0, false
	}
	return r.Seq(seq)
}

// Incoming gives the number that a packet sent lately had when it came in. It
// reports false for one from before the splice.
func (r *Rewriter) Incoming(out uint16) (uint16, bool) {
	seq := out - r.seqOffset
	return seq, r.started && int16(seq-r.first) >= 0
}

// Skip takes a packet out of the stream: those after it move up by one. It
// reports false when that is no longer possible, because later packets have been
// sent with numbers that leave room for it; then it must be sent, empty.
func (r *Rewriter) Skip(seq uint16) bool {
	if int16(seq-r.highest) <= 0 {
		return false
	}
	r.advance(seq)
	r.skipped[seq%window/64] |= 1 << (seq % 64)
	r.nSkipped++
	r.seqOffset--
	return true
}

// advance makes seq the highest number. What stands before the window would be
// numbered wrongly once a skipped one has left it.
func (r *Rewriter) advance(seq uint16) {
	ahead := seq - r.highest
	if r.nSkipped > 0 {
		if ahead >= window {
			r.skipped, r.nSkipped, r.first = [window / 64]uint64{}, 0, r.highest+1
		}
		for n := r.highest + 1; r.nSkipped > 0 && n != seq+1; n++ {
			word, bit := &r.skipped[n%window/64], uint64(1)<<(n%64)
			if *word&bit != 0 { // that is, n-window
				*word &^= bit
				r.nSkipped--
				r.first = n - window + 1
			}
		}
	}
	r.highest = seq
	const horizon = 1 << 13 // older ones would soon seem newer
	if r.highest-r.first > 2*horizon {
		r.first = r.highest - horizon
	}
}

// skips reports whether a number of the window was taken out.
func (r *Rewriter) skips(seq uint16) bool {
	return r.highest-seq < window && r.skipped[seq%window/64]&(1<<(seq%64)) != 0
}

// skippedAfter counts the numbers after seq that were taken out.
func (r *Rewriter) skippedAfter(seq uint16) (n uint16) {
	for after := min(r.highest-seq, window-1); after > 0; {
		at := r.highest - after + 1 // the first that is not counted yet
		inWord := min(64-at%64, after)
		word := r.skipped[at%window/64] >> (at % 64)
		n += uint16(bits64.OnesCount64(word << (64 - inWord)))
		after -= inWord
	}
	return n
}

// Timestamp gives the outgoing time of a packet of the current stream.
func (r *Rewriter) Timestamp(ts uint32) uint32 {
	out := ts + r.added.TS
	if int32(out-r.lastTS) > 0 {
		r.lastTS = out
	}
	return out
}

// Picture gives the outgoing numbers of a packet's picture.
func (r *Rewriter) Picture(p Picture) Picture {
	out := r.added.Picture(p)
	if p.HasID && int16((out.ID-r.lastPID)<<1) > 0 {
		r.lastPID = out.ID
	}
	if p.HasTL0 && int8(out.TL0-r.lastTL0) > 0 {
		r.lastTL0 = out.TL0
	}
	if p.HasFrame && int16(out.Frame-r.lastFrame) > 0 {
		r.lastFrame = out.Frame
	}
	return out
}

// Offset is what is added to an incoming timestamp: a sender report of the
// incoming stream holds for the outgoing one by it.
func (r *Rewriter) Offset() uint32 { return r.added.TS }

// Numbers freezes the current splice's rewriting of payload and time, so that a
// packet sent under it can be sent again after the next splice.
func (r *Rewriter) Numbers() Numbers { return r.added }

// Numbers is what one splice adds to the numbers of each packet.
type Numbers struct {
	TS        uint32
	PictureID uint16
	TL0       uint8
	Frame     uint16
}

// Picture gives the numbers that a packet's picture had under n.
func (n Numbers) Picture(p Picture) Picture {
	p.ID = (p.ID + n.PictureID) & 0x7fff
	p.TL0 += n.TL0
	p.Frame += n.Frame
	return p
}
