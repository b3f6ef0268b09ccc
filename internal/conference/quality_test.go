package conference

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/internal/store"
	"parley/sfu"
)

// qualities returns the quality that was told since the last time, by who it is of.
func (v *visitor) qualities() map[interview.UserID][]Quality {
	told := make(map[interview.UserID][]Quality)
	for _, n := range v.news() {
		if q, ok := n.(Quality); ok {
			told[q.Participant] = append(told[q.Participant], q)
		}
	}
	return told
}

// latest returns the last of some measurements, or none.
func latest(told []Quality) Quality {
	if len(told) == 0 {
		return Quality{}
	}
	return told[len(told)-1]
}

func TestQualityIsToldToBothSides(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic, interview.SourceCamera)
		f := h.visit(iv, femi, 1, interview.SourceMic, interview.SourceCamera)
		h.later(6 * time.Second)
		for _, v := range []*visitor{c, f} {
			qualities := v.qualities()
			for _, of := range []interview.UserID{clara.ID, femi.ID} {
				told := qualities[of]
				if len(told) < 2 {
					t.Fatalf("%s was told of %s %d times in 6 s", v.Snapshot.You.ID, of, len(told))
				}
				last := latest(told)
				if last.Cause != CauseNone || last.Up.Score < 4 || last.Up.Bitrate < 100_000 {
					t.Errorf("on a clean network %s was told of %s: %+v", v.Snapshot.You.ID, of, last)
				}
			}
		}
		f.report(Report{CPULimited: true})
		h.later(2 * time.Second)
		if got := latest(c.qualities()[femi.ID]); got.Cause != CauseTheirDevice {
			t.Errorf("of a slow computer the other side was told %+v", got)
		}
		if got := latest(f.qualities()[femi.ID]); got.Cause != CauseBusy || !got.CPULimited {
			t.Errorf("of their slow computer they were told %+v", got)
		}
		if s := h.rooms.Stats(); s.RTT.Count() == 0 || s.Loss[Up].Count() == 0 || s.Score[Down].Count() != s.Loss[Down].Count() {
			t.Errorf("not counted: %+v", s)
		}
	})
}

func TestQualityIsKeptWithTheInterview(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		f := h.visit(iv, femi, 1, interview.SourceMic)
		kept := func() map[interview.UserID]store.Quality {
			found, err := h.store.Qualities(t.Context(), iv.ID)
			if err != nil {
				t.Fatal(err)
			}
			by := make(map[interview.UserID]store.Quality)
			for _, q := range found {
				by[q.User] = q
			}
			return by
		}
		c.report(Report{Freezes: 2})
		f.report(Report{CPULimited: true, Freezes: 3})
		h.later(70 * time.Second)
		if q := kept()[clara.ID]; q.Measurements != keptAfter || q.Freezes != 2 || q.Up.Score < 4*keptAfter || q.RTTs == 0 {
			t.Errorf("a server killed now would have kept %+v", q)
		}
		if err := f.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		left := kept()[femi.ID]
		if left.Measurements < 33 || left.Busy != left.Measurements || left.Freezes != 3 {
			t.Errorf("of who left is kept %+v", left)
		}
		f = h.visit(iv, femi, 1, interview.SourceMic)
		h.later(10 * time.Second)
		if err := f.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		if again := kept()[femi.ID]; again.Measurements < left.Measurements+4 || again.Busy != left.Busy {
			t.Errorf("of who came again is kept %+v, before %+v", again, left)
		}
		if err := c.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.wantState(iv.ID, interview.StateEnded)
		if q := kept()[clara.ID]; q.Measurements < 39 || q.Poor != 0 {
			t.Errorf("of who stayed is kept %+v", q)
		}
	})
}

