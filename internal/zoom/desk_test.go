package zoom

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/internal/store/storetest"
)

// deaf are rooms that cannot take in what they are told: their disk is full.
type deaf struct{ told atomic.Int64 }

var errFull = errors.New("the disk is full")

func (d *deaf) ZoomMade(ctx context.Context, _ interview.ID) error {
	if d.told.Add(1) > 1000 {
		<-ctx.Done() // a desk that never rests would hold virtual time
	}
	return errFull
}
func (d *deaf) ZoomNotMade(context.Context, interview.ID, string) error            { return errFull }
func (d *deaf) ZoomBegan(context.Context, interview.ID, time.Time) error           { return errFull }
func (d *deaf) ZoomOver(context.Context, interview.ID, time.Time, time.Time) error { return errFull }

func TestADeskRestsWhenRoomsCannotBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), storetest.Dir(t), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		thread := interview.Thread{ID: "t", Participants: []interview.Participant{{ID: "client", Name: "Clara", Role: interview.RoleInterviewer}}}
		if err := db.PutThread(t.Context(), thread, time.Now()); err != nil {
			t.Fatal(err)
		}
		iv, _, err := interview.Ring("iv_1", thread, interview.ModeZoom, "client", time.Now(), interview.DefaultPolicy())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.SaveInterview(t.Context(), *iv); err != nil {
			t.Fatal(err)
		}
		meeting := store.ZoomMeeting{Interview: iv.ID, Number: "81234567890", URL: "https://zoom.us/j/81234567890", CreatedAt: time.Now()}
		if err := db.PutZoomMeeting(t.Context(), meeting); err != nil {
			t.Fatal(err)
		}
		rooms := &deaf{}
		desk := NewDesk(DeskConfig{Store: db, Rooms: rooms})
		defer desk.Close()
		time.Sleep(time.Minute)
		if n := rooms.told.Load(); n < 2 || n > 60 {
			t.Errorf("told %d times in a minute, want again and again, with a rest in between", n)
		}
	})
}
