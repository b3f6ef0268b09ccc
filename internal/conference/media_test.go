package conference

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/internal/interview"
	"parley/sfu"
	"parley/sfu/sfutest"
)

// visitor is a caller with a real browser.
type visitor struct {
	*caller
	browser *sfutest.Browser
}

// visit brings somebody in whose browser connects and publishes sources.
func (h *house) visit(iv interview.Interview, p interview.Participant, seats int, publish ...interview.Source) *visitor {
	h.t.Helper()
	v := &visitor{caller: h.lobby(iv, p)}
	v.connect(string(p.ID), seats)
	for _, s := range publish {
		media, _ := sourceOf(s)
		v.browser.Send(media)
		v.publish(s, true)
	}
	v.enter()
	return v
}

// connect makes a new connection from the browser's side.
func (v *visitor) connect(name string, seats int) {
	v.h.t.Helper()
	v.browser = v.h.network.Browser(name)
	v.browser.Talk(false)
	o := v.browser.Offer(seats)
	media := Offer{SDP: o.SDP, Sources: map[interview.Source]string{}, Screen: Lines(o.Screen)}
	for s, mid := range o.Sources {
		media.Sources[sources[s]] = mid
	}
	for _, l := range o.Seats {
		media.Seats = append(media.Seats, Lines(l))
	}
	answer, err := v.Offer(v.h.t.Context(), media)
	if err != nil {
		v.h.t.Fatalf("offer: %v", err)
	}
	if err := v.browser.Accept(answer); err != nil {
		v.h.t.Fatal(err)
	}
	select {
	case <-v.browser.Connected():
	case <-time.After(10 * time.Second):
		v.h.t.Fatalf("browser %s does not connect: %s", name, v.browser.State())
	}
}

// flow returns how many frames and sound packets come on a seat in two seconds.
func (v *visitor) flow(seat int) (frames, sounds int) {
	v.h.later(500 * time.Millisecond)
	v.browser.Seat(seat).Reset()
	v.h.later(2 * time.Second)
	return v.browser.Seat(seat).Video().Frames, v.browser.Seat(seat).Audio().Packets
}

func TestTwoPeopleSeeAndHearEachOther(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 2, interview.SourceMic, interview.SourceCamera)
		f := h.visit(iv, femi, 2, interview.SourceMic, interview.SourceCamera)
		for _, v := range []*visitor{c, f} {
			if frames, sounds := v.flow(0); frames < 20 || sounds < 80 {
				t.Errorf("%s gets %d frames and %d sound packets in 2 s", v.Snapshot.You.ID, frames, sounds)
			}
			v.news()
			if v.media.State != MediaConnected {
				t.Errorf("%s was told that media is %q", v.Snapshot.You.ID, v.media.State)
			}
		}
		f.publish(interview.SourceCamera, false)
		f.publish(interview.SourceMic, false)
		if frames, sounds := c.flow(0); frames > 0 || sounds > 0 {
			t.Errorf("with the gates closed: %d frames, %d sound packets", frames, sounds)
		}
		f.publish(interview.SourceCamera, true)
		if frames, _ := c.flow(0); frames < 20 {
			t.Errorf("with the camera on again: %d frames", frames)
		}
	})
}

func TestNothingFlowsFromTheLobby(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 2, interview.SourceCamera)
		f := &visitor{caller: h.lobby(iv, femi)}
		f.connect("femi", 2)
		f.browser.Send(sfu.Camera)
		f.publish(interview.SourceCamera, true)
		if frames, _ := c.flow(0); frames > 0 {
			t.Errorf("%d frames come from the lobby", frames)
		}
		if frames, _ := f.flow(0); frames > 0 {
			t.Errorf("%d frames go to the lobby", frames)
		}
		f.enter()
		if frames, _ := c.flow(0); frames < 20 {
			t.Errorf("once inside: %d frames", frames)
		}
	})
}

