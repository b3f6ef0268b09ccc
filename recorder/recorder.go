package recorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config says where and how recordings are kept.
type Config struct {
	// Directory holds a directory for each recording. It is made when it is not
	// there.
	Directory string
	// WarnAt is the share of the disk from which DiskFilling is said; 0 is 0.8.
	WarnAt float64
	// MinFree is how many bytes must be free to begin a recording.
	MinFree uint64
	Log     *slog.Logger
}

// Recorder makes recordings in one directory. Its methods may be called from any
// goroutine.
type Recorder struct {
	config Config
	root   *os.Root
	log    *slog.Logger
	create func(*os.Root, string) (file, error)
	stats  counters
	ctx    context.Context // of the watch
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex // guards what follows
	closed bool
	live   []*Recording
	later  []*Recording // failed, and not closed yet
}

type counters struct {
	written, dropped, failed, keyframes, started atomic.Int64
}

// Stats is what a Recorder has done, for metrics.
type Stats struct {
	Live             int   // recordings under way
	Started          int64 // recordings
	Failed           int64
	WrittenBytes     int64
	DroppedPackets   int64
	KeyframesWanted  int64
	DiskFree, DiskOf uint64 // bytes; 0 where they are not known
}

// The times of the watch.
const (
	watchEvery = time.Second
	stallAfter = 2 * time.Second
	retryEvery = 10 * time.Second
)

var validID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// New returns a recorder. What a recorder before it left unfinished in the directory
// is for Recover, which is called first.
func New(c Config) (*Recorder, error) {
	if c.WarnAt == 0 {
		c.WarnAt = 0.8
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	root, err := openDirectory(c.Directory)
	if err != nil {
		return nil, err
	}
	r := &Recorder{config: c, root: root, log: c.Log, create: create}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.wg.Go(r.watch)
	return r, nil
}

func openDirectory(name string) (*os.Root, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return nil, fmt.Errorf("the directory for recordings: %w", err)
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("the directory for recordings: %w", err)
	}
	return root, nil
}

// ErrNoRoom is returned by Start when the disk has less than Config.MinFree.
var ErrNoRoom = errors.New("the disk has no room for a recording")

// Start begins a recording that nobody has joined yet: it waits for people and their
// consent, and keeps nothing before. It writes to the disk, so it may take a while.
func (r *Recorder) Start(o Options) (*Recording, error) {
	if !validID.MatchString(o.ID) {
		return nil, fmt.Errorf("%q is no id of a recording: it has 1 to 64 letters, digits, - and _", o.ID)
	}
	switch o.Mode {
	case ModeAll, ModePerTrack, ModeOff:
	default:
		return nil, fmt.Errorf("%q is no mode of a recording: it is all, per-track or off", o.Mode)
	}
	if o.Deliver == nil {
		o.Deliver = func(Event) {}
	}
	if free, total, err := space(r.root); err == nil && total > 0 && free < r.config.MinFree {
		return nil, fmt.Errorf("%w: %d bytes are free, %d are wanted", ErrNoRoom, free, r.config.MinFree)
	}
	dir, err := r.makeDir(o.ID)
	if err != nil {
		return nil, err
	}
	recording := &Recording{
		id: o.ID, log: r.log, deliver: o.Deliver, recorder: r, dir: dir,
		wake: make(chan struct{}, 1), done: make(chan struct{}), gate: newGate(o.Mode),
	}
	recording.verdict = recording.gate.verdict()
	recording.alive.Store(time.Now().UnixNano())
	k := &keeper{r: recording, create: r.create, bias: map[lineKey]lineBias{}, state: Waiting, checked: time.Now()}
	if err := k.open(o); err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errors.Join(ErrClosed, k.journal.out.Close(), dir.Close())
	}
	r.live = append(r.live, recording)
	r.stats.started.Add(1)
	r.wg.Go(k.run)
	r.log.Info("recording opened", "recording", o.ID, "interview", o.Interview, "mode", string(o.Mode))
	return recording, nil
}

