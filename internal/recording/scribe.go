package recording

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/transcript"
	"parley/recorder"
)

// How often the service that hears is asked again when it fails, and for how long.
const (
	askAgain     = time.Second // at first, then twice as long
	askAgainMost = 5 * time.Minute
	askServiceTo = 24 * time.Hour
	askOurselves = time.Minute      // what fails here, which is begun again every hour
	tryAgain     = 10 * time.Minute // whether it can be used
)

// unreadable is why there are no transcripts when the fault is not the service's.
const unreadable = "what was recorded could not be read"

// scribe has recordings put into writing, some at a time, away from the calls. What
// is to be written stands in the database until it is done.
type scribe struct {
	home *Library
	wake chan struct{}

	mu      sync.Mutex // guards what follows
	queue   []interview.RecordingID
	running map[interview.RecordingID]*pass
	problem string // of the service, when it was asked last
	ended   map[string]uint64
}

// TranscriptStats counts since the start.
type TranscriptStats struct {
	Waiting int               // recordings to be put into writing, and those that are
	Ended   map[string]uint64 // those that were, by what became of them: "ready", "failed", "none"
}

// pass is a recording being put into writing.
type pass struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
}

// openScribe begins with what was left, and with what failed: a server is started
// anew when its settings were changed.
func (l *Library) openScribe() error {
	if l.cfg.Transcripts == nil {
		return nil
	}
	atOnce := max(l.cfg.AtOnce, 1)
	s := &scribe{home: l, wake: make(chan struct{}, atOnce), running: map[interview.RecordingID]*pass{}, ended: map[string]uint64{}}
	left, err := l.cfg.Store.UntranscribedRecordings(l.ctx)
	if err != nil {
		return err
	}
	for _, r := range left {
		s.queue = append(s.queue, r.ID)
	}
	l.scribe = s
	l.wg.Go(s.try)
	for range atOnce {
		l.wg.Go(s.run)
	}
	return nil
}

// try asks the service for what nothing says, until it answers: what is wrong with
// it should be known before anybody has spoken.
func (s *scribe) try() {
	ticks := time.NewTicker(tryAgain)
	defer ticks.Stop()
	for {
		err := s.home.cfg.Transcripts.Service.Try(s.home.ctx)
		if s.learn(err); err == nil {
			return
		}
		select {
		case <-ticks.C:
		case <-s.home.ctx.Done():
			return
		}
	}
}

