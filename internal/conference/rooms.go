package conference

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"parley/internal/chat"
	"parley/internal/interview"
	"parley/internal/store"
	"parley/sfu"
)

// Store is what rooms need to be remembered by; *store.Store is one. Errors
// are, or wrap, store.ErrNotFound and store.ErrConflict.
type Store interface {
	Thread(ctx context.Context, id interview.ThreadID) (interview.Thread, error)
	SaveInterview(ctx context.Context, iv interview.Interview, messages ...store.Message) error
	SaveBooking(ctx context.Context, iv interview.Interview, p interview.Proposal, messages ...store.Message) error
	Proposal(ctx context.Context, id interview.ProposalID) (interview.Proposal, error)
	Scheduled(ctx context.Context, thread interview.ThreadID) ([]interview.Interview, error)
	Interview(ctx context.Context, id interview.ID) (interview.Interview, error)
	OpenInterview(ctx context.Context, thread interview.ThreadID) (interview.Interview, error)
	OpenInterviews(ctx context.Context) ([]interview.Interview, error)
	ZoomMeeting(ctx context.Context, id interview.ID) (store.ZoomMeeting, error)
	PutZoomMeeting(ctx context.Context, m store.ZoomMeeting) error
	AddQuality(ctx context.Context, id interview.ID, measured []store.Quality) error
	RememberKey(ctx context.Context, scope, key string, requestHash []byte, id interview.ID, now time.Time) (existing interview.ID, err error)
}

// Config configures [Open]. Store is required. The engine and the store stay the
// caller's to close, after the rooms.
type Config struct {
	Engine *sfu.Engine // nil: offers are refused, everything else works
	Store  Store
	Chat   *chat.Clerk      // what is written; nil: nothing is
	Policy interview.Policy // zero: interview.DefaultPolicy()
	Grace  time.Duration    // how long a dropped connection may come back; zero: 30 s
	Seats  int              // seats of a connection at most; zero: 8
	Logger *slog.Logger     // nil: no logs
	Zoom   bool             // somebody makes the meetings in Zoom that interviews ask for
	// ZoomLink judges the links that people paste. Its error is a sentence for
	// them; nil: no links are taken.
	ZoomLink func(text string) (ZoomLink, error)
	// Gone, if not nil, is told of everybody for whom MayRelay has ceased to hold.
	// It is called by the room's goroutine and must not block.
	Gone  func(interview.ID, interview.UserID)
	NewID func() string // identifiers of interviews; nil: "iv_" and a ULID
	// Recorder keeps recordings; nil: none can be made. Recording is the mode of
	// interviews for which nobody chose one; empty: off.
	Recorder  Recorder
	Recording interview.RecordingMode
	// Transcripts: somebody puts into writing what those say who agree to that.
	Transcripts bool
	// Encode makes what webhooks tell of an event; iv is as the event left it.
	// The result is stored in the transaction that stores iv. nil: nothing is.
	Encode func(e interview.Event, iv interview.Interview) ([]byte, error)
}

// Rooms holds the rooms of all open interviews. Its methods may be called from
// any goroutine.
type Rooms struct {
	cfg      Config
	life     context.Context // of writes to the store
	stop     context.CancelFunc
	creating chan struct{} // holds a token while an interview is being created
	counts   counts
	roster   *roster
	unwatch  func() // the chat
	wg       sync.WaitGroup

	mu       sync.Mutex
	open     map[interview.ID]*room
	closing  bool
	watchers []*watcher
}

