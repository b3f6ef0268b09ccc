package recorder

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"parley/recorder/frames"
)

// When things are done.
const (
	roundEvery    = 50 * time.Millisecond  // how long a packet waits in the queue
	flushEvery    = 300 * time.Millisecond // how long a frame waits for the disk
	flushSize     = 64 << 10               // bytes, which do not wait
	syncEvery     = 5 * time.Second        // what a power cut may cost
	checkEvery    = time.Second            // that the directory is there
	keyframeAgain = 500 * time.Millisecond
	keyframeEvery = 20 * time.Second // so that the file can be sought
)

// keeper writes a recording. All of it belongs to the recording's goroutine.
type keeper struct {
	r       *Recording
	create  func(*os.Root, string) (file, error)
	journal journal
	lanes   []*lane // live tracks
	tapes   []*tape // files
	files   int     // that were ever made
	bias    map[lineKey]lineBias
	room    []item
	now     time.Time

	began   bool
	zero    time.Time
	halted  time.Time // since when it stands still; zero while it runs
	pauses  []pause
	state   State
	stop    string // why it ends, empty while it does not
	synced  time.Time
	checked time.Time
	said    time.Time // the last Slow
	failed  error     // met where it could not be returned
}

type pause struct {
	from, to time.Time
	total    time.Duration // of this one and all before
}

// lane is a live track.
type lane struct {
	k        *keeper
	track    *Track
	mark     uint32
	clock    lineClock
	asm      *frames.Assembler
	tape     *tape // nil before the first frame
	lost     [2]uint64
	heard    bool      // packets came since a keyframe was asked for
	asked    time.Time // for a keyframe
	keyframe time.Time // the last
}

func (k *keeper) run() {
	defer close(k.r.done)
	defer k.r.recorder.forget(k.r)
	tick := time.NewTicker(roundEvery)
	defer tick.Stop()
	for k.stop == "" {
		select {
		case <-k.r.wake:
		case <-tick.C:
		}
		if err := k.round(); err != nil {
			k.fail(err)
			return
		}
		k.r.alive.Store(time.Now().UnixNano())
	}
	if err := k.finish(); err != nil {
		k.fail(err)
	}
}

// round does what waits in the queue, and what its time has come for.
func (k *keeper) round() error {
	k.now = time.Now()
	items := k.r.take(k.room)
	defer func() {
		for i := range items {
			if p := items[i].packet; p != nil {
				p.Free() // not reached, after an error
			}
			items[i] = item{}
		}
		k.room = items
		if cap(items) > 1<<12 {
			k.room = nil
		}
	}()
	for i := range items {
		it := items[i]
		items[i].packet = nil
		if err := k.do(it); err != nil {
			return err
		}
	}
	k.now = time.Now()
	for _, l := range k.lanes {
		l.tick()
	}
	if err := k.write(); err != nil {
		return err
	}
	return k.sayDropped()
}

func (k *keeper) do(it item) error {
	if it.do != nil {
		return it.do(k)
	}
	i := slices.IndexFunc(k.lanes, func(l *lane) bool { return l.track == it.track })
	switch {
	case i < 0 && it.packet != nil:
		it.packet.Free()
	case i < 0:
	case it.packet != nil:
		k.lanes[i].packet(it.packet)
	default:
		return k.lanes[i].report(*it.report)
	}
	return nil
}

// write brings to the disk what has waited long enough.
func (k *keeper) write() error {
	for _, l := range k.lanes {
		l.forget()
	}
	all := k.failed
	for _, t := range k.tapes {
		first := t.w != nil && t.w.Size() == 0
		if first || k.now.Sub(t.pts.moved) >= flushEvery {
			all = errors.Join(all, t.flush(k.now))
		}
		all = errors.Join(all, t.failed)
	}
	if all != nil {
		return all
	}
	if k.now.Sub(k.synced) >= syncEvery {
		k.synced = k.now
		for _, t := range k.tapes {
			if t.sync {
				t.sync = false
				if err := t.out.Sync(); err != nil {
					return err
				}
			}
		}
	}
	if k.now.Sub(k.checked) >= checkEvery {
		k.checked = k.now
		return stillThere(k.r.recorder.root, k.r.id, k.r.dir)
	}
	return nil
}

// note writes an entry into the journal. Consents and what opens the gate are on the
// disk before the next packet is.
func (k *keeper) note(e entry) error {
	switch e.Type {
	case entryMark, entryMuted, entryUnmuted, entryPause, entryResume:
		e.PositionMS = k.position(e.At).Milliseconds()
	case entryForgotten:
		return k.forget(e)
	}
	return k.journal.append(e, e.Type == entryConsent)
}

