package sfu

import (
	"time"

	"parley/sfu/forward"
)

// Bounds on repairing sound. A browser plays it a few hundred milliseconds after
// it was said at the most.
const (
	soundMissingFor  = 350 * time.Millisecond
	redundancyEvery  = 200 * time.Millisecond
	copyBitrate      = 40_000 // of one frame repeated in each packet, at the most
	leastCopies      = 8_000
	redundancyShare  = 4 // the part of the estimate that copies may take
	plainBelow       = 400_000
	plainLoss        = 0.01
	unsteady         = 40 * time.Millisecond // of jitter
	lateLoss         = 0.12
	maxRedundantSize = 1100
)

// unfold passes on the frames that got lost and are in a later packet once more
// (RFC 2198). Browsers repeat the packets just before.
func (l *layer) unfold(p *packet) {
	r, ok := forward.ParseRED(p.payload)
	if !ok {
		return
	}
	copies := r.Copies()
	for i, c := range copies {
		seq := p.seq - uint16(len(copies)-i)
		if len(c.Payload) == 0 || !l.receiver.Recover(seq) {
			continue
		}
		l.track.transport.shard.count.recovered++
		l.pass(&packet{payload: c.Payload, ts: p.ts - c.Offset, seq: seq, codec: opus, late: true})
	}
}

// keep remembers a frame of sound for viewers who lose it.
func (l *layer) keep(p *packet) {
	frame := p.payload
	if p.codec == red {
		frame, _ = forward.PrimaryOfRED(frame)
	}
	l.sound.Keep(p.seq, p.ts, frame)
}

// copyBitrate is what one frame repeated in each packet takes, in bit/s: as much as the
// sound itself, which its publisher may have made thin.
func (d *downTrack) copyBitrate() int {
	if d.from == nil || d.from.bitrate == 0 {
		return copyBitrate
	}
	return min(max(d.from.bitrate, leastCopies), copyBitrate)
}

// voiced turns a packet of sound into what this viewer is sent of it: with the
// frames before it where the way to the viewer loses some, alone where it is
// narrow and loses none.
func (d *downTrack) voiced(l *layer, p *packet) packet {
	s := d.viewer.shard
	out := *p
	depth := d.redundancy
	if p.codec == red && depth == 0 && !d.plain {
		depth = 1 // as its publisher does
	}
	switch {
	case d.payloads.pt[red] == 0 || p.codec == red && d.plain:
		if p.codec == red {
			out.codec = opus
			out.payload, _ = forward.PrimaryOfRED(p.payload)
		}
	case p.late || d.redundancy == 0 && d.wanted.Empty():
	default:
		if p.codec == red {
			out.payload, _ = forward.PrimaryOfRED(p.payload)
		}
		if len(out.payload) > maxRedundantSize {
			return *p
		}
		s.copies = l.sound.Copies(s.copies[:0], p.ts, depth, &d.wanted)
		d.wanted.Clear()
		out.codec = red
		out.payload = s.redundant[:forward.PutRED(s.redundant[:], d.payloads.pt[opus], s.copies, out.payload)]
	}
	return out
}

// askedForSound notes that the viewer lacks a packet of sound: the next one
// carries it, where the viewer takes that.
func (d *downTrack) askedForSound(seq uint16) {
	if d.from == nil {
		return
	}
	if d.payloads.pt[red] == 0 {
		d.sayAgain(seq)
		return
	}
	if in, ok := d.numbers.Incoming(seq); ok {
		d.wanted.Add(in)
	}
}

// repeatSound settles how often each seat's sound is said, by the loss on the way
// to the viewer and by what it carries.
func (t *transport) repeatSound() {
	now := t.shard.now
	for i := range t.seats {
		if d := t.seats[i].audio; d != nil {
			d.sayTwice()
		}
	}
	if now.Before(t.nextRedundancy) {
		return
	}
	t.nextRedundancy = now.Add(redundancyEvery)
	loss, estimate := t.down.estimator.Loss(), t.down.estimator.Estimate()
	voices := 0
	for _, d := range t.downs {
		if !d.video && d.from != nil {
			voices++
		}
	}
	fits := estimate / redundancyShare / max(voices, 1)
	// What is repeated lengthens a queue, in which more gets lost. Of a viewer whose way up
	// is jammed nothing is known: the reports stand in that queue.
	queue := t.down.estimator.Queue() > unbearable
	for _, d := range t.downs {
		if d.video {
			continue
		}
		if queue || t.jam.on {
			d.redundancy, d.plain = 0, queue
			continue
		}
		missed := loss
		if d.jitter > unsteady { // what comes too late is as good as lost
			missed = max(missed, lateLoss)
		}
		d.redundancy = d.repeats.Update(missed, fits/d.copyBitrate(), &d.wanted)
		d.plain = d.redundancy == 0 && loss < plainLoss && estimate < plainBelow
	}
}