// Open opens a room for every interview in the store that is not over. Who was
// inside when the server stopped counts as reconnecting.
func Open(ctx context.Context, cfg Config) (*Rooms, error) {
	cfg = cfg.withDefaults()
	unfinished, err := cfg.Store.OpenInterviews(ctx)
	if err != nil {
		return nil, fmt.Errorf("load open interviews: %w", err)
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	r := &Rooms{
		cfg:      cfg,
		life:     life,
		stop:     stop,
		creating: make(chan struct{}, 1),
		counts:   counts{quality: newMeasurements()},
		roster:   newRoster(),
		open:     make(map[interview.ID]*room),
		unwatch:  func() {},
	}
	if cfg.Chat != nil {
		r.unwatch = cfg.Chat.Watch(r.hear)
	}
	for _, iv := range unfinished {
		thread, err := cfg.Store.Thread(ctx, iv.Thread)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("load the thread of interview %s: %w", iv.ID, err), r.Close(ctx))
		}
		r.start(iv, thread, nil)
	}
	return r, nil
}

func (c Config) withDefaults() Config {
	defaults := interview.DefaultPolicy()
	c.Policy.RingFor = positive(c.Policy.RingFor, defaults.RingFor)
	c.Policy.EmptyFor = positive(c.Policy.EmptyFor, defaults.EmptyFor)
	c.Policy.MaxParticipants = positive(c.Policy.MaxParticipants, defaults.MaxParticipants)
	c.Grace = positive(c.Grace, 30*time.Second)
	c.Seats = positive(c.Seats, 8)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.NewID == nil {
		c.NewID = func() string { return "iv_" + ulid.Make().String() }
	}
	return c
}

func positive[T int | time.Duration](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// Interview returns an interview, open or over. The error is an *Error with
// CodeNotFound when there is none.
func (r *Rooms) Interview(ctx context.Context, id interview.ID) (interview.Interview, error) {
	// Rooms store before they show: the store is never behind.
	iv, err := r.cfg.Store.Interview(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return iv, &Error{Code: CodeNotFound, Message: "There is no such interview.", cause: err}
	}
	return iv, err
}

// End ends a live interview for everybody and cancels one that is not live yet.
// It returns the interview as it is now, also together with an *Error. reason
// is as for [interview.Interview.End].
func (r *Rooms) End(ctx context.Context, id interview.ID, by interview.UserID, reason string) (interview.Interview, error) {
	return r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.End(by, reason, now)
	})
}

// Decline declines an interview before it is live; otherwise as [Rooms.End].
func (r *Rooms) Decline(ctx context.Context, id interview.ID, by interview.UserID, reason string) (interview.Interview, error) {
	return r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.Decline(by, reason, now)
	})
}

// Cancel calls an interview off before it is live; otherwise as [Rooms.End].
func (r *Rooms) Cancel(ctx context.Context, id interview.ID, by interview.UserID) (interview.Interview, error) {
	return r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.Cancel(by, now)
	})
}

// Ready notes that somebody is ready for an interview; otherwise as [Rooms.End].
func (r *Rooms) Ready(ctx context.Context, id interview.ID, who interview.Participant) (interview.Interview, error) {
	return r.command(ctx, id, func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.Ready(who, now)
	})
}

func (r *Rooms) command(ctx context.Context, id interview.ID, call change) (interview.Interview, error) {
	return r.commandFor(ctx, id, call, nil)
}

// commandFor is command for a call that carries out a proposal, which is stored
// with what comes of it.
func (r *Rooms) commandFor(ctx context.Context, id interview.ID, call change, p *interview.Proposal) (interview.Interview, error) {
	if room := r.room(id); room != nil {
		l := &commandLetter{question: ask(), change: call, proposal: p}
		err := room.ask(ctx, l)
		if err == nil {
			return l.iv, nil
		}
		if iv, lookup := r.Interview(ctx, id); lookup != nil || !iv.State.Final() {
			return iv, err
		}
	}
	iv, err := r.Interview(ctx, id)
	if err != nil {
		return iv, err
	}
	if !iv.State.Final() { // its room is gone because the server goes
		return iv, errGoingAway()
	}
	_, err = call(&iv, time.Now()) // changes nothing: the domain says whether that is an error
	return iv, refusal(err)
}

