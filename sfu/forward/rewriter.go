package forward

// skips is how many dropped packets a Rewriter remembers, so that a packet that
// arrives late still finds the number it would have had.
const skips = 16

// Rewriter numbers one outgoing RTP stream whose incoming stream changes: it
// keeps sequence numbers, timestamps and VP8 picture ids continuous across a
// splice, and closes the gap that a packet which is not passed on would leave.
// The zero value is ready; the first Splice starts the stream.
type Rewriter struct {
	started bool
	first   uint16 // the first sequence number of the current incoming stream that is passed on
	highest uint16 // the highest of it so far

	seqOffset uint16 // outgoing minus incoming, of the newest packets
	tsOffset  uint32
	pidOffset uint16
	tl0Offset uint8

	lastSeq uint16 // the highest sent
	lastTS  uint32
	lastPID uint16
	lastTL0 uint8

	skipped  [skips]uint16 // incoming numbers not passed on, oldest first
	nSkipped int
}

// Start numbers the stream from seq on. Call it once, before the first Splice;
// a random start makes the stream's position unknown to an observer (RFC 3550 §5.1).
func (r *Rewriter) Start(seq uint16) { r.lastSeq = seq - 1 }

// Splice makes the packet with these numbers the next one of the outgoing
// stream, at outgoing time out. Where out would not come after what was sent, the
// packet goes one tick after it: time never runs backwards on a seat.
func (r *Rewriter) Splice(seq uint16, ts, out uint32, v VP8) {
	if r.started && int32(out-r.lastTS) <= 0 {
		out = r.lastTS + 1
	}
	r.started, r.lastTS = true, out
	r.first, r.highest = seq, seq
	r.seqOffset = r.lastSeq + 1 - seq
	r.tsOffset = out - ts
	r.pidOffset = r.lastPID + 1 - v.PictureID
	r.tl0Offset = r.lastTL0 + 1 - v.TL0
	r.nSkipped = 0
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
		r.highest = seq
		r.trim()
	}
	offset := r.seqOffset
	for i := r.nSkipped - 1; i >= 0; i-- {
		if seq == r.skipped[i] {
			return 0, false
		}
		if int16(seq-r.skipped[i]) > 0 {
			break
		}
		offset++
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
	if r.nSkipped == skips {
		copy(r.skipped[:], r.skipped[1:])
		r.nSkipped--
		r.first = r.skipped[0] // older packets would be numbered wrongly now
	}
	r.skipped[r.nSkipped] = seq
	r.nSkipped++
	r.highest = seq
	r.seqOffset--
	r.trim()
	return true
}

// trim forgets what is so old that 16-bit comparisons would soon turn it around.
func (r *Rewriter) trim() {
	const horizon = 1 << 13
	if r.highest-r.first > 2*horizon {
		r.first = r.highest - horizon
	}
	for r.nSkipped > 0 && r.highest-r.skipped[0] > horizon {
		copy(r.skipped[:], r.skipped[1:])
		r.nSkipped--
	}
}

// Timestamp gives the outgoing time of a packet of the current stream.
func (r *Rewriter) Timestamp(ts uint32) uint32 {
	out := ts + r.tsOffset
	if int32(out-r.lastTS) > 0 {
		r.lastTS = out
	}
	return out
}

// VP8 gives the outgoing picture id and TL0 index of a packet of the current
// stream.
func (r *Rewriter) VP8(v VP8) (pictureID uint16, tl0 uint8) {
	pictureID = (v.PictureID + r.pidOffset) & 0x7fff
	tl0 = v.TL0 + r.tl0Offset
	if v.HasPictureID && int16((pictureID-r.lastPID)<<1) > 0 {
		r.lastPID = pictureID
	}
	if v.HasTL0 && int8(tl0-r.lastTL0) > 0 {
		r.lastTL0 = tl0
	}
	return pictureID, tl0
}

// Offset is what is added to an incoming timestamp: a sender report of the
// incoming stream holds for the outgoing one by it.
func (r *Rewriter) Offset() uint32 { return r.tsOffset }

// Numbers freezes the current splice's rewriting of payload and time, so that a
// packet sent under it can be sent again after the next splice.
func (r *Rewriter) Numbers() Numbers {
	return Numbers{TS: r.tsOffset, PictureID: r.pidOffset, TL0: r.tl0Offset}
}

// Numbers is what one splice adds to the numbers of each packet.
type Numbers struct {
	TS        uint32
	PictureID uint16
	TL0       uint8
}

// VP8 gives the picture id and TL0 index that a packet had under n.
func (n Numbers) VP8(v VP8) (pictureID uint16, tl0 uint8) {
	return (v.PictureID + n.PictureID) & 0x7fff, v.TL0 + n.TL0
}
