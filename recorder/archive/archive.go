package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Config says where recordings are and where they go.
type Config struct {
	// Directory holds a directory for each recording.
	Directory string
	// Storage is where they go; nil: they stay in Directory.
	Storage Storage
	// RetryFrom and RetryTo are the first and the longest time between two
	// attempts. 0: a second, and five minutes.
	RetryFrom, RetryTo time.Duration
	// Deliver is told what happened, from the archive's goroutine. It must not
	// block. nil: nobody is told.
	Deliver func(Event)
	Log     *slog.Logger // nil: nobody
}

// Event is something that became of a recording. Err is nil when it has safely
// arrived; otherwise this was the first attempt that failed, and more follow.
type Event struct {
	Recording string
	Err       error
}

// Status says what is still to be moved.
type Status struct {
	Recordings int
	Bytes      int64
	Err        error     // of the last attempt; nil when it succeeded
	Failing    time.Time // since when no attempt has succeeded; zero when Err is nil
	Attempts   int       // that failed since then
}

// Archive moves recordings and finds them again.
type Archive struct {
	local *Directory
	cfg   Config
	wake  chan struct{} // has room for one
	stop  context.CancelFunc
	wg    sync.WaitGroup

	mu      sync.Mutex // guards what follows
	queue   []string
	told    map[string]bool // whose failure was told
	current string
	cancel  context.CancelFunc // of current
	left    chan struct{}      // closed when current is left
	status  Status             // its Recordings and Bytes are counted when asked for
}

// marker is the file that says that a recording is to be moved, and moving the
// same while it is.
const marker, moving = ".archive", ".archive-moving"

// New opens the archive and goes on with what is marked. Close it.
func New(cfg Config) (*Archive, error) {
	if cfg.RetryFrom == 0 {
		cfg.RetryFrom = time.Second
	}
	if cfg.RetryTo == 0 {
		cfg.RetryTo = 5 * time.Minute
	}
	if cfg.Deliver == nil {
		cfg.Deliver = func(Event) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a := &Archive{local: NewDirectory(cfg.Directory), cfg: cfg, wake: make(chan struct{}, 1), told: map[string]bool{}}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	if cfg.Storage == nil {
		return a, nil
	}
	marked, err := filepath.Glob(filepath.Join(cfg.Directory, "*", marker+"*"))
	if err != nil {
		stop()
		return nil, err
	}
	for _, path := range marked {
		if id := filepath.Base(filepath.Dir(path)); !slices.Contains(a.queue, id) {
			a.queue = append(a.queue, id)
		}
	}
	a.wg.Go(func() { a.run(ctx) })
	return a, nil
}

// Close stops moving, and waits until the goroutine has ended. What is left is
// gone on with after the next New. It is idempotent.
func (a *Archive) Close() error {
	a.stop()
	a.wg.Wait()
	return nil
}

// Add has a recording moved. Its directory holds all its files, and nobody
// writes them any more. When Add returns without an error a restart does not
// forget it. It may be called again, when another file has come.
func (a *Archive) Add(id string) error {
	if err := checkKey(id + "/x"); err != nil {
		return err
	}
	if a.cfg.Storage == nil {
		return nil
	}
	if err := a.mark(id); err != nil {
		return fmt.Errorf("mark recording %s as one to be moved: %w", id, err)
	}
	a.mu.Lock()
	if a.current == id || !slices.Contains(a.queue, id) {
		a.queue = append(a.queue, id)
	}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return nil
}

func (a *Archive) mark(id string) error {
	root, err := os.OpenRoot(a.dir(id))
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.OpenFile(marker, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), syncDir(root, "."))
}

func (a *Archive) dir(id string) string { return filepath.Join(a.cfg.Directory, id) }

// Open opens a file wherever it is. Without such a file the error is
// fs.ErrNotExist.
func (a *Archive) Open(ctx context.Context, id, name string) (Object, error) {
	key := id + "/" + name
	o, err := a.local.Open(ctx, key)
	if err == nil || a.cfg.Storage == nil || !errors.Is(err, fs.ErrNotExist) {
		return o, err
	}
	return a.cfg.Storage.Open(ctx, key)
}

// List returns the files of a recording, wherever they are, by name.
func (a *Archive) List(ctx context.Context, id string) ([]Entry, error) {
	entries, err := a.local.List(ctx, id)
	if err != nil || a.cfg.Storage == nil {
		return entries, err
	}
	stored, err := a.cfg.Storage.List(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range stored {
		if !slices.ContainsFunc(entries, func(l Entry) bool { return l.Name == e.Name }) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(x, y Entry) int {
		if x.Name < y.Name {
			return -1
		}
		return 1
	})
	return entries, nil
}

// Remove removes all files of a recording, here and in the storage, and stops
// moving it. When it fails, what it has not removed is still there, and it is
// called again.
func (a *Archive) Remove(ctx context.Context, id string) error {
	if err := checkKey(id + "/x"); err != nil {
		return err
	}
	if err := a.drop(ctx, id); err != nil {
		return err
	}
	local, err := a.local.List(ctx, id)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(a.dir(id)); err != nil {
		return fmt.Errorf("remove recording %s: %w", id, err)
	}
	if a.cfg.Storage == nil {
		return nil
	}
	stored, err := a.cfg.Storage.List(ctx, id)
	if err != nil {
		return fmt.Errorf("remove recording %s: %w", id, err)
	}
	for _, e := range append(stored, local...) {
		if err := a.cfg.Storage.Remove(ctx, id+"/"+e.Name); err != nil {
			return fmt.Errorf("remove %s of recording %s: %w", e.Name, id, err)
		}
	}
	return nil
}

// RemoveFile removes one file of a recording, here and in the storage. One that is
// being moved at that moment may be left in the storage, until Remove. That there is
// none is no error.
func (a *Archive) RemoveFile(ctx context.Context, id, name string) error {
	key := id + "/" + name
	if err := checkKey(key); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(a.dir(id), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s of recording %s: %w", name, id, err)
	}
	if a.cfg.Storage == nil {
		return nil
	}
	if err := a.cfg.Storage.Remove(ctx, key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s of recording %s: %w", name, id, err)
	}
	return nil
}

// drop takes a recording out of the queue, and waits until it is not moved any
// more.
func (a *Archive) drop(ctx context.Context, id string) error {
	a.mu.Lock()
	a.queue = slices.DeleteFunc(a.queue, func(q string) bool { return q == id })
	delete(a.told, id)
	var left chan struct{}
	if a.current == id {
		a.cancel()
		left = a.left
	}
	a.mu.Unlock()
	if left == nil {
		return nil
	}
	select {
	case <-left:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Status returns what is still to be moved, and how the last attempt went.
func (a *Archive) Status() Status {
	a.mu.Lock()
	s := a.status
	ids := slices.Clone(a.queue)
	a.mu.Unlock()
	s.Recordings = len(ids)
	for _, id := range ids {
		entries, err := a.local.List(context.Background(), id)
		if err != nil {
			continue // it is gone, or will be told by the attempt to move it
		}
		for _, e := range entries {
			s.Bytes += e.Size
		}
	}
	return s
}
