package conference

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
)

// troubled is the real store on a disk that can be slow or broken.
type troubled struct {
	*store.Store

	mu      sync.Mutex
	broken  error
	wait    chan struct{}
	refused int // writes
}

func (s *troubled) SaveInterview(ctx context.Context, iv interview.Interview, messages ...store.Message) error {
	if err := s.spin(ctx); err != nil {
		return err
	}
	return s.Store.SaveInterview(ctx, iv, messages...)
}

func (s *troubled) AddQuality(ctx context.Context, id interview.ID, measured []store.Quality) error {
	if err := s.spin(ctx); err != nil {
		return err
	}
	return s.Store.AddQuality(ctx, id, measured)
}

// spin is what the disk does before a write.
func (s *troubled) spin(ctx context.Context) error {
	s.mu.Lock()
	broken, wait := s.broken, s.wait
	if broken != nil {
		s.refused++
	}
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return broken
}

func (s *troubled) set(broken error, wait chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken, s.wait = broken, wait
}

// trouble reopens the house on a disk that can be.
func (h *house) trouble() *troubled {
	h.t.Helper()
	s := &troubled{Store: h.store}
	if err := h.rooms.Close(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.cfg.Store = s
	h.start()
	return s
}

func TestNothingIsToldBeforeItIsStored(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		disk := h.trouble()
		iv := h.ring(interview.ModeVideo)
		c := h.join(iv, clara, 1)
		f := h.lobby(iv, femi)
		c.news()
		stored := make(chan struct{})
		disk.set(nil, stored)
		entered := make(chan error, 1)
		go func() { entered <- f.Enter(t.Context()) }()
		c.want()
		h.wantSeen(interview.EventRinging, interview.EventJoined)
		select {
		case err := <-entered:
			t.Errorf("entered before it was stored: %v", err)
		default:
		}
		close(stored)
		if err := <-entered; err != nil {
			t.Fatal(err)
		}
		c.want(Joined{Presence{Participant: femi}}, live(), Seated{Place: PlaceSeat, Seat: 0, Participant: femi.ID})
		h.wantSeen(interview.EventRinging, interview.EventJoined, interview.EventJoined, interview.EventStarted)
		disk.set(nil, nil)
	})
}

func TestWhatIsNotStoredHasNotHappened(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		disk := h.trouble()
		iv := h.ring(interview.ModeVideo)
		c := h.join(iv, clara, 1)
		f := h.lobby(iv, femi)
		c.news()
		disk.set(errors.New("no space left on device"), nil)
		if err := f.Enter(t.Context()); err == nil {
			t.Error("entered on a broken disk")
		}
		if _, err := h.rooms.End(t.Context(), iv.ID, "", ""); err == nil {
			t.Error("ended on a broken disk")
		}
		c.want()
		disk.set(nil, nil)
		f.enter()
		h.wantState(iv.ID, interview.StateLive)
		if got := h.rooms.Stats().StoreFailures; got != 2 {
			t.Errorf("store failures: %d, want 2", got)
		}
	})
}

func TestLeavingOnABrokenDiskIsStoredLater(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		disk := h.trouble()
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		f.publish(interview.SourceMic, true)
		c.news()
		disk.set(errors.New("no space left on device"), nil)
		if err := f.Leave(t.Context()); err != nil {
			t.Errorf("leave: %v", err)
		}
		h.later(10 * time.Second)
		if got := h.cfg.Engine.Stats().Peers; got != 1 {
			t.Errorf("%d peers, want Clara's only", got)
		}
		c.want()
		disk.set(nil, nil)
		h.later(2 * time.Second)
		c.want(Left{Participant: femi.ID, Cause: interview.CauseLeft}, Seated{Place: PlaceSeat, Seat: 0})
	})
}

func TestCloseGivesUpAWriteThatHangs(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		disk := h.trouble()
		iv := h.ring(interview.ModeVideo)
		f := h.lobby(iv, femi)
		disk.set(nil, make(chan struct{}))
		entered := make(chan error, 1)
		go func() { entered <- f.Enter(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.rooms.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("close: %v, want the deadline", err)
		}
		if err := <-entered; err == nil {
			t.Error("entered although nothing was stored")
		}
	})
}

func TestCallerWhoGivesUpLeavesNoGhost(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		disk := h.trouble()
		iv := h.ring(interview.ModeVideo)
		c := h.join(iv, clara, 1)
		stored := make(chan struct{})
		disk.set(nil, stored)
		f := h.lobby(iv, femi)
		go func() { _ = f.Enter(t.Context()) }() // the room waits for the disk
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		attached := make(chan error, 1)
		go func() {
			_, _, err := h.rooms.Attach(ctx, Attach{Interview: iv.ID, Participant: ines, Deliver: func(Notice) {}})
			attached <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-attached; !errors.Is(err, context.Canceled) {
			t.Errorf("attach: %v", err)
		}
		disk.set(nil, nil)
		close(stored)
		h.later(time.Minute)
		if got := h.rooms.Stats().Sessions; got != 2 {
			t.Errorf("%d sessions, want Clara's and Femi's", got)
		}
		c.news()
	})
}

func TestWatchingStops(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		seen := 0
		stop := h.rooms.Watch(func(interview.Event) { seen++ })
		iv := h.ring(interview.ModeVideo)
		stop()
		stop()
		h.join(iv, clara, 1)
		h.wantSeen(interview.EventRinging, interview.EventJoined)
		if seen != 1 {
			t.Errorf("saw %d events, want the first only", seen)
		}
	})
}
