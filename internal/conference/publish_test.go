package conference

import (
	"testing"

	"parley/internal/interview"
	"parley/sfu"
)

func TestObserverMayNotPublish(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, o := h.join(iv, clara, 2), h.join(iv, olga, 2)
		if len(o.Snapshot.May) != 0 {
			t.Errorf("an observer may publish %v", o.Snapshot.May)
		}
		c.news()
		for _, s := range interview.Sources() {
			wantCode(t, o.Publish(t.Context(), s, true), CodeNotAllowed)
		}
		c.want() // not seated, not publishing
	})
}

func TestAudioInterviewRefusesTheCamera(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeAudio)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		if may := f.Snapshot.May; len(may) != 1 || may[0] != interview.SourceMic {
			t.Errorf("may publish %v, want the microphone only", may)
		}
		c.news()
		wantCode(t, f.Publish(t.Context(), interview.SourceCamera, true), CodeNotAllowed)
		wantCode(t, f.Publish(t.Context(), "hologram", true), CodeNotAllowed)
		f.publish(interview.SourceMic, true)
		c.want(Published{Participant: femi.ID, Source: interview.SourceMic, On: true})
	})
}

func TestOthersAreToldOfAPictureThatIsNotSent(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		f.publish(interview.SourceCamera, true)
		c.news()
		for range 2 { // said twice, told once
			if err := f.Pause(t.Context(), interview.SourceCamera); err != nil {
				t.Fatal(err)
			}
		}
		c.want(Published{Participant: femi.ID, Source: interview.SourceCamera, On: true, Paused: true})
		f.Detach(Dropped)
		camera := []interview.Source{interview.SourceCamera}
		c.want(Changed{Presence{Participant: femi, Reconnecting: true, Publishing: camera, Paused: camera}})
		back, err := h.try(Attach{Interview: iv.ID, Participant: femi, Device: "d", Resume: f.Snapshot.Resume})
		if err != nil {
			t.Fatal(err)
		}
		c.news()
		back.publish(interview.SourceCamera, true)
		c.want(Published{Participant: femi.ID, Source: interview.SourceCamera, On: true})
	})
}

func TestLatestSharerHasTheScreenPlace(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 2), h.join(iv, femi, 2)
		i := h.join(iv, ines, 2)
		for _, who := range []*caller{c, f, i} {
			who.news()
		}
		f.publish(interview.SourceScreen, true)
		i.want(Published{Participant: femi.ID, Source: interview.SourceScreen, On: true}, Seated{Place: PlaceScreen, Participant: femi.ID})
		f.want() // nobody is shown their own screen
		c.publish(interview.SourceScreen, true)
		i.want(Published{Participant: clara.ID, Source: interview.SourceScreen, On: true}, Seated{Place: PlaceScreen, Participant: clara.ID})
		c.publish(interview.SourceScreen, false)
		i.want(Published{Participant: clara.ID, Source: interview.SourceScreen}, Seated{Place: PlaceScreen, Participant: femi.ID})
		f.Detach(Dropped)
		i.want(Changed{Presence{Participant: femi, Reconnecting: true, Publishing: []interview.Source{interview.SourceScreen}}})
	})
}

func TestOffersThatCannotBeAnswered(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c := h.lobby(iv, clara)
		for name, test := range map[string]struct {
			offer Offer
			code  string
		}{
			"not a description": {Offer{SDP: "hello"}, sfu.OfferMalformed},
			"too many seats":    {offer(9, 1), sfu.OfferTooLarge},
			"unknown source":    {Offer{SDP: offer(1, 1).SDP, Sources: map[interview.Source]string{"smell": "0"}}, sfu.OfferMalformed},
		} {
			_, err := c.Offer(t.Context(), test.offer)
			if t.Log(name, err); err == nil {
				t.Errorf("%s: no error", name)
			}
			wantCode(t, err, test.code)
		}
		c.offer(offer(1, 1)) // the session is none the worse
		c.offer(offer(2, 1)) // and may ask for more seats
		c.enter()
		if got := wantEntered(c).Seating; len(got) != 3 {
			t.Errorf("places: %v, want two seats and the screen", got)
		}
	})
}

// peerOf returns which peer somebody has at present.
func (h *house) peerOf(iv interview.Interview, p interview.Participant) (id sfu.PeerID) {
	h.t.Helper()
	h.inspect(iv.ID, func(r *room) { id = r.find(p.ID).peer.id })
	return id
}

func wantEntered(c *caller) Entered {
	c.h.t.Helper()
	for _, n := range c.news() {
		if e, ok := n.(Entered); ok {
			return e
		}
	}
	c.h.t.Error("was not told Entered")
	return Entered{}
}

func TestNewConnectionOfTheSameSessionGetsANewPeer(t *testing.T) {
	story(t, func(t *testing.T, h *house) {
		iv := h.ring(interview.ModeVideo)
		c, f := h.join(iv, clara, 1), h.join(iv, femi, 1)
		f.publish(interview.SourceMic, true)
		c.news()
		f.news()
		first := h.peerOf(iv, femi)
		f.offer(offer(2, 1))
		if h.peerOf(iv, femi) != first {
			t.Error("asking for more seats made another peer")
		}
		f.news()
		f.offer(offer(2, 7))
		second := h.peerOf(iv, femi)
		if second == first {
			t.Error("another connection was renegotiated with the old peer")
		}
		fallback := offer(2, 7)
		fallback.Fallback = true
		f.offer(fallback)
		if h.peerOf(iv, femi) == second {
			t.Error("the fallback was negotiated with the old peer")
		}
		c.want() // the others see nothing of it
		f.want() // and everybody sits where they sat
	})
}