func TestQualityIsKeptBeforeTheEndIsTold(t *testing.T) {
	for _, end := range []struct {
		name string
		end  func(t *testing.T, h *house, iv interview.Interview, c, f *visitor)
	}{
		{"by somebody", func(t *testing.T, h *house, iv interview.Interview, _, _ *visitor) {
			if _, err := h.rooms.End(t.Context(), iv.ID, clara.ID, ""); err != nil {
				t.Error(err)
			}
		}},
		{"by time", func(t *testing.T, h *house, _ interview.Interview, c, f *visitor) {
			for _, v := range []*visitor{c, f} {
				if err := v.Leave(t.Context()); err != nil {
					t.Error(err)
				}
			}
			h.later(interview.DefaultPolicy().EmptyFor + time.Second)
		}},
	} {
		t.Run(end.name, func(t *testing.T) {
			story(t, func(t *testing.T, h *house) {
				var kept []store.Quality
				tellings := 0
				read := func(e interview.Event) {
					if e.Kind != interview.EventEnded {
						return
					}
					tellings++
					var err error
					if kept, err = h.store.Qualities(t.Context(), e.Interview); err != nil {
						t.Error(err)
					}
					if len(kept) != 2 || kept[0].Measurements < 9 || kept[1].Measurements < 9 {
						t.Errorf("who asks when the end is told finds %+v of 20 s", kept)
					}
				}
				if err := h.rooms.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				h.cfg.Encode = func(e interview.Event, _ interview.Interview) ([]byte, error) {
					read(e)
					return []byte("{}"), nil
				}
				h.start()
				h.rooms.Watch(read)
				iv := h.ring(interview.ModeVideo)
				c := h.visit(iv, clara, 1, interview.SourceMic)
				f := h.visit(iv, femi, 1, interview.SourceMic)
				h.later(20 * time.Second)
				end.end(t, h, iv, c, f)
				h.wantState(iv.ID, interview.StateEnded)
				if tellings != 2 {
					t.Errorf("the end was told %d times, want once to webhooks and once to watchers", tellings)
				}
				told := kept
				h.later(time.Second)
				if after, err := h.store.Qualities(t.Context(), iv.ID); err != nil || !slices.Equal(after, told) {
					t.Errorf("a second later there is %+v, %v, and when the end was told %+v", after, err, told)
				}
			})
		})
	}
}

func TestQualityThatIsNotStoredIsTriedAgainAMinuteLater(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		disk := h.trouble()
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		disk.set(errors.New("no space left on device"), nil)
		h.later(100 * time.Second)
		disk.mu.Lock()
		if disk.refused != 1 {
			t.Errorf("the disk refused %d writes in one minute and a half, want 1", disk.refused)
		}
		disk.mu.Unlock()
		disk.set(nil, nil)
		h.later(30 * time.Second)
		found, err := h.store.Qualities(t.Context(), iv.ID)
		if err != nil || len(found) != 1 || found[0].User != clara.ID || found[0].Measurements != 2*keptAfter {
			t.Errorf("kept %+v, %v, want all of both minutes", found, err)
		}
		if err := c.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNobodyIsToldOfWhoWaitsInTheLobby(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1)
		f := &visitor{caller: h.lobby(iv, femi)}
		f.connect("femi", 1)
		h.later(6 * time.Second)
		if got := c.qualities()[femi.ID]; len(got) > 0 {
			t.Errorf("told of somebody in the lobby: %+v", got)
		}
		if got := f.qualities()[femi.ID]; len(got) == 0 {
			t.Error("who waits in the lobby was not told of their own connection")
		}
	})
}