// learn remembers how the service did.
func (s *scribe) learn(err error) {
	e, refused := errors.AsType[*transcript.Error](err)
	if err != nil && !refused {
		return // it is no fault of the service
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = ""
	if refused {
		s.problem = e.Message
	}
}

// add has a recording put into writing, again when it is being.
func (s *scribe) add(id interview.RecordingID) {
	s.mu.Lock()
	if !slices.Contains(s.queue, id) {
		s.queue = append(s.queue, id)
	}
	s.mu.Unlock()
	s.stir()
}

func (s *scribe) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// resume begins anew with what could not be read: a storage may be back.
func (s *scribe) resume() {
	left, err := s.home.cfg.Store.UntranscribedRecordings(s.home.ctx)
	if err != nil {
		s.home.cfg.Logger.Error("recordings without a transcript cannot be looked up", "err", err)
		return
	}
	for _, r := range left {
		if r.Transcript == store.TranscriptQueued || r.TranscriptProblem == unreadable {
			s.add(r.ID)
		}
	}
}

// busy reports whether a recording is being put into writing at this moment.
func (s *scribe) busy(id interview.RecordingID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[id] != nil
}

// cancel forgets a recording, and waits until nothing of it is at work any more.
func (s *scribe) cancel(ctx context.Context, id interview.RecordingID) error {
	s.mu.Lock()
	s.queue = slices.DeleteFunc(s.queue, func(q interview.RecordingID) bool { return q == id })
	p := s.running[id]
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	p.cancel()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *scribe) run() {
	for {
		if id, p, ok := s.next(); ok {
			s.do(p, id)
			continue
		}
		select {
		case <-s.wake:
		case <-s.home.ctx.Done():
			return
		}
	}
}

func (s *scribe) next() (interview.RecordingID, *pass, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := slices.IndexFunc(s.queue, func(id interview.RecordingID) bool { return s.running[id] == nil })
	if n < 0 || s.home.ctx.Err() != nil {
		return "", nil, false
	}
	id := s.queue[n]
	s.queue = slices.Delete(s.queue, n, n+1)
	p := &pass{done: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(s.home.ctx)
	s.running[id] = p
	return id, p, true
}

// do puts one recording into writing and says what became of it.
func (s *scribe) do(p *pass, id interview.RecordingID) {
	log := s.home.cfg.Logger
	err := s.write(p.ctx, id)
	problem := ""
	if err != nil && p.ctx.Err() == nil {
		log.Error("a recording is not put into writing", "recording", string(id), "err", err)
		problem = unreadable
		if e, ok := errors.AsType[*transcript.Error](err); ok {
			problem = e.Message
		}
	}
	if p.ctx.Err() == nil {
		settled := s.persist(p.ctx, func() error {
			return s.home.ask(p.ctx, arrival{id: id, settle: true, problem: problem})
		})
		if settled != nil && p.ctx.Err() == nil {
			log.Error("what became of transcripts is not on file", "recording", string(id), "err", settled)
		}
	}
	s.end(p, id)
}

// end lets go of a recording, and counts it.
func (s *scribe) end(p *pass, id interview.RecordingID) {
	result := ""
	if r, err := s.home.cfg.Store.Recording(p.ctx, id); err == nil && r.Transcript != store.TranscriptQueued {
		result = transcriptState(r)
	}
	p.cancel()
	s.mu.Lock()
	delete(s.running, id)
	if result != "" {
		s.ended[result]++
	}
	s.mu.Unlock()
	close(p.done)
	s.stir()
}

// write puts everybody into writing who agreed and is not yet.
func (s *scribe) write(ctx context.Context, id interview.RecordingID) error {
	r, err := s.home.cfg.Store.Recording(ctx, id)
	if err != nil || !r.DeletedAt.IsZero() {
		return err
	}
	var m recorder.Manifest
	if err := s.persist(ctx, func() (err error) { m, err = s.home.Manifest(ctx, id); return err }); err != nil {
		return err
	}
	for _, part := range transcript.Plan(m) {
		if _, made := s.home.size(id, part.File); made {
			continue
		}
		lines, err := s.part(ctx, r, part)
		if errors.Is(err, transcript.ErrTakenBack) {
			continue
		}
		if err != nil {
			return err
		}
		err = s.persist(ctx, func() error { return s.home.ask(ctx, arrival{id: id, written: &written{part, lines}}) })
		if err != nil {
			return err
		}
	}
	return nil
}

// part writes down what one person said.
func (s *scribe) part(ctx context.Context, r store.Recording, part transcript.Part) ([]transcript.Line, error) {
	may := func() error {
		agreed, err := s.home.writable(ctx, r)
		if err == nil && !agreed[interview.UserID(part.Participant)] {
			err = transcript.ErrTakenBack
		}
		return err
	}
	var all [][]transcript.Line
	for _, sound := range part.Sounds {
		var progress transcript.Progress
		err := s.persist(ctx, func() error {
			if err := may(); err != nil {
				return err
			}
			f, err := s.home.sealed(ctx, r.ID, sound.Name)
			if err != nil {
				return err
			}
			err = s.home.cfg.Transcripts.Write(ctx, f.Reader, part.Speaker, sound, &progress, may)
			s.learn(err)
			return errors.Join(err, f.Close())
		})
		if err != nil {
			return nil, err
		}
		all = append(all, progress.Lines)
	}
	return transcript.Merge(all...), nil
}

// persist does something until it succeeds, or there is no use in it. A service
// that fails is asked again for a day.
func (s *scribe) persist(ctx context.Context, do func() error) error {
	began, wait := time.Now(), askAgain
	for {
		err := do()
		if err == nil || ctx.Err() != nil || errors.Is(err, transcript.ErrTakenBack) {
			return err
		}
		patience, pause := askOurselves, wait
		if e, ok := errors.AsType[*transcript.Error](err); ok {
			if !e.Again {
				return err
			}
			patience, pause = askServiceTo, max(wait, e.After)
		}
		if time.Since(began)+pause > patience {
			return err
		}
		s.home.cfg.Logger.Warn("a recording cannot be put into writing yet", "again_in", pause, "err", err)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		wait = min(2*wait, askAgainMost)
	}
}
