package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// run moves one recording after the other. One that fails goes behind the
// others, so that it does not keep them waiting for more than an attempt.
func (a *Archive) run(ctx context.Context) {
	for ctx.Err() == nil {
		id, ok := a.next()
		if !ok {
			select {
			case <-a.wake:
			case <-ctx.Done():
			}
			continue
		}
		moving, cancel := a.begin(ctx, id)
		err := a.move(moving, id)
		cancel()
		wait := a.end(ctx, id, err)
		if wait == 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// next returns the recording at the head of the queue.
func (a *Archive) next() (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == 0 {
		return "", false
	}
	return a.queue[0], true
}

func (a *Archive) begin(ctx context.Context, id string) (context.Context, context.CancelFunc) {
	moving, cancel := context.WithCancel(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current, a.cancel, a.left = id, cancel, make(chan struct{})
	if len(a.queue) == 0 || a.queue[0] != id { // it was dropped in between
		cancel()
	}
	return moving, cancel
}

// end tells what became of an attempt, and returns how long to wait before the
// next.
func (a *Archive) end(ctx context.Context, id string, err error) time.Duration {
	event, wait := a.conclude(ctx, id, err)
	if event == nil {
		return wait
	}
	if event.Err == nil {
		a.cfg.Log.Info("recording moved to its storage", "recording", id)
	} else {
		a.cfg.Log.Warn("recording cannot be moved to its storage yet", "recording", id, "err", err)
	}
	a.cfg.Deliver(*event)
	return wait
}

func (a *Archive) conclude(ctx context.Context, id string, err error) (event *Event, wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current, a.cancel = "", nil
	close(a.left)
	i := slices.Index(a.queue, id)
	if i < 0 || ctx.Err() != nil {
		return nil, 0 // it was dropped, or everything stops
	}
	a.queue = slices.Delete(a.queue, i, i+1)
	if err == nil {
		a.status = Status{}
		delete(a.told, id)
		return &Event{Recording: id}, 0
	}
	a.queue = append(slices.DeleteFunc(a.queue, func(q string) bool { return q == id }), id)
	if a.status.Err == nil {
		a.status.Failing = time.Now()
	}
	a.status.Err = err
	a.status.Attempts++
	if !a.told[id] {
		a.told[id] = true
		event = &Event{Recording: id, Err: err}
	}
	return event, a.wait()
}

// wait doubles with each attempt that failed. A tenth is left to chance, so that
// many servers do not come back to a storage at the same moment.
func (a *Archive) wait() time.Duration {
	d := a.cfg.RetryTo
	if n := a.status.Attempts - 1; n < 20 {
		d = min(d, a.cfg.RetryFrom<<n)
	}
	return d - time.Duration(rand.Int64N(int64(d)/10+1))
}

// move sends a recording's files and removes each one here when it has arrived.
func (a *Archive) move(ctx context.Context, id string) error {
	// Whoever adds a file meanwhile marks the recording anew, and that mark has to
	// outlive this attempt.
	dir := a.dir(id)
	if err := os.Rename(filepath.Join(dir, marker), filepath.Join(dir, moving)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	entries, err := a.local.List(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := a.moveFile(ctx, id, e.Name); err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	if err := os.Remove(filepath.Join(dir, moving)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// It stays while it holds anything.
	os.Remove(dir)
	return nil
}

func (a *Archive) moveFile(ctx context.Context, id, name string) error {
	root, err := os.OpenRoot(a.dir(id))
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	key := id + "/" + name
	if err := a.cfg.Storage.Put(ctx, key, f); err != nil {
		return err
	}
	if err := same(ctx, a.cfg.Storage, key, f); err != nil {
		return err
	}
	return root.Remove(name)
}

// same reads a stored file back and compares it with the local one. What a
// storage says of a file is no proof that it has it.
func same(ctx context.Context, s Storage, key string, f *os.File) error {
	o, err := s.Open(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the storage does not have what it said it had kept")
	}
	if err != nil {
		return err
	}
	defer o.Close()
	stored, err := sum(ctx, o, o.Size())
	if err != nil {
		return err
	}
	local, err := sum(ctx, f, 1<<62)
	if err != nil {
		return err
	}
	if !bytes.Equal(stored, local) {
		return errors.New("the storage returns something else than it was given")
	}
	return nil
}

func sum(ctx context.Context, r io.ReaderAt, size int64) ([]byte, error) {
	h := sha256.New()
	if _, err := io.CopyBuffer(h, &patient{ctx, io.NewSectionReader(r, 0, size)}, make([]byte, 1<<18)); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