func (r *Recorder) makeDir(id string) (*os.Root, error) {
	if err := r.root.Mkdir(id, 0o700); err != nil {
		return nil, fmt.Errorf("make the recording's directory: %w", err)
	}
	dir, err := r.root.OpenRoot(id)
	if err != nil {
		return nil, fmt.Errorf("open the recording's directory: %w", err)
	}
	return dir, nil
}

// open makes the journal.
func (k *keeper) open(o Options) error {
	out, err := k.create(k.r.dir, journalName)
	if err != nil {
		return fmt.Errorf("make the recording's journal: %w", err)
	}
	k.journal.out = out
	e := entry{At: time.Now(), Type: entryOpened, Opened: &opened{journalVersion, o.ID, o.Interview, o.Mode}}
	if err := k.journal.append(e, true); err != nil {
		return errors.Join(fmt.Errorf("write the recording's journal: %w", err), out.Close())
	}
	return syncDir(k.r.dir)
}

// Close stops all recordings, and waits for them to be closed, or for ctx. What is
// not closed by then is for the next Recover.
func (r *Recorder) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	live := slices.Clone(r.live)
	r.mu.Unlock()
	for _, recording := range live {
		recording.Stop("shutdown")
	}
	r.cancel()
	for _, recording := range live {
		select {
		case <-recording.done:
		case <-ctx.Done():
			return fmt.Errorf("recordings are not closed yet: %w", ctx.Err())
		}
	}
	r.wg.Wait()
	_ = r.root.Close()
	return nil
}

// Stats returns the counters.
func (r *Recorder) Stats() Stats {
	s := Stats{
		Started: r.stats.started.Load(), Failed: r.stats.failed.Load(), WrittenBytes: r.stats.written.Load(),
		DroppedPackets: r.stats.dropped.Load(), KeyframesWanted: r.stats.keyframes.Load(),
	}
	s.DiskFree, s.DiskOf, _ = space(r.root)
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Live = len(r.live)
	return s
}

func (r *Recorder) forget(recording *Recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live = slices.DeleteFunc(r.live, func(x *Recording) bool { return x == recording })
}

func (r *Recorder) closeLater(recording *Recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.later = append(r.later, recording)
}

// watch looks after the disk and the recordings.
func (r *Recorder) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var retried time.Time
	filling := false
	for {
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			return
		}
		now := time.Now()
		r.sayStalled(now)
		filling = r.sayFilling(now, filling)
		if now.Sub(retried) >= retryEvery {
			retried = now
			r.retry()
		}
	}
}

// sayStalled tells of recordings that the disk holds up.
func (r *Recorder) sayStalled(now time.Time) {
	for _, recording := range r.all(&r.live) {
		behind := now.Sub(time.Unix(0, recording.alive.Load()))
		if behind < stallAfter {
			continue
		}
		r.log.Warn("the disk holds a recording up", "recording", recording.id, "seconds", behind.Seconds())
		recording.deliver(Slow{Recording: recording.id, At: now, Behind: behind})
	}
}

// sayFilling tells that the disk is nearly full, once.
func (r *Recorder) sayFilling(now time.Time, said bool) bool {
	free, total, err := space(r.root)
	if err != nil || total == 0 {
		return said
	}
	used := 1 - float64(free)/float64(total)
	if used < r.config.WarnAt {
		return false
	}
	if said {
		return true
	}
	r.log.Warn("the disk for recordings is nearly full", "used", used, "free", free)
	for _, recording := range r.all(&r.live) {
		recording.deliver(DiskFilling{Recording: recording.id, At: now, Used: used, Free: free})
	}
	return true
}

// retry closes recordings that have failed, as soon as the disk lets it.
func (r *Recorder) retry() {
	for _, recording := range r.all(&r.later) {
		m, err := recoverIn(r.root, recording.id)
		if err != nil {
			continue
		}
		r.mu.Lock()
		r.later = slices.DeleteFunc(r.later, func(x *Recording) bool { return x == recording })
		r.mu.Unlock()
		r.log.Info("recording closed", "recording", recording.id, "files", len(m.Files), "duration_ms", m.DurationMS)
		recording.deliver(Closed{Recording: recording.id, Manifest: m})
	}
}

func (r *Recorder) all(list *[]*Recording) []*Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(*list)
}
