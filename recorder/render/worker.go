package render

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Config says how a Worker renders.
type Config struct {
	FFmpeg    *FFmpeg
	Directory string // where jobs stand until they are done; it is made when there is none
	Processes int    // at a time; 0: one
	Limits    Limits
	// Deliver is told of each step, from the worker's goroutines. It must not
	// block. nil: nobody is told.
	Deliver func(Event)
	Log     *slog.Logger // nil: nobody
}

// State is where a job is.
type State string

// The states of a job. After Done and Failed the worker knows it no more.
const (
	Queued  State = "queued"
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Event tells of a job's step.
type Event struct {
	ID       string
	State    State
	Progress float64 // of Running: a part of 1
	Err      error   // of Failed
}

// Worker renders recordings one after the other.
type Worker struct {
	cfg  Config
	ctx  context.Context
	stop context.CancelFunc
	wake chan struct{}
	wg   sync.WaitGroup

	mu      sync.Mutex // guards what follows
	queue   []Job
	running map[string]*running
}

type running struct {
	cancel   context.CancelCauseFunc
	done     chan struct{}
	progress float64
}

// errCancelled is why a job was stopped that nobody wants any more.
var errCancelled = errors.New("it was cancelled")

// NewWorker begins with the jobs that were left. Close it.
func NewWorker(cfg Config) (*Worker, error) {
	if cfg.Deliver == nil {
		cfg.Deliver = func(Event) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Processes = max(cfg.Processes, 1)
	if err := os.MkdirAll(cfg.Directory, 0o700); err != nil {
		return nil, err
	}
	w := &Worker{cfg: cfg, wake: make(chan struct{}, cfg.Processes), running: map[string]*running{}}
	paths, err := filepath.Glob(filepath.Join(cfg.Directory, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		var job Job
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &job)
		}
		if err != nil || w.path(job.ID) != path {
			cfg.Log.Error("a job to render a recording cannot be understood and is left out", "file", path, "err", err)
			continue
		}
		w.queue = append(w.queue, job)
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	for range cfg.Processes {
		w.wg.Go(w.run)
	}
	return w, nil
}

// Close stops what is being rendered and waits for it. It begins again with the
// next NewWorker. Close is idempotent.
func (w *Worker) Close() error {
	w.stop()
	w.wg.Wait()
	return nil
}

func (w *Worker) path(id string) string { return filepath.Join(w.cfg.Directory, id+".json") }

// Add has a recording rendered. When it returns without an error a restart does
// not forget it. A job with the same id that waits or runs stands for the new
// one.
func (w *Worker) Add(job Job) error {
	if job.ID == "" || job.ID != filepath.Base(job.ID) || strings.HasPrefix(job.ID, ".") {
		return fmt.Errorf("%q is no recording's id", job.ID)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[job.ID] != nil || slices.ContainsFunc(w.queue, func(j Job) bool { return j.ID == job.ID }) {
		return nil
	}
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	if err := keep(w.path(job.ID), text); err != nil {
		return fmt.Errorf("note that recording %s is to be rendered: %w", job.ID, err)
	}
	w.queue = append(w.queue, job)
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return nil
}

func keep(path string, text []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Status returns where a job is, and how far; ok is false when the worker does
// not know it.
func (w *Worker) Status(id string) (e Event, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.running[id]; r != nil {
		return Event{ID: id, State: Running, Progress: r.progress}, true
	}
	if slices.ContainsFunc(w.queue, func(j Job) bool { return j.ID == id }) {
		return Event{ID: id, State: Queued}, true
	}
	return Event{}, false
}

// Cancel forgets a job, and waits until nothing of it is at work any more. What
// it had not finished is removed.
func (w *Worker) Cancel(ctx context.Context, id string) error {
	w.mu.Lock()
	r := w.running[id]
	w.queue = slices.DeleteFunc(w.queue, func(j Job) bool { return j.ID == id })
	err := w.forget(id)
	w.mu.Unlock()
	if err != nil || r == nil {
		return err
	}
	r.cancel(errCancelled)
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Worker) forget(id string) error {
	if id == "" || id != filepath.Base(id) {
		return nil
	}
	if err := os.Remove(w.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget that recording %s is to be rendered: %w", id, err)
	}
	return nil
}

func (w *Worker) run() {
	for {
		job, ctx, r, ok := w.next()
		if ok {
			w.do(ctx, job, r)
			continue
		}
		select {
		case <-w.wake:
		case <-w.ctx.Done():
			return
		}
	}
}

func (w *Worker) next() (job Job, ctx context.Context, r *running, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 || w.ctx.Err() != nil {
		return job, nil, nil, false
	}
	job, w.queue = w.queue[0], w.queue[1:]
	r = &running{done: make(chan struct{})}
	ctx, r.cancel = context.WithCancelCause(w.ctx)
	w.running[job.ID] = r
	return job, ctx, r, true
}

func (w *Worker) do(ctx context.Context, job Job, r *running) {
	w.cfg.Log.Info("rendering begins", "recording", job.ID)
	err := w.cfg.FFmpeg.Render(ctx, job, w.cfg.Limits, func(part float64) {
		w.mu.Lock()
		r.progress = part
		w.mu.Unlock()
		w.cfg.Deliver(Event{ID: job.ID, State: Running, Progress: part})
	})
	gone := context.Cause(ctx)
	r.cancel(nil)
	w.mu.Lock()
	delete(w.running, job.ID)
	var forgot error
	if gone == nil {
		forgot = w.forget(job.ID)
	}
	w.mu.Unlock()
	close(r.done)
	if forgot != nil {
		w.cfg.Log.Error("a job that has ended will be done again", "recording", job.ID, "err", forgot)
	}
	switch {
	case gone != nil: // cancelled, or everything stops
	case err != nil:
		w.cfg.Log.Error("rendering failed", "recording", job.ID, "err", err)
		w.cfg.Deliver(Event{ID: job.ID, State: Failed, Err: err})
	default:
		w.cfg.Log.Info("rendering is done", "recording", job.ID)
		w.cfg.Deliver(Event{ID: job.ID, State: Done, Progress: 1})
	}
}