func TestTheLayoutReachesTheMediaOnce(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		f := h.visit(iv, femi, 1)
		f.layout(Layout{Seats: map[int]Shown{0: {Width: 640, Height: 360}, 7: {Hidden: true}, 99: {Hidden: true}}})
		f.layout(Layout{Screen: &Shown{Hidden: true}})
		want := map[int]sfu.Wish{0: {Width: 640, Height: 360}, sfu.ScreenPlace: {Hidden: true}}
		h.inspect(iv.ID, func(r *room) {
			if got := r.find(femi.ID).peer.wished; !maps.Equal(got, want) {
				t.Errorf("passed on: got %v, want %v", got, want)
			}
		})
		f.connect("femi-again", 8)
		want[7] = sfu.Wish{Hidden: true}
		h.inspect(iv.ID, func(r *room) {
			if got := r.find(femi.ID).peer.wished; !maps.Equal(got, want) {
				t.Errorf("passed on to a new connection: got %v, want %v", got, want)
			}
		})
	})
}

func TestPinnedPersonKeepsTheSeat(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1)
		h.visit(iv, femi, 8, interview.SourceMic)
		i := h.visit(iv, ines, 8, interview.SourceMic)
		c.layout(Layout{Seats: map[int]Shown{0: {Pinned: true}}})
		i.browser.Talk(true)
		h.later(5 * time.Second)
		if got := c.seated(); !slices.Equal(got, []interview.UserID{femi.ID}) {
			t.Errorf("with Femi pinned the seat shows %v", got)
		}
		c.layout(Layout{Seats: map[int]Shown{0: {}}})
		if got := c.seated(); !slices.Equal(got, []interview.UserID{ines.ID}) {
			t.Errorf("with nobody pinned the seat shows %v, not who speaks", got)
		}
	})
}

func TestPageThatComesBackIsToldWhatItMissed(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 2, interview.SourceMic)
		c.Detach(Dropped)
		h.inspect(iv.ID, func(r *room) {
			peer := r.find(clara.ID).peer.id
			r.mediaEvent(sfu.LayersWanted{Peer: peer, Source: sfu.Camera, RIDs: []string{"q"}})
			r.mediaEvent(sfu.Paused{Peer: peer, Place: 1, On: true})
			r.mediaEvent(sfu.Paused{Peer: peer, Place: sfu.ScreenPlace, On: true})
			r.mediaEvent(sfu.Paused{Peer: "nobody", Place: 0, On: true}) // nobody's
			r.mediaEvent(sfu.Jammed{Peer: peer, On: true, Bitrate: 41_000})
			r.mediaEvent(sfu.Jammed{Peer: "nobody", On: true, Bitrate: 1})
		})
		back, err := h.try(Attach{Interview: iv.ID, Participant: clara, Resume: c.Snapshot.Resume})
		if err != nil || !back.Snapshot.Resumed {
			t.Fatalf("resume: %+v, %v", back.Snapshot, err)
		}
		news := back.news()
		for _, want := range []Notice{Paused{Place: PlaceSeat, Seat: 1, On: true}, Paused{Place: PlaceScreen, On: true}} {
			if !slices.Contains(keepPaused(news), want) {
				t.Errorf("not told again: %+v", want)
			}
		}
		if !slices.ContainsFunc(news, func(n Notice) bool { return n == Notice(Jammed{On: true, Bitrate: 41_000}) }) {
			t.Errorf("not told of the jam: %+v", news)
		}
		layers := slices.IndexFunc(news, func(n Notice) bool {
			l, ok := n.(Layers)
			return ok && l.Source == interview.SourceCamera && slices.Equal(l.RIDs, []string{"q"})
		})
		if layers < 0 {
			t.Errorf("not told which layers are watched: %+v", news)
		}
	})
}

func keepPaused(news []Notice) []Notice {
	return slices.DeleteFunc(slices.Clone(news), func(n Notice) bool {
		_, ok := n.(Paused)
		return !ok
	})
}

func (v *visitor) layout(l Layout) {
	v.h.t.Helper()
	if err := v.Layout(v.h.t.Context(), l); err != nil {
		v.h.t.Fatal(err)
	}
}

func (v *visitor) report(r Report) {
	v.h.t.Helper()
	if err := v.Report(v.h.t.Context(), r); err != nil {
		v.h.t.Fatal(err)
	}
}
