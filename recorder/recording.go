package recorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/recorder/frames"
)

// The bounds of a recording.
const (
	maxTracks = 64      // files and live tracks
	maxQueue  = 4 << 20 // bytes of packets: ten seconds of two people
	maxItems  = 1 << 15
	maxNews   = 1 << 12 // items beside those: a no is heard when packets fill the queue
	maxText   = 256     // bytes of a label or a name
)

// Options say what a recording is.
type Options struct {
	// ID names the recording and its directory: 1 to 64 letters, digits, - and _.
	ID        string
	Interview string
	Mode      Mode
	// Deliver takes the recording's events. It is called from the recorder's
	// goroutines, may be called by two at once, and must return at once.
	Deliver func(Event)
}

// Recording is one recording under way. Its methods never wait for the disk; they
// may be called from any goroutine, and matter is written in the order of the calls.
type Recording struct {
	id       string
	log      *slog.Logger
	deliver  func(Event)
	recorder *Recorder
	dir      *os.Root
	wake     chan struct{}
	done     chan struct{}
	alive    atomic.Int64 // when the keeper last came around, in Unix nanoseconds
	dropped  atomic.Int64 // packets since the last Slow
	result   Manifest     // after done
	err      error        // after done

	mu       sync.Mutex // guards what follows
	gate     gate
	verdict  verdict
	tracks   []*Track
	items    []item
	queued   int // bytes of packets in items
	stopping bool
	broken   bool // no packet is taken any more
}

// item is one thing for the keeper to do, in order.
type item struct {
	track  *Track
	packet *frames.Packet
	report *senderReport
	do     func(k *keeper) error
}

// ErrClosed is returned by the methods of a recording that has been stopped.
var ErrClosed = errors.New("the recording has ended")

// ID is the recording's name.
func (r *Recording) ID() string { return r.id }

// Join says that somebody is present, perhaps again. In ModeAll it pauses the
// recording until they have agreed, if they had not before.
func (r *Recording) Join(p Person) error {
	if p.ID == "" || len(p.ID) > maxText || len(p.Name) > maxText || len(p.Role) > maxText {
		return fmt.Errorf("a person has an id of 1 to %d bytes, and a name and role no longer", maxText)
	}
	return r.change(entry{Type: entryJoined, Person: &p}, func(g *gate) error {
		g.join(p.ID)
		return nil
	})
}

// Leave says that somebody is no longer present. What they answered stands for when
// they come back.
func (r *Recording) Leave(participant string) error {
	return r.change(entry{Type: entryLeft, Participant: participant}, func(g *gate) error {
		g.leave(participant)
		return nil
	})
}

// Consent takes somebody's answer. A no shuts the gate before Consent returns, and
// what of theirs has not reached the disk by then is forgotten; a write that is under
// way is not called back.
func (r *Recording) Consent(c Consent) error {
	if len(c.TextVersion) > maxText || len(c.Language) > maxText || len(c.Kind) > maxText || len(c.Participant) > maxText {
		return fmt.Errorf("the fields of a consent have at most %d bytes", maxText)
	}
	if c.At.IsZero() {
		c.At = time.Now()
	}
	c.At = c.At.Round(0).UTC()
	e := entry{Type: entryConsent, Consent: &c}
	return r.change(e, func(g *gate) error {
		came, forget, err := g.answer(c)
		c = came
		for _, t := range r.tracks {
			if forget && t.key.participant == c.Participant {
				t.revoked.Add(1)
			}
		}
		return err
	})
}

// Mute says that a source is muted, or is not any more. Of a muted source nothing is
// kept.
func (r *Recording) Mute(participant string, source Source, muted bool) error {
	e := entry{Type: entryUnmuted, Participant: participant, Source: source}
	if muted {
		e.Type = entryMuted
	}
	return r.change(e, func(g *gate) error {
		k := lineKey{participant, source}
		if muted {
			g.muted[k] = true
		} else {
			delete(g.muted, k)
		}
		return nil
	})
}

// Forget deletes what was kept of somebody who took their agreement back, for by.
// The journal and the manifest say so, and name the files that are gone. It is an
// error while they agree. What the others agreed to stays.
func (r *Recording) Forget(participant, by string) error {
	if len(by) > maxText {
		return fmt.Errorf("an id has at most %d bytes", maxText)
	}
	return r.change(entry{Type: entryForgotten, Participant: participant, By: by}, func(g *gate) error {
		if g.find(participant).answer == Granted {
			return errors.New("only what was kept of somebody who does not agree any more is deleted")
		}
		return nil
	})
}

// Pause stops keeping, for whoever asks for it, until Resume.
func (r *Recording) Pause(by string) error {
	return r.change(entry{Type: entryPause, By: by}, func(g *gate) error {
		g.paused = true
		return nil
	})
}

// Resume goes on, as far as consents allow it.
func (r *Recording) Resume(by string) error {
	return r.change(entry{Type: entryResume, By: by}, func(g *gate) error {
		g.paused = false
		return nil
	})
}