// Attach gives a participant a session in a room. A participant has one session:
//
//   - With the Resume of their session, attached or within its grace period, it
//     is taken over as it is: the same peer, seats and media (Snapshot.Resumed).
//   - Otherwise the new session replaces the old one, which gets Replaced and is
//     dead at once, its peer closed. The participant stays in the room; the new
//     session publishes nothing until it says so.
//   - A token that is in use on another device at this moment is refused.
//
// Errors for the person are *Error, all of them fatal: CodeNotFound,
// CodeInterviewOver, CodeTokenReused, CodeRoomFull, CodeTooEarly, CodeGoingAway.
// Who comes too early can [Rooms.Wait].
func (r *Rooms) Attach(ctx context.Context, a Attach) (*Session, Snapshot, error) {
	room, err := r.roomFor(ctx, a)
	if err != nil {
		return nil, Snapshot{}, err
	}
	s := &Session{room: room, deliver: a.Deliver}
	l := &attachLetter{question: ask(), Attach: a, session: s}
	if err := room.ask(ctx, l); err != nil {
		if ctx.Err() != nil { // the room may attach it after all
			s.Detach(Dropped)
		}
		return nil, Snapshot{}, err
	}
	return s, l.snapshot, nil
}

// roomFor finds the room somebody wants to go to.
func (r *Rooms) roomFor(ctx context.Context, a Attach) (*room, error) {
	if a.Interview == "" {
		return r.roomOf(ctx, a.Thread)
	}
	if room := r.room(a.Interview); room != nil {
		if a.Thread != "" && a.Thread != room.thread {
			return nil, fatal(CodeNotFound, "There is no such interview in this thread.")
		}
		return room, nil
	}
	iv, err := r.Interview(ctx, a.Interview)
	switch {
	case err != nil:
		return nil, asFatal(err)
	case iv.State.Final():
		return nil, errInterviewOver()
	}
	return nil, errGoingAway()
}

// roomOf finds the room of a thread: the one that rings or is live, or else the
// next appointment.
func (r *Rooms) roomOf(ctx context.Context, thread interview.ThreadID) (*room, error) {
	iv, err := r.cfg.Store.OpenInterview(ctx, thread)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return nil, errGoingAway()
	}
	next := r.open[iv.ID]
	if next == nil {
		for _, room := range r.open {
			if room.thread == thread && (next == nil || room.startsAt.Before(next.startsAt)) {
				next = room
			}
		}
	}
	if next == nil {
		return nil, fatal(CodeNotFound, "There is no interview in this thread at present.")
	}
	return next, nil
}

func (r *Rooms) room(id interview.ID) *room {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id]
}

// start opens the room of a stored interview, and tells the news of it before anything
// happens there.
func (r *Rooms) start(iv interview.Interview, thread interview.Thread, news []interview.Event) {
	room := newRoom(r, iv, seatsFor(thread, r.cfg.Seats))
	r.mu.Lock()
	closing := r.closing // then it is stored, and opened after the restart
	if !closing {
		r.open[iv.ID] = room
		r.wg.Add(1)
	}
	r.mu.Unlock()
	r.publish(news)
	if closing {
		return
	}
	go func() {
		defer r.wg.Done()
		room.run()
	}()
}

func (r *Rooms) forget(id interview.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, id)
}

// Close tells every session GoingAway, closes peers, and returns when every room
// has ended; interviews stay open in the store. When ctx ends first, writes
// under way are given up, and its error is returned. Later calls wait as well.
func (r *Rooms) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closing = true
	rooms := slices.Collect(maps.Values(r.open))
	r.mu.Unlock()

	r.unwatch()
	defer r.stop()
	for _, room := range rooms {
		_ = room.mail.put(goAwayLetter{}) // one that has ended needs no telling
	}
	var err error
	for _, room := range rooms {
		select {
		case <-room.ended:
		case <-ctx.Done():
			err = ctx.Err()
			r.stop()
			<-room.ended
		}
	}
	r.wg.Wait()
	return err
}
