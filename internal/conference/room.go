package conference

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"parley/internal/interview"
	"parley/sfu"
)

// room is the actor of one open interview. Everything below the mailbox belongs
// to the goroutine in run.
type room struct {
	id       interview.ID
	thread   interview.ThreadID
	startsAt time.Time // guarded by rooms.mu
	seats    int       // of each connection; see seatsFor
	rooms    *Rooms
	log      *slog.Logger

	mail  *mailbox
	ended chan struct{} // closed when run has returned

	iv      interview.Interview // as stored; never changed in place
	people  []*member           // everybody the room knows, in the order they came
	inside  []*member           // those who entered, in the order they did
	early   []waiting           // those who came before it opened
	byPeer  map[sfu.PeerID]*member
	media   *sfu.Room   // nil before the first offer
	tape    *tape       // nil: nothing is recorded
	retired []*sfu.Peer // to be closed once nobody is shown them
	closing sync.WaitGroup
	turn    uint64    // counts changes of speaker and screens that went up
	retryAt time.Time // not before then, after the store failed
	over    error     // why the room ends; what late callers are told

	sessions, participants int // as last counted in Stats
}

func newRoom(rooms *Rooms, iv interview.Interview, seats int) *room {
	if iv.Recording.State == interview.RecordingNone {
		iv.Recording.Transcripts = rooms.cfg.Transcripts // of an appointment it may have changed since
	}
	r := &room{
		id:       iv.ID,
		thread:   iv.Thread,
		startsAt: iv.StartsAt,
		seats:    seats,
		rooms:    rooms,
		log:      rooms.cfg.Logger.With("interview", string(iv.ID)),
		mail:     newMailbox(),
		ended:    make(chan struct{}),
		iv:       iv,
		byPeer:   make(map[sfu.PeerID]*member),
	}
	r.restore()
	return r
}

// restore takes those who are inside by the books back in. After a restart of
// the server they are reconnecting, and leave if they do not come.
func (r *room) restore() {
	expires := time.Now().Add(r.rooms.cfg.Grace)
	for _, p := range r.iv.Present() {
		m := &member{who: p, entered: true, expires: expires, cause: interview.CauseLost}
		m.begin("", "")
		r.people = append(r.people, m)
		r.rooms.roster.add(r.id, p.ID)
		r.inside = append(r.inside, m)
	}
}

// ask puts a letter and waits until it was dealt with.
func (r *room) ask(ctx context.Context, letter asked) error {
	if err := r.mail.put(letter); err != nil {
		return err
	}
	select {
	case err := <-letter.outcome():
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-r.ended:
	}
	select {
	case err := <-letter.outcome():
		return err
	default:
		return r.over
	}
}

// run is the room's goroutine.
func (r *room) run() {
	defer r.shut()
	r.failRecording(interview.ReasonInterrupted) // of a server that stopped in the midst of it
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		select {
		case <-r.mail.ready:
			for _, letter := range r.mail.take() {
				r.handle(letter)
				if r.over != nil {
					return
				}
			}
		case <-alarm.C:
			r.tick()
			r.settle(nil)
			r.measure()
			if r.over != nil {
				return
			}
		}
		r.wind(alarm)
	}
}

// handle deals with one letter and answers it once its effects are in place.
func (r *room) handle(letter any) {
	err := r.dispatch(letter)
	r.settle(nil)
	r.measure()
	if a, ok := letter.(asked); ok {
		a.outcome() <- err
	}
}

func (r *room) dispatch(letter any) error {
	switch l := letter.(type) {
	case *attachLetter:
		return r.attach(l)
	case *detachLetter:
		r.detach(l)
	case *waitLetter:
		return r.wait(l)
	case *enterLetter:
		return r.enter(l.session)
	case *publishLetter:
		return r.publish(l)
	case *layoutLetter:
		return r.layout(l)
	case *encodesLetter:
		return r.encodes(l)
	case *reportLetter:
		return r.report(l)
	case *callLetter:
		return r.called(l)
	case *whoLetter:
		return r.whoIs(l)
	case *zoomLetter:
		return r.zoom(l)
	case *discardLetter:
		return r.discardRecording(l)
	case *leaveLetter:
		return r.leave(l.session)
	case *offerLetter:
		return r.prepare(l)
	case *answerLetter:
		return r.answered(l)
	case *commandLetter:
		return r.command(l)
	case *writeLetter:
		return r.write(l)
	case newsLetter:
		r.news(l)
	case goAwayLetter:
		r.goAway()
	case readyLetter:
		r.ready(l)
	case failedLetter:
		r.broke(l)
	case sfu.Event:
		r.mediaEvent(l)
	}
	return nil
}

// tick does what is due: departures, and the domain's own deadlines.
func (r *room) tick() {
	now := time.Now()
	if now.Before(r.retryAt) {
		return
	}
	for _, m := range slices.Clone(r.people) {
		if m.at != nil || now.Before(m.expires) || r.over != nil {
			continue
		}
		if err := r.depart(m, m.cause); err != nil {
			r.postpone("a departure was not stored", err)
			return
		}
	}
	if due, ok := r.iv.Deadline(r.rooms.cfg.Policy); !ok || now.Before(due) || r.over != nil {
		return
	}
	events, err := r.apply(func(iv *interview.Interview, now time.Time) ([]interview.Event, error) {
		return iv.Tick(now, r.rooms.cfg.Policy), nil
	})
	if err != nil {
		r.postpone("the end of an interview was not stored", err)
		return
	}
	r.announce(events, nil)
}

// postpone tries again in a moment what the store did not take.
func (r *room) postpone(what string, err error) {
	r.retryAt = time.Now().Add(retryAfter)
	r.log.Error(what, "err", err)
}

// wind sets the alarm to when tick has something to do.
func (r *room) wind(alarm *time.Timer) {
	due, ok := r.iv.Deadline(r.rooms.cfg.Policy)
	for _, m := range r.people {
		if m.at == nil && (!ok || m.expires.Before(due)) {
			due, ok = m.expires, true
		}
	}
	if !ok {
		alarm.Stop()
		return
	}
	if due.Before(r.retryAt) {
		due = r.retryAt
	}
	alarm.Reset(time.Until(due))
}

// goAway ends the room without ending the interview.
func (r *room) goAway() {
	r.tick()
	if r.over != nil {
		return
	}
	r.failRecording(interview.ReasonInterrupted)
	r.dismiss(GoingAway{})
	r.over = errGoingAway()
}

// shut lets go of everything. The order matters: no letter is taken any more
// before the callers that wait for an answer are released.
func (r *room) shut() {
	r.mail.close(r.over)
	r.cut(interview.ReasonInterrupted)
	r.keep(r.inside...)
	r.closing.Wait()
	if r.media != nil {
		r.media.Close() // and all peers
	}
	for _, m := range r.people {
		r.strike(m.who.ID)
	}
	r.people, r.inside = nil, nil
	r.measure()
	r.rooms.forget(r.id)
	close(r.ended)
}

// measure brings the levels in Stats up to date.
func (r *room) measure() {
	sessions, participants := 0, len(r.inside)
	for _, m := range r.people {
		if m.at != nil {
			sessions++
		}
	}
	r.rooms.counts.sessions.Add(int64(sessions - r.sessions))
	r.rooms.counts.participants.Add(int64(participants - r.participants))
	r.sessions, r.participants = sessions, participants
}
