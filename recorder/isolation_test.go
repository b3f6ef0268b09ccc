package recorder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"parley/recorder/frames"
)

// news collects events.
type news struct {
	mu  sync.Mutex
	all []Event
}

func (n *news) deliver(e Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, e)
}

// find returns the first event of a kind.
func find[E Event](n *news) (e E, found bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.all, func(e Event) bool {
		_, is := e.(E)
		return is
	})
	if i < 0 {
		return e, false
	}
	return n.all[i].(E), true
}

// badFile is a file on a disk with a fault.
type badFile struct {
	*os.File
	disk *badDisk
}

// badDisk has room for so many bytes, and stands still for a while once.
type badDisk struct {
	mu    sync.Mutex
	room  int
	err   error
	stall time.Duration
}

func (d *badDisk) create(dir *os.Root, name string) (file, error) {
	f, err := dir.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return &badFile{f, d}, err
}

func (d *badDisk) take(n int) error {
	d.mu.Lock()
	stall := d.stall
	d.stall = 0
	d.mu.Unlock()
	time.Sleep(stall)
	d.mu.Lock()
	defer d.mu.Unlock()
	if n > d.room {
		return d.err
	}
	d.room -= n
	return nil
}

func (f *badFile) Write(b []byte) (int, error) {
	if err := f.disk.take(len(b)); err != nil {
		n, _ := f.File.Write(b[:len(b)/3]) // as a disk does that becomes full
		return n, &os.PathError{Op: "write", Path: f.Name(), Err: err}
	}
	return f.File.Write(b)
}

// feed lets somebody publish sound and pictures for a while, and returns how long the
// longest call took.
func feed(t *testing.T, sound, pictures *Track, lines [2]*line, length time.Duration) (longest time.Duration) {
	t.Helper()
	picture := clip(t, frames.VP8)
	give := func(tr *Track, packets [][]byte) {
		for _, p := range packets {
			before := time.Now()
			tr.RTP(before, p)
			longest = max(longest, time.Since(before))
		}
	}
	for i := range int(length / (40 * time.Millisecond)) {
		give(sound, lines[0].packets(clip(t, frames.Opus)[i%80]))
		give(sound, lines[0].packets(clip(t, frames.Opus)[i%80]))
		give(pictures, lines[1].packets(picture[i%25])) // a keyframe each second
		time.Sleep(40 * time.Millisecond)
	}
	return longest
}

// publish makes the tracks of somebody.
func publish(t *testing.T, rec *Recording, id string) (sound, pictures *Track, lines [2]*line) {
	t.Helper()
	sound = track(t, rec, TrackOptions{Participant: id, Source: Mic, Codec: frames.Opus})
	pictures = track(t, rec, TrackOptions{Participant: id, Source: Camera, Codec: frames.VP8})
	return sound, pictures, [2]*line{newLine(frames.Opus, 1), newLine(frames.VP8, 2)}
}

// onDisk starts a recording on a disk.
func onDisk(t *testing.T, dir string, disk *badDisk, n *news) (*Recorder, *Recording) {
	t.Helper()
	r, err := New(Config{Directory: dir})
	ok(t, err)
	r.create = disk.create
	rec, err := r.Start(Options{ID: "rec", Mode: ModeAll, Deliver: n.deliver})
	ok(t, err)
	return r, rec
}

func TestAFullDiskEndsTheRecordingAtOnce(t *testing.T) {
	clip(t, frames.VP8)
	clip(t, frames.Opus)
	for _, c := range []struct {
		err  error
		want Failure
	}{{syscall.ENOSPC, DiskFull}, {syscall.EDQUOT, DiskFull}, {syscall.EIO, DiskError}} {
		t.Run(string(c.want), func(t *testing.T) {
			dir := t.TempDir()
			var n news
			synctest.Test(t, func(t *testing.T) {
				disk := &badDisk{room: 100_000, err: c.err}
				r, rec := onDisk(t, dir, disk, &n)
				agree(t, rec, "ann")
				sound, pictures, lines := publish(t, rec, "ann")
				began := time.Now()
				if longest := feed(t, sound, pictures, lines, 10*time.Second); longest > 0 {
					t.Errorf("a call took %v", longest)
				}
				f, failed := find[Failed](&n)
				if !failed || f.Reason != c.want || !errors.Is(f.Err, c.err) {
					t.Fatalf("got %+v", f)
				}
				written := r.Stats().WrittenBytes
				t.Logf("failed after %v and %d bytes", f.At.Sub(began), written)
				if _, err := rec.Track(TrackOptions{Participant: "ann", Source: Screen, Codec: frames.VP8}); !errors.Is(err, ErrClosed) {
					t.Errorf("a track of a failed recording: %v", err)
				}
				if err := rec.Pause("ann"); !errors.Is(err, ErrClosed) {
					t.Errorf("pausing a failed recording: %v", err)
				}
				time.Sleep(retryEvery + 2*watchEvery) // the disk, as far as closing needs it, has room again
				ok(t, r.Close(t.Context()))
			})
			closed, was := find[Closed](&n)
			if !was || closed.Manifest.Failure != c.want && closed.Manifest.Failure != "" {
				t.Fatalf("closed: %v, %+v", was, closed.Manifest)
			}
			verified(t, filepath.Join(dir, "rec"), closed.Manifest)
			for _, f := range closed.Manifest.Files {
				if f.DurationMS < 1000 {
					t.Errorf("%s has %d ms", f.Name, f.DurationMS)
				}
				if c.err == syscall.ENOSPC {
					ffprobe(t, filepath.Join(dir, "rec", f.Name), true)
				}
			}
		})
	}
}