// forget deletes somebody's files. That they are to go is on the disk before, so
// that Recover ends what a kill interrupts.
func (k *keeper) forget(e entry) error {
	var gone []*tape
	k.tapes = slices.DeleteFunc(k.tapes, func(t *tape) bool {
		if t.file.Participant != e.Participant {
			return false
		}
		gone = append(gone, t)
		return true
	})
	for _, l := range k.lanes {
		if slices.Contains(gone, l.tape) {
			l.asm.Reset()
			l.tape = nil
		}
	}
	if err := k.journal.append(e, true); err != nil {
		return err
	}
	k.r.deliver(Forgotten{Recording: k.r.id, Participant: e.Participant, At: e.At})
	for _, t := range gone {
		if err := errors.Join(t.out.Close(), k.r.dir.Remove(t.file.Name)); err != nil {
			return err
		}
	}
	return nil
}

// turn starts, halts or goes on.
func (k *keeper) turn(v verdict, at time.Time) error {
	e := entry{At: at, Type: entryHalted, Reason: string(v.reason), Waiting: v.waiting, PositionMS: k.position(at).Milliseconds()}
	if v.running {
		e.Type, k.state = entryRunning, Running
		if !k.began {
			k.began, k.zero = true, at
		} else {
			total := at.Sub(k.halted)
			if n := len(k.pauses); n > 0 {
				total += k.pauses[n-1].total
			}
			k.pauses = append(k.pauses, pause{k.halted, at, total})
		}
		k.halted = time.Time{}
	} else if k.began {
		k.state = Paused
		if k.halted.IsZero() {
			k.halted = at
		}
	}
	if err := k.journal.append(e, v.running); err != nil {
		return err
	}
	k.r.deliver(Changed{Recording: k.r.id, At: at, State: k.state, Reason: v.reason, Waiting: v.waiting})
	return nil
}

// position is where a time stands in the recording, which stands still while it is
// halted. Times before its beginning are below 0.
func (k *keeper) position(at time.Time) time.Duration {
	if !k.began {
		return 0
	}
	if !k.halted.IsZero() && at.After(k.halted) {
		at = k.halted
	}
	for i := len(k.pauses) - 1; i >= 0; i-- {
		p := k.pauses[i]
		if !at.Before(p.to) {
			return at.Sub(k.zero) - p.total
		}
		if at.After(p.from) {
			at = p.from
		}
	}
	return at.Sub(k.zero)
}

// attach makes a lane for a track.
func (k *keeper) attach(t *Track) error {
	l := &lane{k: k, track: t, asm: frames.NewAssembler(t.options.Codec)}
	l.clock = lineClock{rate: int64(t.options.Codec.Rate()), bias: k.bias[t.key]}
	l.mark = t.revoked.Load()
	k.lanes = append(k.lanes, l)
	return nil
}

// begin is called when a track's gate opens.
func (k *keeper) begin(t *Track) error {
	for _, l := range k.lanes {
		if l.track == t {
			l.begin()
		}
	}
	return nil
}

// detach ends a lane. Its file stays open for another.
func (k *keeper) detach(t *Track) error {
	i := slices.IndexFunc(k.lanes, func(l *lane) bool { return l.track == t })
	if i < 0 {
		return nil
	}
	l := k.lanes[i]
	l.forget()
	l.asm.Drain(l.frame)
	l.count()
	k.bias[t.key] = l.clock.bias
	k.lanes = slices.Delete(k.lanes, i, i+1)
	return nil
}

// tapeOf finds the file for a lane, or makes it.
func (k *keeper) tapeOf(l *lane) (*tape, error) {
	key, codec := l.track.key, l.track.options.Codec
	for _, t := range k.tapes {
		if t.file.Participant == key.participant && t.file.Source == key.source && t.codec == codec {
			return t, nil
		}
	}
	if k.files >= maxTracks {
		return nil, fmt.Errorf("a recording has at most %d files", maxTracks)
	}
	ending := "webm"
	if codec == frames.H264 {
		ending = "mkv"
	}
	k.files++
	name := fmt.Sprintf("%03d-%s.%s", k.files, fileWord(key.source), ending)
	out, err := k.create(k.r.dir, name)
	if err != nil {
		return nil, err
	}
	t := &tape{out: out, codec: codec, count: &k.r.recorder.stats.written, file: File{
		Name: name, Participant: key.participant, Source: key.source, Codec: string(codec),
	}}
	t.pts.moved = k.now
	k.tapes = append(k.tapes, t)
	return t, nil
}

// fileWord is a source's word in a file's name; what is none of ours is not let
// into it.
func fileWord(s Source) string {
	switch s {
	case Mic, Camera, Screen, ScreenAudio:
		return string(s)
	}
	return "track"
}

// sayDropped tells what the queue had no room for.
func (k *keeper) sayDropped() error {
	if k.now.Sub(k.said) < time.Second {
		return nil
	}
	n := int(k.r.dropped.Swap(0))
	if n == 0 {
		return nil
	}
	k.said = k.now
	k.r.log.Warn("the disk is too slow for the recording", "recording", k.r.id, "dropped", n)
	k.r.deliver(Slow{Recording: k.r.id, At: k.now, Dropped: n})
	return k.journal.append(entry{At: k.now, Type: entryDropped, Dropped: n}, false)
}
