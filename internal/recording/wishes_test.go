package recording

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/recorder"
	"parley/recorder/vault"
)

// A server is killed after somebody was told that what is of them is destroyed and
// before it was: the recording was not taken in, or the disk stood still.
func TestWishOutlivesAServerThatIsKilled(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		h.must(c.StopRecording(t.Context()))
		h.kept(id)
		// What a kill leaves behind: the wish is on file, and nobody knows of it.
		h.must(h.library.wish(id, femi.ID))
		h.stop()
		h.start()
		h.destroyed(id, clara.ID)
		h.fulfilled()
	})
}

func TestWishOfOneWhoWithdrawsWhileTheRecordingEndsIsOnFileBeforeItIsPromised(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		h.library.making.Lock() // the library is at work: nothing is carried out
		h.must(c.StopRecording(t.Context()))
		h.must(f.DiscardRecording(t.Context()))
		wishes, err := h.store.Wishes(t.Context(), id)
		h.library.making.Unlock()
		h.must(err)
		if len(wishes) != 1 || wishes[0].User != femi.ID || wishes[0].At.IsZero() {
			t.Errorf("on file: %+v", wishes)
		}
		h.kept(id)
		h.destroyed(id, clara.ID)
		h.fulfilled()
	})
}

func TestWishIsCarriedOutWhenARecordingIsHeldNoMore(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		h.must(c.StopRecording(t.Context()))
		h.kept(id)
		_, err := h.library.Hold(t.Context(), id, true)
		h.must(err)
		h.must(f.DiscardRecording(t.Context()))
		time.Sleep(time.Second)
		h.destroyed(id, clara.ID, femi.ID)
		_, err = h.library.Hold(t.Context(), id, false)
		h.must(err)
		time.Sleep(time.Second)
		h.destroyed(id, clara.ID)
		h.fulfilled()
	})
}

// Who agrees again after that keeps what is recorded of them from then on.
func TestWishThatTheRecorderCarriedOutIsNotCarriedOutAgain(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		wish := store.Wish{Recording: id, User: femi.ID, Reason: interview.ReasonConsentWithdrawn, At: time.Now()}
		time.Sleep(time.Millisecond)
		h.must(f.DiscardRecording(t.Context()))
		h.fulfilled()
		f.agree(interview.ConsentGranted)
		time.Sleep(3 * time.Second)
		h.must(c.StopRecording(t.Context()))
		h.must(h.store.AddWish(t.Context(), wish)) // as a kill would leave it
		h.kept(id)
		time.Sleep(time.Second)
		h.destroyed(id, clara.ID, femi.ID)
		h.fulfilled()
	})
}

// Who agrees again and withdraws again wishes for what came between as well, though
// their first wish is on file and carried out.
func TestWishThatIsSaidAgainIsAboutWhatCameBetween(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		first := store.Wish{Recording: id, User: femi.ID, Reason: interview.ReasonConsentWithdrawn, At: time.Now()}
		time.Sleep(time.Millisecond)
		h.must(f.DiscardRecording(t.Context()))
		h.fulfilled()
		f.agree(interview.ConsentGranted)
		time.Sleep(3 * time.Second)
		f.agree(interview.ConsentDeclined)
		h.must(c.StopRecording(t.Context()))
		h.kept(id)
		h.must(h.store.AddWish(t.Context(), first)) // as a kill would leave it
		h.must(h.library.wish(id, femi.ID))
		h.stop()
		h.start()
		h.destroyed(id, clara.ID)
		h.fulfilled()
	})
}

// That a wish is carried out while the recording goes on may be noted late, when the
// same is wished again.
func TestWishThatIsSaidAgainOutlivesTheNoteThatTheFirstIsCarriedOut(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		first := store.Wish{Recording: id, User: femi.ID, Reason: interview.ReasonConsentWithdrawn, At: time.Now()}
		time.Sleep(time.Millisecond)
		h.must(c.StopRecording(t.Context()))
		h.kept(id)
		h.must(h.library.wish(id, femi.ID))
		h.must(h.library.handle(arrival{id: id, forgot: first}))
		h.stop()
		h.start()
		h.destroyed(id, clara.ID)
		h.fulfilled()
	})
}

// A storage that is not there when the server starts takes no promise with it.
func TestWishWaitsForFilesThatAreNotFound(t *testing.T) {
	perTrack(t, func(t *testing.T, h *house, c, f *guest, id interview.RecordingID) {
		f.agree(interview.ConsentDeclined)
		h.must(c.StopRecording(t.Context()))
		h.kept(id)
		h.must(h.library.wish(id, femi.ID))
		h.stop()
		manifest := filepath.Join(h.library.dir(id), manifestName+vault.Sealed)
		h.must(os.Rename(manifest, manifest+".away"))
		h.start()
		time.Sleep(time.Second)
		h.stop()
		h.must(os.Rename(manifest+".away", manifest))
		h.start()
		h.destroyed(id, clara.ID)
		h.fulfilled()
	})
}

// A wish about a recording that never began goes with it.
func TestWishAboutNothingIsForgotten(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		h.must(h.library.wish("rec_none", femi.ID))
		h.stop()
		h.start()
		time.Sleep(time.Second)
		h.fulfilled()
	})
}

// destroyed checks that a recording holds what is of some people and of nobody else.
func (h *house) destroyed(id interview.RecordingID, left ...interview.UserID) {
	h.t.Helper()
	var m recorder.Manifest
	var got []string
	for range 50 {
		time.Sleep(100 * time.Millisecond)
		var err error
		m, err = h.library.Manifest(h.t.Context(), id)
		h.must(err)
		if got = of(m); len(got) == len(left) {
			break
		}
	}
	var want []string
	for _, id := range left {
		want = append(want, string(id))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		h.t.Errorf("kept of %v, want %v", got, want)
	}
}

// fulfilled checks that nobody's wish is on file any more.
func (h *house) fulfilled() {
	h.t.Helper()
	time.Sleep(time.Second)
	if left, err := h.store.Wishes(h.t.Context(), ""); err != nil || len(left) > 0 {
		h.t.Errorf("wishes that were not carried out: %+v, %v", left, err)
	}
}