func TestADiskThatStandsStillCostsNothingAtFirst(t *testing.T) {
	clip(t, frames.VP8)
	clip(t, frames.Opus)
	for _, c := range []struct {
		stall time.Duration
		drops bool
	}{{5 * time.Second, false}, {4 * time.Minute, true}} {
		t.Run(c.stall.String(), func(t *testing.T) {
			dir := t.TempDir()
			var n news
			var m Manifest
			length := c.stall + 5*time.Second
			synctest.Test(t, func(t *testing.T) {
				disk := &badDisk{room: 1 << 40}
				r, rec := onDisk(t, dir, disk, &n)
				agree(t, rec, "ann")
				sound, pictures, lines := publish(t, rec, "ann")
				feed(t, sound, pictures, lines, 2*time.Second)
				disk.mu.Lock()
				disk.stall = c.stall
				disk.mu.Unlock()
				if longest := feed(t, sound, pictures, lines, length-2*time.Second); longest > 0 {
					t.Errorf("a call took %v", longest)
				}
				m = stop(t, r, rec)
			})
			verified(t, filepath.Join(dir, "rec"), m)
			slow, said := find[Slow](&n)
			if !said || slow.Behind < stallAfter {
				t.Errorf("nothing was said: %v, %+v", said, slow)
			}
			if c.drops != (m.Dropped > 0) {
				t.Errorf("dropped %d packets", m.Dropped)
			}
			for _, f := range m.Files {
				got := time.Duration(f.DurationMS) * time.Millisecond
				if (got-length).Abs() > time.Second || !c.drops && f.Lost+f.Damaged > 0 {
					t.Errorf("%s: %v of %v, %d packets and %d frames lost", f.Name, got, length, f.Lost, f.Damaged)
				}
			}
		})
	}
}

func TestARemovedDirectoryIsNoticed(t *testing.T) {
	dir := t.TempDir()
	var n news
	synctest.Test(t, func(t *testing.T) {
		r, rec := start(t, dir, Options{Deliver: n.deliver})
		agree(t, rec, "ann")
		time.Sleep(100 * time.Millisecond)
		ok(t, os.RemoveAll(filepath.Join(dir, "rec")))
		time.Sleep(2 * checkEvery)
		if f, failed := find[Failed](&n); !failed || f.Reason != DirectoryGone {
			t.Errorf("got %+v", f)
		}
		if _, err := rec.Wait(t.Context()); !errors.Is(err, errGone) {
			t.Errorf("got %v", err)
		}
		ok(t, r.Close(t.Context()))
	})
}

func TestADiskThatFillsIsToldOnce(t *testing.T) {
	var n news
	r, err := New(Config{Directory: t.TempDir(), WarnAt: 1e-9})
	ok(t, err)
	_, err = r.Start(Options{ID: "a", Mode: ModeAll, Deliver: n.deliver})
	ok(t, err)
	if !r.sayFilling(time.Now(), false) {
		t.Error("a disk that is fuller than one byte in a billion is not told of")
	}
	if !r.sayFilling(time.Now(), true) {
		t.Error("forgot that it has been said")
	}
	d, said := find[DiskFilling](&n)
	if !said || d.Used <= 0 || d.Used > 1 || d.Free == 0 {
		t.Errorf("%v, %+v", said, d)
	}
	ok(t, r.Close(t.Context()))
}

func TestStartRefuses(t *testing.T) {
	dir := t.TempDir()
	r, err := New(Config{Directory: dir, MinFree: 1 << 62})
	ok(t, err)
	if _, err := r.Start(Options{ID: "a", Mode: ModeAll}); !errors.Is(err, ErrNoRoom) {
		t.Errorf("with no room: %v", err)
	}
	r.config.MinFree = 0
	for _, o := range []Options{
		{ID: "", Mode: ModeAll}, {ID: "../a", Mode: ModeAll}, {ID: "a/b", Mode: ModeAll}, {ID: "a.b", Mode: ModeAll},
		{ID: "a\x00", Mode: ModeAll}, {ID: "a", Mode: "some"},
	} {
		if _, err := r.Start(o); err == nil {
			t.Errorf("%+v was started", o)
		}
	}
	_, err = r.Start(Options{ID: "a", Mode: ModeAll})
	ok(t, err)
	if _, err := r.Start(Options{ID: "a", Mode: ModeAll}); !errors.Is(err, os.ErrExist) {
		t.Errorf("twice: %v", err)
	}
	ok(t, r.Close(t.Context()))
	ok(t, r.Close(t.Context()))
	if _, err := r.Start(Options{ID: "b", Mode: ModeAll}); err == nil {
		t.Error("a closed recorder started a recording")
	}
}
