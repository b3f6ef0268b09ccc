package conference

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
)

func TestTheRelayIsForThoseWhoMayBeInTheRoom(t *testing.T) {
	var mu sync.Mutex
	var gone []string
	story(t, func(t *testing.T, h *house) {
		h.close()
		h.cfg.Gone = func(id interview.ID, user interview.UserID) {
			mu.Lock()
			defer mu.Unlock()
			gone = append(gone, fmt.Sprint(user))
		}
		h.open()
		iv := h.ring(interview.ModeVideo)
		may := func(user interview.UserID, want bool, when string) {
			t.Helper()
			synctest.Wait()
			if got := h.rooms.MayRelay(iv.ID, user); got != want {
				t.Errorf("%s: got %v, want %v", when, got, want)
			}
		}
		may(clara.ID, false, "before the lobby")
		c, f := h.join(iv, clara, 1), h.lobby(iv, femi)
		may(clara.ID, true, "inside")
		may(femi.ID, true, "in the lobby")
		may(ines.ID, false, "somebody who never came")
		if h.rooms.MayRelay("iv_other", clara.ID) {
			t.Error("in another interview: allowed")
		}
		f.Detach(Dropped)
		h.later(29 * time.Second)
		may(femi.ID, true, "within the grace period")
		h.later(2 * time.Second)
		may(femi.ID, false, "after the grace period")
		c.Detach(Dropped)
		if _, err := h.try(Attach{Interview: iv.ID, Participant: clara, Resume: c.Snapshot.Resume}); err != nil {
			t.Fatal(err)
		}
		may(clara.ID, true, "resumed")
		if _, err := h.rooms.Cancel(t.Context(), iv.ID, clara.ID); err != nil {
			if _, err := h.rooms.End(t.Context(), iv.ID, clara.ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		may(clara.ID, false, "after the end")
		mu.Lock()
		defer mu.Unlock()
		if want := []string{string(femi.ID), string(clara.ID)}; !slices.Equal(gone, want) {
			t.Errorf("told of %v, want %v", gone, want)
		}
	})
}