// Mark notes a moment, which becomes a chapter.
func (r *Recording) Mark(label, by string) error {
	if len(label) > maxText || len(by) > maxText {
		return fmt.Errorf("a label has at most %d bytes", maxText)
	}
	return r.change(entry{Type: entryMark, Label: label, By: by}, func(*gate) error { return nil })
}

// Track returns the way in for one source of somebody over one connection. It takes
// the place of the one there was for that source.
func (r *Recording) Track(o TrackOptions) (*Track, error) {
	if !o.Codec.Known() {
		return nil, fmt.Errorf("%q cannot be recorded: the codecs are opus, vp8, vp9, av1 and h264", o.Codec)
	}
	if len(o.Participant) == 0 || len(o.Participant) > maxText || len(o.Source) == 0 || len(o.Source) > maxText {
		return nil, errors.New("a track names its participant and its source")
	}
	t := &Track{recording: r, options: o, key: lineKey{o.Participant, o.Source}}
	t.before.Store(-1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopping || r.broken {
		return nil, ErrClosed
	}
	r.remove(func(old *Track) bool { return old.key == t.key })
	if len(r.tracks) >= maxTracks {
		return nil, fmt.Errorf("a recording has at most %d tracks", maxTracks)
	}
	r.tracks = append(r.tracks, t)
	r.put(item{do: func(k *keeper) error { return k.attach(t) }})
	r.setGates()
	return t, nil
}

// Stop ends the recording; the reason is for the manifest. It returns at once:
// Closed follows, and Wait waits for it.
func (r *Recording) Stop(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopping {
		return
	}
	r.stopping = true
	r.gate.shut = true
	r.setGates()
	r.items = append(r.items, item{do: func(k *keeper) error {
		k.stop = reason
		if reason == "" {
			k.stop = "stopped"
		}
		return nil
	}})
	r.signal()
}

// Wait waits until the recording has ended, and returns what is in it. The error is
// that of the disk, when it failed.
func (r *Recording) Wait(ctx context.Context) (Manifest, error) {
	select {
	case <-r.done:
		return r.result, r.err
	case <-ctx.Done():
		return Manifest{}, ctx.Err()
	}
}

// change tells the gate something, writes it down, and does what follows.
func (r *Recording) change(e entry, tell func(*gate) error) error {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopping || r.broken {
		return ErrClosed
	}
	if len(r.items) >= maxItems+maxNews {
		return errors.New("the disk stands still: the recording takes no more news")
	}
	if err := tell(&r.gate); err != nil {
		return err
	}
	e.At = now
	r.put(item{do: func(k *keeper) error { return k.note(e) }})
	if v := r.gate.verdict(); !v.equal(r.verdict) {
		r.verdict = v
		r.put(item{do: func(k *keeper) error { return k.turn(v, now) }})
	}
	r.setGates()
	return nil
}

// setGates opens and shuts the tracks. It is called with the lock held.
func (r *Recording) setGates() {
	for _, t := range r.tracks {
		open := !r.broken && r.gate.open(t.key)
		if open && !t.open.Load() {
			r.put(item{do: func(k *keeper) error { return k.begin(t) }})
		}
		t.open.Store(open)
	}
}

// offer puts a packet into the queue. It reports false when it is not kept.
func (r *Recording) offer(t *Track, p *frames.Packet) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !t.open.Load() || t.sentBefore(p.Seq()) {
		return false
	}
	if r.queued+p.Size() > maxQueue || len(r.items) >= maxItems {
		r.dropped.Add(1)
		r.recorder.stats.dropped.Add(1)
		return false
	}
	p.Mark = t.revoked.Load()
	r.queued += p.Size()
	r.items = append(r.items, item{track: t, packet: p})
	return true
}

func (r *Recording) offerReport(t *Track, s senderReport) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.broken && !r.stopping && len(r.items) < maxItems {
		r.items = append(r.items, item{track: t, report: &s})
	}
}

func (r *Recording) detach(t *Track) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(func(old *Track) bool { return old == t })
}

// remove ends tracks. It is called with the lock held.
func (r *Recording) remove(which func(*Track) bool) {
	r.tracks = slices.DeleteFunc(r.tracks, func(t *Track) bool {
		if !which(t) {
			return false
		}
		t.open.Store(false)
		r.put(item{do: func(k *keeper) error { return k.detach(t) }})
		return true
	})
}

// put adds to the queue and wakes the keeper. It is called with the lock held.
func (r *Recording) put(i item) {
	r.items = append(r.items, i)
	r.signal()
}

func (r *Recording) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// take empties the queue into a slice whose room is used again.
func (r *Recording) take(room []item) []item {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.items
	r.items, r.queued = room[:0], 0
	return all
}

// shut takes no packet any more.
func (r *Recording) shut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = true
	r.setGates()
}