func TestMediaFlowsWhileTheSocketIsGone(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic, interview.SourceCamera)
		f := h.visit(iv, femi, 1, interview.SourceMic, interview.SourceCamera)
		h.later(time.Second)
		f.Detach(Dropped)
		for _, v := range []*visitor{c, f} {
			if frames, sounds := v.flow(0); frames < 20 || sounds < 80 {
				t.Errorf("while reconnecting %s gets %d frames and %d sound packets", v.Snapshot.You.ID, frames, sounds)
			}
		}
		back, err := h.try(Attach{Interview: iv.ID, Participant: femi, Resume: f.Snapshot.Resume})
		if err != nil || !back.Snapshot.Resumed {
			t.Fatalf("resume: %+v, %v", back.Snapshot, err)
		}
		if frames, sounds := c.flow(0); frames < 20 || sounds < 80 {
			t.Errorf("after resuming: %d frames and %d sound packets", frames, sounds)
		}
		if got := c.browser.Seat(0).Video(); len(got.Violations) > 0 || got.Broken > 0 {
			t.Errorf("the picture was disturbed: %+v", got)
		}
	})
}

func TestLeaverIsNotHeardAMomentLonger(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceMic)
		f := h.visit(iv, femi, 1, interview.SourceMic)
		f.browser.Talk(true)
		h.later(2 * time.Second)
		if !slices.Contains(c.news(), Notice(Speaking{Participant: femi.ID, On: true})) {
			t.Error("nobody was told that Femi speaks")
		}
		if err := f.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.want(Speaking{Participant: femi.ID}, Left{Participant: femi.ID, Cause: interview.CauseLeft}, Seated{Place: PlaceSeat, Seat: 0})
		if _, sounds := c.flow(0); sounds > 0 {
			t.Errorf("%d sound packets after leaving", sounds)
		}
	})
}

func TestVanishedBrowserIsToldAndConnectsAnew(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.visit(iv, clara, 1, interview.SourceCamera)
		f := h.visit(iv, femi, 1, interview.SourceCamera)
		h.later(time.Second)
		f.browser.Vanish()
		h.later(time.Minute)
		if f.news(); f.media.State != MediaFailed {
			t.Errorf("told that media is %+v", f.media)
		}
		h.wantState(iv.ID, interview.StateLive)
		f.connect("femi-again", 1)
		f.browser.Send(sfu.Camera)
		if frames, _ := c.flow(0); frames < 20 {
			t.Errorf("after connecting anew: %d frames", frames)
		}
		if frames, _ := f.flow(0); frames < 20 {
			t.Errorf("the other way: %d frames", frames)
		}
	})
}

func TestSixPeopleOnTwoSeats(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		var all []*visitor
		for i := range 6 {
			p := interview.Participant{ID: interview.UserID(fmt.Sprintf("p%d", i)), Role: interview.RoleInterviewee}
			seats := 8
			if i == 0 {
				seats = 2
			}
			all = append(all, h.visit(iv, p, seats, interview.SourceMic, interview.SourceCamera))
		}
		viewer, speaker, wide := all[0], all[4], all[5]
		h.later(time.Second)
		if got := viewer.seated(); !slices.Equal(got, []interview.UserID{"p1", "p2"}) {
			t.Errorf("at first the two seats show %v", got)
		}
		if got := wide.seated(); !slices.Equal(got[:5], []interview.UserID{"p0", "p1", "p2", "p3", "p4"}) {
			t.Errorf("with seats enough: %v", got)
		}
		speaker.browser.Talk(true)
		h.later(5 * time.Second)
		if got := viewer.seated(); !slices.Contains(got, "p4") {
			t.Errorf("the speaker has no seat: %v", got)
		}
		at := slices.Index(viewer.seated(), "p4")
		if frames, sounds := viewer.flow(at); frames < 20 || sounds < 80 {
			t.Errorf("of the speaker: %d frames, %d sound packets", frames, sounds)
		}
		if got := viewer.browser.Seat(at).Video().Publisher; got != "p4" {
			t.Errorf("the seat shows %s", got)
		}
	})
}

// seated resumes the session to be told who sits where now.
func (v *visitor) seated() []interview.UserID {
	v.h.t.Helper()
	again, err := v.h.try(Attach{Interview: v.Snapshot.Interview.ID, Participant: v.Snapshot.You, Resume: v.Snapshot.Resume})
	if err != nil || !again.Snapshot.Resumed {
		v.h.t.Fatalf("resume: %v, %v", again.Snapshot.Resumed, err)
	}
	v.caller = again
	var seats []interview.UserID
	for _, s := range again.Snapshot.Seating {
		if s.Place == PlaceSeat {
			seats = append(seats, s.Participant)
		}
	}
	return seats
}
