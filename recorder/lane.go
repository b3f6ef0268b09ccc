package recorder

import (
	"time"

	"parley/recorder/frames"
)

// begin begins anew when the gate opens: nothing before is waited for, and pictures
// need a keyframe.
func (l *lane) begin() {
	l.forget()
	l.asm.Drain(l.frame)
	l.asm.Reset()
	l.asked, l.heard = time.Time{}, true
}

// packet takes a packet out of the queue.
func (l *lane) packet(p *frames.Packet) {
	l.forget()
	if p.Mark != l.mark {
		p.Free()
		return
	}
	l.heard = true
	l.asm.Push(p, l.frame)
}

// forget forgets what must not reach the disk any more.
func (l *lane) forget() {
	if mark := l.track.revoked.Load(); mark != l.mark {
		l.mark = mark
		l.asm.Reset()
		if l.tape != nil {
			l.tape.discard()
		}
	}
}

// report takes a sender report out of the queue.
func (l *lane) report(s senderReport) error {
	correction := l.clock.report(s.arrived, s.ntp, s.rtp)
	t := l.tape
	if !l.clock.reported || t == nil || t.w == nil || t.pts.settled {
		return nil
	}
	// The file has begun with a guess: it is the file that moves, not its frames.
	t.pts.settled = true
	t.pts.start += correction
	t.pts.end += correction
	t.pts.flushed += correction
	t.file.StartMS = t.pts.start.Milliseconds()
	for i := range t.file.Gaps {
		t.file.Gaps[i].FromMS += correction.Milliseconds()
		t.file.Gaps[i].ToMS += correction.Milliseconds()
	}
	for i := range t.file.Sizes {
		t.file.Sizes[i].AtMS += correction.Milliseconds()
	}
	f := File{Name: t.file.Name, StartMS: t.file.StartMS}
	return l.k.journal.append(entry{At: l.k.now, Type: entryAligned, File: &f}, false)
}

// tick gives up what is waited for too long, and asks for keyframes.
func (l *lane) tick() {
	l.forget()
	l.asm.Expire(l.k.now, l.frame)
	l.count()
	if l.track.options.Keyframe == nil || !l.heard || !l.track.open.Load() || !l.track.options.Codec.Video() {
		return
	}
	since := l.k.now.Sub(l.asked)
	if l.asm.WantsKeyframe(l.k.now) && since >= keyframeAgain || since >= keyframeEvery && l.k.now.Sub(l.keyframe) >= keyframeEvery {
		l.asked, l.heard = l.k.now, false
		l.k.r.recorder.stats.keyframes.Add(1)
		l.track.options.Keyframe()
	}
}

// frame puts a frame into its file.
func (l *lane) frame(f frames.Frame) {
	k := l.k
	if !k.began {
		return
	}
	if l.tape == nil {
		t, err := k.tapeOf(l)
		if err != nil {
			k.broke(err)
			return
		}
		l.tape = t
	}
	if f.Keyframe {
		l.keyframe = f.Arrived
	}
	t := l.tape
	position := k.position(l.clock.at(f.Timestamp, f.Arrived))
	if t.w == nil {
		t.begin(f, position, k.zero.Add(position))
		t.pts.settled = l.clock.reported
		e := entry{At: k.now, Type: entryFileOpened}
		if t.known { // what it held was forgotten
			e.Type = entryAligned
		}
		t.known = true
		opened := t.file
		opened.Gaps, opened.Sizes = nil, nil
		e.File = &opened
		if err := k.journal.append(e, false); err != nil {
			k.broke(err)
			return
		}
	}
	if t.codec.Video() {
		t.picture(f, position)
	} else {
		t.sound(f, position)
	}
}

// count adds up what was lost.
func (l *lane) count() {
	if l.tape == nil {
		return
	}
	packets, damaged := l.asm.Lost()
	l.tape.file.Lost += int64(packets - l.lost[0])
	l.tape.file.Damaged += int64(damaged - l.lost[1])
	l.lost = [2]uint64{packets, damaged}
}
