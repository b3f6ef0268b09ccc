package zoom

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// Times of the desk.
const (
	// patience is how long people wait for a link before they are told that there
	// will be none.
	patience = 30 * time.Second
	// pause lies between two attempts to make a meeting.
	pause = 2 * time.Second
	// round is how often the desk looks for work that nobody told it of.
	round = 15 * time.Second
	// again is how long it waits before it deletes a meeting that people are in.
	again = 10 * time.Minute
	// firstPause and longestPause lie between attempts to delete a meeting.
	firstPause, longestPause = time.Minute, time.Hour
	// giveUp is when it stops trying; Zoom forgets unused meetings by itself.
	giveUp = 7 * 24 * time.Hour
	// checkEvery is how often the connection is tested.
	checkEvery = time.Hour
	// hostRest is how long a host that Zoom does not know is left alone.
	hostRest = 10 * time.Minute
	// meetingLength is what a meeting is announced as; it may last longer.
	meetingLength = time.Hour
)

// atOnce is how many requests run at the same time.
const atOnce = 8

// Rooms are told what became of meetings; *conference.Rooms are.
type Rooms interface {
	ZoomMade(ctx context.Context, id interview.ID) error
	ZoomNotMade(ctx context.Context, id interview.ID, problem string) error
	ZoomBegan(ctx context.Context, id interview.ID, at time.Time) error
	ZoomOver(ctx context.Context, id interview.ID, began, at time.Time) error
}

// DeskConfig configures NewDesk. Store and Rooms are needed.
type DeskConfig struct {
	Client *Client // nil: this server makes no meetings
	Hosts  []string
	// PerHost is how many meetings a host can hold at a time; zero: one.
	PerHost int
	Store   *store.Store
	Rooms   Rooms
	// Topic names the meeting of a thread. It may hold no contact details. nil: "Interview".
	Topic func(interview.Thread) string
	// Account is what webhooks must come from; Secret signs them. Empty: none are taken.
	Account, Secret string
	Logger          *slog.Logger // nil: no logs
}

// A Desk carries out what interviews ask of Zoom. Its work is in the database:
// what a process leaves undone, the next one does.
type Desk struct {
	cfg   DeskConfig
	hosts *hosts
	wake  chan struct{}
	slots chan struct{}
	stop  context.CancelFunc
	wg    sync.WaitGroup

	heard [4]atomic.Uint64 // webhooks, by heardResults

	mu       sync.Mutex
	busy     map[interview.ID]bool // being worked on
	claimed  map[string]int        // meetings being made, by host
	problems []Problem
}

// NewDesk starts a desk. It looks for what was left undone at once.
func NewDesk(cfg DeskConfig) *Desk {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Topic == nil {
		cfg.Topic = func(interview.Thread) string { return "Interview" }
	}
	ctx, stop := context.WithCancel(context.Background())
	d := &Desk{
		cfg: cfg, hosts: newHosts(cfg.Hosts, cfg.PerHost), wake: make(chan struct{}, 1), slots: make(chan struct{}, atOnce), stop: stop,
		busy: map[interview.ID]bool{}, claimed: map[string]int{},
	}
	d.wg.Go(func() { d.run(ctx) })
	return d
}

// Wake says that there may be something to do. It does not block.
func (d *Desk) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Close gives up the requests under way and waits for them. What they were about
// is done by the next desk. Closing twice is no error.
func (d *Desk) Close() error {
	d.stop()
	d.wg.Wait()
	return nil
}

// Problems says what keeps interviews from Zoom, as far as is known.
func (d *Desk) Problems() []Problem {
	d.mu.Lock()
	problems := slices.Clone(d.problems)
	d.mu.Unlock()
	if d.cfg.Client != nil && d.hosts.quota(time.Now()) == 0 && len(problems) == 0 {
		problems = append(problems, problemOf(&Error{Kind: Quota}))
	}
	if d.cfg.Client != nil && d.cfg.Secret == "" {
		problems = append(problems, Problem{ProblemNoWebhook, "Zoom tells nobody when meetings begin and end: set zoom.webhook_secret_file, and the address in the Zoom app."})
	}
	return problems
}

func (d *Desk) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var checked time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
		if now := time.Now(); d.cfg.Client != nil && (checked.IsZero() || now.Sub(checked) >= checkEvery) {
			checked = now
			d.wg.Go(func() { d.check(ctx) })
		}
		if err := d.look(ctx); err != nil && ctx.Err() == nil {
			d.cfg.Logger.Error("work for Zoom not read", "err", err)
		}
		timer.Reset(round)
	}
}

// look starts everything that can be done now.
func (d *Desk) look(ctx context.Context) error {
	pending, err := d.cfg.Store.ZoomPending(ctx)
	if err != nil {
		return err
	}
	for _, id := range pending {
		d.start(ctx, id, func() { d.make(ctx, id) })
	}
	leftovers, err := d.cfg.Store.ZoomLeftovers(ctx, time.Now(), 100)
	if err != nil {
		return err
	}
	for _, m := range leftovers {
		d.start(ctx, m.Interview, func() { d.remove(ctx, m) })
	}
	return nil
}

// start works on an interview, unless that is being done.
func (d *Desk) start(ctx context.Context, id interview.ID, work func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[id] {
		return
	}
	d.busy[id] = true
	d.wg.Go(func() {
		defer func() {
			d.mu.Lock()
			delete(d.busy, id)
			d.mu.Unlock()
			d.Wake()
		}()
		select {
		case d.slots <- struct{}{}:
			defer func() { <-d.slots }()
			work()
		case <-ctx.Done():
		}
	})
}

func (d *Desk) check(ctx context.Context) {
	problems := d.cfg.Client.Check(ctx, d.cfg.Hosts)
	if ctx.Err() != nil {
		return
	}
	for _, p := range problems {
		d.cfg.Logger.Warn("Zoom is not well", "code", p.Code, "problem", p.Message)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problems = problems
}

// trouble remembers why a meeting could not be made, until the next that can.
func (d *Desk) trouble(err error) {
	p := problemOf(err)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.problems, func(o Problem) bool { return o.Code == p.Code }) {
		d.problems = append(slices.Clip(d.problems), p)
	}
}

// well forgets the troubles that a meeting that was made has disproved.
func (d *Desk) well() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problems = slices.DeleteFunc(slices.Clone(d.problems), func(p Problem) bool {
		return p.Code == ProblemUnavailable || p.Code == ProblemQuota
	})
}

// claim picks a host and counts the meeting that is about to be made, so that
// two made at the same time do not take the same place.
func (d *Desk) claim(ctx context.Context) (host string, free bool, err error) {
	open, err := d.cfg.Store.ZoomHosts(ctx)
	if err != nil {
		return "", false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	all := maps.Clone(open)
	for name, n := range d.claimed {
		all[name] += n
	}
	if host, free = d.hosts.pick(all, time.Now()); host != "" {
		d.claimed[host]++
	}
	return host, free, nil
}

func (d *Desk) unclaim(host string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.claimed[host]--
}

// sleep waits, and reports false when the desk is closed meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
